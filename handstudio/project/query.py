"""From a :class:`HandQuery` to statements that one index of ``hand`` answers.

Ids travel as one string that SQLite joins and numpy splits: a million rows as Python objects would take
several times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sqlalchemy as sa

from handstudio.project.records import HandQuery, Ids
from handstudio.project.schema import frame, hand, sequence

_PRESENT = sa.text("hand.removed = 0")
_AS_FILMED = (hand.c.sequence_id, hand.c.frame_index, hand.c.track, hand.c.id)


def conditions(query: HandQuery) -> list[Any]:
    """What a hand must fulfil."""
    wanted: list[Any] = [_PRESENT]
    if query.sequences is not None:
        wanted.append(hand.c.sequence_id.in_([int(sequence_id) for sequence_id in query.sequences]))
    if query.states is not None:
        wanted.append(hand.c.state.in_([str(state) for state in query.states]))
    if query.side is not None:
        wanted.append(hand.c.side == query.side)
    if query.min_confidence is not None:
        wanted.append(hand.c.confidence >= query.min_confidence)
    if query.max_confidence is not None:
        wanted.append(hand.c.confidence <= query.max_confidence)
    if query.text.strip():
        pattern = query.text.strip()
        wanted.append(
            sa.or_(
                hand.c.note.icontains(pattern, autoescape=True),
                hand.c.sequence_id.in_(
                    sa.select(sequence.c.id).where(sequence.c.name.icontains(pattern, autoescape=True))
                ),
                hand.c.frame_id.in_(
                    sa.select(frame.c.id).where(frame.c.name.icontains(pattern, autoescape=True))
                ),
            )
        )
    return wanted


def ids_in_order(connection: sa.Connection, query: HandQuery) -> Ids:
    """(N,) ids of the hands asked for, in their order; hands without the figure sorted by come last."""
    wanted = conditions(query)
    if query.order == "random":
        ids = _ids(connection, wanted, _AS_FILMED)
        return np.random.default_rng(query.seed).permutation(ids)
    figure, descending = _FIGURES.get(query.order, (None, False))
    if figure is None:
        return _ids(connection, wanted, _AS_FILMED)
    order = (figure.desc(), hand.c.id.desc()) if descending else (figure, hand.c.id)
    known = _ids(connection, [*wanted, figure.is_not(None)], order)
    if query.order in ("worst", "best") and (query.min_confidence, query.max_confidence) != (None, None):
        return known
    return np.concatenate([known, _ids(connection, [*wanted, figure.is_(None)], _AS_FILMED)])


_FIGURES: dict[str, tuple[Any, bool]] = {
    "worst": (hand.c.confidence, True),
    "best": (hand.c.confidence, False),
    "correction": (hand.c.correction_px, True),
    "recent": (hand.c.decided_at, True),
}


def _ids(connection: sa.Connection, wanted: list[Any], order: tuple[Any, ...]) -> Ids:
    ordered = sa.select(hand.c.id).where(*wanted).order_by(*order).subquery()
    joined = connection.execute(
        sa.select(sa.func.aggregate_strings(sa.cast(ordered.c.id, sa.Text), ","))
    ).scalar()
    if not joined:
        return np.empty(0, dtype=np.int64)
    return np.fromstring(joined, dtype=np.int64, sep=",")


def count(connection: sa.Connection, query: HandQuery) -> int:
    """How many hands a query finds."""
    return int(
        connection.execute(
            sa.select(sa.func.count()).select_from(hand).where(*conditions(query))
        ).scalar_one()
    )
