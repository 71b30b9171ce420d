"""The queue lent to hands that were drawn, and given back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handstudio.project.records import HandQuery

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


class DrawnQueue:
    """Which drawn hands the queue holds: ``sample``, ``checks`` or none."""

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._before: HandQuery | None = None
        self._kind: str | None = None

    @property
    def kind(self) -> str | None:
        """What the queue holds; ``None`` once it was given other hands."""
        return self._kind if self._session.query.only is not None else None

    def lend(self, kind: str, hands: Sequence[int]) -> None:
        """Hold these hands in their order and go to the first that is to be decided."""
        query = self._session.query
        if query.only is None:
            self._before = query
        self._kind = kind
        self._session.set_query(HandQuery(measure=query.measure, only=tuple(hands)))
        self._session.queue.position = -1
        self._session.next_undecided()

    def give_back(self) -> None:
        """Hold the hands of before again."""
        held, self._kind = self.kind, None
        if held is not None:
            before = HandQuery() if self._before is None else self._before
            self._session.set_query(before)
