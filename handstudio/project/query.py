"""From a :class:`HandQuery` to statements that one index of ``hand`` answers without its table.

Ids travel as one JSON array that SQLite joins and numpy splits: a million rows as Python objects would take
several times as long. Going in, they travel in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from handstudio.project.condition_sql import FIGURES, clauses, is_list, sequences_named
from handstudio.project.conditions import Condition, Range
from handstudio.project.lots import Lots
from handstudio.project.records import UNDECIDED, HandQuery, Ids
from handstudio.project.schema import hand, sequence

AS_FILMED: Final = (hand.c.sequence_id, hand.c.frame_index, hand.c.track)
_BY_FIGURE: Final[dict[str, tuple[Any, bool]]] = {
    "correction": (hand.c.correction_px, True),
    "mismatch": (hand.c.mismatch, True),
    "jump": (hand.c.jump, True),
    "apart": (hand.c.apart, True),
    "useful": (hand.c.useful, True),
    "recent": (hand.c.decided_at, True),
}
"""Per order: the figure, and whether the largest comes first."""
_ZERO: Final[Any] = sa.literal_column("0")
_SMALL_SHARE: Final = 0.15
"""Sequences with fewer of the project's frames than this are read by themselves and sorted."""


def among(column: Any) -> sa.ColumnElement[bool]:
    """Whether a column is one of the ids in the parameter ``ids`` (see :func:`as_ids`)."""
    values = sa.func.json_each(sa.bindparam("ids", type_=sa.Text)).table_valued("value")
    condition: sa.ColumnElement[bool] = column.in_(sa.select(values.c.value))
    return condition


def as_ids(ids: Iterable[int] | Ids) -> dict[str, str]:
    """The parameter of :func:`among`."""
    listed = ids.tolist() if isinstance(ids, np.ndarray) else [int(value) for value in ids]
    return {"ids": json.dumps(listed)}


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of an order: hands of which the clauses are true, sorted by keys, all in one direction.

    Attributes:
        wanted: clauses over ``hand``.
        keys: what sorts; the last is the id, so that no two hands are alike.
        columns: the keys as columns of ``hand``, in the same order.
        descending: whether the largest key comes first.
    """

    wanted: tuple[Any, ...]
    keys: tuple[Any, ...]
    columns: tuple[Any, ...]
    descending: bool = False

    def ids(self, backwards: bool = False) -> sa.Select[Any]:
        """The statement of its ids, in order (or from its end)."""
        falling = self.descending != backwards
        sorted_by = [key.desc() if falling else key for key in self.keys]
        return sa.select(hand.c.id).where(*self.wanted).order_by(*sorted_by)

    def beyond(self, key: tuple[Any, ...], backwards: bool = False) -> sa.ColumnElement[bool]:
        """What comes after (or before) the hand with these keys."""
        mine = sa.tuple_(*self.keys)
        other = sa.tuple_(*(sa.literal(value) for value in key))
        return mine < other if self.descending != backwards else mine > other


def stretches(connection: sa.Connection, query: HandQuery) -> list[Stretch]:
    """The order of a query, stretch by stretch: hands that have the figure sorted by, then the others."""
    figure, descending = figure_of(query)
    chosen = _sequences(connection, query)
    narrow = chosen is not None and _is_small_share(connection, chosen)
    wanted = conditions(connection, query, chosen, sorted_by=figure, plain_sequence=narrow or figure is None)
    listed = any(is_list(clause) for clause in wanted)
    filmed_keys = (*AS_FILMED, hand.c.id)
    sorted_by = tuple(key + _ZERO for key in filmed_keys) if listed else filmed_keys
    filmed = Stretch((*wanted,), sorted_by, filmed_keys)
    if figure is None:
        return [filmed]
    key = figure + _ZERO if narrow or listed else figure
    known = Stretch((*wanted, key.is_not(None)), (key, hand.c.id), (figure, hand.c.id), descending)
    if _leaves_out_the_rest(query, figure):
        return [known]
    if query.order == "recent":
        rest = hand.c.state.in_([str(state) for state in UNDECIDED])
    else:
        rest = figure.is_(None)
    return [known, Stretch((*wanted, rest), filmed.keys, filmed.columns)]


def ids_in_order(connection: sa.Connection, query: HandQuery, limit: int | None = None) -> Ids:
    """(N,) ids of the hands asked for, in their order; hands without the figure sorted by come last.

    ``limit``: only the first so many, which reads no more than these where the order needs no others.
    """
    found: list[Ids] = [np.empty(0, dtype=np.int64)]
    for stretch in stretches(connection, query):
        left = None if limit is None or query.order == "random" else limit - sum(map(len, found))
        if left is None or left > 0:
            found.append(joined(connection, stretch.ids().limit(left)))
    ids = np.concatenate(found)
    return (lots_of(connection, query).shuffled(ids) if query.order == "random" else ids)[:limit]


def count(connection: sa.Connection, query: HandQuery) -> int:
    """How many hands a query finds."""
    wanted = conditions(connection, query, _sequences(connection, query))
    statement = sa.select(sa.func.count()).select_from(hand).where(*wanted)
    return int(connection.execute(statement).scalar_one())


def lots_of(connection: sa.Connection, query: HandQuery) -> Lots:
    """The random order of a query's seed."""
    return Lots(query.seed, int(connection.execute(sa.select(sa.func.max(hand.c.id))).scalar() or 0))


