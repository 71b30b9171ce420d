"""Conditions as SQL over ``hand``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from handstudio.hand.box import GRID
from handstudio.project import said_sql
from handstudio.project.conditions import Condition, ErrorScale, Range
from handstudio.project.listed import FEW, listed, named
from handstudio.project.schema import frame, hand, model, proposal, sequence

FIGURES: Final[dict[str, Any]] = {
    "doubt": hand.c.doubt,
    "C": hand.c.confidence,
    "correction": hand.c.correction_px,
    "mismatch": hand.c.mismatch,
    "jump": hand.c.jump,
    "apart": hand.c.apart,
    "useful": hand.c.useful,
}
"""Fields that are a column with a number."""
_ZERO: Final[Any] = sa.literal_column("0")

Clause = sa.ColumnElement[bool]


def clauses(
    connection: sa.Connection, conditions: Iterable[Condition], scale: ErrorScale, sorted_by: Any = None
) -> list[Clause]:
    """One clause for each condition.

    Args:
        connection: for names, which are looked up once.
        conditions: all of them are to be fulfilled.
        scale: from doubt to expected error.
        sorted_by: the column whose index is to be used; to the others 0 is added, so that theirs are not.
    """
    return [_clause(connection, condition, scale, sorted_by) for condition in conditions]


def sequences_named(
    connection: sa.Connection, values: Sequence[str], column: sa.Column[Any] = sequence.c.name
) -> list[int]:
    """Ids of the sequences with one of these names (or subjects), parts of names, or patterns with ``*``."""
    rows = connection.execute(sa.select(sequence.c.id, column).where(column.is_not(None))).all()
    return [int(number) for number, _ in named(rows, values)]


def _clause(connection: sa.Connection, condition: Condition, scale: ErrorScale, sorted_by: Any) -> Clause:
    if condition.field in FIGURES:
        column = FIGURES[condition.field]
        clause = _in_ranges(column if column is sorted_by else column + _ZERO, condition.ranges)
    elif condition.field == "error":
        clause = _error_in(connection, scale, condition.ranges, sorted_by)
    else:
        clause = _BY_FIELD[condition.field](connection, condition)
    return sa.func.coalesce(clause, _ZERO) == _ZERO if condition.negated else clause


def _in_ranges(value: Any, ranges: Sequence[Range]) -> Clause:
    return sa.or_(sa.false(), *(_in_range(value, one) for one in ranges))


def _in_range(value: Any, one: Range) -> Clause:
    ends: list[Clause] = [value.is_not(None)]
    if one.least is not None:
        ends.append(value > one.least if one.without_least else value >= one.least)
    if one.most is not None:
        ends.append(value < one.most if one.without_most else value <= one.most)
    return sa.and_(*ends)


def _error_in(
    connection: sa.Connection, scale: ErrorScale, ranges: Sequence[Range], sorted_by: Any
) -> Clause:
    """Where the error is proportional to the doubt in px, a range of that column, which an index knows."""
    if not scale.by_c and scale.share <= 0.0 and scale.factor > 0.0:
        column: Any = hand.c.doubt if hand.c.doubt is sorted_by else hand.c.doubt + _ZERO
        return _in_ranges(column, [_scaled(one, 1.0 / scale.factor) for one in ranges])
    doubt: Any = hand.c.confidence if scale.by_c else hand.c.doubt
    column = doubt if doubt is sorted_by else doubt + _ZERO
    cell = _largest_cell(connection)
    near = [_near(scale, one, cell) for one in ranges]
    return sa.and_(_in_ranges(column, near), _in_ranges(error_of(scale), ranges))


def _largest_cell(connection: sa.Connection) -> float:
    """Px of the largest box, from an index."""
    side = sa.select(sa.func.max(sa.func.max(hand.c.box_width, hand.c.box_height))).where(
        hand.c.doubt.is_not(None)
    )
    return max(float(connection.execute(side).scalar() or 0.0), 1e-6) / GRID


def _near(scale: ErrorScale, one: Range, cell: float) -> Range:
    """Doubts (px, or C) outside of which no hand can have an error in a range, whatever its box.

    The curve lies below a line from its first node, and above one through the origin.
    """
    own = (1.0 - scale.share) * scale.factor
    first = scale.nodes[0][1] * scale.share if scale.nodes else 0.0
    steep = [(y - scale.nodes[0][1]) / max(x, 1e-9) for x, y in scale.nodes] if scale.nodes else [0.0]
    flat = [y / max(x, 1e-9) for x, y in scale.nodes] if scale.nodes else [0.0]
    above = scale.share * max(*steep, flat[-1]) + own
    below = scale.share * min(flat) + own
    least = None
    if one.least is not None and above > 0.0:
        cells = max((one.least / cell - first) / above, 0.0) * (1.0 - 1e-9)
        least = cells**2 if scale.by_c else cells * cell
    most = None
    if one.most is not None and below > 0.0 and not scale.by_c:
        most = one.most / below * (1.0 + 1e-9)
    return Range(least, most)


def _scaled(one: Range, by: float) -> Range:
    return Range(
        None if one.least is None else one.least * by,
        None if one.most is None else one.most * by,
        one.without_least,
        one.without_most,
    )


def error_of(scale: ErrorScale) -> Any:
    """The expected error in px, from what is stored of a hand; NULL where nothing was proposed."""
    cell = sa.func.max(hand.c.box_width, hand.c.box_height, 1e-6) / float(GRID)
    doubt = sa.func.sqrt(sa.func.max(hand.c.confidence, 0.0)) if scale.by_c else hand.c.doubt / cell
    straight: Any = sa.func.max(doubt, 0.0) * scale.factor
    if scale.share <= 0.0 or not scale.nodes:
        return straight * cell
    first, last = scale.nodes[0], scale.nodes[-1]
    steps: list[tuple[Any, Any]] = [(doubt.is_(None), sa.null()), (doubt <= first[0], first[1])]
    for (left, low), (right, high) in zip(scale.nodes, scale.nodes[1:], strict=False):
        slope = (high - low) / max(right - left, 1e-12)
        steps.append((doubt <= right, low + (doubt - left) * slope))
    bent = sa.case(*steps, else_=doubt * (last[1] / max(last[0], 1e-9)))
    return (bent * scale.share + straight * (1.0 - scale.share)) * cell


def _of_state(_connection: sa.Connection, condition: Condition) -> Clause:
    return hand.c.state.in_(condition.values)


def _of_side(_connection: sa.Connection, condition: Condition) -> Clause:
    return hand.c.side.in_(condition.values)


def _of_sequence(connection: sa.Connection, condition: Condition) -> Clause:
    return _of_sequences(sequences_named(connection, condition.values))


def _of_subject(connection: sa.Connection, condition: Condition) -> Clause:
    return _of_sequences(sequences_named(connection, condition.values, sequence.c.subject))


def _of_sequences(sequences: list[int]) -> Clause:
    """Hands of these, without their index."""
    column: sa.ColumnElement[int] = hand.c.sequence_id + _ZERO
    return column.in_(sequences)


def _of_model(connection: sa.Connection, condition: Condition) -> Clause:
    """Whose latest proposal a model made; it is known by its id or its name."""
    rows = connection.execute(sa.select(model.c.id, model.c.id)).all()
    rows = [*rows, *connection.execute(sa.select(model.c.id, model.c.name)).all()]
    models = [row[0] for row in named(rows, condition.values)]
    its = sa.select(proposal.c.id).where(proposal.c.id == hand.c.proposal_id, proposal.c.model_id.in_(models))
    return its.exists()


def _by_whom(_connection: sa.Connection, condition: Condition) -> Clause:
    names = [value.casefold() for value in condition.values]
    return sa.func.lower(hand.c.decided_by).in_(names)


def _of_frame(_connection: sa.Connection, condition: Condition) -> Clause:
    """By numbers as they are shown, counted from 1, and by parts of frames' names."""
    found: list[Clause] = [_in_ranges(hand.c.frame_index + 1, condition.ranges)] if condition.ranges else []
    found += [_frame_holds(value) for value in condition.values]
    return sa.or_(sa.false(), *found)


