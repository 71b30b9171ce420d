"""What the surface that a depth camera saw says of a hand whose joints lie under it (numpy)."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box

UNDER_SKIN_MM: Final = 9.0
"""About how far behind the surface a joint lies: half a finger."""
LEAST_SEEN: Final = 5
"""Joints that must lie on a measured surface."""
REACH_MM: Final = 300.0
"""No hand reaches farther behind what of it is nearest: what lies farther is something else."""
_TAILS: Final = (0.01, 0.99)
_LOOKED_AT: Final = 20_000
"""Pixels of which a range is told, at most about so many."""


def surface_at(
    uv: npt.ArrayLike, depth_mm: npt.NDArray[Any], mask: npt.NDArray[Any] | None = None
) -> npt.NDArray[np.float64]:
    """(21,) mm: how far the surface at each joint (21, 2) px is from the camera; NaN where nothing says.

    Args:
        uv: px of the frame.
        depth_mm: (H, W), 0 where there is none.
        mask: (H, W), positive on the hand.
    """
    height, width = depth_mm.shape
    columns, rows = np.floor(np.asarray(uv, np.float64)).astype(int).T
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    rows, columns = rows.clip(0, height - 1), columns.clip(0, width - 1)
    surface = depth_mm[rows, columns].astype(np.float64)
    seen = inside & np.isfinite(surface) & (surface > 0.0)
    if mask is not None:
        seen &= mask[rows, columns] > 0
    return np.where(seen, surface, np.nan)


def range_mm(
    depth_mm: npt.NDArray[Any], box: Box | None = None, mask: npt.NDArray[Any] | None = None
) -> tuple[float, float] | None:
    """The nearest and the farthest surface of a hand, mm, in tens; ``None`` where nothing was measured.

    Args:
        depth_mm: (H, W), 0 or not finite where there is none.
        box: px of the frame, of the hand; ``None`` for all that the frame shows.
        mask: (H, W), positive on the hand; where it shows nothing in the box it is not heeded.
    """
    part = (slice(None), slice(None))
    if box is not None:
        left, top = max(math.floor(box.x), 0), max(math.floor(box.y), 0)
        right, bottom = math.ceil(box.x + box.width), math.ceil(box.y + box.height)
        part = slice(top, max(bottom, 0)), slice(left, max(right, 0))
    values = depth_mm[part]
    step = max(1, math.isqrt(values.size // _LOOKED_AT))
    values = values[::step, ::step]
    there = np.isfinite(values) & (values > 0.0)
    on_hand = there if mask is None else there & (mask[part][::step, ::step] > 0)
    known = values[on_hand if on_hand.any() else there]
    if not known.size:
        return None
    near, far = np.quantile(known, _TAILS).tolist()
    if box is not None:
        far = min(far, near + REACH_MM)
    low = 10.0 * math.floor(near / 10.0)
    return low, max(10.0 * math.ceil(far / 10.0), low + 10.0)


def scale_from_surface_mm(
    uv: npt.ArrayLike,
    z: npt.NDArray[Any],
    depth_mm: npt.NDArray[Any],
    mask: npt.NDArray[Any] | None = None,
) -> float | None:
    """Length of the reference bone, mm, at which a hand lies under the surface; ``None`` where too little of
    it was measured. Of the joints the middle one counts, so that hidden ones do no harm.

    Args:
        uv: (21, 2) px of the frame.
        z: (21,) distances from the camera in reference bones.
        depth_mm, mask: as in :func:`surface_at`.
    """
    sizes = (surface_at(uv, depth_mm, mask) + UNDER_SKIN_MM) / np.asarray(z, np.float64)
    known = sizes[np.isfinite(sizes)]
    return float(np.median(known)) if len(known) >= LEAST_SEEN else None
