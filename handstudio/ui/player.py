"""Plays the session's sequence: the timer and the actions about :class:`handstudio.review.playback`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from handstudio.errors import HandStudioError
from handstudio.review.playback import Playback

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions

_ICONS = {False: "mdi6.play", True: "mdi6.pause"}
_WAIT_S = 0.02
"""So long a frame that is not decoded yet is waited for before it is asked after again."""


class Player(QObject):
    """Plays while it is told to, each frame being on the screen before the next one comes.

    Args:
        session: where one is.
        actions: ``play``, ``loop``, ``play_faster``, ``play_slower`` are its.
        settings: remember speed and loop.
        seen: whether the current frame is on the screen.
        say: shows why playing ended, where it could not go on.
    """

    changed = Signal()

    def __init__(
        self,
        session: ReviewSession,
        actions: Actions,
        settings: QSettings,
        seen: Callable[[], bool],
        say: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.playback = Playback(session)
        self._actions, self._settings = actions, settings
        self._seen, self._say = seen, say
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.playback.set_speed(settings.value("playback/speed", 1.0, float))
        self.playback.loop = settings.value("playback/loop", False, bool)
        self._show()
        self.playback.changed.connect(self._changed)
        actions.on("play", self._play)
        actions.on("loop", self._set_loop)
        actions.on("play_faster", lambda: self.playback.faster(1))
        actions.on("play_slower", lambda: self.playback.faster(-1))

    def close(self) -> None:
        """Play no more."""
        self._timer.stop()
        self.playback.changed.disconnect(self._changed)

    def pause(self) -> bool:
        """Stay at the frame that is shown; whether it played."""
        played = self.playback.playing
        self.playback.pause()
        return played

    def _play(self, on: bool) -> None:
        try:
            if on:
                self.playback.play()
            else:
                self.playback.pause()
        except HandStudioError as error:
            self._stop(error)
        self._show()

    def _set_loop(self, on: bool) -> None:
        self.playback.loop = on

    def _tick(self) -> None:
        seen = self._seen()
        try:
            self.playback.tick(seen)
        except HandStudioError as error:
            self._stop(error)
        if self.playback.playing:
            self._wait(self.playback.due_in() if seen else _WAIT_S)

    def _stop(self, error: HandStudioError) -> None:
        self.playback.pause()
        self._say(str(error))

    def _wait(self, seconds: float) -> None:
        self._timer.start(max(round(1000 * seconds), 1))

    def _changed(self) -> None:
        if self.playback.playing:
            self._wait(self.playback.due_in())
        else:
            self._timer.stop()
        self._settings.setValue("playback/speed", self.playback.speed)
        self._settings.setValue("playback/loop", self.playback.loop)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self._actions["play"].setChecked(self.playback.playing)
        self._actions["loop"].setChecked(self.playback.loop)
        self._actions.set_icon("play", _ICONS[self.playback.playing])