def _frame_holds(text: str) -> Clause:
    its = sa.select(frame.c.id).where(
        frame.c.id == hand.c.frame_id, frame.c.name.contains(text, autoescape=True)
    )
    return its.exists()


def _that_has(_connection: sa.Connection, condition: Condition) -> Clause:
    having = {
        "note": hand.c.note != "",
        "label": hand.c.has_label == sa.literal_column("1"),
        "proposal": hand.c.confidence.is_not(None),
        "truth": hand.c.has_truth == sa.literal_column("1"),
    }
    return sa.or_(sa.false(), *(having[value] for value in condition.values))


def _with_name(connection: sa.Connection, condition: Condition) -> Clause:
    if len(condition.values) == 1:
        return _holding(connection, condition.values[0])
    return sa.or_(sa.false(), *(_holding(connection, value) for value in condition.values))


def _holding(connection: sa.Connection, text: str) -> Clause:
    """In the name of the sequence or the frame, or in the note, in any case.

    The frames of which this is known are listed when they are few, so that no page looks at all of them.
    """
    in_sequence = sa.select(sequence.c.id).where(sequence.c.name.contains(text, autoescape=True))
    sequences = list(connection.execute(in_sequence).scalars())
    in_frame = sa.select(frame.c.id).where(frame.c.name.contains(text, autoescape=True)).limit(FEW + 1)
    if sequences:
        in_frame = in_frame.where(frame.c.sequence_id.not_in(sequences))
    frames = list(connection.execute(in_frame).scalars())
    noted = sa.select(hand.c.id).where(
        sa.text("hand.note <> ''"), hand.c.note.contains(text, autoescape=True)
    )
    ids = [*connection.execute(noted).scalars()]
    if len(frames) <= FEW:
        in_them = sa.select(hand.c.id).where(hand.c.frame_id.in_(listed(frames)))
        ids += connection.execute(in_them).scalars()
        in_frames: list[Clause] = []
    else:
        in_frames = [_frame_holds(text)]
    if not sequences and not in_frames:
        return hand.c.id.in_(listed(ids))
    return sa.or_(_of_sequences(sequences), hand.c.id.in_(listed(ids)), *in_frames)


def is_list(clause: Clause) -> bool:
    """Whether a clause lists ids: then the hands are looked up by these, and sorted."""
    return isinstance(clause, sa.BinaryExpression) and clause.left is hand.c.id


_BY_FIELD: Final[dict[str, Callable[[sa.Connection, Condition], Clause]]] = {
    "name": _with_name,
    "state": _of_state,
    "side": _of_side,
    "seq": _of_sequence,
    "subject": _of_subject,
    "model": _of_model,
    "by": _by_whom,
    "frame": _of_frame,
    "has": _that_has,
    "mark": said_sql.marked,
    "note": said_sql.noted,
    "verified": said_sql.verified,
}
