"""Lines and small tables of plain text: names in them may hold anything."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_MOST_PROBLEMS = 20


def line(console: Console, text: str, style: str | None = None) -> None:
    """One line as it is: names may hold anything, brackets and colons too."""
    console.print(text, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)


def next_words(console: Console, what: str, *words: object) -> None:
    """What to type now."""
    line(console, f"{what}: {shlex.join(['handstudio', *map(str, words)])}", style="dim")


def problems(console: Console, found: Sequence[str]) -> None:
    """What could not be used, the first few in full."""
    for problem in found[:_MOST_PROBLEMS]:
        line(console, f"  {problem}")
    if len(found) > _MOST_PROBLEMS:
        line(console, f"  and {len(found) - _MOST_PROBLEMS} more that cannot be used")


def table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table without lines."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="dim")
    for head in heads:
        shown.add_column(Text(head), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    console.print(shown)


def number(value: float | None, form: str) -> str:
    """A figure, or a question mark where there is none."""
    return form.format(value) if value is not None else "?"
