"""The queue: the hands to review, in an order, and where one is. Only what is looked at is read."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from handstudio.project import Project
from handstudio.project.ordered import Ordered
from handstudio.project.records import UNDECIDED, HandQuery, HandRecord, Ids, State

PAGE: Final = 1000
"""Ids that are read at once."""
_AT_FIRST = 8
"""Hands that are asked whether they are decided, mostly the next one is not; else the database is."""
_NO_IDS: Final = np.empty(0, dtype=np.int64)


class Queue:
    """A stretch of an order of hands, read on as one goes; their records are read when they are shown.

    Hands that have been read stay as they were, whatever is decided meanwhile, so that one can go back;
    :meth:`refresh` makes the queue anew.

    Attributes:
        ids: (N,) int64, those that have been read, in their order.
        query: what the queue was made from.
        position: index of the current hand in ``ids``; -1 when it is not among them.
        begins, ends: whether ``ids`` reach to the front and to the end of the order.
        seconds: how long making it took.
    """

    def __init__(self, project: Project, query: HandQuery | None = None) -> None:
        self._project = project
        self.query = HandQuery() if query is None else query
        self.ids: Ids = _NO_IDS
        self.position = -1
        self.begins = self.ends = True
        self.seconds = 0.0
        self.made_at = 0.0
        self._current: int | None = None
        self._ordered: Ordered = project.in_order(self.query)

    def __len__(self) -> int:
        """Hands that have been read; see :meth:`count`."""
        return len(self.ids)

    def count(self) -> int:
        """How many hands the queue has, read or not; any thread may ask, the database counts."""
        return len(self.ids) if self.begins and self.ends else self._ordered.count()

    def refresh(self, current: int | None = None) -> bool:
        """Make the queue anew, keeping the current hand's place; whether it is other than before."""
        started = time.monotonic()
        before = self.ids
        self._ordered = self._project.in_order(self.query)
        if self.query.only is not None:
            self.ids = self._project.hand_ids(self.query)
            self.begins = self.ends = True
        elif self.begins or current is None or not self._ordered.holds(current):
            wanted = max(PAGE, self.position + PAGE if self.begins else 0)
            self.ids = self._ordered.first(wanted)
            self.begins, self.ends = True, len(self.ids) < wanted
        else:
            self._read_about(current)
        self.made_at = time.monotonic()
        self.seconds = self.made_at - started
        self.find(current)
        return not np.array_equal(self.ids, before)

    def read_on(self) -> int:
        """Read the next page; how many hands it has."""
        if self.ends:
            return 0
        fresh = self._ordered.after(int(self.ids[-1]), PAGE)
        self.ends = len(fresh) < PAGE
        fresh = fresh[~np.isin(fresh, self.ids)]
        self.ids = np.concatenate([self.ids, fresh])
        return len(fresh)

    def find(self, hand_id: int | None) -> int:
        """Set the position to that of a hand."""
        self._current = hand_id
        if hand_id is None:
            self.position = -1
        elif not (0 <= self.position < len(self.ids) and self.ids[self.position] == hand_id):
            places = np.flatnonzero(self.ids == hand_id)
            self.position = int(places[0]) if len(places) else -1
        return self.position

    def reach(self, step: int) -> bool:
        """Read what is needed to go ``step`` places on; whether other hands than before are in ``ids``.

        One who came to a hand far down the order by other ways goes on from there.
        """
        before = self.ids
        away = self._current is not None and self.position < 0 and not (self.begins and self.ends)
        if away and self._current is not None and self._ordered.holds(self._current):
            self._read_about(self._current)
            self.find(self._current)
        elif step > 0 and self.position + step >= len(self.ids):
            self.read_on()
        elif step < 0 and not self.begins and 0 <= self.position < -step:
            self._read_about(int(self.ids[self.position]))
            self.find(self._current)
        return self.ids is not before

    def neighbour(self, step: int) -> int | None:
        """The hand ``step`` places on, among those that have been read; ``None`` at the ends."""
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
        soon = self.ids[start : start + _AT_FIRST]
        for record in self.page(soon):
            if record.state in waiting:
                return record.id
        if self.begins and self.ends:
            return self._among_all(start + len(soon), waiting)
        after = int(soon[-1]) if len(soon) else self._current
        found = _NO_IDS if after is None else self._ordered.after(after, 1, waiting)
        if not len(found):
            found = self._ordered.first(1, waiting)
        return int(found[0]) if len(found) else None

    def page(self, ids: Ids) -> list[HandRecord]:
        """The records of some ids that are still there, in their order."""
        return self._project.hands(ids.tolist())

    def rows(self, offset: int, limit: int) -> list[HandRecord]:
        """A page of the records of what has been read."""
        return self.page(self.ids[offset : offset + limit])

    def _among_all(self, start: int, waiting: tuple[State, ...]) -> int | None:
        """The first that is undecided, by the order in which the hands were read."""
        rest = np.concatenate([self.ids[start:], self.ids[:start]])
        undecided = self._project.ids_in_states(rest, waiting) if len(rest) else rest
        left = rest[np.isin(rest, undecided)]
        return int(left[0]) if len(left) else None

    def _read_about(self, hand_id: int) -> None:
        """Let ``ids`` be the hands about one, from the front where that is near."""
        before, after = self._ordered.before(hand_id, PAGE), self._ordered.after(hand_id, PAGE)
        here = np.array([hand_id], dtype=np.int64)
        self.ids = np.concatenate([before, here, after])
        self.begins, self.ends = len(before) < PAGE, len(after) < PAGE
