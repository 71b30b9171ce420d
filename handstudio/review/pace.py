"""How long decisions take: the reviewer's own figure, never a pause for coffee.

A hand is one decision, however many drags it takes: what is spent on it belongs together.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 60.0
"""A hand looked at for longer counts as a pause, not as a decision's time."""
_REMEMBERED: Final = 200


class Pace:
    """Measures the time from when a hand was shown to its decision, over the latest hands.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shown_at = clock()
        self._spent: OrderedDict[int | None, float] = OrderedDict()

    def shown(self) -> None:
        """A hand was put before the reviewer."""
        self._shown_at = self._clock()

    def spent(self) -> float | None:
        """Seconds since the hand was shown, or since its last drag; ``None`` after a pause."""
        seconds = self._clock() - self._shown_at
        return None if seconds > PAUSE_S else seconds

    def decided(self, hand_id: int | None, seconds: float | None) -> None:
        """A hand was decided, or dragged once more, after what :meth:`spent` said before it was stored."""
        self._shown_at = self._clock()
        if seconds is None:
            return
        self._spent[hand_id] = self._spent.get(hand_id, 0.0) + seconds
        self._spent.move_to_end(hand_id)
        if len(self._spent) > _REMEMBERED:
            self._spent.popitem(last=False)

    @property
    def decisions(self) -> int:
        """Hands whose decisions were measured."""
        return len(self._spent)

    @property
    def seconds_per_decision(self) -> float | None:
        """Mean over the latest hands, all that was spent on each together."""
        return sum(self._spent.values()) / len(self._spent) if self._spent else None

    @property
    def decisions_per_minute(self) -> float | None:
        """As a rate."""
        seconds = self.seconds_per_decision
        return None if seconds is None else 60.0 / max(seconds, 1e-3)
