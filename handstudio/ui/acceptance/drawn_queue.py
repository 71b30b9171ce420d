"""The queue lent to hands that were drawn, and given back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from handstudio.project.records import HandQuery

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession

_WORDS: Final = {"sample": "The sample", "checks": "Spot checks"}


class DrawnQueue:
    """Which drawn hands the queue holds: ``sample``, ``checks`` or none."""

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._before: HandQuery | None = None
        self._lent: tuple[str, tuple[int, ...]] | None = None

    @property
    def kind(self) -> str | None:
        """What the queue holds; ``None`` once it was given other hands, be it by a blind pass."""
        held = self._lent is not None and self._session.query.only == self._lent[1]
        return self._lent[0] if held and self._lent is not None else None

    def lend(self, kind: str, hands: Sequence[int]) -> None:
        """Hold these hands in their order and go to the first that is to be decided.

        In a blind pass the queue stays that of the pass, which is told.
        """
        if self._session.blind.refuses(_WORDS[kind]):
            return
        query = self._session.query
        if self.kind is None:
            self._before = query
        self._lent = kind, tuple(hands)
        self._session.set_query(HandQuery(measure=query.measure, only=tuple(hands)))
        self._session.queue.position = -1
        self._session.next_undecided()

    def give_back(self) -> None:
        """Hold the hands of before again."""
        held = self.kind
        self._lent = None
        if held is not None:
            before = HandQuery() if self._before is None else self._before
            self._session.set_query(before)
