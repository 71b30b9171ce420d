"""Flexion and abduction of 15 joints in frames that the hand carries with it (Spurr et al., ECCV 2020).

The palm's rays from the wrist to the bases of thumb, index, middle, ring and pinky are b1 to b5, its normals
``n_i = b_(i+1) x b_i``. The frame at a base has z along its ray, x along minus the normal (thumb n1, index
n2, middle n2 + n3, ring n3 + n4, pinky n4: towards the palm's side in a right hand) and y = z x x (towards
the thumb). Flexion is the signed angle of the next bone's projection onto the xz plane, abduction the signed
angle of the bone to that projection; the frame then turns with the bone to the next joint. A left hand is
mirrored first.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.arrays import Array, like, namespace
from handstudio.hand.skeleton import FINGER_BASES, FINGERS, JOINT_COUNT, WRIST

Floats = npt.NDArray[np.float32]

FLEXION_JOINTS: Final[tuple[int, ...]] = tuple(joint for finger in FINGERS for joint in finger[:3])
"""The joint at which each of the 15 rows bends: three per finger from its base, fingers from the thumb."""

_LIMITS_DEGREES: Final = (
    ((-10, 50), (-20, 45)),
    ((-15, 90), (-30, 10)),
    ((-15, 90), (-25, 15)),
    ((-20, 90), (-30, 15)),
    ((-5, 110), (-20, 25)),
    ((-5, 90), (-10, 10)),
    ((-20, 90), (-20, 20)),
    ((-5, 110), (-20, 20)),
    ((-5, 90), (-10, 10)),
    ((-20, 90), (-18, 28)),
    ((-5, 110), (-20, 20)),
    ((-5, 90), (-10, 10)),
    ((-20, 90), (-12, 40)),
    ((-5, 110), (-20, 20)),
    ((-5, 90), (-10, 10)),
)


def _limits() -> Floats:
    limits: Floats = np.radians(np.array(_LIMITS_DEGREES, dtype=np.float64)).astype(np.float32)
    limits.flags.writeable = False
    return limits


LIMITS: Final[Floats] = _limits()
"""(15, 2, 2) rad: lowest and highest flexion, lowest and highest abduction.

From anatomy, for want of a published table: the active ranges of the American Academy of Orthopaedic Surgeons
(finger MCP to 90, PIP to 100-110, DIP to 90 degrees, MCPs sideways by 20 about their rest; thumb MCP and IP
to 90), widened for what the frames add. A finger's rest lies askew of its ray, and its own axis is not
exactly the frame's y, so a bent middle joint shows up to 20 degrees sideways; the thumb's MCP and IP bend
partly sideways in frames that come from the palm."""

_BASES: Final = np.array(FINGER_BASES)
_SEGMENTS: Final = tuple(
    (np.array([finger[part] for finger in FINGERS]), np.array([finger[part + 1] for finger in FINGERS]))
    for part in range(3)
)
_NORMALS_OF_FINGERS: Final = np.array(
    ((1, 0, 0, 0), (0, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (0, 0, 0, 1)), dtype=np.float32
)
_TINY: Final = 1e-12


def joint_angles(xyz: Array) -> Array:
    """Flexion and abduction of a right hand's joints.

    Args:
        xyz: (..., 21, 3) in any unit, right-handed axes (a camera's x right, y down, z away are).

    Returns:
        (..., 15, 2) rad: flexion (positive towards the palm) and abduction (positive towards the thumb), rows
        as in :data:`FLEXION_JOINTS`.
    """
    xp = namespace(xyz)
    x, z = _frames_of_bases(xyz)
    rows = []
    for starts, ends in _SEGMENTS:
        bone = _unit(xyz[..., ends, :] - xyz[..., starts, :])
        rows.append(_angles_in_frame(bone, x, z))
        x, z = _turned_with(bone, x, z)
    return xp.stack(rows, axis=-2).reshape((*xyz.shape[:-2], len(FLEXION_JOINTS), 2))


def bent(xyz: Array, angles: Array, bone_lengths: Array | None = None) -> Array:
    """A right hand with the same palm whose fingers have the given angles: inverse of :func:`joint_angles`.

    Args:
        xyz: (..., 21, 3) in any unit; wrist and bases stay, the rest of the fingers is placed anew.
        angles: (..., 15, 2) rad, rows as in :data:`FLEXION_JOINTS`.
        bone_lengths: (20,) or (..., 20) in the unit of ``xyz``; the hand's own by default.

    Returns:
        (..., 21, 3).
    """
    xp = namespace(xyz)
    by_finger = angles.reshape((*angles.shape[:-2], len(FINGERS), 3, 2))
    lengths = _lengths_of_segments(xyz, bone_lengths)
    x, z = _frames_of_bases(xyz)
    joints = [xyz[..., _BASES, :]]
    for segment, length in enumerate(lengths):
        bone = _direction(by_finger[..., segment, :], x, z)
        joints.append(joints[-1] + length[..., None] * bone)
        x, z = _turned_with(bone, x, z)
    return _put_together(xyz, xp.stack(joints, axis=-2))


def within_limits(xyz: Array, bone_lengths: Array | None = None, limits: Array | None = None) -> Array:
    """The fingers of a right hand brought within limits, joint after joint along each finger.

    Each joint goes where it was as seen from the joint before it that has already moved, as far as the
    limits let it, at the bone's length (the greedy approximation of SemiHand's Sec. 3.2 with the valid
    intervals of Spurr et al.; Dual-Modality Network, Sec. 7.3.5).

    Args:
        xyz: (..., 21, 3) in any unit; wrist and bases stay.
        bone_lengths: (20,) or (..., 20) in the unit of ``xyz``; the hand's own by default.
        limits: (15, 2, 2) rad, lowest and highest; :data:`LIMITS` by default.

    Returns:
        (..., 21, 3).
    """
    xp = namespace(xyz)
    bounds = like(LIMITS if limits is None else limits, xyz).reshape((len(FINGERS), 3, 2, 2))
    lengths = _lengths_of_segments(xyz, bone_lengths)
    x, z = _frames_of_bases(xyz)
    joints = [xyz[..., _BASES, :]]
    for segment, (length, (_, ends)) in enumerate(zip(lengths, _SEGMENTS, strict=True)):
        angles = _angles_in_frame(_unit(xyz[..., ends, :] - joints[-1]), x, z)
        lowest, highest = bounds[:, segment, :, 0], bounds[:, segment, :, 1]
        bone = _direction(xp.minimum(xp.maximum(angles, lowest), highest), x, z)
        joints.append(joints[-1] + length[..., None] * bone)
        x, z = _turned_with(bone, x, z)
    return _put_together(xyz, xp.stack(joints, axis=-2))


def _frames_of_bases(xyz: Array) -> tuple[Array, Array]:
    """x and z (..., 5, 3) of the frames at the bases."""
    rays = xyz[..., _BASES, :] - xyz[..., WRIST : WRIST + 1, :]
    normals = _unit(_cross(rays[..., 1:, :], rays[..., :-1, :]))
    # where two normals all but cancel out, what keeps the square root smooth would shorten the axis
    return -_unit(_unit(like(_NORMALS_OF_FINGERS, xyz) @ normals)), _unit(rays)


def _angles_in_frame(bone: Array, x: Array, z: Array) -> Array:
    """(..., 2): flexion and abduction of a bone's direction."""
    xp = namespace(bone)
    along_x, along_y, along_z = ((bone * axis).sum(-1) for axis in (x, _cross(z, x), z))
    projected = xp.sqrt(along_x * along_x + along_z * along_z + _TINY)
    return xp.stack((xp.atan2(along_x, along_z), xp.atan2(along_y, projected)), axis=-1)


