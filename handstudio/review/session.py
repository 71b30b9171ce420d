"""The review session: where the reviewer is, what is selected and edited, and every decision. Knows no Qt.

The window shows it and sends it what the user does; tests and the shell use it in the same way. It lives in
one thread; only :meth:`poll` is there to notice what other processes did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

import numpy.typing as npt
from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.peaks import Peaks
from handstudio.hand.skeleton import JOINT_NAMES, Side
from handstudio.project import Project
from handstudio.project.commands import AddHand, AdoptModel, Command, RemoveHand, SetBox, SetHoldOut, SetNote
from handstudio.project.records import Change, HandBundle, HandQuery, Measure, Pose, State
from handstudio.review import decisions
from handstudio.review.acceptance import Acceptance
from handstudio.review.edit_in_hand import EditInHand
from handstudio.review.expected_error import ExpectedError, fit_project
from handstudio.review.hand_view import HandView
from handstudio.review.navigation import Navigation
from handstudio.review.pins import Pins
from handstudio.review.placing import Placing
from handstudio.review.problems import next_with, problem_of
from handstudio.review.refitting import Refitting
from handstudio.review.tally import Tally
from handstudio.review.trails import RememberedTrails
from handstudio.review.whole_hand import WholeHand

_DECISIONS_PER_FIT: Final = 20
"""After so many decisions poll() fits the expected error anew."""
_QUEUE_SHARE: Final = 20.0
"""A queue that took s seconds to make is made anew by poll() at most every 20 s."""


class ReviewSession(Navigation):
    """One reviewer at work on one project.

    A decision that cannot be made or stored changes nothing, is told through ``message`` and returns
    ``None``.

    Signals (psygnal): ``frame_changed(frame_id)``, ``hand_changed(hand_id)`` (another hand is current, or
    the current one is other than before), ``selection_changed()`` (or other joints are pinned),
    ``edited(hand_id)`` (the pose being edited moved), ``changed(Change)``, ``expectation_changed()``
    (expected errors are other than before), ``queue_changed()``, ``message(str)``.

    Args:
        project: an open project.
        who: the reviewer's name, kept with every decision.

    Attributes:
        whole: what is done to all joints of the current hand at once.
        placing: the way through the joints of a hand without a proposal.
        pins: joints that no drag moves.
        trails: where the hands were and will be.
    """

    edited = Signal(object)
    changed = Signal(object)
    expectation_changed = Signal()

    def __init__(self, project: Project, who: str) -> None:
        super().__init__(project)
        self.who = who
        self.expected = ExpectedError()
        self.whole = WholeHand(self)
        self.placing = Placing(self)
        self.pins = Pins()
        self._tally = Tally(project)
        self.trails = RememberedTrails(project)
        self.changed.connect(self.trails.forget)
        self.acceptance = Acceptance(project, self.message.emit)
        self.refitting = Refitting(self._remembered.peaks, self.message.emit)
        self._editing = EditInHand(
            self.bundle,
            lambda command: self._apply(command, timed=True),
            self.edited.emit,
            self.refitting,
            self.pins,
        )
        self._decided_since_fit = 0
        self._queue_is_old = False

    # Where one is

    def open(self) -> None:
        """Show the first hand of the queue, or the first frame; call once the views listen."""
        self.recalibrate()
        self.queue.refresh()
        self.queue_changed.emit()
        first = self.queue.neighbour(1)
        if first is not None:
            self.go_to_hand(first)
            return
        for sequence in self.project.sequences():
            if sequence.frame_count:
                self.go_to_frame(sequence.id, 0)
                return

    def next_of_same_problem(self) -> bool:
        """Go to the next undecided hand with the problem that the order looks for, or that this hand has."""
        current = None if self.hand_id is None else self.bundle(self.hand_id).record
        problem = problem_of(self.project, current, self.query.order, self.measure)
        if problem is None:
            self.message.emit("Nothing stands out about this hand: choose an order that looks for a problem")
            return False
        found = next_with(self.project, self.query, problem, self.hand_id)
        if found is None or found == self.hand_id:
            self.message.emit(f"No other hand is undecided with: {problem.words}")
            return False
        self.go_to_hand(found)
        self.message.emit(f"Next with: {problem.words}")
        return True

    # What is shown

    @property
    def measure(self) -> Measure:
        """What says how far a proposal can be trusted: the order of the queue, the expected error."""
        return self.query.measure

    def use_measure(self, measure: Measure) -> None:
        """Let another measure say how far proposals can be trusted."""
        if measure == self.measure:
            return
        self.queue.query = replace(self.query, measure=measure)
        self.recalibrate()
        self.refresh_queue()
        self.expectation_changed.emit()
        if self.hand_id is not None:
            self.hand_changed.emit(self.hand_id)

    def set_query(self, query: HandQuery) -> None:
        """Make the queue from another query, in which an expected error is what is expected now."""
        super().set_query(replace(query, error_scale=self.expected.scale))

    def hand_view(self, hand_id: int) -> HandView:
        """Everything that painters and the inspector need of a hand."""
        return self._remembered.view(hand_id, self._editing.pose_of(hand_id), self.expected)

    # Decisions

    def accept(self) -> Change | None:
        """Let the current hand's proposal stand (or the pose being edited, as fixed)."""
        if self._editing.changed:
            return self.commit_edit()
        return self.decide(decisions.accept)

    def take_correction(self, joints: Collection[int] | None = None) -> Change | None:
        """Let the correction stand, or only some joints of it."""
        return self.decide(lambda hand: decisions.take_correction(hand, joints))

    def reject(self) -> Change | None:
        """The current hand is of no use."""
        return self.decide(decisions.reject)

    def skip(self) -> Change | None:
        """Leave the current hand for later."""
        return self.decide(decisions.skip)

    def reset(self) -> Change | None:
        """Make the current hand undecided again."""
        return self.decide(decisions.reset)

    def flip_side(self) -> Change | None:
        """Make the current hand one of the other side."""
        return self.decide(decisions.flip_side, timed=False)

    def set_visibility(self, joint: int | Collection[int], visibility: int) -> Change | None:
        """Say of a joint (or several) whether it is seen (0), hidden (1) or outside (2)."""
        joints = [joint] if isinstance(joint, int) else list(joint)
        return self.decide(lambda hand: decisions.set_visibility(hand, joints, visibility), timed=False)

    def set_note(self, note: str) -> Change | None:
        """Write a note on the current hand."""
        return self.decide(lambda hand: SetNote(hand.record.id, note), timed=False)

    def set_box(self, box: Box) -> Change | None:
        """Put the current hand's box elsewhere."""
        return self.decide(lambda hand: SetBox(hand.record.id, box, "drawn"), timed=False)

    def add_hand(self, box: Box, side: Side = "right") -> Change | None:
        """Add a hand to the current frame and make it current."""
        if self.frame_id is None:
            self.message.emit("Open a frame before adding a hand")
            return None
        change = self._apply(AddHand(self.frame_id, side, box))
        if change is not None:
            self.go_to_hand(max(change.hands))
        return change

    def remove_hand(self) -> Change | None:
        """Take the current hand out of its frame."""
        return self.decide(lambda hand: RemoveHand(hand.record.id), timed=False)

    def decide(self, make: Callable[[HandBundle], Command], *, timed: bool = True) -> Change | None:
        """Carry out what ``make`` says of the current hand; an edit of it that is in hand is dropped.

        Args:
            make: gives the command from what is stored of the hand; its HandStudioError is told.
            timed: whether it counts as a decision of the reviewer.
        """
        current = self._current()
        if current is None:
            return None
        try:
            command = make(current)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        hand_id = current.record.id
        dropped = self._editing.cancel() if self._editing.hand_id == hand_id else None
        change = self._apply(command, timed=timed)
        if change is None and dropped is not None:
            self._editing.resume(hand_id, dropped)
        return change

    def set_hold_out(self, sequence_id: int, hold_out: bool) -> Change | None:
        """Keep a sequence out of training, or no longer."""
        return self._apply(SetHoldOut(sequence_id, hold_out))

    def adopt_model(self, model_id: str) -> Change | None:
        """Let a model make the proposals from now on."""
        return self._apply(AdoptModel(model_id))

    def apply(self, command: Command) -> Change | None:
        """Carry out any command as this reviewer."""
        return self._apply(command)

    def undo(self) -> Change | None:
        """Undo the last command (the edit in hand, the joint placed last) and show what it concerned."""
        if self.placing.can_go_back:
            self.placing.back()
            return None
        if self._editing.changed:
            self.cancel_edit()
            return None
        return self._again("undo")

    def redo(self) -> Change | None:
        """Redo what was undone last and show what it concerned."""
        return self._again("redo")

    def may_decide_many(self) -> bool:
        """Whether decisions about many hands may begin: an edit in hand is stored before."""
        return self._may_leave()

    def decided_many(self) -> None:
        """Take in decisions about many hands that another thread made for this reviewer."""
        self.acceptance.forget()
        self._announce(Change(everything=True))
        self.refresh_queue()

    # Editing

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
        """The peaks of the heatmaps behind a hand's proposal, px; ``None`` when there are none (yet)."""
        return self._remembered.peaks(hand_id)

    def cancel_edit(self) -> None:
        """Drop the edit; the pose is as it was."""
        self._editing.cancel()

    # What others did, and figures

    def poll(self) -> Change | None:
        """Notice what jobs and other processes wrote; ``None`` (in microseconds) when nothing."""
        try:
            change = self.project.poll()
            if change is not None:
                self.acceptance.forget()
                self._queue_is_old = True
                self._announce(change)
            self._refresh_queue_when_due()
            if change is None:
                self._recalibrate_when_due()
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        return change

    def noticed(self, change: Change) -> None:
        """Take in what this process stored by itself, such as a single hand's proposal."""
        self.acceptance.forget()
        self._announce(change)

    def progress(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands of a sequence (or all) are in each state; only what changed is counted again."""
        return self._tally.counts(sequence_id)

    def recalibrate(self) -> ExpectedError:
        """Fit the expected error to what has been reviewed so far."""
        self.expected = fit_project(self.project, self.measure)
        self.queue.query = replace(self.query, error_scale=self.expected.scale)
        self._decided_since_fit = 0
        return self.expected

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return self._editing.changed or self.placing.can_go_back or self.project.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return self.project.history.can_redo

    @property
    def decisions_per_minute(self) -> float | None:
        """The reviewer's pace over the latest decisions."""
        return self.pace.decisions_per_minute

    # Inside

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

    def _current(self) -> HandBundle | None:
        if self.hand_id is None:
            self.message.emit("No hand is selected")
            return None
        return self.bundle(self.hand_id)

    def _apply(self, command: Command, *, timed: bool = False) -> Change | None:
        try:
            seconds = self.pace.decided() if timed else None
            change = self.project.history.apply(command, self.who, seconds)
            self._decided_since_fit += 1 if timed else 0
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        self._announce(change)
        if timed:
            self.acceptance.decided(change, self._apply)
        return change

    def _again(self, action: str) -> Change | None:
        history = self.project.history
        try:
            change = history.undo(self.who) if action == "undo" else history.redo(self.who)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        if change is None:
            self.message.emit(f"There is nothing to {action}")
            return None
        self.acceptance.forget()
        self.message.emit(f"{'Undid' if action == 'undo' else 'Redid'}: {change.title}")
        self._announce(change)
        self._show_what_changed(change)
        return change

    def _show_what_changed(self, change: Change) -> None:
        if self.hand_id in change.hands or not change.hands:
            return
        hands = self.project.hands(sorted(change.hands)[:1])
        if hands and not hands[0].removed:
            self.go_to_hand(hands[0].id)

    def _announce(self, change: Change) -> None:
        self._remembered.forget(change)
        self._tally.forget(change)
        self.changed.emit(change)
        if self.hand_id is not None and (change.everything or self.hand_id in change.hands):
            current = self.bundle(self.hand_id).record
            if current.removed:
                others = self.hands()
                self._show(
                    current.sequence_id,
                    current.frame_id,
                    current.frame_index,
                    others[0].id if others else None,
                )
            else:
                self.hand_changed.emit(self.hand_id)
        elif self.hand_id is None and self.frame_id in change.frames:
            others = self.hands()
            if others:
                self.go_to_hand(others[0].id)

    def _recalibrate_when_due(self) -> None:
        if self._decided_since_fit >= _DECISIONS_PER_FIT:
            self.recalibrate()
            self.expectation_changed.emit()
            if self.hand_id is not None:
                self.hand_changed.emit(self.hand_id)

    def _refresh_queue_when_due(self) -> None:
        if not self._queue_is_old:
            return
        if time.monotonic() - self.queue.made_at >= max(0.5, _QUEUE_SHARE * self.queue.seconds):
            self._queue_is_old = False
            if self.queue.refresh(self.hand_id):
                self.queue_changed.emit()

    def _may_move(self) -> bool:
        return self._editing.pose is not None or self.begin_edit() is not None

    def _nudge(self, joints: list[int], du: float, dv: float, dd: float, free: bool) -> Pose | None:
        if not joints:
            return None
        alone = self._editing.pose is None
        if self.begin_edit() is None:
            return None
        pose = self._editing.nudge(joints, du, dv, dd, free)
        if alone:
            self._editing.commit(follow=False)
        else:
            self._editing.tell()
        return pose
