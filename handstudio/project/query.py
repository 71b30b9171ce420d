"""From a :class:`HandQuery` to statements that one index of ``hand`` answers without its table.

Ids travel as one JSON array that SQLite joins and numpy splits: a million rows as Python objects would take
several times as long. Going in, they travel in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from handstudio.project.records import UNDECIDED, HandQuery, Ids
from handstudio.project.schema import frame, hand, sequence

_AS_FILMED: Final = (hand.c.sequence_id, hand.c.frame_index, hand.c.track)
_FIGURES: Final[dict[str, tuple[Any, bool]]] = {
    "correction": (hand.c.correction_px, True),
    "recent": (hand.c.decided_at, True),
}
"""Per order: the figure, and whether the largest comes first."""
_MEASURES: Final[dict[str, Any]] = {"doubt": hand.c.doubt, "C": hand.c.confidence}
_ZERO: Final[Any] = sa.literal_column("0")
_FEW: Final = 100_000
"""Hands with a text, so many at most, are read by themselves and sorted."""
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


def ids_in_order(connection: sa.Connection, query: HandQuery, limit: int | None = None) -> Ids:
    """(N,) ids of the hands asked for, in their order; hands without the figure sorted by come last.

    ``limit``: only the first so many, which reads no more than these where the order needs no others.
    """
    text = query.text.strip()
    found = np.unique(np.concatenate(_with_text(connection, text))) if text else None
    few = found is not None and len(found) <= _FEW
    all_needed = query.order == "random" or not (found is None or few)
    ids = _sorted(connection, query, found if few else None, None if all_needed else limit)
    if query.order == "random":
        ids = np.random.default_rng(query.seed).permutation(ids)
    return (ids if found is None or few else ids[_marked(found, ids)])[:limit]


def count(connection: sa.Connection, query: HandQuery) -> int:
    """How many hands a query finds."""
    if query.text.strip():
        return len(ids_in_order(connection, query))
    statement = sa.select(sa.func.count()).select_from(hand).where(*_conditions(query))
    return int(connection.execute(statement).scalar_one())


def _conditions(query: HandQuery, *, by_sequence: bool = True) -> list[Any]:
    """What a hand must fulfil, but for the text.

    A column with 0 added to it is not looked up in an index of its own: then the index that has the hands
    in the wanted order is read through, which beats sorting them.
    """
    wanted: list[Any] = [hand.c.removed == _ZERO]
    if query.sequences is not None:
        column = hand.c.sequence_id if by_sequence else hand.c.sequence_id + _ZERO
        wanted.append(column.in_([int(sequence_id) for sequence_id in query.sequences]))
    if query.states is not None:
        wanted.append(hand.c.state.in_([str(state) for state in query.states]))
    if query.side is not None:
        wanted.append(hand.c.side == query.side)
    sorted_by = _figure(query)[0]
    for figure, least, most in (
        (hand.c.confidence, query.min_confidence, query.max_confidence),
        (hand.c.doubt, query.min_doubt, query.max_doubt),
    ):
        column = figure if figure is sorted_by else figure + _ZERO
        if least is not None:
            wanted.append(column >= least)
        if most is not None:
            wanted.append(column <= most)
    return wanted


def _figure(query: HandQuery) -> tuple[Any, bool]:
    """The figure that a query sorts by, or ``None``, and whether the largest comes first."""
    if query.order in ("worst", "best"):
        return _MEASURES[query.measure], query.order == "worst"
    return _FIGURES.get(query.order, (None, False))


def _sorted(
    connection: sa.Connection, query: HandQuery, only: Ids | None = None, limit: int | None = None
) -> Ids:
    """The ids in their order, ``random`` as filmed; ``only`` those among some, which are looked up."""
    figure, descending = _figure(query)
    wanted = _conditions(query, by_sequence=figure is None or _is_small_share(connection, query))
    parameters = {}
    by_itself = figure
    as_filmed = sa.select(hand.c.id).order_by(*_AS_FILMED)
    if only is not None:  # with 0 added, as in the conditions: no index is read through for its order
        wanted.append(among(hand.c.id))
        parameters = as_ids(only)
        by_itself = None if figure is None else figure + _ZERO
        as_filmed = sa.select(hand.c.id).order_by(*(column + _ZERO for column in _AS_FILMED))
    if figure is None:
        return _joined(connection, as_filmed.where(*wanted).limit(limit), parameters)
    by_figure = sa.select(hand.c.id).order_by(by_itself.desc() if descending else by_itself)
    known = _joined(connection, by_figure.where(*wanted, by_itself.is_not(None)).limit(limit), parameters)
    if limit is not None and len(known) >= limit:
        return known
    if query.order in ("worst", "best") and _is_narrowed(query):
        return known
    if query.order == "recent":
        rest = hand.c.state.in_([str(state) for state in UNDECIDED])
    else:
        rest = figure.is_(None)
    return np.concatenate([known, _joined(connection, as_filmed.where(*wanted, rest), parameters)])


def _joined(
    connection: sa.Connection, ids: sa.Select[Any], parameters: Mapping[str, str] | None = None
) -> Ids:
    """The ids that a statement selects, in its order, by way of one JSON array."""
    rows = ids.subquery()
    whole = sa.select(sa.cast(sa.func.json_group_array(rows.c.id), sa.Text))
    text = str(connection.execute(whole, parameters).scalar() or "[]")[1:-1]
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)


def _is_narrowed(query: HandQuery) -> bool:
    """Whether hands without a proposal are left out: they have neither C nor doubt."""
    bounds = (query.min_confidence, query.max_confidence, query.min_doubt, query.max_doubt)
    return any(bound is not None for bound in bounds)


def _is_small_share(connection: sa.Connection, query: HandQuery) -> bool:
    if query.sequences is None:
        return False
    rows = connection.execute(sa.select(sequence.c.id, sequence.c.frame_count)).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    chosen = sum(counts.get(int(sequence_id), 0) for sequence_id in set(query.sequences))
    return chosen < _SMALL_SHARE * max(sum(counts.values()), 1)


def _with_text(connection: sa.Connection, text: str) -> list[Ids]:
    """Ids of the hands whose sequence's or frame's name, or whose note, holds a text (any case)."""
    of_sequence = sa.select(sequence.c.id).where(sequence.c.name.contains(text, autoescape=True))
    of_frame = sa.select(frame.c.id).where(frame.c.name.contains(text, autoescape=True))
    in_note = hand.c.note.contains(text, autoescape=True)
    return [
        _joined(connection, sa.select(hand.c.id).where(hand.c.sequence_id.in_(of_sequence))),
        _joined(connection, sa.select(hand.c.id).where(hand.c.frame_id.in_(of_frame))),
        _joined(connection, sa.select(hand.c.id).where(sa.text("hand.note <> ''"), in_note)),
    ]


def _marked(found: Ids, ids: Ids) -> npt.NDArray[np.bool_]:
    """Which of the ids were found."""
    highest = max((int(group.max()) for group in (found, ids) if len(group)), default=0)
    marks = np.zeros(highest + 1, dtype=np.bool_)
    marks[found] = True
    return marks[ids]
