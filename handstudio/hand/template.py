"""The template hand: an adult right hand, open and flat, with bone lengths from anatomy.

Lengths follow published anthropometry, rounded, and belong to nobody in particular: phalanges of Buryanov and
Kotiuk, "Proportions of hand segments" (Int. J. Morphol. 28, 2010), with fingertips' soft tissue added to the
distal ones and joints taken at their centres of rotation; distances from the wrist's centre to the MCPs from
the metacarpals of the same study and the height of the carpus.
"""

from __future__ import annotations

from functools import cache
from math import cos, radians, sin
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.skeleton import BONES, FINGERS, JOINT_COUNT, REFERENCE_CHILD, WRIST

Floats = npt.NDArray[np.float32]

_BONE_LENGTHS_MM: Final[tuple[tuple[float, float, float, float], ...]] = (
    (38.0, 45.0, 32.0, 26.0),
    (89.0, 40.0, 22.5, 21.0),
    (87.0, 44.0, 26.5, 22.5),
    (81.0, 41.0, 25.5, 22.5),
    (76.0, 33.0, 18.5, 20.0),
)
"""Per finger: wrist to base, then its three segments."""

_RAY_DEGREES: Final[tuple[tuple[float, float, float, float], ...]] = (
    (42.0, 40.0, 30.0, 26.0),
    (15.0, 5.0, 5.0, 5.0),
    (1.0, 0.0, 0.0, 0.0),
    (-13.0, -5.0, -5.0, -5.0),
    (-29.0, -12.0, -12.0, -12.0),
)
"""Direction of each of those bones in the palm's plane, from straight up towards the thumb."""

_THUMB_PALMAR_DEGREES: Final[tuple[float, float, float, float]] = (12.0, 15.0, 10.0, 8.0)
"""How far the thumb's bones rise out of the palm's plane, on the palm's side."""


def _rest_pose() -> Floats:
    joints = np.zeros((JOINT_COUNT, 3), dtype=np.float64)
    for finger, lengths, degrees in zip(FINGERS, _BONE_LENGTHS_MM, _RAY_DEGREES, strict=True):
        parent = WRIST
        for segment, joint in enumerate(finger):
            in_plane = radians(degrees[segment])
            out_of_plane = radians(_THUMB_PALMAR_DEGREES[segment]) if finger[0] == 1 else 0.0
            direction = np.array(
                (
                    sin(in_plane) * cos(out_of_plane),
                    -cos(in_plane) * cos(out_of_plane),
                    -sin(out_of_plane),
                )
            )
            joints[joint] = joints[parent] + lengths[segment] * direction
            parent = joint
    pose = joints.astype(np.float32)
    pose.flags.writeable = False
    return pose


TEMPLATE_MM: Final[Floats] = _rest_pose()
"""(21, 3) mm, wrist at the origin, in a camera's axes (x right, y down, z away): a right hand with its
fingers up and its palm towards the camera, so that the thumb is on the right. All but the thumb lies in the
plane z = 0."""


def template_bone_lengths() -> Floats:
    """(20,) mm, bone ``i`` ending in joint ``i + 1``."""
    return np.array(_BONE_LENGTHS_MM, dtype=np.float32).reshape(-1)


@cache
def relative_bone_lengths() -> Floats:
    """(20,) between joints as they are labelled, in reference bones (the middle finger's proximal
    phalanx)."""
    starts, ends = np.array(BONES).T
    labelled = AS_POINTED_AT.moved(TEMPLATE_MM)
    lengths = np.linalg.norm(labelled[ends] - labelled[starts], axis=-1)
    relative: Floats = (lengths / template_bone_lengths()[REFERENCE_CHILD - 1]).astype(np.float32)
    relative.flags.writeable = False
    return relative
