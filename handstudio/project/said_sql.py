"""Conditions about what people said of frames and hands (marks, notes) as SQL over ``hand``.

Each begins with a small index of the frames or hands of which something was said, so that the others are not
looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from handstudio.project.conditions import ANY, Condition
from handstudio.project.listed import FEW, listed, named
from handstudio.project.schema import frame, hand

Clause = sa.ColumnElement[bool]
_MARKED: Final = sa.text("frame.mark IS NOT NULL")
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
    """With a note that holds one of these words, or any."""
    says = _says(condition.values)
    found = list(connection.execute(sa.select(hand.c.id).where(_NOTED, says).limit(FEW + 1)).scalars())
    return sa.and_(hand.c.note != "", says) if len(found) > FEW else hand.c.id.in_(listed(found))


def _says(values: Sequence[str]) -> Clause:
    if ANY in map(str.casefold, values):
        return sa.true()
    return sa.or_(sa.false(), *(hand.c.note.contains(value, autoescape=True) for value in values))
