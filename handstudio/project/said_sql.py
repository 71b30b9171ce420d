"""Conditions about what people said of frames and hands (marks, notes, verification) as SQL over ``hand``.

Each begins with a small index of the frames or hands of which something was said, so that the others are not
looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from handstudio.project.conditions import ANY, Condition
from handstudio.project.listed import FEW, listed, named
from handstudio.project.records import State
from handstudio.project.schema import frame, hand, sent_back, verification

Clause = sa.ColumnElement[bool]
_MARKED: Final = sa.text("frame.mark IS NOT NULL")
_ZERO: Final[Any] = sa.literal_column("0")
_ONE: Final[Any] = sa.literal_column("1")
_NOTED: Final = sa.text("hand.note <> ''")


def marked(connection: sa.Connection, condition: Condition) -> Clause:
    """In frames with one of these marks."""
    words = list(connection.execute(sa.select(frame.c.mark).where(_MARKED).distinct()).scalars())
    if ANY not in map(str.casefold, condition.values):
        words = [row[0] for row in named([(word, word) for word in words], condition.values)]
    wanted = sa.select(frame.c.id).where(_MARKED, frame.c.mark.in_(words)).limit(FEW + 1)
    frames = list(connection.execute(wanted).scalars())
    if len(frames) > FEW:
        return wanted.limit(None).where(frame.c.id == hand.c.frame_id).exists()
    in_frames = sa.select(hand.c.id).where(hand.c.frame_id.in_(listed(frames)))
    return hand.c.id.in_(listed(list(connection.execute(in_frames).scalars())))


def noted(connection: sa.Connection, condition: Condition) -> Clause:
    """With a note, or a reason for which they were sent back, that holds one of these words, or any."""
    says, why = _says(hand.c.note, condition.values), _says(sent_back.c.reason, condition.values)
    found = list(connection.execute(sa.select(hand.c.id).where(_NOTED, says).limit(FEW + 1)).scalars())
    returned = sa.select(sent_back.c.hand_id).join(hand, hand.c.id == sent_back.c.hand_id)
    returned = returned.where(hand.c.state == str(State.SENT_BACK), why)
    reasons = list(connection.execute(returned.limit(FEW + 1)).scalars())
    if len(found) + len(reasons) <= FEW:
        return hand.c.id.in_(listed(sorted({*found, *reasons})))
    return sa.or_(sa.and_(hand.c.note != "", says), hand.c.id.in_(returned))


def verified(connection: sa.Connection, condition: Condition) -> Clause:
    """Whether somebody verified them, or who; whether is in every index that sorts."""
    is_so = hand.c.verified == _ONE
    wanted = {value.casefold() for value in condition.values}
    names = wanted - {"yes", "no"}
    found: list[Clause] = [is_so] if "yes" in wanted else []
    if "no" in wanted:
        found.append(hand.c.verified == _ZERO)
    if names:
        found.append(_verified_by(connection, names))
    return found[0] if len(found) == 1 else sa.or_(sa.false(), *found)


def _verified_by(connection: sa.Connection, names: set[str]) -> Clause:
    known = connection.execute(sa.select(verification.c.who).distinct()).scalars()
    theirs = sa.select(verification.c.hand_id).where(
        verification.c.who.in_([name for name in known if name.casefold() in names])
    )
    few = list(connection.execute(theirs.limit(FEW + 1)).scalars())
    if len(few) <= FEW:
        return hand.c.id.in_(listed(few))
    return sa.and_(hand.c.verified == _ONE, theirs.where(verification.c.hand_id == hand.c.id).exists())


def _says(text: Any, values: Sequence[str]) -> Clause:
    if ANY in map(str.casefold, values):
        return sa.true()
    return sa.or_(sa.false(), *(text.contains(value, autoescape=True) for value in values))
