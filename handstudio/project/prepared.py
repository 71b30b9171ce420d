"""Statements that run with every decision: compiled once, then only the driver is at work."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class Prepared:
    """A statement with named parameters.

    SQLAlchemy compiles it for the database in use when it is first run; from then on only the driver is
    between a call and the database, which costs a quarter of the time. Values are passed and returned as
    the driver knows them (bytes, numbers, text).
    """

    def __init__(self, statement: sa.Executable, *columns: str) -> None:
        """``columns`` are those that an insert without values fills in."""
        self._statement: Any = statement
        self._columns = list(columns) or None
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def __call__(self, connection: sa.Connection, **values: Any) -> sa.CursorResult[Any]:
        """Run it."""
        text, order = self._text(connection)
        if order is None:
            return connection.exec_driver_sql(text, values)
        return connection.exec_driver_sql(text, tuple([values[name] for name in order]))

    def _text(self, connection: sa.Connection) -> tuple[str, list[str] | None]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=connection.dialect, column_keys=self._columns)
            order = compiled.positiontup if compiled.positional else None
            self._compiled[name] = (str(compiled), order)
        return self._compiled[name]
