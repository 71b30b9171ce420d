"""How fast work goes and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class Pace:
    """Rate and time left over the last seconds, so that a slow start does not spoil the estimate.

    Args:
        window_s: how many seconds of the past count.
        clock: seconds that only grow.
    """

    def __init__(self, window_s: float = 20.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._points: deque[tuple[float, float]] = deque()
        self._unit = ""
        self._is_counted = False

    def update(self, done: float, total: float | None, unit: str) -> tuple[float | None, float | None]:
        """Takes note of ``done``; returns (units per second, seconds left), ``None`` while unknown.

        What is done when a total comes to be known was done before: work that is resumed begins there.
        """
        now = self._clock()
        is_counted = total is not None
        if (unit, is_counted) != (self._unit, self._is_counted) or (
            self._points and done < self._points[-1][1]
        ):
            self._points.clear()
            self._unit, self._is_counted = unit, is_counted
        self._points.append((now, done))
        while len(self._points) > 2 and now - self._points[0][0] > self._window_s:
            self._points.popleft()
        (first, before), (last, after) = self._points[0], self._points[-1]
        if last - first < 1e-3 or after <= before:
            return None, None
        rate = (after - before) / (last - first)
        left = max(total - done, 0.0) / rate if total is not None else None
        return rate, left
