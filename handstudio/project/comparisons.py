"""What is known of proposals by comparison, and how far comparing has come."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import sqlalchemy as sa

from handstudio.project import changes
from handstudio.project.bulk import AT_ONCE
from handstudio.project.condition_sql import FIGURES
from handstudio.project.records import Change, Floats, Ids
from handstudio.project.schema import counter, hand, proposal
from handstudio.project.store import Store
from handstudio.project.table_columns import columns_of

Compared = Literal["mismatch", "jump", "useful"]
"""Figures that are computed after proposals were stored."""
_LEVEL: Final = 0.1
"""The share of hands that lies above a figure's level."""


class Comparisons:
    """Reads and writes the figures that take more than one proposal."""

    _store: Store
    writer_token: str

    def not_compared(self, what: Compared, limit: int | None = None) -> tuple[Ids, Ids]:
        """(N,) ids of the latest proposals that have not been compared yet, ascending, and of their hands."""
        wanted = (
            sa.select(proposal.c.id, proposal.c.hand_id)
            .join(hand, hand.c.proposal_id == proposal.c.id)
            .where(proposal.c.id > self._compared_to(what), hand.c.removed == sa.literal_column("0"))
            .order_by(proposal.c.id)
            .limit(limit)
        )
        with self._store.reading() as connection:
            proposals, hands = columns_of(connection, wanted)
        return proposals, hands

    def is_compared(self, what: Compared) -> bool:
        """Whether the latest proposals have been compared; two look-ups."""
        return self.newest_proposal() <= self._compared_to(what)

    def _compared_to(self, what: Compared) -> int:
        with self._store.reading() as connection:
            found = connection.execute(sa.select(counter.c.value).where(counter.c.name == what)).scalar()
        return int(found or 0)

    def store_compared(self, what: Compared, hand_ids: Ids, values: Floats, up_to: int | None = None) -> None:
        """Keep a figure of hands.

        Args:
            what: which.
            hand_ids: (N,).
            values: (N,); NaN where it is not known.
            up_to: id of the last proposal that has been compared; ``None`` while there are others before it.
        """
        known = np.isfinite(values)
        rows = [
            (float(value) if finite else None, int(number))
            for number, value, finite in zip(hand_ids, values.tolist(), known.tolist(), strict=True)
        ]
        for start in range(0, max(len(rows), 1), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            last = start + AT_ONCE >= len(rows)
            with self._store.writing() as connection:
                if part:
                    connection.exec_driver_sql(f"UPDATE hand SET {what} = ? WHERE id = ?", part)
                    changes.note(connection, self.writer_token, Change(frozenset(row[1] for row in part)))
                if last and up_to is not None:
                    connection.exec_driver_sql(
                        "INSERT INTO counter (name, value) VALUES (?, ?) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        (what, up_to),
                    )

    def newest_proposal(self) -> int:
        """Id of the proposal that came last; 0 when there is none."""
        with self._store.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(proposal.c.id))).scalar() or 0)

    def clear_compared(self, what: Compared) -> None:
        """Forget a figure of all hands."""
        with self._store.writing() as connection:
            connection.exec_driver_sql(f"UPDATE hand SET {what} = NULL WHERE {what} IS NOT NULL")
            changes.note(connection, self.writer_token, Change(everything=True))

    def level(self, figure: str) -> float | None:
        """The value that one of ten hands is above; ``None`` where no hand has the figure."""
        column = FIGURES[figure]
        known = sa.select(sa.func.count()).select_from(hand).where(column.is_not(None))
        with self._store.reading() as connection:
            number = int(connection.execute(known).scalar_one())
            ranked = sa.select(column).where(column.is_not(None)).order_by(column.desc())
            found = connection.execute(ranked.limit(1).offset(int(number * _LEVEL))).scalar()
        return None if found is None else float(found)
