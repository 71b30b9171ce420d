"""The queue: the ids of the hands to review, in an order, and where one is."""

from __future__ import annotations

import time

import numpy as np

from handstudio.project import Project
from handstudio.project.records import UNDECIDED, HandQuery, HandRecord, Ids, State

_AT_FIRST = 8
"""Hands that are asked whether they are decided, mostly the next one is not; else all undecided are read."""


class Queue:
    """Hands in an order; their records are read only when they are shown.

    The hands stay as they were when the queue was made, whatever is decided meanwhile, so that one can go
    back; :meth:`refresh` makes it anew.

    Attributes:
        ids: (N,) int64.
        query: what the queue was made from.
        position: index of the current hand in ``ids``; -1 when it is not among them.
        seconds: how long making it took.
    """

    def __init__(self, project: Project, query: HandQuery | None = None) -> None:
        self._project = project
        self.query = HandQuery() if query is None else query
        self.ids: Ids = np.empty(0, dtype=np.int64)
        self.position = -1
        self.seconds = 0.0
        self.made_at = 0.0

    def __len__(self) -> int:
        return len(self.ids)

    def refresh(self, current: int | None = None) -> bool:
        """Make the queue anew, keeping the current hand's place; whether it is other than before."""
        started = time.monotonic()
        ids = self._project.hand_ids(self.query)
        self.made_at = time.monotonic()
        self.seconds = self.made_at - started
        changed = not np.array_equal(ids, self.ids)
        self.ids = ids
        self.find(current)
        return changed

    def find(self, hand_id: int | None) -> int:
        """Set the position to that of a hand."""
        if hand_id is None:
            self.position = -1
        elif not (0 <= self.position < len(self.ids) and self.ids[self.position] == hand_id):
            places = np.flatnonzero(self.ids == hand_id)
            self.position = int(places[0]) if len(places) else -1
        return self.position

    def neighbour(self, step: int) -> int | None:
        """The hand ``step`` places on; ``None`` at the ends."""
        place = self.position + step
        if self.position < 0:
            place = 0 if step > 0 else len(self.ids) - 1
        return int(self.ids[place]) if 0 <= place < len(self.ids) else None

    def next_undecided(self) -> int | None:
        """The next hand after the position that nobody decided, from the front again at the end.

        Of hands that were drawn, what a machine accepted is still to be decided.
        """
        waiting = UNDECIDED if self.query.only is None else (*UNDECIDED, State.AUTO_ACCEPTED)
        start = self.position + 1
        order = np.concatenate([self.ids[start:], self.ids[: max(start - 1, 0)]])
        for record in self.page(order[:_AT_FIRST]):
            if record.state in waiting:
                return record.id
        rest = order[_AT_FIRST:]
        if not len(rest):
            return None
        left = rest[np.isin(rest, self._project.hand_ids(HandQuery(states=waiting)))]
        return int(left[0]) if len(left) else None

    def page(self, ids: Ids) -> list[HandRecord]:
        """The records of some ids that are still there, in their order."""
        return self._project.hands(ids.tolist())

    def rows(self, offset: int, limit: int) -> list[HandRecord]:
        """A page of the queue's records."""
        return self.page(self.ids[offset : offset + limit])
