"""Statements that run with every decision: compiled once, then only the driver is at work."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

_named: Any = namedtuple


class Prepared:
    """A statement with named parameters.

    SQLAlchemy compiles it when it is first run; from then on it goes straight to the
    driver, which costs a fraction of the time. Values are passed and returned as the driver knows them
    (bytes, numbers, text; 0 and 1 for booleans). Rows are named tuples.

    Args:
        statement: what to run.
        columns: those that an insert without values fills in.
    """

    def __init__(self, statement: Any, *columns: str) -> None:
        self._statement = statement
        self._columns = list(columns) or None
        self._compiled: tuple[str, list[str] | None] | None = None
        self._row: Callable[[Any], Any] | None = None

    def run(self, connection: sa.Connection, **values: Any) -> None:
        """Run it for what it changes."""
        self._execute(connection, values).close()

    def all(self, connection: sa.Connection, **values: Any) -> list[Any]:
        """All rows."""
        cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        make = self._maker(cursor)
        cursor.close()
        return [make(row) for row in rows]

    def first(self, connection: sa.Connection, **values: Any) -> Any:
        """The first row, or ``None``."""
        cursor = self._execute(connection, values)
        row = cursor.fetchone()
        make = self._maker(cursor)
        cursor.close()
        return None if row is None else make(row)

    def scalar(self, connection: sa.Connection, **values: Any) -> Any:
        """The first column of the first row, or ``None``."""
        row = self.first(connection, **values)
        return None if row is None else row[0]

    def _execute(self, connection: sa.Connection, values: dict[str, Any]) -> Any:
        text, order = self._text(connection)
        cursor = connection.connection.cursor()
        cursor.execute(text, values if order is None else [values[name] for name in order])
        return cursor

    def _text(self, connection: sa.Connection) -> tuple[str, list[str] | None]:
        if self._compiled is None:
            compiled = self._statement.compile(dialect=connection.dialect, column_keys=self._columns)
            order = compiled.positiontup if compiled.positional else None
            self._compiled = str(compiled), order
        return self._compiled

    def _maker(self, cursor: Any) -> Callable[[Any], Any]:
        if self._row is None:
            row_type = _named("Row", [column[0] for column in cursor.description])
            self._row = row_type._make
        return self._row
