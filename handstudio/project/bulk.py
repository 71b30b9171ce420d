"""What the writers of many rows share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

AT_ONCE: Final = 4096
"""Rows of one transaction, so that a decision of the window never waits long for a job."""


def insertion(table: str, columns: Sequence[str]) -> str:
    """The statement that adds rows to a table, for the driver's ``executemany``."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
