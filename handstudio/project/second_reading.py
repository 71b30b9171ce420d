"""What second reviewers said: counts, names, and the settings of the project."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from handstudio.project import second_look
from handstudio.project.schema import hand, verification
from handstudio.project.store import Store

_VERIFIED = (hand.c.verified == sa.literal_column("1"), hand.c.removed == sa.literal_column("0"))


class SecondLooks:
    """The reading of verifications and settings; changing them are commands."""

    _store: Store

    def verified_counts(self) -> dict[int, int]:
        """How many hands of each sequence are verified; sequences without one are left out."""
        counted = sa.select(hand.c.sequence_id, sa.func.count()).where(*_VERIFIED)
        with self._store.reading() as connection:
            rows = connection.execute(counted.group_by(hand.c.sequence_id)).all()
        return {row[0]: int(row[1]) for row in rows}

    def verified_count(self, sequence_id: int) -> int:
        """How many hands of a sequence are verified."""
        counted = sa.select(sa.func.count()).where(*_VERIFIED, hand.c.sequence_id == sequence_id)
        with self._store.reading() as connection:
            return int(connection.execute(counted).scalar_one())

    def verifiers(self) -> list[str]:
        """Who verified hands, by name."""
        with self._store.reading() as connection:
            return sorted(connection.execute(sa.select(verification.c.who).distinct()).scalars())

    def setting(self, name: str) -> Any:
        """A setting of the project; ``None`` where it was never set."""
        with self._store.reading() as connection:
            return second_look.setting_of(connection, name)
