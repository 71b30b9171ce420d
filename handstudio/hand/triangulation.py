"""Points in space from where several cameras see them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

_ROUNDS: Final = 2
_TINY: Final = 1e-9


def projected(xyz: npt.ArrayLike, projections: npt.ArrayLike) -> Doubles:
    """Where views see points.

    Args:
        xyz: (..., J, 3) in the world.
        projections: (..., V, 3, 4) from the world to the plane of each view.

    Returns:
        (..., V, J, 2).
    """
    matrices = np.asarray(projections, dtype=np.float64)
    points = np.asarray(xyz, dtype=np.float64)[..., None, :, :]
    seen = points @ np.swapaxes(matrices[..., :3], -1, -2) + matrices[..., None, :, 3]
    away = np.where(np.abs(seen[..., 2:]) < _TINY, _TINY, seen[..., 2:])
    return np.asarray(seen[..., :2] / away)


def triangulated(uv: npt.ArrayLike, projections: npt.ArrayLike, weights: npt.ArrayLike) -> Doubles:
    """Points that views see at given places, by weighted least squares.

    Linear (Hartley and Zisserman, 2004, Sec. 12.2), solved again with each view's rows divided by the depth
    found before, so that what is least is the distance in the views' planes.

    Args:
        uv: (..., V, J, 2) in the plane of each view.
        projections: (..., V, 3, 4) from the world to that plane.
        weights: (..., V, J): the inverse of how far off a place may be; 0 leaves it out. Two views at least
            must count, else the point is anywhere on a ray.

    Returns:
        (..., J, 3) in the world.
    """
    places = np.asarray(uv, dtype=np.float64)
    matrices = np.asarray(projections, dtype=np.float64)
    each = np.asarray(weights, dtype=np.float64)
    third = matrices[..., None, 2, :]
    rows = np.stack(
        [places[..., axis, None] * third - matrices[..., None, axis, :] for axis in (0, 1)], axis=-2
    )
    # (..., V, J, 2, 4) to (..., J, 2V, 4)
    rows = np.moveaxis(rows, -4, -3)
    each = np.swapaxes(each, -1, -2)
    found = np.zeros((*rows.shape[:-3], 3))
    depth = np.ones_like(each)
    for _ in range(_ROUNDS):
        weighted = (rows * (each / depth)[..., None, None]).reshape(*rows.shape[:-3], -1, 4)
        squares = np.swapaxes(weighted, -1, -2) @ weighted
        scale = np.trace(squares[..., :3, :3], axis1=-2, axis2=-1)[..., None, None] / 3.0 + _TINY
        kept = squares[..., :3, :3] / scale + _TINY * np.eye(3)
        found = np.linalg.solve(kept, -squares[..., :3, 3:] / scale)[..., 0]
        away = (
            np.einsum("...vc,...jc->...jv", matrices[..., 2, :3], found) + matrices[..., 2, 3][..., None, :]
        )
        depth = np.maximum(np.abs(away), _TINY)
    return found
