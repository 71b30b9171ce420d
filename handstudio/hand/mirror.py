"""Left hands as right hands and back."""

from __future__ import annotations

from handstudio.hand.arrays import Array, like


def mirror_uv(uv: Array, width: float) -> Array:
    """(..., 2) px in the mirror image of a frame ``width`` px wide (its own inverse)."""
    return uv * like((-1.0, 1.0), uv) + like((width, 0.0), uv)


def mirror_xyz(xyz: Array) -> Array:
    """(..., 3) in a camera's axes, x negated: a left hand becomes a right one (its own inverse)."""
    return xyz * like((-1.0, 1.0, 1.0), xyz)
