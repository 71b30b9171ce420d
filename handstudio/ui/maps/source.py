"""The maps that the model in use shows of hands, and which of them lies over the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError
from handstudio.ui.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSettings

    from handstudio.jobs.hand_maps import HandMap, HandMaps
    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import ProposalWorker
    from handstudio.review.session import ReviewSession

PATIENCE_MS: Final = 150
"""Frames that are stepped through faster than this are not asked for."""
_CHOSEN: Final = "canvas/map"


class ModelMaps(Asking["HandMaps"]):
    """Maps of hands, by the names that their method gives them.

    The name that was chosen last is remembered; a model that has no map of this name shows its first one.
    """

    chosen_changed = Signal()
    """Another map is to lie over the frame."""

    def __init__(
        self,
        session: ReviewSession,
        worker: ProposalWorker | None,
        settings: QSettings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(session, worker, PATIENCE_MS, parent)
        self._settings = settings
        self._wished = str(settings.value(_CHOSEN, ""))
        self._answers: dict[object, HandMaps] = {}
        """The latest answer of each model."""

    @property
    def offered(self) -> tuple[str, ...] | None:
        """Names of the maps that the model in use shows; ``None`` while it has not been asked."""
        latest = self._latest()
        return None if latest is None else tuple(one.name for one in latest.maps)

    @property
    def method(self) -> str:
        """The title of the method that the model in use is of; empty while it has not been asked."""
        latest = self._latest()
        return "" if latest is None else latest.method

    @property
    def chosen(self) -> str:
        """Name of the map that lies over the frame; empty where there is none."""
        offered = self.offered or ()
        return self._wished if self._wished in offered else next(iter(offered), "")

    def choose(self, name: str) -> None:
        """Let the map of a name lie over the frame; remembered."""
        if name != self._wished:
            self._wished = name
            self._settings.setValue(_CHOSEN, name)
            self.chosen_changed.emit()

    def choose_next(self) -> None:
        """Let the next map lie over the frame."""
        offered = self.offered
        if offered:
            self.choose(offered[(offered.index(self.chosen) + 1) % len(offered)])

    def shown_of(self, hand_id: int) -> tuple[HandMaps, HandMap] | None:
        """The chosen map of a hand and the answer that it is of; ``None`` while, or where, there is none."""
        answer = self.of(hand_id)
        one = None if answer is None else answer.named(self.chosen)
        return None if answer is None or one is None else (answer, one)

    def _latest(self) -> HandMaps | None:
        return self._answers.get(self.model_id)

    def _question(self, worker: ProposalWorker) -> Callable[..., Ticket]:
        return worker.maps

    def _shortcoming(self, answer: HandMaps) -> str:
        return "" if answer.maps else f"{answer.method} shows no maps of a hand"

    def _take(self, key: tuple[object, ...], answer: Any) -> None:
        if not isinstance(answer, HandStudioError):
            self._answers[key[-1]] = answer
        super()._take(key, answer)
