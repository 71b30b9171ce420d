"""What a person does to a hand as a whole, and what follows for what is believed of it.

Who turns, scales or moves a hand, or gives its fingers another order, says that the method saw all of it so:
the pose that a refit begins from, its doubt and the joints that were placed go along. Peaks of heatmaps are
places in the picture and stay there, but for those on which the joints stood: these were overruled, and would
draw each joint back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from handstudio.hand.peaks import Peaks
from handstudio.hand.refit import Placed
from handstudio.hand.skeleton import JOINT_COUNT, ROOT
from handstudio.project.records import Floats, Pose

_STOOD_ON: Final = 3.0
"""Spreads of a peak within which a joint stands on it."""
_LEAST_SCALE: Final = 1e-3


class Act(Protocol):
    """One thing done to all joints."""

    def pose(self, pose: Pose) -> Pose:
        """Another pose of the hand as it is after the act."""
        ...

    def placed(self, placed: Mapping[int, Placed]) -> dict[int, Placed]:
        """Joints that a person had placed, where they are after it."""
        ...

    def doubt(self, doubt: Floats) -> Floats:
        """(21,) px that joints may be off after it."""
        ...

    def peaks(self, peaks: Peaks) -> Peaks:
        """Peaks (21, K) px as they speak of joints after it."""
        ...


@dataclass(frozen=True, eq=False)
class Moved:
    """The hand was moved, turned, scaled: as two poses are similar, and beyond that joint by joint.

    Attributes:
        before, after: its pose.
    """

    before: Pose
    after: Pose

    def pose(self, pose: Pose) -> Pose:
        """Another pose of the hand, moved alike."""
        depth = pose.depth + (self.after.depth - self.before.depth)
        return Pose(self._moved(pose.uv) + self._besides, depth, pose.visibility)

    def placed(self, placed: Mapping[int, Placed]) -> dict[int, Placed]:
        """Joints are placed where they have come to; a depth that was given is given still."""
        return placed_in(self.after, placed)

    def doubt(self, doubt: Floats) -> Floats:
        """A larger hand is doubted by as much more."""
        return doubt * np.float32(self._scale)

    def peaks(self, peaks: Peaks) -> Peaks:
        """Peaks on which joints stood come along."""
        apart = np.linalg.norm(peaks.uv - self.before.uv[:, None], axis=-1)
        along = apart <= _STOOD_ON * peaks.spread
        moved = self._moved(peaks.uv) + self._besides[:, None]
        spread = np.where(along, peaks.spread * np.float32(self._scale), peaks.spread)
        return Peaks(np.where(along[..., None], moved, peaks.uv), peaks.share, spread)

    @cached_property
    def _similarity(self) -> tuple[complex, complex]:
        """How all joints moved, as ``factor * z + shift`` of complex places."""
        start, end = (one.uv.astype(np.float64) @ (1.0, 1.0j) for one in (self.before, self.after))
        known = np.isfinite(start) & np.isfinite(end)
        if not known.any():
            return 1.0 + 0.0j, 0.0j
        a, b = start[known] - start[known].mean(), end[known] - end[known].mean()
        factor = complex((a.conj() * b).sum() / max(float((np.abs(a) ** 2).sum()), 1e-9))
        if abs(factor) < _LEAST_SCALE:
            factor = 1.0 + 0.0j
        return factor, complex(end[known].mean() - factor * start[known].mean())

    @property
    def _scale(self) -> float:
        return abs(self._similarity[0])

    @cached_property
    def _besides(self) -> Floats:
        """(21, 2) px that joints moved otherwise than all together."""
        return self.after.uv - self._moved(self.before.uv)

    def _moved(self, uv: Floats) -> Floats:
        factor, shift = self._similarity
        places = factor * (uv.astype(np.float64) @ (1.0, 1.0j)) + shift
        return np.stack([places.real, places.imag], axis=-1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Reordered:
    """Fingers took each other's places: what the method said of one joint, it said of another.

    Attributes:
        order: (21,) for each joint, the one whose place it took.
    """

    order: npt.NDArray[np.intp]

    def pose(self, pose: Pose) -> Pose:
        """Another pose of the hand in this order."""
        return Pose(pose.uv[self.order], pose.depth[self.order], pose.visibility[self.order])

    def placed(self, placed: Mapping[int, Placed]) -> dict[int, Placed]:
        """What was placed is another joint now."""
        order = self.order.tolist()
        return {joint: placed[order[joint]] for joint in range(JOINT_COUNT) if order[joint] in placed}

    def doubt(self, doubt: Floats) -> Floats:
        """Of the joints whose places were taken."""
        return doubt[self.order]

    def peaks(self, peaks: Peaks) -> Peaks:
        """What the method took for one joint shows another."""
        return Peaks(peaks.uv[self.order], peaks.share[self.order], peaks.spread[self.order])


def placed_in(pose: Pose, placed: Mapping[int, Placed]) -> dict[int, Placed]:
    """The placed joints where a pose has them, with a depth where one was given."""
    root = float(pose.depth[ROOT])
    return {
        joint: Placed(pose.uv[joint], None if one.depth is None else float(pose.depth[joint]) - root)
        for joint, one in placed.items()
    }
