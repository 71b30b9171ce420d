"""How large a picture may be so that it is drawn in time, learned from the pictures before it."""

from __future__ import annotations

MOVING_MS = 7.0
RESTING_MS = 60.0
_LEAST = 0.45


class Quality:
    """Picks the picture's scale: full where the machine is fast, else smaller while something moves."""

    def __init__(self) -> None:
        self._ms_per_pixel = {True: 0.0, False: 0.0}

    def scale(self, width: int, height: int, moving: bool) -> float:
        """Between 0.45 and 1, for a view of ``width`` x ``height`` device px."""
        whole = self._ms_per_pixel[moving] * width * height
        if whole <= 0:
            return 1.0 if not moving else 0.7
        budget = MOVING_MS if moving else RESTING_MS
        scale = min(max((budget / whole) ** 0.5, _LEAST), 1.0)
        return round(scale * 20) / 20

    def drawn(self, pixels: int, ms: float, moving: bool) -> None:
        """Learn from a picture that took ``ms``."""
        seen, kept = ms / max(pixels, 1), self._ms_per_pixel[moving]
        if kept <= 0:
            self._ms_per_pixel[moving] = seen
        elif moving:
            self._ms_per_pixel[moving] = 0.85 * kept + 0.15 * seen
        else:  # a still picture is judged by the best time: it may wait for a busy machine
            self._ms_per_pixel[moving] = min(seen, 1.05 * kept)
