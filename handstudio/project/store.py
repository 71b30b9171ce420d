"""The database of a project: connections, transactions, and errors that people can read.

SQLite in WAL mode: readers never wait for a writer. Each thread has its own connection. A write is one
short transaction that takes the lock at once (``BEGIN IMMEDIATE``), so that two processes wait for each
other instead of failing, and is on disk when it returns (``synchronous=FULL``). What is in the WAL is moved
into the database file by a short-lived thread of its own, so that no decision waits for that.
"""

from __future__ import annotations

import math
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from handstudio.errors import HandStudioError

CHECKPOINT_BYTES = 16 * 1024 * 1024
"""Size of the WAL from which on it is moved into the database."""
WAL_KEPT_BYTES = 4 * 1024 * 1024
"""What stays of the WAL's file when it begins anew, so that it need not grow again."""
BUSY_MS = 15_000
"""How long a write waits for another's before it is tried again, or given up."""
PATIENT_S = 900.0
"""How long a job's writes wait for a step about very many hands."""


def _root(value: float | None) -> float | None:
    return None if value is None or value < 0.0 else math.sqrt(value)


def _knows_roots() -> bool:
    """Whether this SQLite was built with its mathematical functions."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("SELECT sqrt(4.0)")
        except sqlite3.OperationalError:
            return False
        return True


_KNOWS_ROOTS: Final = _knows_roots()


class Store:
    """Connections to one database file, one per thread.

    Args:
        path: the file.
        read_only: refuse every write.
        patience_s: how long a write that finds another one going on is tried again.

    Raises:
        HandStudioError: when the file is missing, damaged or no database.
    """

    def __init__(self, path: Path, *, read_only: bool = False, patience_s: float = 0.0) -> None:
        self.path = path
        self.read_only = read_only
        self._patience_s = patience_s
        self._unlocked: dict[str, str] = {}
        self._lock = threading.Lock()
        self._connections: dict[int, tuple[threading.Thread, sa.Connection]] = {}
        self._local = threading.local()
        self._watch_lock = threading.Lock()
        self._watching: sqlite3.Connection | None = None
        self._checkpointing: threading.Thread | None = None
        self._checkpoint_at = CHECKPOINT_BYTES
        self._closed = False
        self._engine = sa.create_engine("sqlite://", creator=self._connect, poolclass=NullPool)

    def _connect(self) -> sqlite3.Connection:
        options = {"mode": "ro" if self.read_only else "rw", **self._unlocked}
        uri = f"{self.path.absolute().as_uri()}?{urlencode(options)}"
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        # the WAL's index is kept in memory then, not in a file that cannot be made
        pragmas = ["locking_mode=EXCLUSIVE"] if "vfs" in self._unlocked else []
        pragmas += ["foreign_keys=ON", "cache_size=-32000", "temp_store=MEMORY"]
        if not self.read_only:
            pragmas += ["journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0"]
            pragmas += [f"journal_size_limit={WAL_KEPT_BYTES}"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        if not _KNOWS_ROOTS:
            connection.create_function("sqrt", 1, _root, deterministic=True)
        return connection

    def use_unwritable_folder(self) -> None:
        """Read a database whose folder cannot be written, where SQLite cannot make its WAL index.

        Nobody writes to it, or that index would be there: so it is read without locks, what is still in its
        WAL included.
        """
        if self._wal_bytes():
            self._unlocked = {"vfs": "win32-none" if os.name == "nt" else "unix-none"}
        else:
            self._unlocked = {"immutable": "1"}

    def connection(self) -> sa.Connection:
        """This thread's connection.

        Raises:
            HandStudioError: when the project is closed.
        """
        found: sa.Connection | None = getattr(self._local, "connection", None)
        if found is not None and not self._closed:
            return found
        with self._lock:
            if self._closed:
                raise HandStudioError("The project is closed", self.path.parent)
            for ident, (thread, connection) in list(self._connections.items()):
                if not thread.is_alive():
                    connection.close()
                    del self._connections[ident]
            opened = self._engine.connect()
            self._connections[threading.get_ident()] = (threading.current_thread(), opened)
        self._local.connection = opened
        return opened

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """This thread's connection for statements that change nothing."""
        with readable_errors(self.path):
            yield self.connection()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, durable when the block ends, undone when it raises.

        Raises:
            HandStudioError: read-only project or folder, full disk, another process that does not let go.
        """
        if self.read_only:
            raise HandStudioError(
                "The project is open for reading only",
                self.path.parent,
                "Close it elsewhere and open it again",
            )
        with readable_errors(self.path):
            connection = self.connection()
            self._begin(connection)
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
        self._checkpoint_when_due()

    def _begin(self, connection: sa.Connection) -> None:
        """Take the database's lock; between two tries a signal is heard."""
        give_up_at = time.monotonic() + self._patience_s
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() >= give_up_at:
                    raise

    def _checkpoint_when_due(self) -> None:
        if self._wal_bytes() < self._checkpoint_at:
            return
        with self._lock:
            if self._closed or (self._checkpointing is not None and self._checkpointing.is_alive()):
                return
            self._checkpointing = threading.Thread(
                target=self._checkpoint, name="project checkpoint", daemon=True
            )
            self._checkpointing.start()

    def _checkpoint(self) -> None:
        """Move the WAL into the database; harmless to fail, a later commit tries again."""
        try:
            connection = self._connect()
        except sqlite3.Error:
            return
        try:
            _busy, pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            left = pages != moved
        except sqlite3.Error:
            left = True
        finally:
            connection.close()
        self._checkpoint_at = CHECKPOINT_BYTES + (self._wal_bytes() if left else 0)

    def _wal_bytes(self) -> int:
        """Size of the WAL, which SQLite cuts to ``WAL_KEPT_BYTES`` when it begins it anew.

        No file of the database may ever be opened here: closing it would drop this process's locks on it
        (POSIX), and with them the safety of the database.
        """
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except OSError:
            return 0

    def data_version(self) -> int:
        """A number that differs once any other connection, of any process, has written; microseconds."""
        with self._watch_lock, readable_errors(self.path):
            if self._watching is None:
                if self._closed:
                    raise HandStudioError("The project is closed", self.path.parent)
                self._watching = self._connect()
            return int(self._watching.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every thread's connection; the store cannot be used afterwards."""
        with self._lock:
            self._closed = True
            for _thread, connection in self._connections.values():
                connection.close()
            self._connections.clear()
        if self._checkpointing is not None:
            self._checkpointing.join()
        with self._watch_lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
        self._engine.dispose()


@contextmanager
def readable_errors(path: Path) -> Iterator[None]:
    """Turn the database's errors into ones that say what happened and what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _readable(error.orig or error, path) from error
    except sqlite3.Error as error:
        raise _readable(error, path) from error


_MEANINGS = (
    ("disk is full", "The disk is full; nothing was saved by this step", "Free some space and do it again"),
    (
        "readonly",
        "The project cannot be written",
        "Check the rights on the folder, or open it for reading only",
    ),
    ("locked", "Another process keeps the project busy", "Wait until its work ends and do it again"),
    ("not a database", "The project's database is damaged", "Restore it from a backup"),
    ("malformed", "The project's database is damaged", "Restore it from a backup"),
    (
        "unable to open",
        "The project's database cannot be opened",
        "Check that the folder is there and its rights",
    ),
    (
        "disk i/o",
        "The disk failed; nothing was saved by this step",
        "Check the drive and open the project again",
    ),
)


def _readable(error: Any, path: Path) -> HandStudioError:
    text = str(error)
    for sign, what, remedy in _MEANINGS:
        if sign in text.lower():
            return HandStudioError(what, path, remedy)
    return HandStudioError(f"The project's database refused a step ({text})", path)
