"""Registration P: moves a proposed hand to one whose bones fit a template (SemiHand, Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import within_limits
from handstudio.hand.arrays import Array, like, namespace
from handstudio.hand.camera import Camera
from handstudio.hand.lift import lift, lift_scale_free, project_scale_free, root_depth, to_25d
from handstudio.hand.skeleton import BONE_COUNT, BONES, FINGER_BASES, JOINT_COUNT, ROOT, WRIST
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths

_OTHER_BASES: Final = [base for base in FINGER_BASES if base != ROOT]
_CHAIN: Final[tuple[tuple[tuple[int, int, int], ...], ...]] = (
    ((ROOT, WRIST, ROOT - 1), (ROOT, ROOT + 1, ROOT)),
    (*((WRIST, base, base - 1) for base in _OTHER_BASES), (ROOT + 1, ROOT + 2, ROOT + 1)),
    (*((base, base + 1, base) for base in _OTHER_BASES), (ROOT + 2, ROOT + 3, ROOT + 2)),
    tuple((base + 1, base + 2, base + 1) for base in _OTHER_BASES),
    tuple((base + 2, base + 3, base + 2) for base in _OTHER_BASES),
)
"""From the root outwards, one level after the other: (from joint, to joint, bone)."""
_ORDER: Final = [ROOT, *(joint for level in _CHAIN for _, joint, _ in level)]
_BACK: Final = np.array([_ORDER.index(joint) for joint in range(JOINT_COUNT)])
_BONES: Final = [np.array([bone for _, _, bone in level]) for level in _CHAIN]
_ENDS: Final = [np.array([joint for _, joint, _ in level]) for level in _CHAIN]
_STARTS: Final = [
    np.array([[joint for _, joint, _ in before].index(start) for start, _, _ in level])
    for before, level in zip((((ROOT, ROOT, -1),), *_CHAIN[:-1]), _CHAIN, strict=True)
]
"""Where the joint that a bone starts from stands in the level before."""
_PARENTS: Final = np.array([parent for parent, _ in BONES])
_CHILDREN: Final = np.array([child for _, child in BONES])
_AIMLESS: Final = 1e-6
"""Share of a bone's length below which a proposed joint gives no direction."""


def _rest_directions() -> list[npt.NDArray[np.float32]]:
    directions = []
    for level in _CHAIN:
        bones = np.stack([TEMPLATE_MM[end] - TEMPLATE_MM[start] for start, end, _ in level])
        directions.append(bones / np.linalg.norm(bones, axis=-1, keepdims=True))
    return directions


_REST_DIRECTIONS: Final = _rest_directions()


def register(xyz: Array, bone_lengths: Array) -> Array:
    """Give a hand the bone lengths of a template, keeping the directions in which its joints lie.

    The root keeps its place; along the kinematic chain from there (to the wrist, then out to the fingers)
    each joint lies in the direction of the proposed joint as seen from the registered one before it, at the
    bone's length (the greedy approximation of SemiHand's Sec. 3.2 and Fig. 4). All hands of a batch at once;
    differentiable in torch.

    Args:
        xyz: (..., 21, 3) in any unit.
        bone_lengths: (20,) or (..., 20) in the same unit.

    Returns:
        (..., 21, 3) in that unit. A joint proposed exactly where its bone starts lies as in the template.
    """
    xp = namespace(xyz)
    joints = _joint_major(xyz)
    lengths = like(bone_lengths, xyz)
    lengths = _contiguous(lengths.reshape(-1, BONE_COUNT).T)
    placed = joints[ROOT : ROOT + 1]
    levels = [placed]
    for starts, ends, bones, rest in zip(_STARTS, _ENDS, _BONES, _REST_DIRECTIONS, strict=True):
        start = placed[starts]
        towards = joints[ends] - start
        x, y, z = towards[:, 0], towards[:, 1], towards[:, 2]
        squared = x * x + y * y + z * z
        length = lengths[bones]
        aimless = squared <= (_AIMLESS * _AIMLESS) * (length * length)
        if aimless.any():
            towards = xp.where(aimless[:, None], like(rest, xyz)[..., None], towards)
            squared = xp.where(aimless, xp.ones_like(squared), squared)
        placed = start + towards * (length / xp.sqrt(squared))[:, None]
        levels.append(placed)
    registered = xp.concat(levels)[_BACK].reshape(JOINT_COUNT * 3, -1)
    return _contiguous(registered.T).reshape(xyz.shape)


