"""What a drawing of a hold-out has to know of sequences: their hands by side, and who chose what by hand."""

from __future__ import annotations

import json

import sqlalchemy as sa

from handstudio.project.commands import SetHoldOut
from handstudio.project.schema import hand, history
from handstudio.project.store import Store

_BY_HAND = tuple(SetHoldOut(0, on).title for on in (True, False))


class Sides:
    """The reading behind :mod:`handstudio.review.hold_out`."""

    _store: Store

    def hands_by_side(self) -> dict[int, dict[str, int]]:
        """How many left and right hands each sequence has; read from an index."""
        counted = (
            sa.select(hand.c.sequence_id, hand.c.side, sa.func.count())
            .where(hand.c.removed == sa.literal_column("0"))
            .group_by(hand.c.sequence_id, hand.c.side)
        )
        found: dict[int, dict[str, int]] = {}
        with self._store.reading() as connection:
            for sequence_id, side, number in connection.execute(counted):
                found.setdefault(sequence_id, {})[side] = int(number)
        return found

    def chosen_by_hand(self) -> set[int]:
        """The sequences that somebody held out, or took out of the hold-out, one by one."""
        said = sa.select(history.c.forward).where(history.c.title.in_(_BY_HAND), history.c.state == "done")
        with self._store.reading() as connection:
            found = [json.loads(text) for text in connection.execute(said).scalars()]
        return {int(values["sequence_id"]) for values in found if values["kind"] == SetHoldOut.kind}
