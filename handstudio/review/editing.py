"""A pose being edited: joints are dragged as a hand would move, or one by one; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import FLEXION_JOINTS, LIMITS, joint_angles
from handstudio.hand.camera import Camera
from handstudio.hand.drag import drag_joint
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.refit import Placed
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import FINGER_BASES, JOINT_COUNT, ROOT, WRIST, Side, finger_of
from handstudio.project.records import Floats, Pose
from handstudio.review.space import Space
from handstudio.review.whole_acts import Moved, placed_in

_PERSPECTIVE_ROUNDS: Final = 6
"""A bending finger comes nearer to the camera or goes away from it, and then its target is another."""
_ROUNDS_OF_HAND: Final = 2
"""A hand that is dragged keeps its distance, unless its pins turn it."""
_NEAR_PX: Final = 0.25
_SHORT_PX: Final = 3.0
"""What keys move a joint by is a px or a few: so much a bone gives, or nothing would move at a limit."""
_GIVE: Final = float(np.radians(8.0))
"""By how much the limits of angles give way to who pulls hard: people are not all built as the limits say."""
_AT_LIMIT: Final = float(np.radians(0.5))
_WHOLE: Final = -1
"""What is dragged when it is the whole hand."""


class Edit:
    """One edit, from the pose that was there to the one that is wanted.

    Every move starts from the pose that the joint's drag began with, so that a joint brought back to its
    place leaves the hand as it was.

    Args:
        start: the pose before the edit.
        side: of the hand.
        camera: of its sequence, if known.
        shape: what is known of the person's hands.

    Attributes:
        placed: joints that were moved, where the person wanted them.
        moves: what was done to the hand as a whole, in this order; what was placed before went along.
        as_hand: whether the joint moved last took its finger along, or for a finger's base the hand.
        limited: joints of the finger moved last that bend or spread as far as they can, or farther.
    """

    def __init__(
        self, start: Pose, side: Side, camera: Camera | None = None, shape: HandShape = ANYBODY
    ) -> None:
        self.start = start
        self.pose = start
        self.placed: dict[int, Placed] = {}
        self.moves: tuple[Moved, ...] = ()
        self.as_hand = False
        self.limited: frozenset[int] = frozenset()
        self._side: Side = side
        self._camera = camera
        self._space = Space(camera, shape.bone_lengths)
        self._limits = LIMITS if shape.limits is None else shape.limits
        self._dragged: int | frozenset[int] | None = None
        self._depth: float | None = None
        self._base, self._base_placed = start, self.placed
        self._base_moves: tuple[Moved, ...] = ()
        self._away: tuple[Floats, float] = (np.zeros(2, np.float32), 0.0)
        self._besides: tuple[tuple[float, float], float] = ((0.0, 0.0), 0.0)
        self._base_xyz: Floats | None = None
        self._px_per_bone = 1.0

    @property
    def changed(self) -> bool:
        """Whether the pose differs from the one before."""
        return self.pose != self.start

    def goal(self, joint: int) -> Floats:
        """(2,) px where a joint is wanted while it is dragged, be it reached or not; else where it is."""
        held = self.placed.get(joint) if joint == self._dragged else None
        return self.pose.uv[joint] if held is None else held.uv

    def move(
        self,
        joint: int,
        uv: npt.ArrayLike | None = None,
        depth: float | None = None,
        free: bool = False,
        pinned: Collection[int] = (),
        kept: Collection[int] = (),
        exact: bool = False,
    ) -> Pose:
        """Bring a joint to ``uv`` (2,) px and/or ``depth`` (reference bones); returns the pose.

        A depth that this drag gave the joint before is kept where none is given.
        Unless ``free``, its finger (or the whole hand) follows and all bones keep their lengths; the wrist
        moves the hand as a whole. ``pinned`` joints are brought back to their places as far as the finger
        can, ``kept`` ones stay there even where a bone has to give. ``exact`` brings the joint itself all
        the way where its finger falls short by a few px.
        """
        self._take(joint)
        depth = self._depth if depth is None else depth
        goal_uv = self._base.uv[joint] if uv is None else np.asarray(uv, dtype=np.float32).reshape(2)
        if not np.isfinite(goal_uv).all() or (depth is not None and not np.isfinite(depth)):
            return self.pose
        self._depth, self.limited = depth, frozenset()
        base, alone = self._base, {joint: Placed(goal_uv, depth)}
        if free or not (np.isfinite(base.uv).all() and np.isfinite(base.depth).all()):
            return self._shown(_moved_alone(base, joint, goal_uv, depth), alone)
        moved = self._with_kept(self._moved_as_hand(joint, goal_uv, depth, {*pinned, *kept}), kept)
        if joint == WRIST:
            return self._shown_whole(moved, alone)
        short = float(np.linalg.norm(moved.uv[joint] - goal_uv))
        if exact and joint not in FINGER_BASES and short <= _SHORT_PX:
            moved = _moved_alone(moved, joint, goal_uv, None)
        return self._shown(moved, alone, as_hand=True)

    def shift(self, joints: Collection[int], du: float, dv: float, dd: float) -> Pose:
        """Move joints together by px and reference bones, each by itself; a drag of them goes on there."""
        group = frozenset(joints)
        if self._dragged != group:
            self._take(None)
            return self._show_group(_shifted(self.pose, group, (du, dv), dd), group, deep=dd != 0.0)
        (u, v), deeper = self._besides
        self._besides = (u + du, v + dv), deeper + dd
        return self.move_together(group, *self._away)

    def move_together(self, joints: Collection[int], by: npt.ArrayLike, dd: float = 0.0) -> Pose:
        """Move joints as one group, each as a free joint moves; all joints are the hand as a whole.

        Args:
            joints: which.
            by: (2,) px from where they were when the group was taken, or (21, 2) for each of its own.
            dd: reference bones, likewise.

        Raises:
            ValueError: for another shape.
        """
        group, away = frozenset(joints), np.asarray(by, np.float32)
        if away.shape not in ((2,), (JOINT_COUNT, 2)):
            raise ValueError(f"joints move by (2,) or ({JOINT_COUNT}, 2) px, not {away.shape}")
        self._take(group)
        if not (np.isfinite(away).all() and np.isfinite(dd)):
            return self.pose
        self._away = away, dd
        shifted, deeper = self._besides
        moved = _shifted(self._base, group, away + np.asarray(shifted, np.float32), dd + deeper)
        return self._show_group(moved, group, deep=dd + deeper != 0.0)

    def transform(self, turn: float, scale: float, about: npt.ArrayLike) -> Pose:
        """Turn and scale the hand in the image, from the pose that this began with.

        Args:
            turn: rad, clockwise as the image is seen.
            scale: factor, above zero.
            about: (2,) px that stays.
        """
        self._take(_WHOLE)
        centre = np.asarray(about, np.float32).reshape(2)
        if not (np.isfinite(centre).all() and np.isfinite((turn, scale)).all() and scale > 0.0):
            return self.pose
        c, s = np.cos(turn) * scale, np.sin(turn) * scale
        uv = (self._base.uv - centre) @ np.array(((c, s), (-s, c)), np.float32) + centre
        return self._shown_whole(Pose(uv, self._base.depth, self._base.visibility))

    def put(self, pose: Pose) -> Pose:
        """Let the edit be this pose."""
        self._take(None)
        return self._shown_whole(pose)

    def _take(self, what: int | frozenset[int] | None) -> None:
        """Begin from the pose that is there, unless the same joints are being moved already."""
        if what is None or what != self._dragged:
            self._dragged, self._base, self._base_xyz, self._depth = what, self.pose, None, None
            self._base_placed, self._base_moves = self.placed, self.moves
            self._away, self._besides = (np.zeros(2, np.float32), 0.0), ((0.0, 0.0), 0.0)

    def _shown(self, pose: Pose, placed: dict[int, Placed], as_hand: bool = False) -> Pose:
        self.pose, self.as_hand = pose, as_hand
        self.placed, self.moves = self._base_placed | placed, self._base_moves
        return pose

    def _shown_whole(self, pose: Pose, placed: dict[int, Placed] | None = None) -> Pose:
        """What was placed before goes along with the hand."""
        self.limited = frozenset()
        self.moves = (*self._base_moves, Moved(self._base, pose))
        self.pose, self.as_hand = pose, False
        self.placed = placed_in(pose, self._base_placed) | (placed or {})
        return pose

    def _show_group(self, pose: Pose, group: frozenset[int], deep: bool) -> Pose:
        """A group was placed; with its depths where it was moved in depth as well."""
        self.limited = frozenset()
        if len(group) == JOINT_COUNT:
            return self._shown_whole(pose)
        before = self._base_placed
        given = {joint: deep or (joint in before and before[joint].depth is not None) for joint in group}
        placed = placed_in(
            pose, {joint: Placed(pose.uv[joint], 0.0 if given[joint] else None) for joint in group}
        )
        self._shown(pose, placed)
        if deep and ROOT in group:  # all others came nearer
            self.moves = (*self._base_moves, Moved(self._base, Pose(self._base.uv, pose.depth)))
            self.placed = placed_in(pose, before) | placed
        return pose

    def _moved_as_hand(
        self, joint: int, goal_uv: Floats, depth: float | None, pinned: Collection[int]
    ) -> Pose:
        xyz = self._lifted()
        z = float(xyz[joint, 2])
        if depth is not None and joint != ROOT:
            z = float(xyz[ROOT, 2]) + float(depth)
        rounds = _PERSPECTIVE_ROUNDS if finger_of(joint) is not None else _ROUNDS_OF_HAND
        missed, nearest, pose = np.inf, xyz, self._base
        for _ in range(1 if self._camera is None or depth is not None else rounds):
            target = self._point(goal_uv, z)
            moved = drag_joint(xyz, joint, target, pinned, self._side, depth is not None, self._limits, _GIVE)
            uv, new_depth = self._projected(moved)
            left = float(np.abs(uv[joint] - goal_uv).max())
            if left < missed:  # rounds need not come nearer and nearer
                missed, nearest, pose = left, moved, Pose(uv, new_depth, self._base.visibility)
            if left <= _NEAR_PX:
                break
            z = float(moved[joint, 2])
        self.limited = self._at_limits(joint, nearest)
        return pose

    def _with_kept(self, moved: Pose, kept: Collection[int]) -> Pose:
        if not kept:
            return moved
        joints, uv, depth = sorted(kept), moved.uv.copy(), moved.depth.copy()
        uv[joints] = self._base.uv[joints]
        deep = [joint for joint in joints if joint != ROOT]
        depth[deep] = self._base.depth[deep]
        return Pose(uv, depth, moved.visibility)

    def _at_limits(self, joint: int, xyz: Floats) -> frozenset[int]:
        finger = finger_of(joint)
        if finger is None:
            return frozenset()
        angles = joint_angles(xyz if self._side == "right" else mirror_xyz(xyz))
        low, high = self._limits[..., 0] + _AT_LIMIT, self._limits[..., 1] - _AT_LIMIT
        reached = (angles <= low) | (angles >= high)
        rows = range(3 * finger, 3 * finger + 3)
        return frozenset(
            FLEXION_JOINTS[row] for row in rows if reached[row, 0] or (row == 3 * finger and reached[row, 1])
        )

    def _lifted(self) -> Floats:
        """(21, 3) of the pose that the drag began with, in reference bones."""
        if self._base_xyz is None:
            self._base_xyz, self._px_per_bone = self._space.lifted(self._base)
        return self._base_xyz

    def _point(self, uv: Floats, z: float) -> Floats:
        """(3,) in reference bones that is seen at ``uv`` px."""
        if self._camera is None:
            x, y = (uv - self._base.uv[ROOT]) / self._px_per_bone
            return np.array((x, y, z), dtype=np.float32)
        K = self._camera.K
        x = (float(uv[0]) - K[0, 2]) / K[0, 0] * z
        y = (float(uv[1]) - K[1, 2]) / K[1, 1] * z
        return np.array((x, y, z), dtype=np.float32)

    def _projected(self, xyz: Floats) -> tuple[Floats, Floats]:
        root_uv = self._base.uv[ROOT] + xyz[ROOT, :2] * np.float32(self._px_per_bone)
        return self._space.seen(xyz, self._px_per_bone, root_uv)


def _shifted(base: Pose, group: frozenset[int], by: npt.ArrayLike, dd: float) -> Pose:
    """Depths are counted from the root: where it is in the group, the others come nearer instead."""
    chosen = sorted(group)
    uv, depth = base.uv.copy(), base.depth.copy()
    away = np.asarray(by, dtype=np.float32)
    uv[chosen] += away if away.ndim == 1 else away[chosen]
    if ROOT in group:
        depth[sorted(frozenset(range(JOINT_COUNT)) - group)] -= np.float32(dd)
    else:
        depth[chosen] += np.float32(dd)
    return Pose(uv, depth, base.visibility)


def _moved_alone(base: Pose, joint: int, uv: Floats, depth: float | None) -> Pose:
    new_uv, new_depth = base.uv.copy(), base.depth.copy()
    new_uv[joint] = uv
    if depth is not None and joint != ROOT:
        new_depth[joint] = depth
    return Pose(new_uv, new_depth, base.visibility)
