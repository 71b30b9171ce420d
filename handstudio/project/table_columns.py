"""Columns of a million rows as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa


def columns_of(
    connection: sa.Connection,
    statement: sa.Select[Any],
    parameters: Mapping[str, Any] | None = None,
    kinds: Mapping[str, Any] | None = None,
) -> list[npt.NDArray[Any]]:
    """Every column of a statement, by way of one JSON array each: no row becomes a Python object.

    Args:
        connection: any.
        statement: of numbers that are not NULL; read with 15 digits.
        parameters: its parameters.
        kinds: types of the columns that are no int64, by name.
    """
    rows = statement.subquery()
    arrays = [sa.cast(sa.func.json_group_array(column), sa.Text) for column in rows.c]
    found = connection.execute(sa.select(*arrays), dict(parameters or {})).one()
    types = [(kinds or {}).get(column.name, np.int64) for column in rows.c]
    return [
        np.fromstring(text[1:-1], dtype=kind, sep=",") if text and text != "[]" else np.empty(0, kind)
        for text, kind in zip(found, types, strict=True)
    ]
