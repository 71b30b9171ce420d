"""Where a reviewer is: the frame, the hand, the joints that are selected, and the way through the queue."""

from __future__ import annotations

from collections.abc import Iterable

from psygnal import Signal

from handstudio.hand.camera import Camera
from handstudio.hand.shape import HandShape
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import Project
from handstudio.project.records import HandBundle, HandQuery, HandRecord, SequenceRecord
from handstudio.review.pace import Pace
from handstudio.review.queue import Queue
from handstudio.review.remembered import Remembered


class Navigation:
    """The part of :class:`handstudio.review.session.ReviewSession` that goes from hand to hand.

    Args:
        project: an open project.
    """

    frame_changed = Signal(object)
    hand_changed = Signal(object)
    selection_changed = Signal()
    queue_changed = Signal()
    message = Signal(str)

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sequence_id: int | None = None
        self.frame_id: int | None = None
        self.frame_index: int | None = None
        self.hand_id: int | None = None
        self.joints: set[int] = set()
        self.queue = Queue(project)
        self.pace = Pace()
        self._remembered = Remembered(project, self.message.emit)

    def sequence(self, sequence_id: int) -> SequenceRecord:
        """A sequence's record, remembered until it changes."""
        return self._remembered.sequence(sequence_id)

    def camera(self, sequence_id: int) -> Camera | None:
        """The camera of a sequence; ``None`` when it is not known (or is no camera)."""
        return self._remembered.camera(sequence_id)

    def shape(self, sequence_id: int) -> HandShape:
        """What is known of the hands of a sequence."""
        return self._remembered.shape(sequence_id)

    def bundle(self, hand_id: int) -> HandBundle:
        """What is stored of a hand, remembered until it changes."""
        return self._remembered.bundle(hand_id)

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
        return self._go_in_queue(self._neighbour(1))

    def previous_in_queue(self) -> bool:
        """Go to the previous hand of the queue; whether there was one."""
        return self._go_in_queue(self._neighbour(-1))

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

    def _show(self, sequence_id: int, frame_id: int, index: int, hand_id: int | None) -> None:
        if hand_id != self.hand_id and not self._may_leave():
            self.frame_changed.emit(self.frame_id)
            self.hand_changed.emit(self.hand_id)
            return
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

    def _may_leave(self) -> bool:
        """Whether one may go on from the current hand."""
        return True

    def _track(self) -> int | None:
        return None if self.hand_id is None else self.bundle(self.hand_id).record.track

    def _neighbour(self, step: int) -> int | None:
        """The hand some places on in the queue, which is read on where that is needed."""
        if self.queue.reach(step):
            self.queue_changed.emit()
        return self.queue.neighbour(step)

    def _go_in_queue(self, hand_id: int | None) -> bool:
        if hand_id is None:
            return False
        self.go_to_hand(hand_id)
        return True
