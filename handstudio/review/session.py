"""The review session: where the reviewer is, what is selected and edited, and every decision. Knows no Qt.

The window shows it and sends it what the user does; tests and the shell use it in the same way. It lives in
one thread; only :meth:`ReviewSession.poll` is there to notice what other processes did.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.records import Change, Confidences, HandQuery, HandRecord, Measure, State
from handstudio.review.blind import Blind
from handstudio.review.comparing import Comparing
from handstudio.review.deciding import Deciding
from handstudio.review.expected_error import ExpectedError, fit_project
from handstudio.review.hand_view import HandView
from handstudio.review.marks import Marks
from handstudio.review.placing import Placing
from handstudio.review.problems import next_with, problem_of
from handstudio.review.second_review import SecondReview
from handstudio.review.trails import RememberedTrails
from handstudio.review.whole_hand import WholeHand

_DECISIONS_PER_FIT: Final = 20
"""After so many decisions poll() fits the expected error anew."""
_QUEUE_SHARE: Final = 20.0
"""A queue that took s seconds to make is made anew by poll() at most every 20 s."""


class ReviewSession(Deciding):
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
        marks: words on frames.
        second: what a second reviewer does about decisions of others.
        blind: a pass in which what others decided is hidden.
        comparing: the way through hands about which two annotators, or two models, disagree.
        trails: where the hands were and will be.
    """

    expectation_changed = Signal()

    def __init__(self, project: Project, who: str) -> None:
        super().__init__(project, who)
        self.expected = ExpectedError()
        self.whole = WholeHand(self)
        self.placing = Placing(self)
        self.marks = Marks(self)
        self.second = SecondReview(self)
        self.blind = Blind(self)
        self.comparing = Comparing(self)
        self._remembered.veil = self.blind.seen
        self.trails = RememberedTrails(project, lambda: self.blind.on)
        self.changed.connect(self.trails.forget)
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

    def records(self, hand_ids: Iterable[int]) -> list[HandRecord]:
        """Some hands that are still there as they may be listed: in a blind pass without what others said."""
        return [self.blind.seen_record(record) for record in self.project.hands(hand_ids)]

    def confidences(self, sequence_id: int) -> Confidences:
        """Confidence and state of every hand of a sequence, likewise; any thread may ask."""
        return self.blind.seen_states(self.project.confidences(sequence_id))

    def progress(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands of a sequence (or all) are in each state; in a blind pass as to be annotated."""
        return self.blind.seen_counts(super().progress(sequence_id))

    def verified(self, sequence_id: int | None = None) -> int:
        """How many hands of a sequence (or of all) a second reviewer verified; likewise."""
        return 0 if self.blind.on else super().verified(sequence_id)

    def next_undecided(self) -> bool:
        """Go to the next hand of the queue that nobody decided, in a blind pass that this person did not."""
        return self.blind.next() if self.blind.on else super().next_undecided()

    def may_decide_many(self) -> bool:
        """Whether decisions about many hands may begin: not in a blind pass; an edit in hand is stored."""
        if self.blind.on:
            self.message.emit("In a blind pass hands are decided one by one")
            return False
        return super().may_decide_many()

    def _instead(self, command: Command) -> Command:
        return self.blind.instead(command)

    # Back and again

    def undo(self) -> Change | None:
        """Undo the last command (the edit in hand, the joint placed last) and show what it concerned.

        Of a large step (see :class:`handstudio.review.large_steps.LargeSteps`) that goes on elsewhere, what
        changed is told by ``changed`` once it is done.
        """
        if self.placing.can_go_back:
            self.placing.back()
            return None
        if self._editing.changed:
            self.cancel_edit()
            return None
        if self.blind.on and not self.blind.may_undo:
            self.message.emit("In a blind pass only what was said in it is undone")
            return None
        return self._again("undo")

    def redo(self) -> Change | None:
        """Redo what was undone last, in the same way."""
        if self.blind.on and not self.blind.may_redo:
            self.message.emit("In a blind pass only what was said in it is done again")
            return None
        return self._again("redo")

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

    # What others did

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

    def recalibrate(self) -> ExpectedError:
        """Fit the expected error to what has been reviewed so far."""
        self.expected = fit_project(self.project, self.measure)
        self.queue.query = replace(self.query, error_scale=self.expected.scale)
        self._decided_since_fit = 0
        return self.expected

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
