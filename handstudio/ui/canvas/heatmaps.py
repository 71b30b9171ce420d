"""Where the model looks for each joint: asked of the worker when wanted, kept for a while, never stored."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError

if TYPE_CHECKING:
    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import ProposalWorker
    from handstudio.review.session import ReviewSession

Maps = npt.NDArray[np.float32]
_KEPT = 32


class Heatmaps(QObject):
    """Heatmaps (21, h, w) of hands over the squares about their boxes.

    They belong to a box, a side and a model: when one of these changes, they are asked for anew.
    """

    ready = Signal(int, str)
    """A hand's maps may be had now, or why there are none."""

    _answered = Signal(object, object)

    def __init__(
        self, session: ReviewSession, worker: ProposalWorker | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._worker = session, worker
        self._kept: OrderedDict[tuple[object, ...], Maps | None] = OrderedDict()
        self._ticket: Ticket | None = None
        self._asked: tuple[object, ...] | None = None
        self._answered.connect(self._take)

    def of(self, hand_id: int) -> Maps | None:
        """A hand's maps, or ``None``: then they are asked for, and ``ready`` follows where a worker is."""
        project = self._session.project
        hand, adopted = project.hand(hand_id), project.adopted_model()
        box = hand.box
        place = (box.x, box.y, box.width, box.height, hand.side)
        key = (hand_id, *place, adopted.id if adopted is not None else None)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._worker is None or key == self._asked:
            return None
        from handstudio.jobs.worker import FrameAddress

        if self._ticket is not None:
            self._ticket.cancel()
        if adopted is not None:
            self._worker.use_model(adopted.path)
        self._asked = key
        address = FrameAddress.of(project.sequence(hand.sequence_id), project.frame(hand.frame_id))
        self._ticket = self._worker.heatmaps(
            address, box, hand.side, lambda answer: self._answered.emit(key, answer)
        )
        return None

    def close(self) -> None:
        """Ask and tell nothing any more."""
        self._worker = None
        if self._ticket is not None:
            self._ticket.cancel()

    def _take(self, key: tuple[object, ...], answer: Maps | HandStudioError | None) -> None:
        if key != self._asked:
            return
        self._asked = self._ticket = None
        hand_id = int(str(key[0]))
        if isinstance(answer, HandStudioError):
            self.ready.emit(hand_id, str(answer))
            return
        self._kept[key] = answer
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(hand_id, "" if answer is not None else "This method makes no heatmaps")
