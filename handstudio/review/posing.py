"""The pose that a reviewer edits: begun, moved, held by pins, and stored once it is right."""

from __future__ import annotations

from collections.abc import Collection

import numpy.typing as npt
from psygnal import Signal

from handstudio.hand.peaks import Peaks
from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.project import Project
from handstudio.project.records import Change, Pose
from handstudio.review import decisions
from handstudio.review.edit_in_hand import EditInHand
from handstudio.review.pins import Pins
from handstudio.review.refitting import PATIENCE_S, Refitting
from handstudio.review.storing import Storing


class Posing(Storing):
    """The part of :class:`handstudio.review.session.ReviewSession` that edits the current hand's pose.

    Args:
        project: an open project.
        who: the reviewer's name.

    Attributes:
        pins: joints that no drag moves.
        refitting: lets the rest of a hand follow the joints that were dragged.
    """

    edited = Signal(object)

    def __init__(self, project: Project, who: str) -> None:
        super().__init__(project, who)
        self.pins = Pins()
        self.refitting = Refitting(self._remembered.peaks, self.message.emit)
        self._editing = EditInHand(
            self.bundle,
            lambda command: self._apply(command, timed=True),
            self.edited.emit,
            self.refitting,
            self.pins,
        )

    @property
    def edit(self) -> Pose | None:
        """The pose being edited, not stored yet."""
        return self._editing.pose

    def begin_edit(self) -> Pose | None:
        """Begin to edit the current hand's pose; ``None`` when there is none to edit."""
        current = self._current()
        if current is None:
            return None
        begun = self._editing.pose_of(current.record.id)
        if begun is not None:
            return begun
        if self.project.read_only:
            self.message.emit("The project is open for reading only")
            return None
        if self.large.refuses():
            return None
        pose = decisions.shown_pose(current)
        if pose is None:
            self.message.emit("This hand has no pose yet: propose first, or copy the previous frame's")
            return None
        sequence_id = current.record.sequence_id
        return self._editing.begin(current, pose, self.camera(sequence_id), self.shape(sequence_id))

    def move_joint(
        self,
        joint: int,
        uv: npt.ArrayLike | None = None,
        depth: float | None = None,
        free: bool = False,
    ) -> Pose | None:
        """Move a joint of the pose being edited (live, nothing is stored).

        Args:
            joint: which.
            uv: (2,) px where it should go; ``None`` keeps it.
            depth: in reference bones, relative to the root; ``None`` lets it follow.
            free: move this joint alone instead of its finger as a finger.

        Returns:
            The pose; ``None`` when there is nothing to edit.
        """
        return self._editing.move(joint, uv, depth, free) if self._may_move() else None

    def move_together(self, joints: Collection[int], by: npt.ArrayLike, dd: float = 0.0) -> Pose | None:
        """Move joints of the pose being edited as one rigid group, each as a free joint (live).

        Args:
            joints: which; those of them that are pinned stay.
            by: (2,) px from where they were when the group was taken.
            dd: reference bones, likewise.

        Returns:
            The pose; ``None`` when there is nothing to edit.
        """
        return self._editing.move_together(joints, by, dd) if self._may_move() else None

    def nudge(self, joint: int, du: float, dv: float, dd: float = 0.0, free: bool = False) -> Pose | None:
        """Move a joint by px and reference bones; stored at once unless an edit is in hand."""
        return self._nudge([joint], du, dv, dd, free)

    def nudge_selected(self, du: float, dv: float, dd: float = 0.0, free: bool = False) -> Pose | None:
        """Move the selected joints: one as its finger moves, several together as they are."""
        return self._nudge(sorted(self.joints), du, dv, dd, free)

    def drag_selected(self, du: float, dv: float) -> Pose | None:
        """Move the selected joint by px as a drag does: nothing is stored until ``commit_edit`` lets it go.

        Several joints move together as they are.
        """
        return self._nudge(sorted(self.joints), du, dv, 0.0, free=False, hold=True)

    def transform_hand(self, turn: float, scale: float, about: npt.ArrayLike) -> Pose | None:
        """Turn (rad, clockwise) and scale the hand being edited about a point (2,) px; nothing is stored.

        A pinned joint is the point that stays; two of them hold the hand.
        """
        pins = sorted(self.pins.of(self.hand_id))
        if len(pins) > 1:
            self.message.emit(f"{len(pins)} pinned joints hold the hand: unpin all but one (L)")
            return None
        if not self._may_move():
            return None
        assert self.edit is not None
        return self._editing.transform(turn, scale, self.edit.uv[pins[0]] if pins else about)

    @property
    def limited(self) -> frozenset[int]:
        """Joints of the finger being moved that bend or spread as far as they can."""
        return self._editing.limited

    def toggle_pins(self, joints: Collection[int]) -> None:
        """Pin joints of the current hand, or unpin them; drags and refits leave pinned joints alone."""
        if self.hand_id is None or not joints:
            self.message.emit("Select a joint first: click it, or press Tab")
            return
        pinned = self.pins.toggle(self.hand_id, joints)
        which = f"The {JOINT_NAMES[min(joints)]}" if len(joints) == 1 else f"{len(joints)} joints"
        self.message.emit(f"{which}: {'pinned, no drag moves it' if pinned else 'free again'}")
        self.selection_changed.emit()

    def put_pose(self, pose: Pose) -> Pose | None:
        """Let the pose being edited be this one."""
        return self._editing.put(pose) if self._may_move() else None

    def commit_edit(self) -> Change | None:
        """Store the pose being edited as the label, fixed: one step of undo.

        The rest of the hand follows the joints that were dragged, where ``refitting`` is on.
        """
        return self._editing.commit()

    def may_go_on(self) -> bool:
        """Store the edit in hand, if there is one; whether that could be done."""
        self._editing.commit()
        return self._editing.pose is None

    def peaks(self, hand_id: int) -> Peaks | None:
        """The peaks of the heatmaps behind a hand's proposal, px; ``None`` when there are none (yet).

        Raises:
            MapsBusyError: a job was writing maps for longer than one waits.
        """
        return self._remembered.peaks(hand_id, PATIENCE_S)

    def cancel_edit(self) -> None:
        """Drop the edit; the pose is as it was."""
        self._editing.cancel()

    def may_decide_many(self) -> bool:
        """Whether decisions about many hands may begin: an edit in hand is stored before."""
        return not self.large.refuses() and self._may_leave()

    def _may_leave(self) -> bool:
        """An edit in hand is stored when one goes on: what was moved is never lost.

        Whether one may go on: not before the edit could be stored or was cancelled, unless its hand is gone.
        """
        self._editing.commit()
        edited = self._editing.hand_id
        if edited is None:
            return True
        if self.bundle(edited).record.removed:
            self._editing.drop()
            return True
        return False

    def _may_move(self) -> bool:
        return self._editing.pose is not None or self.begin_edit() is not None

    def _nudge(
        self, joints: list[int], du: float, dv: float, dd: float, free: bool, hold: bool = False
    ) -> Pose | None:
        if not joints:
            return None
        alone = self._editing.pose is None
        if self.begin_edit() is None:
            return None
        pose = self._editing.nudge(joints, du, dv, dd, free)
        if alone and not hold:
            self._editing.commit(follow=False)
        else:
            self._editing.tell()
        return pose
