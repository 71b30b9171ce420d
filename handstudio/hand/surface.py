"""What the surface that a depth camera saw says of a hand whose joints lie under it (numpy)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

UNDER_SKIN_MM: Final = 9.0
"""About how far behind the surface a joint lies: half a finger."""
LEAST_SEEN: Final = 5
"""Joints that must lie on a measured surface."""


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
