"""What every step about very many hands shares: its parts, its memory, and what it touches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from handstudio.progress import CancelledError, Progress
from handstudio.project.query import among, as_ids
from handstudio.project.records import Ids
from handstudio.project.schema import hand
from handstudio.project.table_columns import columns_of

AT_ONCE: Final = 5_000
"""Hands of one statement: between two of them one hears how far it is and may stop it."""
MANY: Final = 10_000
"""Hands from which on the database's pages are kept in more memory while all their indexes change."""
_PAGES_KB: Final = (32_000, 256_000)

Place = tuple[Ids, Ids, Ids]
"""(N,) each: hands, their frames, their sequences."""


def in_parts(ids: Ids, progress: Progress) -> Iterator[Ids]:
    """Ids, some at a time.

    They are parts of one transaction: whoever is stopped between two of them leaves everything as it was.

    Raises:
        CancelledError: between two parts, when it was asked to stop.
    """
    for start in range(0, len(ids), AT_ONCE):
        stop_point(progress, start, len(ids), "hands")
        yield ids[start : start + AT_ONCE]
    stop_point(progress, len(ids), len(ids), "hands")


def stop_point(progress: Progress, done: int, total: int, unit: str) -> None:
    """Tell how far a step is.

    Raises:
        CancelledError: when it was asked to stop.
    """
    if progress.cancelled():
        raise CancelledError
    progress.report(done, total, unit)


@contextmanager
def room_for(connection: sa.Connection, hands: int) -> Iterator[None]:
    """Keep more of the database in memory while so many hands are changed."""
    usual, many = _PAGES_KB
    if hands < MANY:
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size=-{many}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{usual}")


def change_hands(connection: sa.Connection, ids: Ids, values: dict[str, Any]) -> None:
    """Set columns of many hands."""
    connection.execute(hand.update().where(among(hand.c.id)).values(values), as_ids(ids))


def places(connection: sa.Connection, wanted: tuple[Any, ...], among_ids: Ids) -> Place:
    """Those of some hands that fulfil conditions, and where they are."""
    found = sa.select(hand.c.id, hand.c.frame_id, hand.c.sequence_id).where(among(hand.c.id), *wanted)
    ids, frames, sequences = columns_of(connection, found, as_ids(among_ids))
    return ids, frames, sequences


def all_ids(touched: list[Place]) -> Ids:
    """(N,) the hands of several parts."""
    return np.concatenate([np.empty(0, np.int64), *(ids for ids, _, _ in touched)])
