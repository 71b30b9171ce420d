"""Hands of a query in its order, read a page at a time from wherever one is: nobody lists them all."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project.query import Stretch, among, as_ids, count, joined, lots_of, stretches
from handstudio.project.records import HandQuery, Ids, State
from handstudio.project.schema import hand
from handstudio.project.store import Store

_NONE: Final = np.empty(0, dtype=np.int64)
_CANDIDATES: Final = (4096, 262_144)
"""How many hands are drawn by lot at once: at first, and at most."""
_FEW: Final = 20_000
"""So many hands at most are listed where those that fit are rare among those that are drawn."""
_RARE: Final = 0.02


class Ordered:
    """A query's order. Each page costs what its hands cost; any thread may ask.

    What names stand for is looked up once: an order is made anew when sequences came meanwhile.

    Args:
        store: the project's.
        query: what is asked for; its ``only`` is not looked at.
    """

    def __init__(self, store: Store, query: HandQuery) -> None:
        self._store = store
        self.query = query
        self._lock = threading.Lock()
        self._known: list[Stretch] | None = None

    def first(self, limit: int, states: Sequence[State] | None = None) -> Ids:
        """The first hands, up to ``limit``; with ``states`` of those in these states."""
        return self._page(None, limit, False, states)

    def after(self, hand_id: int, limit: int, states: Sequence[State] | None = None) -> Ids:
        """The hands that come after one, wherever it would stand, nearest first."""
        return self._page(hand_id, limit, False, states)

    def before(self, hand_id: int, limit: int) -> Ids:
        """The hands that come before one, in the order (the nearest is the last)."""
        return self._page(hand_id, limit, True, None)[::-1]

    def holds(self, hand_id: int) -> bool:
        """Whether a hand is one of them."""
        with self._store.reading() as connection:
            return any(
                connection.execute(
                    sa.select(hand.c.id).where(hand.c.id == int(hand_id), *stretch.wanted)
                ).first()
                is not None
                for stretch in self._stretches(connection)
            )

    def count(self) -> int:
        """How many they are."""
        with self._store.reading() as connection:
            return count(connection, self.query)

    def _page(self, hand_id: int | None, limit: int, backwards: bool, states: Sequence[State] | None) -> Ids:
        with self._store.reading() as connection:
            known = self._stretches(connection)
            if self.query.order == "random":
                return self._drawn(connection, known[0], hand_id, limit, backwards, states)
            place, key = (None, ()) if hand_id is None else _place(connection, known, hand_id)
            numbers = list(range(len(known)))[:: -1 if backwards else 1]
            if place is not None:
                numbers = [
                    number for number in numbers if (number <= place if backwards else number >= place)
                ]
            found = _NONE
            for number in numbers:
                stretch = known[number]
                statement = stretch.ids(backwards)
                if number == place:
                    statement = statement.where(stretch.beyond(key, backwards))
                statement = statement.where(*_in_states(states)).limit(limit - len(found))
                found = np.concatenate([found, joined(connection, statement)])
                if len(found) >= limit:
                    break
            return found

    def _stretches(self, connection: sa.Connection) -> list[Stretch]:
        with self._lock:
            if self._known is None:
                self._known = stretches(connection, self.query)
            return self._known

    def _drawn(
        self,
        connection: sa.Connection,
        stretch: Stretch,
        hand_id: int | None,
        limit: int,
        backwards: bool,
        states: Sequence[State] | None,
    ) -> Ids:
        """Candidates by lot, of which those are kept that fit; where few fit at all, these by lot."""
        lots = lots_of(connection, self.query)
        fitting = sa.select(hand.c.id).where(*stretch.wanted, *_in_states(states))
        place = None if hand_id is None else int(lots.places(np.array([hand_id], dtype=np.int64))[0])
        first, last = (
            (0, lots.size) if place is None else ((0, place) if backwards else (place + 1, lots.size))
        )
        found, chunk = _NONE, _CANDIDATES[0]
        while len(found) < limit and first < last:
            number = min(chunk, last - first)
            drawn = lots.at(last - number if backwards else first, number)
            first, last = (first, last - number) if backwards else (first + number, last)
            kept = joined(connection, fitting.where(among(hand.c.id)), as_ids(drawn))
            if len(found) + len(kept) < limit and len(kept) < _RARE * len(drawn):
                few = joined(connection, fitting.limit(_FEW + 1))
                if len(few) <= _FEW:
                    left = few[(lots.places(few) >= first) & (lots.places(few) < last)]
                    kept, first = np.concatenate([kept, left]), last
            found = np.concatenate([found, lots.shuffled(kept)[:: -1 if backwards else 1]])
            chunk = min(4 * chunk, _CANDIDATES[1])
        return found[:limit]


def _in_states(states: Sequence[State] | None) -> list[sa.ColumnElement[bool]]:
    return [] if states is None else [hand.c.state.in_([str(state) for state in states])]


def _place(
    connection: sa.Connection, known: Sequence[Stretch], hand_id: int
) -> tuple[int, tuple[object, ...]]:
    """In which stretch a hand stands, or would stand, and its keys there; behind all where it has none.

    Raises:
        HandStudioError: when there is no such hand.
    """
    for number, stretch in enumerate(known):
        row = connection.execute(sa.select(*stretch.columns).where(hand.c.id == int(hand_id))).first()
        if row is None:
            raise HandStudioError(f"The project has no hand {hand_id}")
        if None not in row:
            return number, tuple(row)
    return len(known), ()
