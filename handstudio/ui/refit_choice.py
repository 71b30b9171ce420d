"""Whether the rest of a hand follows a dragged joint: one checkable action, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions
    from handstudio.ui.status_line import StatusLine

KEY: Final = "review/refit"


class RefitChoice(QObject):
    """The session follows the action."""

    def __init__(
        self, session: ReviewSession, actions: Actions, settings: QSettings, status: StatusLine
    ) -> None:
        super().__init__(status)
        self._session, self._settings, self._status = session, settings, status
        session.refitting.on = bool(settings.value(KEY, True, bool))
        actions["refit"].setChecked(session.refitting.on)
        actions.on("refit", self._choose)

    def _choose(self, on: bool) -> None:
        self._session.refitting.on = on
        self._settings.setValue(KEY, on)
        self._status.say(
            "After a drag the rest of the hand follows what the model sees"
            if on
            else "A drag moves its finger alone; the rest of the hand stays"
        )
