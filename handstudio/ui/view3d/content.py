"""The hand on view as the 3D view needs it: joints about the root, in mm or in reference bones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from handstudio.hand.lift import lift
from handstudio.hand.skeleton import OUTSIDE, REFERENCE_CHILD, ROOT

if TYPE_CHECKING:
    from handstudio.hand.camera import Camera
    from handstudio.project.records import Pose
    from handstudio.review.hand_view import HandView

Floats = npt.NDArray[np.float32]

_HOLLOW = np.array([0.0, 0.62, 0.86], np.float32)
"""Inner radius of a joint's ring by its visibility."""


@dataclass(frozen=True)
class HandInSpace:
    """One hand, placed with its root at the origin.

    Attributes:
        hand_id: whose pose this is.
        joints: (21, 3), mm where ``metric``, else reference bones.
        bone: length of the reference bone in the same unit.
        eye: (3,) where the camera stands in this space; ``None`` for a scale-free pose.
        visibility: (21,) as stored.
        pose: the 2.5D pose it comes from.
        camera: set where ``metric``.
    """

    hand_id: int
    joints: Floats
    metric: bool
    bone: float
    eye: Floats | None
    visibility: npt.NDArray[np.uint8]
    pose: Pose
    camera: Camera | None

    @property
    def root(self) -> Floats:
        """(3,) the root in camera coordinates; zeros for a scale-free pose."""
        return -self.eye if self.eye is not None else np.zeros(3, np.float32)

    def hollow(self) -> Floats:
        """(21,) inner radii of the joints' rings: filled where visible, rings where occluded or outside."""
        return _HOLLOW[np.minimum(self.visibility, OUTSIDE)]


def hand_in_space(view: HandView, camera: Camera | None) -> HandInSpace | None:
    """What a hand's view says in space; ``None`` while it has no pose."""
    if view.pose is None or view.xyz is None:
        return None
    xyz = np.asarray(view.xyz, np.float32)
    if not np.isfinite(xyz).all():
        return None
    metric = bool(view.metric) and camera is not None
    root = xyz[ROOT]
    return HandInSpace(
        hand_id=view.record.id,
        joints=xyz - root,
        metric=bool(view.metric),
        bone=max(float(np.linalg.norm(xyz[REFERENCE_CHILD] - root)), 1e-6),
        eye=-root if metric else None,
        visibility=np.asarray(view.pose.visibility, np.uint8),
        pose=view.pose,
        camera=camera if metric else None,
    )


def at_distance(hand: HandInSpace, root_mm: float) -> HandInSpace:
    """The same pose with its root ``root_mm`` from the camera: every joint stays on its ray."""
    if hand.camera is None:
        return hand
    xyz = np.asarray(
        lift(hand.pose.uv, hand.pose.depth, hand.camera.K, depth_unit(hand), root_mm), np.float32
    )
    root = xyz[ROOT]
    bone = max(float(np.linalg.norm(xyz[REFERENCE_CHILD] - root)), 1e-6)
    return replace(hand, joints=xyz - root, bone=bone, eye=-root)


def joint_to_25d(hand: HandInSpace, joint: int, place: npt.ArrayLike) -> tuple[Floats, float | None]:
    """Where a joint moved to ``place`` (3,) stands in the frame: its (2,) uv in px and its depth.

    The depth is ``None`` for the root, to which all depths are relative.
    """
    point = np.asarray(place, np.float32)
    depth = None if joint == ROOT else float(point[2] / depth_unit(hand))
    if hand.camera is not None:
        return np.asarray(hand.camera.project(point + hand.root), np.float32), depth
    flat, uv = hand.joints[:, :2].astype(np.float64), np.asarray(hand.pose.uv, np.float64)
    spread = flat - flat.mean(0)
    px_per_unit = float((spread * (uv - uv.mean(0))).sum() / max(float((spread**2).sum()), 1e-12))
    moved = uv[joint] + px_per_unit * (point[:2] - flat[joint])
    return moved.astype(np.float32), depth


def depth_unit(hand: HandInSpace) -> float:
    """How much z one unit of the pose's depth stands for here."""
    depth = np.asarray(hand.pose.depth, np.float64)
    spread = float((depth**2).sum())
    if spread < 1e-6:
        return hand.bone
    return float((depth * hand.joints[:, 2]).sum()) / spread