def _joint_major(xyz: Array) -> Array:
    """(..., 21, 3) as (21, 3, N): arithmetic runs over the hands of a batch without gaps."""
    return _contiguous(xyz.reshape(-1, JOINT_COUNT * 3).T).reshape(JOINT_COUNT, 3, -1)


def _contiguous(array: Array) -> Array:
    return np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array.contiguous()


def register_pose(
    uv: Array, depth: Array, bone_lengths_rel: Array | None = None, camera: Camera | Array | None = None
) -> tuple[Array, Array]:
    """Lift a 2.5D pose, register it and project it back: the correction of a proposal.

    Args:
        uv: (..., 21, 2) px.
        depth: (..., 21) in reference bones.
        bone_lengths_rel: (20,) or (..., 20) in reference bones; the template's by default.
        camera: a camera or its K, (..., 3, 3) px. ``None`` sees the hand as a scaled orthographic image. A
            lens's distortion is not modelled here.

    Returns:
        uv (..., 21, 2) px and depth (..., 21) in reference bones; the root keeps its uv.
    """
    lengths = like(relative_bone_lengths() if bone_lengths_rel is None else bone_lengths_rel, uv)
    return moved_in_space(uv, depth, lambda xyz: register(xyz, lengths), lengths, camera)


def correct_pose(
    uv: Array,
    depth: Array,
    bone_lengths_rel: Array | None = None,
    camera: Camera | Array | None = None,
    *,
    tolerance: float = 0.0,
    limits: Array | None = None,
) -> tuple[Array, Array]:
    """Lift a right hand's 2.5D pose, give it bones and joint angles that a hand can have, and project it.

    The registration :func:`register` places the palm; the fingers follow within the limits of their joints
    (:func:`handstudio.hand.angles.within_limits`). Angles come last because a registered joint lies in the
    direction of the proposed joint, not of the proposed bone: registered afterwards, bones would leave their
    limits again.

    Args:
        uv, depth, bone_lengths_rel, camera: as in :func:`register_pose`.
        tolerance: share by which a bone may be longer or shorter than the template's before it is corrected.
        limits: (15, 2, 2) rad; :data:`handstudio.hand.angles.LIMITS` by default.

    Returns:
        uv (..., 21, 2) px and depth (..., 21) in reference bones; the root keeps its uv.
    """
    lengths = like(relative_bone_lengths() if bone_lengths_rel is None else bone_lengths_rel, uv)

    def move(xyz: Array) -> Array:
        allowed = tolerated_lengths(xyz, lengths, tolerance) if tolerance > 0.0 else lengths
        return within_limits(register(xyz, allowed), allowed, limits)

    return moved_in_space(uv, depth, move, lengths, camera)


def tolerated_lengths(xyz: Array, bone_lengths: Array, tolerance: float) -> Array:
    """A hand's own bone lengths (..., 20) as far as they are within a share of a template's.

    Args:
        xyz: (..., 21, 3).
        bone_lengths: (20,) or (..., 20) of the template, in the unit of ``xyz``.
        tolerance: the share.
    """
    xp = namespace(xyz)
    bones = xyz[..., _CHILDREN, :] - xyz[..., _PARENTS, :]
    own = xp.sqrt((bones * bones).sum(-1))
    return xp.minimum(xp.maximum(own, bone_lengths * (1.0 - tolerance)), bone_lengths * (1.0 + tolerance))


def moved_in_space(
    uv: Array,
    depth: Array,
    move: Callable[[Array], Array],
    bone_lengths_rel: Array,
    camera: Camera | Array | None = None,
) -> tuple[Array, Array]:
    """Lift a 2.5D pose, move it in space and project it back.

    Args:
        uv, depth, camera: as in :func:`register_pose`.
        move: is given joints (..., 21, 3) in reference bones and gives others.
        bone_lengths_rel: (20,) or (..., 20) in reference bones, to lift with.

    Returns:
        uv (..., 21, 2) px and depth (..., 21) in reference bones.
    """
    if camera is None:
        xyz, px_per_bone = lift_scale_free(uv, depth, bone_lengths_rel)
        return project_scale_free(move(xyz), px_per_bone, uv[..., ROOT, :])
    K = camera.K if isinstance(camera, Camera) else camera
    xyz = lift(uv, depth, K, 1.0, root_depth(uv, depth, K, bone_lengths_rel))
    return to_25d(move(xyz), K, 1.0)
