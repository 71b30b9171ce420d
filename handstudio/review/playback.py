"""Playing a sequence: which frame is due when."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from psygnal import Signal

if TYPE_CHECKING:
    from handstudio.review.navigation import Navigation

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Speeds that are offered, as multiples of the footage's own."""
UNKNOWN_FPS: Final = 15.0
"""Frames a second of footage that does not say its own."""


class Playback:
    """Goes through the session's sequence at its own pace, or faster, or slower.

    It keeps no time itself: whoever plays asks :meth:`due_in` when to call :meth:`tick`. Frames are left
    out where there is no time for all; while a frame is not decoded yet, playing waits for it. Whatever else
    moves the session to another frame, a decision or the mouse, ends the playing.

    Args:
        session: where one is.
        clock: seconds, from any moment on.
    """

    changed = Signal()
    """It plays now, or no longer, or otherwise."""

    def __init__(self, session: Navigation, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._clock = session, clock
        self._speed, self._loop = 1.0, False
        self._playing = False
        self._began_at, self._began_with = 0.0, 0
        self._here: tuple[int | None, int | None] = (None, None)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._playing

    @property
    def speed(self) -> float:
        """Multiple of the footage's own speed, one of :data:`SPEEDS`."""
        return self._speed

    @property
    def loop(self) -> bool:
        """Whether the sequence begins again at its end."""
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        if loop != self._loop:
            self._loop = loop
            self.changed.emit()

    @property
    def fps(self) -> float:
        """Frames a second at speed 1."""
        if self._session.sequence_id is None:
            return UNKNOWN_FPS
        return self._session.sequence(self._session.sequence_id).fps or UNKNOWN_FPS

    def play(self) -> None:
        """Play from the frame that is shown, from the first one where that is the last."""
        if self._playing or self._session.sequence_id is None or self._session.frame_index is None:
            return
        if self._session.frame_index >= self._last:
            if self._last == 0:
                return
            self._session.go_to_frame(self._session.sequence_id, 0)
        self._playing = True
        self._begin()
        self.changed.emit()

    def pause(self) -> None:
        """Stay at the frame that is shown."""
        if self._playing:
            self._playing = False
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play at the offered speed that is nearest to ``speed``."""
        nearest = min(SPEEDS, key=lambda offered: abs(offered - speed))
        if nearest != self._speed:
            self._speed = nearest
            self._begin()
            self.changed.emit()

    def faster(self, steps: int) -> None:
        """Play so many speeds faster; slower when negative."""
        place = SPEEDS.index(self._speed) + steps
        self.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def due_in(self) -> float:
        """Seconds until the next frame is due."""
        shown = (self._session.frame_index or 0) - self._began_with
        return max((shown + 1) / self._rate - (self._clock() - self._began_at), 0.0)

    def tick(self, seen: bool) -> None:
        """Show the frame that is due.

        Args:
            seen: whether the current frame is on the screen; if not, playing waits.
        """
        session = self._session
        if not self._playing:
            return
        if (session.sequence_id, session.frame_index) != self._here:
            self.pause()
            return
        if not seen:
            self._begin()
            return
        assert session.sequence_id is not None
        assert session.frame_index is not None
        index = self._began_with + int((self._clock() - self._began_at) * self._rate + 1e-6)
        over = index > self._last
        if over:
            index = 0 if self._loop else self._last
        if index != session.frame_index:
            session.go_to_frame(session.sequence_id, index)
            if session.frame_index != index:
                self.pause()
                return
        self._here = session.sequence_id, session.frame_index
        if over and self._loop:
            self._begin()
        elif over:
            self.pause()

    def _begin(self) -> None:
        """Count frames and time from here on."""
        session = self._session
        self._began_at, self._began_with = self._clock(), session.frame_index or 0
        self._here = session.sequence_id, session.frame_index

    @property
    def _rate(self) -> float:
        return self.fps * self._speed

    @property
    def _last(self) -> int:
        session = self._session
        return 0 if session.sequence_id is None else session.sequence(session.sequence_id).frame_count - 1
