"""2.5D to 3D and back: with a camera, with a camera and no root depth, and with no camera at all."""

from __future__ import annotations

from typing import Final

import numpy as np

from handstudio.hand.arrays import Array, like, namespace
from handstudio.hand.skeleton import BONES, REFERENCE_CHILD, ROOT
from handstudio.hand.template import relative_bone_lengths

_PARENTS: Final = np.array([parent for parent, _ in BONES])
_CHILDREN: Final = np.array([child for _, child in BONES])
_TINY: Final = 1e-12
_CONSENSUS_ROUNDS: Final = 2
_TOLERATED_MISFIT: Final = 0.25
"""Reference bones by which a bone's image may miss its length before it counts for half."""
_SHOWS_NOTHING: Final = 1e-4
_PERSPECTIVE_ROUNDS: Final = 5


def reference_length(xyz: Array) -> Array:
    """(...): length of the reference bone of joints (..., 21, 3), in their unit."""
    bone = xyz[..., REFERENCE_CHILD, :] - xyz[..., ROOT, :]
    return namespace(xyz).sqrt((bone * bone).sum(-1))


def to_25d(xyz_cam: Array, K: Array, reference: Array | float | None = None) -> tuple[Array, Array]:
    """Project a hand to its 2.5D pose.

    Args:
        xyz_cam: (..., 21, 3) mm in camera coordinates.
        K: (..., 3, 3) px, without skew.
        reference: (...) length of the hand's reference bone in the unit of ``xyz_cam``, where labels lie
            apart from the joints; the distance of the two labels by default.

    Returns:
        uv (..., 21, 2) px and depth (..., 21): z relative to the root in reference bones of this hand.
    """
    focal, centre = _focal_and_centre(K, xyz_cam)
    uv = xyz_cam[..., :2] / xyz_cam[..., 2:] * focal + centre
    scale = like(reference_length(xyz_cam) if reference is None else reference, xyz_cam)[..., None]
    z = xyz_cam[..., 2]
    return uv, (z - z[..., ROOT : ROOT + 1]) / scale


def lift(
    uv: Array, depth: Array, K: Array, scale_mm: Array | float, root_z: Array | float | None = None
) -> Array:
    """Lift a 2.5D pose to 3D through a camera.

    Args:
        uv: (..., 21, 2) px.
        depth: (..., 21) in reference bones.
        K: (..., 3, 3) px, without skew.
        scale_mm: (...) length of the reference bone, mm.
        root_z: (...) depth of the root, mm; ``None`` solves the quadratic of Iqbal et al. (2018) for it.

    Returns:
        (..., 21, 3) mm in camera coordinates.
    """
    xp = namespace(uv)
    rays = _rays(uv, K)
    scale = like(scale_mm, uv)[..., None]
    if root_z is None:
        root = _root_depth_of_reference_bone(rays, depth)[..., None] * scale
    else:
        root = like(root_z, uv)[..., None]
    z = (root + depth * scale)[..., None]
    return xp.concat((rays * z, z), axis=-1)


def root_depth(uv: Array, depth: Array, K: Array, bone_lengths: Array | None = None) -> Array:
    """Depth of the root from all bones instead of the reference bone alone.

    The scale of :func:`lift_scale_free` on the camera's rays is the inverse of the root's depth; the
    perspective of the other joints is taken out with the depth found so far, and again, until it stands
    still.

    Args:
        uv: (..., 21, 2) px.
        depth: (..., 21) in reference bones.
        K: (..., 3, 3) px, without skew.
        bone_lengths: (20,) or (..., 20) in reference bones; the template's by default.

    Returns:
        (...) in reference bones.
    """
    rays = _rays(uv, K)
    relative = depth - depth[..., ROOT : ROOT + 1]
    return 1.0 / _consensus_scale(rays, relative, _lengths(bone_lengths, uv), _PERSPECTIVE_ROUNDS, True)


def scale_free_px_per_bone(uv: Array, depth: Array, bone_lengths: Array | None = None) -> Array:
    """The scale of :func:`lift_scale_free` alone.

    A bone of length ``b`` whose ends differ by ``d`` in depth covers ``s sqrt(b² - d²)`` px. The ``s`` on
    which the bones agree is a weighted least-squares mean: a bone counts for less the more it points at the
    camera, and the more it disagrees with the others.

    Args:
        uv: (..., 21, 2) px.
        depth: (..., 21) in reference bones.
        bone_lengths: (20,) or (..., 20) in reference bones; the template's by default.

    Returns:
        (...) px per reference bone.
    """
    return _consensus_scale(uv, depth, _lengths(bone_lengths, uv), _CONSENSUS_ROUNDS, False)


