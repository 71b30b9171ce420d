"""How long decisions take: the reviewer's own figure, never a pause for coffee."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 60.0
"""A hand looked at for longer counts as a pause, not as a decision's time."""
_REMEMBERED: Final = 200


class Pace:
    """Measures the time from when a hand was shown to its decision.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shown_at = clock()
        self._times: deque[float] = deque(maxlen=_REMEMBERED)

    def shown(self) -> None:
        """A hand was put before the reviewer."""
        self._shown_at = self._clock()

    def decided(self) -> float | None:
        """A decision was made; its seconds, or ``None`` after a pause."""
        now = self._clock()
        seconds = now - self._shown_at
        self._shown_at = now
        if seconds > PAUSE_S:
            return None
        self._times.append(seconds)
        return seconds

    @property
    def decisions(self) -> int:
        """Decisions measured."""
        return len(self._times)

    @property
    def seconds_per_decision(self) -> float | None:
        """Mean over the latest decisions."""
        return sum(self._times) / len(self._times) if self._times else None

    @property
    def decisions_per_minute(self) -> float | None:
        """As a rate."""
        seconds = self.seconds_per_decision
        return None if seconds is None else 60.0 / max(seconds, 1e-3)
