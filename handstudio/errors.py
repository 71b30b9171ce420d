"""The one error that people are meant to read."""

from __future__ import annotations

from pathlib import Path


class HandStudioError(Exception):
    """Says what happened, to which file, and what to do about it.

    Args:
        what: what happened, a sentence without a full stop.
        where: the file or folder concerned.
        remedy: what the user can do.
    """

    def __init__(self, what: str, where: Path | str | None = None, remedy: str | None = None) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        place = f": {where}" if where is not None else ""
        advice = f". {remedy}" if remedy else ""
        super().__init__(f"{what}{place}{advice}")
