"""The depth camera's picture in false colours, over the whole frame."""

from __future__ import annotations

from functools import cache, lru_cache

import cv2
import numpy as np

from handstudio.ui.canvas.sampling import SampledItem
from handstudio.ui.maps.colouring import TABLE

HEIGHT = -5.0
ALPHA = 0.75
HOLE, HATCH, BEYOND, FARTHEST, NEAREST = 0, 1, 2, 3, 255
"""Places in the table: not measured, a line that marks this, beyond the frame, both ends of the range."""
_HATCH = (12, 13, 16, 150)
"""Of the lines that mark where nothing was measured: RGB and alpha."""
_EVERY, _WIDE = 8, 2
"""Pixels of the window from line to line, and of a line."""


def indexed(depth_mm: np.ndarray, near: float, far: float) -> np.ndarray:
    """(H, W) uint8: each depth's place in the table of colours; what is out of the range is at its end.

    Args:
        depth_mm: (H, W), 0 or not finite where there is no surface.
        near, far: mm of both ends, ``near`` the smaller.
    """
    with np.errstate(invalid="ignore"):
        shares = np.clip((far - depth_mm) / max(far - near, 1e-6), 0.0, 1.0)
        there = np.isfinite(depth_mm) & (depth_mm > 0.0)
        places = np.rint(FARTHEST + shares * (NEAREST - FARTHEST))
    return np.where(there, places, HOLE).astype(np.uint8)


@cache
def colours() -> np.ndarray:
    """(256,) BGRA as uint32, multiplied by alpha: for what :func:`indexed` gives."""
    ramp = np.zeros((256, 1), np.uint8)
    ramp[FARTHEST:, 0] = np.linspace(0, 255, 256 - FARTHEST).round().astype(np.uint8)
    table = np.zeros((256, 4), np.float32)
    table[:, :3], table[:, 3] = cv2.applyColorMap(ramp, TABLE)[:, 0], 255.0
    table *= ALPHA
    table[[HOLE, BEYOND]] = 0.0
    table[HATCH] = np.array([*_HATCH[2::-1], 255.0]) * (_HATCH[3] / 255.0)
    return np.ascontiguousarray(table.round().astype(np.uint8)).view(np.uint32)[:, 0]


@lru_cache(maxsize=4)
def hatch(height: int, width: int, every: int, wide: int) -> np.ndarray:
    """(height, width) uint8: 1 on slanting lines, 0 between them."""
    lines = (np.arange(width + every) % every < wide).astype(np.uint8)
    return np.stack([lines[row % every : row % every + width] for row in range(height)])


class DepthItem(SampledItem):
    """Near surfaces bright, far ones dark, what was not measured hatched."""

    smooth = False
    outside = float(BEYOND)

    def __init__(self) -> None:
        super().__init__(HEIGHT)
        self._depth: np.ndarray | None = None
        self._ends = (0.0, 1.0)

    def show_depth(self, depth_mm: np.ndarray | None, near: float = 0.0, far: float = 1.0) -> None:
        """Show (H, W) mm between two ends, or nothing."""
        if depth_mm is self._depth and (near, far) == self._ends:
            return
        self._depth, self._ends = depth_mm, (near, far)
        self.show_pixels(None if depth_mm is None else indexed(depth_mm, near, far))

    def coloured(self, pixels: np.ndarray) -> np.ndarray:
        lines = hatch(*pixels.shape, round(_EVERY * self.ratio), round(_WIDE * self.ratio))
        holes = cv2.compare(pixels, HOLE, cv2.CMP_EQ)
        places = cv2.bitwise_or(pixels, cv2.bitwise_and(holes, lines))
        return np.take(colours(), places).view(np.uint8).reshape(*pixels.shape, 4)