def lift_scale_free(uv: Array, depth: Array, bone_lengths: Array | None = None) -> tuple[Array, Array]:
    """Lift a 2.5D pose without a camera, as a scaled orthographic image.

    The scale is that of :func:`scale_free_px_per_bone`.

    Args:
        uv: (..., 21, 2) px.
        depth: (..., 21) in reference bones.
        bone_lengths: (20,) or (..., 20) in reference bones; the template's by default.

    Returns:
        xyz (..., 21, 3) in reference bones with the root at the origin, and px per reference bone (...).
    """
    xp = namespace(uv)
    scale = scale_free_px_per_bone(uv, depth, bone_lengths)
    xy = (uv - uv[..., ROOT : ROOT + 1, :]) / scale[..., None, None]
    z = depth - depth[..., ROOT : ROOT + 1]
    return xp.concat((xy, z[..., None]), axis=-1), scale


def project_scale_free(xyz: Array, px_per_bone: Array | float, root_uv: Array) -> tuple[Array, Array]:
    """The 2.5D pose of a hand seen without perspective; inverse of :func:`lift_scale_free`.

    Args:
        xyz: (..., 21, 3) in reference bones.
        px_per_bone: (...) px per reference bone.
        root_uv: (..., 2) px.

    Returns:
        uv (..., 21, 2) px and depth (..., 21) in reference bones, relative to the root.
    """
    centred = xyz - xyz[..., ROOT : ROOT + 1, :]
    scale = like(px_per_bone, xyz)[..., None, None]
    return centred[..., :2] * scale + root_uv[..., None, :], centred[..., 2]


def _lengths(bone_lengths: Array | None, reference: Array) -> Array:
    return like(relative_bone_lengths() if bone_lengths is None else bone_lengths, reference)


def _focal_and_centre(K: Array, reference: Array) -> tuple[Array, Array]:
    """(..., 1, 2) px each."""
    xp = namespace(reference)
    K = like(K, reference)
    focal = xp.stack((K[..., 0, 0], K[..., 1, 1]), axis=-1)
    return focal[..., None, :], K[..., None, :2, 2]


def _rays(uv: Array, K: Array) -> Array:
    """(..., 21, 2): x / z and y / z."""
    focal, centre = _focal_and_centre(K, uv)
    return (uv - centre) / focal


def _root_depth_of_reference_bone(rays: Array, depth: Array) -> Array:
    """(...) in reference bones: the larger root of Iqbal et al. (2018), Eq. 5-7."""
    xp = namespace(rays)
    ray_n, ray_m = rays[..., REFERENCE_CHILD, :], rays[..., ROOT, :]
    depth_n, depth_m = depth[..., REFERENCE_CHILD, None], depth[..., ROOT, None]
    slope = ray_n - ray_m
    offset = ray_n * depth_n - ray_m * depth_m
    a = xp.sum(slope * slope, axis=-1) + _TINY
    b = 2.0 * xp.sum(slope * offset, axis=-1)
    c = xp.sum(offset * offset, axis=-1) + (depth_n - depth_m)[..., 0] ** 2 - 1.0
    discriminant = _at_least(b * b - 4.0 * a * c, _TINY * _TINY)
    return (xp.sqrt(discriminant) - b) / (2.0 * a)


def _consensus_scale(points: Array, depth: Array, lengths: Array, rounds: int, perspective: bool) -> Array:
    """(...): units of ``points`` (..., 21, 2) per reference bone.

    With ``perspective``, points are rays and the scale is that at the root's depth, which is its inverse.
    """
    xp = namespace(points)
    rise = depth[..., _CHILDREN] - depth[..., _PARENTS]
    squared_lengths = lengths * lengths
    squared = _at_least(squared_lengths - rise * rise, 0.0)
    shown = xp.sqrt(squared + _TINY)
    weight = squared / squared_lengths * shown
    seen = _bone_images(points)
    total = (lengths + xp.zeros_like(seen)).sum(-1)
    scale = _weighted_ratio(seen, shown, weight, total)
    for _ in range(rounds):
        if perspective:
            seen = _bone_images(points * (1.0 + depth * scale[..., None])[..., None])
        misfit = (seen / scale[..., None] - shown) / _TOLERATED_MISFIT
        scale = _weighted_ratio(seen, shown, weight / (1.0 + misfit * misfit), total)
    return scale


def _bone_images(points: Array) -> Array:
    """(..., 20): length of each bone's image."""
    chords = points[..., _CHILDREN, :] - points[..., _PARENTS, :]
    x, y = chords[..., 0], chords[..., 1]
    return namespace(points).sqrt(x * x + y * y + _TINY * _TINY)


def _weighted_ratio(seen: Array, shown: Array, weight: Array, total: Array) -> Array:
    """(...): the weighted mean of ``seen`` / ``shown``, or of all bones where none shows anything."""
    xp = namespace(seen)
    above = (weight * seen).sum(-1)
    below = (weight * shown).sum(-1)
    ratio = xp.where(below > _SHOWS_NOTHING, above / _at_least(below, _SHOWS_NOTHING), seen.sum(-1) / total)
    return _at_least(ratio, 1e-9)


def _at_least(values: Array, least: float) -> Array:
    if isinstance(values, (np.ndarray, np.generic)):
        return np.maximum(values, least)
    return values.clamp(min=least)
