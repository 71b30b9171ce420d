"""The review session: where the reviewer is, what is selected and edited, and every decision. Knows no Qt.

The window shows it and sends it what the user does; tests and the shell use it in the same way. It lives in
one thread; only :meth:`poll` is there to notice what other processes did.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import numpy.typing as npt
from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.hand.skeleton import JOINT_COUNT, ROOT, Side
from handstudio.project import Project
from handstudio.project.commands import AddHand, AdoptModel, Command, RemoveHand, SetBox, SetHoldOut, SetNote
from handstudio.project.records import (
    Change,
    HandBundle,
    HandQuery,
    HandRecord,
    Ids,
    Pose,
    SequenceRecord,
    State,
)
from handstudio.review import decisions
from handstudio.review.editing import Edit
from handstudio.review.expected_error import ExpectedError, fit_project
from handstudio.review.hand_view import HandView, view_of
from handstudio.review.pace import Pace
from handstudio.review.queue import Queue

_BUNDLES_KEPT: Final = 64
_MASK_AWAITED_S: Final = 1.0
"""A view without a mask is made anew after this: a job stores masks a little after the poses."""
_DECISIONS_PER_FIT: Final = 20
"""After so many decisions poll() fits the expected error anew."""
_QUEUE_SHARE: Final = 20.0
"""A queue that took s seconds to make is made anew by poll() at most every 20 s."""


class ReviewSession:
    """One reviewer at work on one project.

    A decision that cannot be made or stored changes nothing, is told through ``message`` and returns
    ``None``.

    Signals (psygnal): ``frame_changed(frame_id)``, ``hand_changed(hand_id)`` (another hand is current, or
    the current one is other than before), ``selection_changed()``, ``edited(hand_id)`` (the pose being
    edited moved), ``changed(Change)``, ``queue_changed()``, ``message(str)``.

    Args:
        project: an open project.
        who: the reviewer's name, kept with every decision.
    """

    frame_changed = Signal(object)
    hand_changed = Signal(object)
    selection_changed = Signal()
    edited = Signal(object)
    changed = Signal(object)
    queue_changed = Signal()
    message = Signal(str)

    def __init__(self, project: Project, who: str) -> None:
        self.project = project
        self.who = who
        self.sequence_id: int | None = None
        self.frame_id: int | None = None
        self.frame_index: int | None = None
        self.hand_id: int | None = None
        self.joints: set[int] = set()
        self.queue = Queue(project)
        self.expected = ExpectedError()
        self.pace = Pace()
        self._edit: Edit | None = None
        self._edited_hand: int | None = None
        self._bundles: OrderedDict[int, HandBundle] = OrderedDict()
        self._masks: OrderedDict[int, npt.NDArray[Any] | None] = OrderedDict()
        self._views: OrderedDict[int, tuple[tuple[object, ...], HandView, float]] = OrderedDict()
        self._sequences: dict[int, SequenceRecord] = {}
        self._cameras: dict[int, Camera | None] = {}
        self._decided_since_fit = 0
        self._counts: dict[int, dict[State, int]] = {}
        self._to_count: set[int] = set()
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

    def sequence(self, sequence_id: int) -> SequenceRecord:
        """A sequence's record, remembered until it changes."""
        if sequence_id not in self._sequences:
            self._sequences[sequence_id] = self.project.sequence(sequence_id)
        return self._sequences[sequence_id]

    def camera(self, sequence_id: int) -> Camera | None:
        """The camera of a sequence; ``None`` when it is not known (or is no camera)."""
        if sequence_id not in self._cameras:
            stored = self.sequence(sequence_id).camera
            try:
                self._cameras[sequence_id] = Camera.from_dict(stored) if stored else None
            except (KeyError, TypeError, ValueError) as error:
                self._cameras[sequence_id] = None
                self.message.emit(f"The camera of sequence {sequence_id} cannot be used: {error}")
        return self._cameras[sequence_id]

    def go_to_frame(self, sequence_id: int, index: int) -> None:
        """Show a frame; the hand of the same track stays current, else the frame's first.

        Raises:
            HandStudioError: when there is no such frame.
        """
        frame = self.project.frame_at(sequence_id, index)
        track = self._track()
        hands = self.project.hands_of_frame(frame.id)
        same = next((hand for hand in hands if hand.track == track), hands[0] if hands else None)
        self._show(frame.sequence_id, frame.id, frame.index, None if same is None else same.id)

    def step(self, n: int) -> None:
        """Go ``n`` frames on (back when negative), as far as the sequence reaches."""
        if self.sequence_id is None or self.frame_index is None:
            return
        last = self.sequence(self.sequence_id).frame_count - 1
        index = min(max(self.frame_index + n, 0), last)
        if index != self.frame_index:
            self.go_to_frame(self.sequence_id, index)

    def go_to_hand(self, hand_id: int) -> None:
        """Show a hand and its frame.

        Raises:
            HandStudioError: when there is no such hand.
        """
        hand = self.bundle(hand_id).record
        self._show(hand.sequence_id, hand.frame_id, hand.frame_index, hand.id)

    def next_in_queue(self) -> bool:
        """Go to the next hand of the queue; whether there was one."""
        return self._go_in_queue(self.queue.neighbour(1))

    def previous_in_queue(self) -> bool:
        """Go to the previous hand of the queue; whether there was one."""
        return self._go_in_queue(self.queue.neighbour(-1))

    def next_undecided(self) -> bool:
        """Go to the next hand of the queue that nobody decided, from its front again at the end."""
        found = self.queue.next_undecided()
        if found is None:
            self.message.emit("Every hand of the queue is decided")
        return self._go_in_queue(found)

    def set_query(self, query: HandQuery) -> None:
        """Make the queue from another query; the current hand stays where it is."""
        self.queue.query = query
        self.refresh_queue()

    def refresh_queue(self) -> None:
        """Make the queue anew from its query."""
        self.queue.refresh(self.hand_id)
        self.queue_changed.emit()

    @property
    def query(self) -> HandQuery:
        """What the queue is made from."""
        return self.queue.query

    def hands(self) -> list[HandRecord]:
        """The hands of the current frame, by track."""
        return [] if self.frame_id is None else self.project.hands_of_frame(self.frame_id)

    def select_joints(self, joints: Iterable[int]) -> None:
        """Let these joints be the selected ones."""
        chosen = {joint for joint in joints if 0 <= joint < JOINT_COUNT}
        if chosen != self.joints:
            self.joints = chosen
            self.selection_changed.emit()

    select = select_joints

    # What is shown

    def bundle(self, hand_id: int) -> HandBundle:
        """What is stored of a hand, remembered until it changes."""
        found = self._bundles.get(hand_id)
        if found is None:
            found = self.project.bundle(hand_id)
            _remember(self._bundles, hand_id, found)
        else:
            self._bundles.move_to_end(hand_id)
        return found

    def hand_view(self, hand_id: int) -> HandView:
        """Everything that painters and the inspector need of a hand."""
        bundle = self.bundle(hand_id)
        edit = self._edit.pose if self._edit is not None and hand_id == self._edited_hand else None
        camera = self.camera(bundle.record.sequence_id)
        made_from = (bundle, edit, camera, self.expected)
        kept = self._views.get(hand_id)
        if kept is not None and all(old is new for old, new in zip(kept[0], made_from, strict=True)):
            view, made_at = kept[1:]
            if not view.lacks_mask or time.monotonic() - made_at < _MASK_AWAITED_S:
                return view
        view = view_of(
            bundle, edit=edit, camera=camera, expected=self.expected, mask=lambda: self.mask(hand_id)
        )
        _remember(self._views, hand_id, (made_from, view, time.monotonic()))
        return view

    def mask(self, hand_id: int) -> npt.NDArray[Any] | None:
        """A hand's mask over the square of its box; ``None`` when there is none (yet)."""
        if hand_id not in self._masks:
            try:
                mask = self.project.dense("mask", hand_id, wait=False)
            except HandStudioError as error:
                self.message.emit(str(error))
                mask = None
            if mask is None:
                return None
            _remember(self._masks, hand_id, mask)
        return self._masks[hand_id]

    # Decisions

    def accept(self) -> Change | None:
        """Let the current hand's proposal stand (or the pose being edited, as fixed)."""
        if self._edit is not None and self._edit.changed:
            return self.commit_edit()
        return self._decide(decisions.accept)

    def take_correction(self, joints: Collection[int] | None = None) -> Change | None:
        """Let the correction stand, or only some joints of it."""
        return self._decide(lambda hand: decisions.take_correction(hand, joints))

    def reject(self) -> Change | None:
        """The current hand is of no use."""
        return self._decide(decisions.reject)

    def skip(self) -> Change | None:
        """Leave the current hand for later."""
        return self._decide(decisions.skip)

    def reset(self) -> Change | None:
        """Make the current hand undecided again."""
        return self._decide(decisions.reset)

    def flip_side(self) -> Change | None:
        """Make the current hand one of the other side."""
        return self._decide(decisions.flip_side, timed=False)

    def set_visibility(self, joint: int | Collection[int], visibility: int) -> Change | None:
        """Say of a joint (or several) whether it is seen (0), hidden (1) or outside (2)."""
        joints = [joint] if isinstance(joint, int) else list(joint)
        return self._decide(lambda hand: decisions.set_visibility(hand, joints, visibility), timed=False)

    def set_note(self, note: str) -> Change | None:
        """Write a note on the current hand."""
        return self._decide(lambda hand: SetNote(hand.record.id, note), timed=False)

    def set_box(self, box: Box) -> Change | None:
        """Put the current hand's box elsewhere."""
        return self._decide(lambda hand: SetBox(hand.record.id, box, "drawn"), timed=False)

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
        return self._decide(lambda hand: RemoveHand(hand.record.id), timed=False)

    def copy_from_previous(self) -> Change | None:
        """Take over the pose of the same hand in the nearest frame before this."""
        current = self._current()
        if current is None:
            return None
        record = current.record
        before = self._hand_before(record)
        pose = None if before is None else decisions.shown_pose(before)
        if pose is None:
            self.message.emit("The frame before has no pose of this hand to copy")
            return None
        copied = pose
        return self._decide(lambda hand: decisions.fix(hand, copied, "copied"))

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
        """Undo the last command (or the edit in hand) and show what it concerned."""
        if self._edit is not None and self._edit.changed:
            self.cancel_edit()
            return None
        return self._again("undo")

    def redo(self) -> Change | None:
        """Redo what was undone last and show what it concerned."""
        return self._again("redo")

    # Editing

    @property
    def edit(self) -> Pose | None:
        """The pose being edited, not stored yet."""
        return None if self._edit is None else self._edit.pose

    def begin_edit(self) -> Pose | None:
        """Begin to edit the current hand's pose; ``None`` when there is none to edit."""
        current = self._current()
        if current is None:
            return None
        if self._edit is not None and self._edited_hand == current.record.id:
            return self._edit.pose
        if self.project.read_only:
            self.message.emit("The project is open for reading only")
            return None
        pose = decisions.shown_pose(current)
        if pose is None:
            self.message.emit("This hand has no pose yet: propose first, or copy the previous frame's")
            return None
        record = current.record
        self._edit = Edit(pose, record.side, self.camera(record.sequence_id))
        self._edited_hand = record.id
        return pose

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
        if self._edit is None and self.begin_edit() is None:
            return None
        assert self._edit is not None
        pose = self._edit.move(joint, uv, depth, free)
        self.edited.emit(self._edited_hand)
        return pose

    def nudge(self, joint: int, du: float, dv: float, dd: float = 0.0, free: bool = False) -> Pose | None:
        """Move a joint by px and reference bones; stored at once unless an edit is in hand."""
        return self._nudge([joint], du, dv, dd, free)

    def nudge_selected(self, du: float, dv: float, dd: float = 0.0, free: bool = False) -> Pose | None:
        """Move the selected joints: one as its finger moves, several together as they are."""
        return self._nudge(sorted(self.joints), du, dv, dd, free)

    def put_pose(self, pose: Pose) -> Pose | None:
        """Let the pose being edited be this one."""
        if self._edit is None and self.begin_edit() is None:
            return None
        assert self._edit is not None
        self._edit.put(pose)
        self.edited.emit(self._edited_hand)
        return pose

    def commit_edit(self) -> Change | None:
        """Store the pose being edited as the label, fixed: one step of undo."""
        edit, hand_id = self._edit, self._edited_hand
        if edit is None or hand_id is None:
            return None
        self._edit, self._edited_hand = None, None
        if not edit.changed:
            return None
        pose = edit.pose
        change = self._apply(decisions.fix(self.bundle(hand_id), pose), timed=True)
        if change is None:
            self._edit, self._edited_hand = edit, hand_id
        return change

    def cancel_edit(self) -> None:
        """Drop the edit; the pose is as it was."""
        hand_id = self._edited_hand
        if self._edit is not None:
            self._edit, self._edited_hand = None, None
            self.edited.emit(hand_id)

    # What others did, and figures

    def poll(self) -> Change | None:
        """Notice what jobs and other processes wrote; ``None`` (in microseconds) when nothing."""
        try:
            change = self.project.poll()
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        if change is None:
            self._refresh_queue_when_due()
            self._recalibrate_when_due()
            return None
        self._queue_is_old = True
        self._announce(change)
        self._refresh_queue_when_due()
        return change

    def noticed(self, change: Change) -> None:
        """Take in what this process stored by itself, such as a single hand's proposal."""
        self._announce(change)

    def progress(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands of a sequence (or all) are in each state; only what changed is counted again."""
        if not self._counts:
            self._counts = self.project.state_counts_by_sequence()
        for old in self._to_count:
            self._counts[old] = self.project.state_counts(old)
        self._to_count.clear()
        if sequence_id is not None:
            return dict(self._counts.get(sequence_id) or self.project.state_counts(sequence_id))
        return {state: sum(counts[state] for counts in self._counts.values()) for state in State}

    def expected_errors(self, sequence_id: int) -> tuple[Ids, npt.NDArray[Any]]:
        """For a timeline: hand ids (N,) and their expected errors (N,) px, in the order of the frames."""
        table = self.project.confidences(sequence_id)
        return table.hand_id, self.expected.of_hands(table.c_stability + table.c_plausibility, table.box_side)

    def recalibrate(self) -> ExpectedError:
        """Fit the expected error to what has been reviewed so far."""
        self.expected = fit_project(self.project)
        self._decided_since_fit = 0
        return self.expected

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return (self._edit is not None and self._edit.changed) or self.project.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return self.project.history.can_redo

    @property
    def decisions_per_minute(self) -> float | None:
        """The reviewer's pace over the latest decisions."""
        return self.pace.decisions_per_minute

    # Inside

    def _show(self, sequence_id: int, frame_id: int, index: int, hand_id: int | None) -> None:
        if hand_id != self.hand_id:
            self._leave_edit()
        frame_is_other = frame_id != self.frame_id
        hand_is_other = hand_id != self.hand_id
        self.sequence_id, self.frame_id, self.frame_index = sequence_id, frame_id, index
        self.hand_id = hand_id
        self.queue.find(hand_id)
        if frame_is_other:
            self.frame_changed.emit(frame_id)
        if hand_is_other:
            self.pace.shown()
            self.select_joints(())
            self.hand_changed.emit(hand_id)

    def _leave_edit(self) -> None:
        """An edit in hand is stored when one goes on: what was moved is never lost."""
        if self._edit is not None:
            self.commit_edit()
            self._edit, self._edited_hand = None, None

    def _track(self) -> int | None:
        return None if self.hand_id is None else self.bundle(self.hand_id).record.track

    def _go_in_queue(self, hand_id: int | None) -> bool:
        if hand_id is None:
            return False
        self.go_to_hand(hand_id)
        return True

    def _current(self) -> HandBundle | None:
        if self.hand_id is None:
            self.message.emit("No hand is selected")
            return None
        return self.bundle(self.hand_id)

    def _hand_before(self, record: HandRecord) -> HandBundle | None:
        if record.frame_index == 0:
            return None
        frame = self.project.frame_at(record.sequence_id, record.frame_index - 1)
        hands = self.project.hands_of_frame(frame.id)
        same = [hand for hand in hands if hand.track == record.track]
        same = same or [hand for hand in hands if hand.side == record.side]
        return self.bundle(same[0].id) if same else None

    def _decide(self, make: Callable[[HandBundle], Command], *, timed: bool = True) -> Change | None:
        current = self._current()
        if current is None:
            return None
        try:
            command = make(current)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        if self._edited_hand == current.record.id:
            self.cancel_edit()
        return self._apply(command, timed=timed)

    def _apply(self, command: Command, *, timed: bool = False) -> Change | None:
        try:
            seconds = self.pace.decided() if timed else None
            change = self.project.history.apply(command, self.who, seconds)
            self._decided_since_fit += 1 if timed else 0
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        self._announce(change)
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
        if change.everything:
            self._bundles.clear()
            self._masks.clear()
            self._sequences.clear()
            self._cameras.clear()
            self._counts.clear()
        for hand_id in change.hands:
            self._bundles.pop(hand_id, None)
            self._masks.pop(hand_id, None)
        for sequence_id in change.sequences:
            self._sequences.pop(sequence_id, None)
        self._to_count |= change.sequences
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
            if self.hand_id is not None:
                self.hand_changed.emit(self.hand_id)

    def _refresh_queue_when_due(self) -> None:
        if not self._queue_is_old:
            return
        if time.monotonic() - self.queue.made_at >= max(0.5, _QUEUE_SHARE * self.queue.seconds):
            self._queue_is_old = False
            if self.queue.refresh(self.hand_id):
                self.queue_changed.emit()

    def _nudge(self, joints: list[int], du: float, dv: float, dd: float, free: bool) -> Pose | None:
        if not joints:
            return None
        alone = self._edit is None
        if self.begin_edit() is None or self._edit is None:
            return None
        before = self._edit.pose
        if len(joints) > 1:
            pose = self._edit.shift(joints, du, dv, dd)
        else:
            joint = joints[0]
            depth = None if dd == 0.0 or joint == ROOT else float(before.depth[joint]) + dd
            uv = before.uv[joint] + (du, dv)
            pose = self._edit.move(joint, uv, depth, free)
        if alone:
            self.commit_edit()
        else:
            self.edited.emit(self._edited_hand)
        return pose


def _remember(kept: OrderedDict[int, Any], key: int, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _BUNDLES_KEPT:
        kept.popitem(last=False)
