"""Where a proposal disagrees with something else: its mask, its neighbours in time, another model."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.hand.circles import circle_centres, circle_radii, hand_scale, sphere_model

Floats = npt.NDArray[np.float32]

SIDE: Final = 32
"""Cells on a side of the pictures in which masks are compared."""
APART_MM: Final = 15.0
"""How far the hand's spheres may be from the surface that was seen."""
_LEAST_CELLS: Final = 12
"""With fewer cells that have a depth and a sphere nothing is said."""
REACH: Final = 8
"""Frames to either side in which neighbours in time are looked for."""


def mask_mismatch(
    uv: Floats, depth: Floats, masks: Floats, apart: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """(N,) 1 - intersection over union of the circles' mask and the predicted one; NaN without a mask.

    Args:
        uv: (N, 21, 2) in shares of the masks' side.
        depth: (N, 21) reference bones.
        masks: (N, G, G) in 0..1, G a multiple of 32.
        apart: (N, 32, 32) cells that are not common although both cover them, see :func:`surface_apart`.
    """
    block = masks.shape[-1] // SIDE
    known = masks.reshape(len(masks), SIDE, block, SIDE, block).mean(axis=(2, 4)) >= 0.5
    drawn = circle_mask(uv, depth)
    both = (known & drawn if apart is None else known & drawn & ~apart).sum(axis=(1, 2))
    either = (known | drawn).sum(axis=(1, 2))
    found = 1.0 - both / np.maximum(either, 1)
    return np.where(known.any(axis=(1, 2)), found, np.nan).astype(np.float32)


def circle_mask(uv: Floats, depth: Floats) -> npt.NDArray[np.bool_]:
    """(N, 32, 32) which cells of the unit square the circles of (N, 21, 2) joints cover."""
    centres: Any = circle_centres(uv)
    radii: Any = circle_radii(hand_scale(uv, depth))
    grid = ((np.arange(SIDE) + 0.5) / SIDE).astype(np.float32)
    across = (grid - centres[..., 0, None]) ** 2
    down = (grid - centres[..., 1, None]) ** 2
    least = np.maximum(radii, 0.5 / SIDE)[..., None, None] ** 2
    covered: npt.NDArray[np.bool_] = (down[..., :, None] + across[..., None, :] <= least).any(axis=1)
    return covered


def surface_apart(xyz: Floats, K: Floats, square: Box, depth_mm: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """(32, 32) cells in which the hand's spheres lie elsewhere than the surface that a depth camera saw.

    The hand as a whole is moved to the depth that it was seen at, since the distance of a 2.5D pose is known
    to some centimetres only. Holes of the depth map say nothing.

    Args:
        xyz: (21, 3) mm in the camera's axes.
        K: (3, 3) px.
        square: of the crop, px.
        depth_mm: (H, W), 0 or not finite where there is no surface.
    """
    across = square.x + (np.arange(SIDE) + 0.5) * (square.width / SIDE)
    down = square.y + (np.arange(SIDE) + 0.5) * (square.height / SIDE)
    drawn = _front(xyz, K, across, down)
    height, width = depth_mm.shape
    columns, rows = np.floor(across).astype(int), np.floor(down).astype(int)
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))[None]
    seen = depth_mm[np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)[None]]
    seen = np.where(inside & np.isfinite(seen) & (seen > 0), seen, np.nan)
    behind = seen - drawn
    known = np.isfinite(behind)
    if known.sum() < _LEAST_CELLS:
        return np.zeros((SIDE, SIDE), dtype=np.bool_)
    off = np.abs(behind - np.nanmedian(behind))
    return np.asarray(known & (off > APART_MM))


def _front(xyz: Floats, K: Floats, across: Any, down: Any) -> Any:
    """(rows, columns) z of the spheres' front along the rays of px, mm; NaN where there is none."""
    centres, radii = (np.asarray(part, np.float64) for part in sphere_model(xyz))
    z = centres[:, 2]
    x_mm = (across - K[0, 2])[None] * z[:, None] / K[0, 0] - centres[:, :1]
    y_mm = (down - K[1, 2])[None] * z[:, None] / K[1, 1] - centres[:, 1:2]
    within = radii[:, None, None] ** 2 - x_mm[:, None, :] ** 2 - y_mm[:, :, None] ** 2
    front = np.where(within > 0, z[:, None, None] - np.sqrt(np.maximum(within, 0.0)), np.inf).min(axis=0)
    return np.where(np.isfinite(front), front, np.nan)


def jumps(frames: npt.NDArray[np.int64], uv: Floats) -> Floats:
    """(T,) px: how far each pose of one hand in time is from what its neighbours say; NaN at the ends.

    What they say is the middle of the straight lines through one of two earlier and one of two later poses,
    joint by joint, so that one neighbour that jumped itself does not count; the distance is the mean over
    joints.

    Args:
        frames: (T,) ascending.
        uv: (T, 21, 2) px.
    """
    said = []
    for before, after in ((1, 1), (1, 2), (2, 1), (2, 2)):
        line = np.full(uv.shape, np.nan, dtype=np.float32)
        middle = np.arange(before, len(frames) - after)
        if len(middle):
            first, last = frames[middle - before], frames[middle + after]
            near = (frames[middle] - first <= REACH) & (last - frames[middle] <= REACH) & (last > first)
            share = (frames[middle] - first) / np.maximum(last - first, 1)
            between = uv[middle - before] + share[:, None, None] * (uv[middle + after] - uv[middle - before])
            line[middle[near]] = between[near]
        said.append(line)
    lines = np.stack(said)
    known = np.isfinite(lines).all(axis=(2, 3)).any(axis=0)
    found = np.full(len(frames), np.nan, dtype=np.float32)
    if known.any():
        expected = np.nanmedian(lines[:, known], axis=0)
        found[known] = np.linalg.norm(uv[known] - expected, axis=-1).mean(axis=-1)
    return found
