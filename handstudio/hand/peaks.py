"""The highest places of a heatmap: what is kept of it, since it says where else a joint may be."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID

Floats = npt.NDArray[np.float32]

KEPT: Final = 6
"""Peaks of each heatmap that are kept. Among the first, 2, 4 and 6 of them 70, 82, 90 and 94 % of joints are
within 0.05 of the box (hands rendered from a mesh, seen by one camera)."""
NEAR: Final = 2
"""Cells of a 32 x 32 heatmap about a peak that belong to it."""


class Peaks(NamedTuple):
    """Where a method sees joints, most likely places first; lengths are cells of the 64 x 64 grid, or px.

    Attributes:
        uv: (..., 21, K, 2).
        share: (..., 21, K) of the heatmap that lies about each; 0 where there is none.
        spread: (..., 21, K) root of the mean variance along u and v.
    """

    uv: Floats
    share: Floats
    spread: Floats

    @property
    def told(self) -> bool:
        """Whether there is any."""
        return bool((self.share > 0.0).any())


def packed(peaks: Peaks) -> Floats:
    """(..., 21, K, 4) of peaks."""
    return np.concatenate([peaks.uv, peaks.share[..., None], peaks.spread[..., None]], axis=-1)


def unpacked(values: Floats) -> Peaks:
    """What :func:`packed` made."""
    return Peaks(values[..., :2], values[..., 2], values[..., 3])


def highest(heat: Floats) -> Peaks:
    """The peaks of heatmaps that sum to 1, in cells of the 64 x 64 grid over them.

    One after the other: the highest cell, then the highest of what is left without the cells about it. A
    place is the centre of mass of its cells.

    Args:
        heat: (..., h, w).
    """
    height, width = heat.shape[-2:]
    near = max(1, round(NEAR * width / 32))
    maps = heat.reshape(-1, height, width)
    left = np.zeros((len(maps), height + 2 * near, width + 2 * near), dtype=np.float32)
    left[:, near:-near, near:-near] = maps
    flat = left.reshape(len(maps), -1)
    about = np.arange(-near, near + 1)
    window = (about[:, None] * left.shape[2] + about).ravel()
    along, down = np.tile(about, len(about)), np.repeat(about, len(about))
    rows = np.arange(len(maps))[:, None]
    found = np.zeros((len(maps), KEPT, 4), dtype=np.float32)
    for place in range(KEPT):
        top = flat.argmax(axis=1)
        row, column = np.divmod(top, left.shape[2])
        inside = (row >= near) & (row < height + near) & (column >= near) & (column < width + near)
        top = np.where(inside, top, near * left.shape[2] + near)  # nothing is left of the map
        row, column = np.divmod(top, left.shape[2])
        cells = top[:, None] + window
        mass = flat[rows, cells]
        share = mass.sum(axis=1)
        weight = mass / np.maximum(share, 1e-12)[:, None]
        u, v = weight @ along, weight @ down
        variance = (weight @ (along**2) - u * u + weight @ (down**2) - v * v) / 2.0
        found[:, place, 0] = (column - near + u + 0.5) * (GRID / width)
        found[:, place, 1] = (row - near + v + 0.5) * (GRID / height)
        found[:, place, 2] = share
        found[:, place, 3] = np.sqrt(np.maximum(variance, 0.0)) * (GRID / width)
        flat[rows, cells] = 0.0
    return unpacked(found.reshape(*heat.shape[:-2], KEPT, 4))
