"""What a filter's names stand for, and ids as a list that SQLite takes apart."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

FEW: Final = 100_000
"""Hands (or frames) with a name, so many at most, are listed; more are looked up one by one."""


def named(rows: Sequence[Any], values: Sequence[str]) -> list[Any]:
    """The rows whose last entry is one of the names; where none is, those that hold it as a part.

    A name with ``*`` is a pattern.
    """
    found: dict[Any, Any] = {}
    for value in values:
        wanted = value.casefold()
        if "*" in wanted:
            fits = [row for row in rows if fnmatch.fnmatchcase(str(row[-1]).casefold(), wanted)]
        else:
            fits = [row for row in rows if str(row[-1]).casefold() == wanted] or [
                row for row in rows if wanted in str(row[-1]).casefold()
            ]
        found.update((row[0], row) for row in fits)
    return list(found.values())


def listed(ids: Sequence[int]) -> Any:
    """Many ids as one JSON array, which SQLite takes apart."""
    text = sa.literal("[" + ",".join(map(str, ids)) + "]", type_=sa.Text)
    values = sa.func.json_each(text).table_valued("value")
    return sa.select(values.c.value)
