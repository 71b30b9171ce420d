"""Proposals of a hand that is filmed, smoothed over time as they come.

Each pose is fitted again to those just before and after it: a line through time per number, weighted by how
near in time a frame is, by how far its proposal can be trusted, and by how well it fits the others. Past and
future count alike, so nothing lags behind. Where a hand jumps or frames are missing, it is another stretch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID

Floats = npt.NDArray[np.float32]
_Doubles = npt.NDArray[np.float64]

REACH: Final = 2.5
"""Spreads of the weights, before and after a frame, within which others count."""
MOST_JUMP: Final = 0.5
"""Sides of the hand's look that its middle may move from one frame to the next."""
_TRUST_CELLS: Final = 1.0
"""C in squared cells at which a proposal counts for half."""
_ODD_CELLS: Final = 2.0
"""A joint so far from where the others put it counts for half, cells of the hand's look."""
_ODD_BONES: Final = 0.25
"""The same for depth, reference bones."""
_ROUNDS: Final = 2


@dataclass(frozen=True)
class TimedPose:
    """A pose at its place in time.

    Attributes:
        frame: its number.
        uv, depth: (21, 2) px of the frame and (21,) reference bones.
        c: confidence C, squared cells.
        side: of the square that was looked at, px.
    """

    frame: int
    uv: Floats
    depth: Floats
    c: float
    side: float


def reach(spread: float) -> int:
    """Frames before and after that count."""
    return math.ceil(REACH * spread)


def continuous(before: TimedPose, after: TimedPose, spread: float) -> bool:
    """Whether two poses of a hand that follow each other belong to one movement."""
    gap = after.frame - before.frame
    if not 0 < gap <= max(reach(spread), 1):
        return False
    moved = float(np.linalg.norm(after.uv.mean(axis=0) - before.uv.mean(axis=0)))
    return moved <= MOST_JUMP * gap * max(before.side, after.side)


def smoothed(poses: Sequence[TimedPose], place: int, spread: float) -> tuple[Floats, Floats]:
    """One pose of a continuous movement, fitted to those about it.

    Args:
        poses: in order; those farther than :func:`reach` count nothing.
        place: which of them.
        spread: of the weights, frames.

    Returns:
        uv (21, 2) px and depth (21,).
    """
    here = poses[place]
    near = [pose for pose in poses if abs(pose.frame - here.frame) <= reach(spread)]
    if len(near) < 3:
        return here.uv, here.depth
    times = np.array([pose.frame - here.frame for pose in near], dtype=np.float64)
    trust = 1.0 / (1.0 + np.array([max(pose.c, 0.0) for pose in near]) / _TRUST_CELLS)
    weights = trust * np.exp(-0.5 * (times / spread) ** 2)
    uv = np.stack([pose.uv for pose in near]).astype(np.float64)
    depth = np.stack([pose.depth for pose in near]).astype(np.float64)[..., None]
    found_uv = _fitted(times, uv, weights, _ODD_CELLS * here.side / GRID)
    found_depth = _fitted(times, depth, weights, _ODD_BONES)
    return found_uv.astype(np.float32), found_depth[:, 0].astype(np.float32)


def _fitted(times: _Doubles, values: _Doubles, weights: _Doubles, odd: float) -> _Doubles:
    """(21, D): what a robust weighted line through (K, 21, D) says at time 0."""
    each = np.repeat(weights[:, None], values.shape[1], axis=1)
    line = _line(times, values, each)
    for _ in range(_ROUNDS):
        off = np.linalg.norm(values - (line[0] + times[:, None, None] * line[1]), axis=-1)
        line = _line(times, values, each / (1.0 + (off / odd) ** 2))
    found: _Doubles = line[0]
    return found


def _line(times: _Doubles, values: _Doubles, weights: _Doubles) -> tuple[_Doubles, _Doubles]:
    """Value at time 0 and slope, (21, D) each, by weighted least squares per joint."""
    total = weights.sum(0)[:, None]
    mean_time = (weights * times[:, None]).sum(0)[:, None] / total
    mean = (weights[..., None] * values).sum(0) / total
    centred = times[:, None, None] - mean_time
    squared = (weights[..., None] * centred**2).sum(0)
    slope = (weights[..., None] * centred * values).sum(0) / np.maximum(squared, 1e-9)
    return mean - slope * mean_time, slope
