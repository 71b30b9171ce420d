"""A blind pass: a second annotator decides hands of the first without seeing what the first one said.

What is said is kept beside the label that stands (:class:`handstudio.project.annotate_commands.Annotate`), so
that the two can be compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project.annotate_commands import BLIND, Annotate
from handstudio.project.commands import (
    AddHand,
    Bulk,
    ClearLabel,
    Command,
    RemoveHand,
    SetBox,
    SetLabel,
    SetNote,
    SetSide,
    SetState,
)
from handstudio.project.conditions import Condition
from handstudio.project.records import (
    VERIFIABLE,
    Change,
    Confidences,
    HandBundle,
    HandQuery,
    HandRecord,
    State,
)
from handstudio.project.second_commands import PutVerification, SendBack, Verify

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession

HANDS: Final = 50
"""That are drawn for a pass, by default."""
_CLOSED: Final = (SetSide, SetBox, AddHand, RemoveHand, SetNote, Verify, PutVerification, SendBack, Bulk)
"""What would change, or tell, what the first annotator said."""


class Blind:
    """Hides what others decided while it is on, and turns decisions into annotations of one's own.

    Attributes:
        on: whether a pass is going on.
        hands: ids of those that were drawn for it, in their order.
    """

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._before: HandQuery | None = None
        self.on = False
        self.hands: tuple[int, ...] = ()

    def begin(self, number: int = HANDS, seed: int = 0) -> bool:
        """Draw hands by lot from the queue's filter that others decided and this person has not annotated;
        whether there are any."""
        session = self._session
        if self.on or not session.may_decide_many():
            return self.on
        if session.project.read_only:
            session.message.emit("The project is open for reading only")
            return False
        drawn = self._drawn(number, seed)
        if not drawn:
            session.message.emit(
                f"No hand of the queue waits to be annotated by {session.who}: "
                "others have to decide some first"
            )
            return False
        session.comparing.clear()
        self._before, self.hands = session.query, drawn
        self.on = True
        self._told_anew()
        session.set_query(replace(session.query, only=drawn))
        session.go_to_hand(drawn[0])
        session.message.emit(
            f"{len(drawn)} hands to annotate blind: what others said of them is hidden until the pass ends"
        )
        return True

    def end(self) -> None:
        """End the pass: what others decided is to be seen again, and the queue is that of before."""
        session = self._session
        if not self.on or not session.may_go_on():
            return
        self.on = False
        self._told_anew()
        if self._before is not None:
            session.set_query(self._before)
        self._before, self.hands = None, ()

    def next(self) -> bool:
        """Go to the next hand of the pass that this person has not annotated, whatever the queue shows
        meanwhile; whether there is one."""
        session, ids = self._session, self.hands
        start = ids.index(session.hand_id) + 1 if session.hand_id in ids else 0
        mine = set(session.project.second_label_ids(session.who).tolist())
        there = {record.id for record in session.project.hands(ids) if not record.removed}
        left = [one for one in (*ids[start:], *ids[:start]) if one in there and one not in mine]
        if not left:
            session.message.emit("All hands of the pass are annotated: end it, and compare in Agreement")
            return False
        session.go_to_hand(left[0])
        return True

    def refuses(self, what: str) -> bool:
        """Whether a pass is going on, in which something would show what others said; then this is told."""
        if self.on:
            self._session.message.emit(f"{what} would show what others said: end the blind pass first")
        return self.on

    @property
    def may_undo(self) -> bool:
        """Whether what was done last was said blind: what others decided is not to be seen by undoing it."""
        return (self._session.project.history.undo_title or "").endswith(BLIND)

    @property
    def may_redo(self) -> bool:
        """Whether what was undone last was said blind."""
        return (self._session.project.history.redo_title or "").endswith(BLIND)

    def seen_counts(self, counts: dict[State, int]) -> dict[State, int]:
        """Hands by state as they may be told: in a pass not what others decided."""
        return {State.PROPOSED: sum(counts.values())} if self.on else counts

    def seen(self, bundle: HandBundle) -> HandBundle:
        """What a hand is to the annotator: nothing of what others decided."""
        if not self.on or not self._hides(bundle.record):
            return bundle
        own = self._session.project.second_label(bundle.record.id, self._session.who)
        state, label = (None, None) if own is None else own
        by = None if own is None else self._session.who
        record = replace(_veiled(bundle.record, state), has_label=label is not None, decided_by=by)
        return replace(bundle, record=record, label=label, verification=None, sent_back=None)

    def seen_record(self, record: HandRecord) -> HandRecord:
        """A hand's record as it may be listed."""
        if not self.on or not self._hides(record):
            return record
        own = self._session.project.second_label(record.id, self._session.who)
        return _veiled(record, None if own is None else own[0])

    def seen_states(self, found: Confidences) -> Confidences:
        """A sequence's hands with the states of those that are decided hidden."""
        if not self.on:
            return found
        closed = {str(state) for state in State if _closed(state)}
        states = [str(State.PROPOSED) if state in closed else state for state in found.state]
        hidden = np.array(states, dtype=object)
        return replace(found, state=hidden)

    def instead(self, command: Command) -> Command:
        """What is kept in the place of a decision; commands about other things stay.

        Raises:
            HandStudioError: for what cannot be said in a blind pass.
        """
        if not self.on:
            return command
        if isinstance(command, SetLabel | SetState | ClearLabel):
            return self._annotation(command)
        if isinstance(command, _CLOSED):
            raise HandStudioError(
                "In a blind pass you place the pose, accept or reject; all else stays as it is",
                remedy="End the pass first",
            )
        return command

    def _annotation(self, command: SetLabel | SetState | ClearLabel) -> Command:
        session = self._session
        record = session.project.hand(command.hand_id)
        if not self._hides(record):
            raise HandStudioError(
                f"Hand {record.id} was decided by nobody else, so there is nothing to compare with",
                remedy="End the blind pass to decide it",
            )
        if isinstance(command, SetLabel):
            return Annotate(
                *(record.id, State(command.state), command.pose, command.origin, command.proposal_id)
            )
        state = State(command.state) if isinstance(command, SetState) else State.NONE
        if not state.decided:
            return Annotate(record.id, None)
        if not state.labelled:
            return Annotate(record.id, state)
        label = session.bundle(record.id).label
        if label is None:
            raise HandStudioError(f"Hand {record.id} has no pose to accept")
        return Annotate(record.id, state, label.pose, label.origin, label.proposal_id)

    def _hides(self, record: HandRecord) -> bool:
        by = record.decided_by or ""
        return _closed(record.state) and by.casefold() != self._session.who.casefold()

    def _drawn(self, number: int, seed: int) -> tuple[int, ...]:
        session = self._session
        others = (
            Condition("state", tuple(str(state) for state in VERIFIABLE)),
            Condition("by", (session.who,), negated=True),
        )
        where = (*session.query.where, *others)
        query = replace(session.query, only=None, states=None, order="random", seed=seed, where=where)
        mine = session.project.second_label_ids(session.who)
        found = session.project.in_order(query).first(number + len(mine))
        return tuple(int(one) for one in found[~np.isin(found, mine)][:number])

    def _told_anew(self) -> None:
        self._session.noticed(Change(everything=True))


def _closed(state: State) -> bool:
    """Whether somebody decided a hand, be it that it was sent back."""
    return state.decided or state is State.SENT_BACK


def _veiled(record: HandRecord, state: State | None) -> HandRecord:
    open_state = State.NONE if record.proposal_id is None else State.PROPOSED
    return replace(
        record,
        state=open_state if state is None else state,
        has_label=False,
        decided_by=None,
        decided_at=None,
        note="",
        verified=False,
    )
