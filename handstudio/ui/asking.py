"""What the worker is asked of hands when somebody wants to see it: kept for a while, never stored."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from handstudio.errors import HandStudioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import ProposalWorker
    from handstudio.project.records import HandRecord, ModelRecord
    from handstudio.review.session import ReviewSession

_KEPT = 32

Answer = TypeVar("Answer")
Key = tuple[object, ...]


class Asking(QObject, Generic[Answer]):
    """Answers about hands. They belong to a box, a side and a model: when one of these changes, the model is
    asked anew.

    Args:
        session: whose hands.
        worker: whom to ask; ``None`` in a window for reading only.
        patience_ms: how long a hand must be looked at before the model is asked about it.
    """

    ready = Signal(int, str)
    """A hand's answer may be had now, or why there is none."""

    _answered = Signal(object, object)

    def __init__(
        self,
        session: ReviewSession,
        worker: ProposalWorker | None,
        patience_ms: int = 0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._worker = session, worker
        self.model_id: object = None
        """Of the model that was in use when an answer was wanted last."""
        self._kept: OrderedDict[Key, Answer] = OrderedDict()
        self._ticket: Ticket | None = None
        self._wanted: tuple[Key, HandRecord, ModelRecord | None] | None = None
        self._patience = QTimer(self, singleShot=True, interval=patience_ms)
        self._patience.timeout.connect(self._ask_now)
        self._answered.connect(self._take)

    @property
    def can_ask(self) -> bool:
        """Whether there is a worker."""
        return self._worker is not None

    def of(self, hand_id: int) -> Answer | None:
        """The answer about a hand, or ``None``: then it is asked for, and ``ready`` follows where a worker
        is. What was asked for another hand is not wanted any more.
        """
        project = self._session.project
        hand, adopted = project.hand(hand_id), project.adopted_model()
        key = _key(hand, adopted)
        self.model_id = key[-1]
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._worker is None or (self._wanted is not None and key == self._wanted[0]):
            return None
        self.drop()
        self._wanted = key, hand, adopted
        if self._patience.interval():
            self._patience.start()
        else:
            self._ask_now()
        return None

    def has(self, hand_id: int) -> bool:
        """Whether the answer about a hand is there."""
        project = self._session.project
        return _key(project.hand(hand_id), project.adopted_model()) in self._kept

    def drop(self) -> None:
        """What was asked for last is not wanted any more."""
        self._patience.stop()
        self._wanted = None
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def close(self) -> None:
        """Ask and tell nothing any more."""
        self._worker = None
        self.drop()

    @abstractmethod
    def _question(self, worker: ProposalWorker) -> Callable[..., Ticket]:
        """What of the worker is called with a frame's address, box, side and whom to tell."""

    @abstractmethod
    def _shortcoming(self, answer: Answer) -> str:
        """Why an answer is nothing to be shown; empty where it can be shown."""

    def _ask_now(self) -> None:
        if self._wanted is None or self._worker is None:
            return
        from handstudio.jobs.worker import FrameAddress

        key, hand, adopted = self._wanted
        if adopted is not None:
            self._worker.use_model(adopted.path)
        project = self._session.project
        address = FrameAddress.of(project.sequence(hand.sequence_id), project.frame(hand.frame_id))
        ask = self._question(self._worker)
        self._ticket = ask(address, hand.box, hand.side, lambda answer: self._answered.emit(key, answer))

    def _take(self, key: Key, answer: Answer | HandStudioError) -> None:
        if self._wanted is None or key != self._wanted[0]:
            return
        _, hand, _ = self._wanted
        self._wanted = self._ticket = None
        if isinstance(answer, HandStudioError):
            self.ready.emit(hand.id, str(answer))
            return
        self._kept[key] = answer
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(hand.id, self._shortcoming(answer))


def _key(hand: HandRecord, adopted: ModelRecord | None) -> Key:
    box = hand.box
    model_id = adopted.id if adopted is not None else None
    return hand.id, box.x, box.y, box.width, box.height, hand.side, model_id