def _direction(angles: Array, x: Array, z: Array) -> Array:
    """(..., 3): the direction that has the angles (..., 2) in a frame."""
    xp = namespace(angles)
    flexion, abduction = angles[..., 0:1], angles[..., 1:2]
    flat = xp.cos(abduction)
    return flat * xp.sin(flexion) * x + xp.sin(abduction) * _cross(z, x) + flat * xp.cos(flexion) * z


def _turned_with(bone: Array, x: Array, z: Array) -> tuple[Array, Array]:
    """x and z of the frame that has turned with a bone."""
    xp = namespace(bone)
    along_x, along_z = (bone * x).sum(-1), (bone * z).sum(-1)
    projected = xp.sqrt(along_x * along_x + along_z * along_z + _TINY)
    return (along_z / projected)[..., None] * x - (along_x / projected)[..., None] * z, bone


def _lengths_of_segments(xyz: Array, bone_lengths: Array | None) -> list[Array]:
    """(..., 5) per segment, from the base outwards."""
    xp = namespace(xyz)
    if bone_lengths is not None:
        lengths = like(bone_lengths, xyz)
        return [lengths[..., ends - 1] for _, ends in _SEGMENTS]
    bones = [xyz[..., ends, :] - xyz[..., starts, :] for starts, ends in _SEGMENTS]
    return [xp.sqrt((bone * bone).sum(-1)) for bone in bones]


def _put_together(xyz: Array, fingers: Array) -> Array:
    """A hand (..., 21, 3) of its wrist and its fingers (..., 5, 4, 3)."""
    joints = fingers.reshape((*xyz.shape[:-2], JOINT_COUNT - 1, 3))
    return namespace(xyz).concat((xyz[..., WRIST : WRIST + 1, :], joints), axis=-2)


def limit_violation(angles: Array, limits: Array | None = None) -> Array:
    """How far angles lie outside their limits.

    Args:
        angles: (..., 15, 2) rad.
        limits: (15, 2, 2) rad, lowest and highest; :data:`LIMITS` by default.

    Returns:
        (..., 15, 2) rad: negative below the lowest, positive above the highest, zero within.
    """
    bounds = like(LIMITS if limits is None else limits, angles)
    xp = namespace(angles)
    zero = xp.zeros_like(angles)
    return xp.minimum(angles - bounds[..., 0], zero) + xp.maximum(angles - bounds[..., 1], zero)


def fit_limits(angles: npt.NDArray[np.float32], share: float = 0.99, margin: float = 0.0) -> Floats:
    """Limits that hold a share of observed angles, each angle by itself.

    Args:
        angles: (N, 15, 2) rad of labelled hands.
        share: of the hands that lie between an angle's two limits.
        margin: rad that the limits are widened by, either way.

    Returns:
        (15, 2, 2) rad.
    """
    tail = (1.0 - share) / 2.0
    bounds = np.quantile(np.asarray(angles), (tail, 1.0 - tail), axis=0)
    bounds = np.clip(bounds + np.array((-margin, margin))[:, None, None], -np.pi, np.pi)
    limits: Floats = np.moveaxis(bounds, 0, -1).astype(np.float32)
    return limits


def _cross(a: Array, b: Array) -> Array:
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return namespace(a).stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def _unit(vectors: Array) -> Array:
    xp = namespace(vectors)
    return vectors / xp.sqrt((vectors * vectors).sum(-1) + _TINY)[..., None]
