"""Where hands were and will be, read a stretch of frames at a time and remembered until that changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from handstudio.project import Project
from handstudio.project.records import Change, HandRecord
from handstudio.project.trails import Trail

MARGIN: Final = 60
"""Frames that are read beyond what is asked for, on both sides: steps from frame to frame cost nothing."""
_STRETCHES: Final = 8


@dataclass(frozen=True)
class _Stretch:
    first: int
    last: int
    trail: Trail


class RememberedTrails:
    """Trails of a project's hands.

    Args:
        project: an open project.
        veiled: whether nothing may be told of what people decided; to be told of by :meth:`forget` when this
            is other than before.
    """

    def __init__(self, project: Project, veiled: Callable[[], bool] = lambda: False) -> None:
        self._project, self._veiled = project, veiled
        self._stretches: OrderedDict[tuple[int, int, str], _Stretch] = OrderedDict()

    def about(self, hand: HandRecord, reach: int) -> Trail:
        """The trail of a hand over the ``reach`` frames before it, its own, and as many after it."""
        first, last = hand.frame_index - reach, hand.frame_index + reach
        key = (hand.sequence_id, hand.track, str(hand.side))
        kept = self._stretches.get(key)
        if kept is None or first < kept.first or last > kept.last:
            low, high = first - MARGIN, last + MARGIN
            trail = self._project.trail(hand, low, high, proposals=self._veiled())
            kept = self._stretches[key] = _Stretch(low, high, trail)
            while len(self._stretches) > _STRETCHES:
                self._stretches.popitem(last=False)
        self._stretches.move_to_end(key)
        return kept.trail.between(first, last)

    def forget(self, change: Change) -> None:
        """Forget what a change concerns."""
        if change.everything:
            self._stretches.clear()
            return
        for key in [key for key in self._stretches if key[0] in change.sequences]:
            del self._stretches[key]
