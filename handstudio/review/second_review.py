"""A second person looks at decided hands: verifies them, or sends them back with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.conditions import Condition
from handstudio.project.records import VERIFIABLE, Change, HandBundle, HandQuery
from handstudio.project.second_commands import PutVerification, SendBack, SetSetting, Verify
from handstudio.project.second_look import OWN, is_own, refusal

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession

_OPEN: Final = (
    Condition("state", tuple(str(state) for state in VERIFIABLE)),
    Condition("verified", ("no",)),
)


def waiting_for(project: Project, who: str) -> tuple[Condition, ...]:
    """What a person can verify: decided hands that nobody verified yet, but for this person's own."""
    return _OPEN if project.setting(OWN) else (*_OPEN, Condition("by", (who,), negated=True))


def refused(project: Project, hand: HandBundle, who: str) -> HandStudioError | None:
    """Why a person cannot verify a hand; ``None`` where this is possible."""
    seen, record = hand.verification, hand.record
    by = None if seen is None else seen.who
    return refusal(record.id, record.state, record.decided_by, by, who, bool(project.setting(OWN)))


class SecondReview:
    """What a session's reviewer does about decisions of others; each is one step of undo.

    What cannot be done is told through the session's ``message``.
    """

    def __init__(self, session: ReviewSession) -> None:
        self._session = session

    @property
    def allows_own(self) -> bool:
        """Whether people may verify what they decided themselves, in this project."""
        return bool(self._session.project.setting(OWN))

    def allow_own(self, on: bool) -> Change | None:
        """Let people verify what they decided themselves (teams of one), or no longer."""
        return self._session.apply(SetSetting(OWN, True if on else None))

    def verify(self) -> Change | None:
        """Verify the current hand's decision; what this reviewer verified is verified no more."""

        def make(hand: HandBundle) -> Command:
            seen = hand.verification
            if seen is not None and seen.who.casefold() == self._session.who.casefold():
                return PutVerification(hand.record.id)
            return Verify(hand.record.id)

        return self._session.decide(make)

    def send_back(self, reason: str, hand_id: int | None = None) -> Change | None:
        """Give a hand (the current one by default) back to be decided anew, with the reason."""
        if hand_id is None or hand_id == self._session.hand_id:
            return self._session.decide(lambda hand: SendBack(hand.record.id, reason))
        return self._session.apply(SendBack(hand_id, reason))

    def why_not(self) -> str | None:
        """Why the current hand cannot be sent back; ``None`` where it can."""
        session = self._session
        if session.hand_id is None:
            return "No hand is selected"
        if not session.bundle(session.hand_id).record.state.decided:
            return "This hand is not decided, so it cannot be sent back"
        return None

    def is_own(self, hand: HandBundle) -> bool:
        """Whether this reviewer decided a hand."""
        return is_own(hand.record.decided_by, hand.record.state, self._session.who)

    def queue(self) -> HandQuery:
        """The query of all hands that this reviewer can verify, in the order that the queue has now."""
        before, where = self._session.query, waiting_for(self._session.project, self._session.who)
        return HandQuery(order=before.order, seed=before.seed, measure=before.measure, where=where)

    def next(self) -> bool:
        """Go to the next hand of the queue that this reviewer can verify; whether there is one."""
        session = self._session
        where = (*session.query.where, *waiting_for(session.project, session.who))
        try:
            ordered = session.project.in_order(replace(session.query, only=None, where=where))
            found = ordered.first(0) if session.hand_id is None else ordered.after(session.hand_id, 1)
            if not len(found):
                found = ordered.first(1)
        except HandStudioError as error:
            session.message.emit(str(error))
            return False
        if not len(found) or int(found[0]) == session.hand_id:
            session.message.emit("No other hand of the queue waits to be verified by you")
            return False
        session.go_to_hand(int(found[0]))
        return True
