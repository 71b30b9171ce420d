"""A reminder to rest, for those who want one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from handstudio.ui.listening import Listener

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.banner import Banner
    from handstudio.ui.services import Services

KEY: Final = "review/rest_reminder"
WORK_S: Final = 50 * 60.0
"""After so long at work one is reminded, and again after each further tenth of it."""
REST_S: Final = 5 * 60.0
"""So long without going to another hand is a rest."""


class RestReminder(QObject):
    """Says over the canvas that it is time to rest. Off until it is switched on."""

    def __init__(
        self,
        session: ReviewSession,
        services: Services,
        banner: Banner,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(banner)
        settings = services.settings
        self._banner, self._clock = banner, clock
        self._action = services.actions["rest_reminder"]
        self._action.setChecked(settings.value(KEY, False, bool))
        services.actions.on("rest_reminder", lambda on: settings.setValue(KEY, on))
        self._began = self._last = clock()
        self._said_at = 0.0
        self._listener = Listener(session, services)
        self._listener.on("hand_changed", self._went_on)

    def close(self) -> None:
        """Remind no more."""
        self._listener.close()

    def _went_on(self, _hand: object) -> None:
        now = self._clock()
        if now - self._last > REST_S:
            self._began = now
        self._last = now
        worked = now - self._began
        if self._action.isChecked() and worked >= WORK_S and now - self._said_at >= WORK_S / 10:
            self._said_at = now
            self._banner.say(
                "rest",
                f"{worked / 60:.0f} minutes without a break. Five minutes of rest keep decisions good.",
                "mdi6.coffee-outline",
            )