def conditions(
    connection: sa.Connection,
    query: HandQuery,
    sequences: list[int] | None,
    *,
    sorted_by: Any = None,
    plain_sequence: bool = True,
) -> list[Any]:
    """What a hand must fulfil.

    A column with 0 added to it is not looked up in an index of its own: then the index that has the hands
    in the wanted order is read through, which beats sorting them.
    """
    wanted: list[Any] = [hand.c.removed == _ZERO]
    if sequences is not None:
        column = hand.c.sequence_id if plain_sequence else hand.c.sequence_id + _ZERO
        wanted.append(column.in_(sequences))
    if query.states is not None:
        wanted.append(hand.c.state.in_([str(state) for state in query.states]))
    if query.side is not None:
        wanted.append(hand.c.side == query.side)
    asked = [term for term in query.where if not _names_sequences(term)]
    for field, least, most in (
        ("C", query.min_confidence, query.max_confidence),
        ("doubt", query.min_doubt, query.max_doubt),
    ):
        if least is not None or most is not None:
            asked.append(Condition(field, ranges=(Range(least, most),)))  # type: ignore[arg-type]
    if query.text.strip():
        asked.append(Condition("name", (query.text.strip(),)))
    return wanted + clauses(connection, asked, query.error_scale, sorted_by)


def figure_of(query: HandQuery) -> tuple[Any, bool]:
    """The figure that a query sorts by, or ``None``, and whether the largest comes first."""
    if query.order in ("worst", "best"):
        return FIGURES[query.measure], query.order == "worst"
    return _BY_FIGURE.get(query.order, (None, False))


def joined(
    connection: sa.Connection, ids: sa.Select[Any], parameters: Mapping[str, str] | None = None
) -> Ids:
    """The ids that a statement selects, in its order, by way of one JSON array."""
    rows = ids.subquery()
    whole = sa.select(sa.cast(sa.func.json_group_array(rows.c.id), sa.Text))
    text = str(connection.execute(whole, parameters).scalar() or "[]")[1:-1]
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)


def _names_sequences(term: Condition) -> bool:
    return term.field in ("seq", "subject") and not term.negated


def _sequences(connection: sa.Connection, query: HandQuery) -> list[int] | None:
    """Ids of the only sequences that a query wants; ``None`` for all."""
    chosen = None if query.sequences is None else [int(number) for number in query.sequences]
    for term in filter(_names_sequences, query.where):
        column = sequence.c.subject if term.field == "subject" else sequence.c.name
        found = sequences_named(connection, term.values, column)
        chosen = found if chosen is None else [number for number in chosen if number in set(found)]
    return chosen


def _leaves_out_the_rest(query: HandQuery, figure: Any) -> bool:
    """Whether hands that have not the figure sorted by are left out by a bound of it."""
    bounds = (query.min_confidence, query.max_confidence, query.min_doubt, query.max_doubt)
    proposed = query.order in ("worst", "best", "correction")
    if proposed and any(bound is not None for bound in bounds):
        return True
    return any(
        not term.negated
        and term.ranges
        and (FIGURES.get(term.field) is figure or (proposed and term.field in ("error", "doubt", "C")))
        for term in query.where
    )


def _is_small_share(connection: sa.Connection, chosen: list[int]) -> bool:
    rows = connection.execute(sa.select(sequence.c.id, sequence.c.frame_count)).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    frames = sum(counts.get(number, 0) for number in set(chosen))
    return frames < _SMALL_SHARE * max(sum(counts.values()), 1)
