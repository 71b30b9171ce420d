"""The log of what each transaction changed, by which windows and jobs learn what others wrote."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from handstudio.project.packing import pack_id_set, unpack_ids
from handstudio.project.prepared import Prepared
from handstudio.project.records import Change
from handstudio.project.schema import change
from handstudio.project.store import Store

KEPT = 20_000
"""Entries kept; who was away for longer is told that everything may have changed."""

_NOTE = Prepared(change.insert(), "writer", "title", "hands", "frames", "sequences", "models", "runs")
_AFTER = sa.select(change).where(change.c.id > sa.bindparam("after")).order_by(change.c.id)
_LAST = sa.select(sa.func.max(change.c.id))
_FIRST = sa.select(sa.func.min(change.c.id))


def note(connection: sa.Connection, writer: str, what: Change) -> None:
    """Log a change inside the transaction that makes it."""
    _NOTE.run(
        connection,
        writer=writer,
        title=what.title,
        hands=pack_id_set(what.hands),
        frames=pack_id_set(what.frames),
        sequences=pack_id_set(what.sequences),
        models=what.models,
        runs=what.runs,
    )


def forget_old(connection: sa.Connection) -> None:
    """Drop entries that nobody will ask for any more."""
    last = connection.execute(_LAST).scalar() or 0
    connection.execute(change.delete().where(change.c.id <= last - KEPT))


class Watch:
    """Tells what others wrote since one last asked.

    Args:
        store: the project's store.
        writer: whose own changes are not told.
    """

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._writer = writer
        self._lock = threading.Lock()
        with store.reading() as connection:
            self._seen = int(connection.execute(_LAST).scalar() or 0)
        self._version = store.data_version()

    def poll(self) -> Change | None:
        """What others changed since the last call; ``None`` when nothing, which costs microseconds."""
        with self._lock:
            version = self._store.data_version()
            if version == self._version:
                return None
            with self._store.reading() as connection:
                rows = connection.execute(_AFTER, {"after": self._seen}).all()
                first = connection.execute(_FIRST).scalar()
            # only now, so that what could not be read is asked for again
            self._version = version
            missed = first is not None and first > self._seen + 1
            found = Change(everything=missed)
            hands: set[int] = set()
            frames: set[int] = set()
            sequences: set[int] = set()
            foreign = False
            for row in rows:
                self._seen = row.id
                if row.writer == self._writer:
                    continue
                foreign = True
                hands.update(unpack_ids(row.hands).tolist())
                frames.update(unpack_ids(row.frames).tolist())
                sequences.update(unpack_ids(row.sequences).tolist())
                found = found | Change(models=row.models, runs=row.runs, title=row.title)
            if not foreign and not missed:
                return None
            return found | Change(frozenset(hands), frozenset(frames), frozenset(sequences))
