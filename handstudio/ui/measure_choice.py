"""Which measure says how far proposals can be trusted: chosen in the View menu, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup

from handstudio.errors import HandStudioError

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.project.records import Measure
    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions
    from handstudio.ui.status_line import StatusLine

MEASURES: Final[dict[str, Measure]] = {"measure_doubt": "doubt", "measure_c": "C"}
KEY: Final = "review/measure"


class MeasureChoice(QObject):
    """One of two actions is checked; the session follows it."""

    def __init__(
        self, session: ReviewSession, actions: Actions, settings: QSettings, status: StatusLine
    ) -> None:
        super().__init__(status)
        self._session, self._settings, self._status = session, settings, status
        group = QActionGroup(self)
        wanted = "C" if settings.value(KEY) == "C" else "doubt"
        if session.measure != wanted:
            session.use_measure(wanted)
        for name, measure in MEASURES.items():
            action = group.addAction(actions[name])
            action.setChecked(measure == wanted)
            action.triggered.connect(lambda _checked=False, measure=measure: self._choose(measure))

    def _choose(self, measure: Measure) -> None:
        try:
            self._session.use_measure(measure)
        except HandStudioError as error:
            self._status.say_error(str(error))
            return
        self._settings.setValue(KEY, measure)
        self._status.say(f"Queue, timeline and expected errors go by {words_of(measure)}")


def words_of(measure: Measure) -> str:
    """The measure as it is called in a sentence."""
    return "the method's C" if measure == "C" else "the joints' doubt"
