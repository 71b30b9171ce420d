"""The one pose that a reviewer is editing: from the first move until it is stored or dropped."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from handstudio.hand.camera import Camera
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import FINGER_BASES, ROOT, WRIST
from handstudio.project.commands import Command
from handstudio.project.records import Change, HandBundle, Pose
from handstudio.review import decisions
from handstudio.review.editing import Edit
from handstudio.review.pins import Pins
from handstudio.review.refitting import Refitting


class EditInHand:
    """Holds at most one :class:`Edit`, of one hand, and stores it as one step of undo.

    The session keeps it and says which hand is current; it knows neither where the reviewer is nor who
    listens.

    Args:
        bundle: gives what is stored of a hand.
        store: carries a decision out; ``None`` when it could not be stored.
        moved: told the hand's id whenever its pose being edited is another.
        refitting: lets the rest of the hand follow once the pose is stored.
        pins: joints that stay.
    """

    def __init__(
        self,
        bundle: Callable[[int], HandBundle],
        store: Callable[[Command], Change | None],
        moved: Callable[[int], None],
        refitting: Refitting,
        pins: Pins,
    ) -> None:
        self._bundle = bundle
        self._store = store
        self._moved = moved
        self._refitting = refitting
        self._pins = pins
        self._shape, self._held_joints = ANYBODY, frozenset[int]()
        self._edit: Edit | None = None
        self._hand_id: int | None = None
        self._prepared = True

    @property
    def hand_id(self) -> int | None:
        """Whose pose is being edited."""
        return self._hand_id

    @property
    def pose(self) -> Pose | None:
        """The pose being edited, not stored yet."""
        return None if self._edit is None else self._edit.pose

    @property
    def changed(self) -> bool:
        """Whether there is an edit, and its pose is other than before."""
        return self._edit is not None and self._edit.changed

    def pose_of(self, hand_id: int) -> Pose | None:
        """The pose being edited if it is this hand's."""
        return self.pose if hand_id == self._hand_id else None

    def begin(self, hand: HandBundle, start: Pose, camera: Camera | None, shape: HandShape = ANYBODY) -> Pose:
        """Begin to edit a hand from a pose."""
        self._edit, self._hand_id = Edit(start, hand.record.side, camera, shape), hand.record.id
        self._shape, self._held_joints = shape, self._refitting.held(hand, start)
        self._prepared = self._refitting.prepare(hand)
        return start

    def move(
        self, joint: int, uv: npt.ArrayLike | None = None, depth: float | None = None, free: bool = False
    ) -> Pose:
        """Move a joint; see :meth:`Edit.move`."""
        edit, hand_id = self._held()
        pins = self._pins.of(hand_id)
        if joint in pins:
            return edit.pose
        if not self._prepared:
            self._prepared = self._refitting.prepare(self._bundle(hand_id))
        pose = edit.move(joint, uv, depth, free, self._staying(joint), pins)
        self._moved(hand_id)
        return pose

    def move_together(self, joints: Collection[int], by: npt.ArrayLike, dd: float) -> Pose:
        """Move joints as one group, without those that are pinned; see :meth:`Edit.move_together`."""
        edit, hand_id = self._held()
        free = frozenset(joints) - self._pins.of(hand_id)
        pose = edit.move_together(free, by, dd) if free else edit.pose
        self._moved(hand_id)
        return pose

    def put(self, pose: Pose) -> Pose:
        """Let the pose be this one."""
        edit, hand_id = self._held()
        edit.put(pose)
        self._moved(hand_id)
        return pose

    def transform(self, turn: float, scale: float, about: npt.ArrayLike) -> Pose:
        """Turn and scale the hand; see :meth:`Edit.transform`."""
        edit, hand_id = self._held()
        pose = edit.transform(turn, scale, about)
        self._moved(hand_id)
        return pose

    @property
    def limited(self) -> frozenset[int]:
        """Joints of the finger being moved that bend or spread as far as they can."""
        return frozenset() if self._edit is None else self._edit.limited

    def nudge(self, joints: list[int], du: float, dv: float, dd: float, free: bool) -> Pose:
        """Move joints by px and reference bones: one as its finger moves, several as they are.

        Tells nobody: whether it is stored at once or goes on is the session's to say.
        """
        edit, hand_id = self._held()
        pins = self._pins.of(hand_id)
        joints = [joint for joint in joints if joint not in pins]
        if len(joints) != 1:
            return edit.shift(joints, du, dv, dd) if joints else edit.pose
        joint = joints[0]
        if dd == 0.0:
            goal = edit.goal(joint) + np.array((du, dv), np.float32)
            return edit.move(joint, goal, None, free, self._staying(joint), pins, exact=True)
        depth = None if joint == ROOT else float(edit.pose.depth[joint]) + dd
        return edit.move(joint, edit.pose.uv[joint] + (du, dv), depth, free, (), pins)

    def _staying(self, joint: int) -> frozenset[int]:
        """Joints that were placed and that a drag of another one of their finger brings back."""
        moves_hand = joint == WRIST or joint in FINGER_BASES
        return frozenset() if moves_hand else self._held_joints - {joint}

    def tell(self) -> None:
        """Say that the pose is another."""
        self._moved(self._held()[1])

    def commit(self, follow: bool = True) -> Change | None:
        """Store the pose as the label, fixed; an edit that cannot be stored stays in hand.

        Args:
            follow: whether the rest of the hand may follow the joints that were moved.
        """
        if self._edit is None or self._hand_id is None:
            return None
        edit, hand_id = self._edit, self._hand_id
        if not edit.changed:
            self.drop()
            return None
        hand = self._bundle(hand_id)
        decision = decisions.fix(
            hand, self._refitting.settled(hand, edit, self._shape, follow, self._pins.of(hand_id))
        )
        self.drop()
        change = self._store(decision)
        if change is None:
            self._edit, self._hand_id = edit, hand_id
        return change

    def cancel(self) -> None:
        """Drop the edit and say so: the pose is as it was."""
        hand_id = self._hand_id
        if self._edit is not None and hand_id is not None:
            self.drop()
            self._moved(hand_id)

    def drop(self) -> None:
        """Forget the edit without a word."""
        self._edit, self._hand_id = None, None

    def _held(self) -> tuple[Edit, int]:
        if self._edit is None or self._hand_id is None:
            raise ValueError("no pose is being edited")
        return self._edit, self._hand_id
