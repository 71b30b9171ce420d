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
from handstudio.hand.skeleton import FINGER_BASES, FINGERS, WRIST

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
    rays = xyz[..., _BASES, :] - xyz[..., WRIST : WRIST + 1, :]
    normals = _unit(_cross(rays[..., 1:, :], rays[..., :-1, :]))
    z = _unit(rays)
    x = -_unit(like(_NORMALS_OF_FINGERS, xyz) @ normals)
    y = _cross(z, x)
    rows = []
    for starts, ends in _SEGMENTS:
        bone = _unit(xyz[..., ends, :] - xyz[..., starts, :])
        along_x, along_y, along_z = ((bone * axis).sum(-1) for axis in (x, y, z))
        projected = xp.sqrt(along_x * along_x + along_z * along_z + _TINY)
        rows.append(xp.stack((xp.atan2(along_x, along_z), xp.atan2(along_y, projected)), axis=-1))
        x = (along_z / projected)[..., None] * x - (along_x / projected)[..., None] * z
        z = bone
        y = _cross(z, x)
    return xp.stack(rows, axis=-2).reshape((*xyz.shape[:-2], len(FLEXION_JOINTS), 2))


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


def fit_limits(angles: npt.NDArray[np.float32], share: float = 0.99) -> Floats:
    """Limits that hold a share of observed angles, each angle by itself.

    Args:
        angles: (N, 15, 2) rad of labelled hands.
        share: of the hands that lie between an angle's two limits.

    Returns:
        (15, 2, 2) rad.
    """
    tail = (1.0 - share) / 2.0
    bounds = np.quantile(np.asarray(angles), (tail, 1.0 - tail), axis=0)
    limits: Floats = np.moveaxis(bounds, 0, -1).astype(np.float32)
    return limits


def _cross(a: Array, b: Array) -> Array:
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return namespace(a).stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def _unit(vectors: Array) -> Array:
    xp = namespace(vectors)
    return vectors / xp.sqrt((vectors * vectors).sum(-1) + _TINY)[..., None]
