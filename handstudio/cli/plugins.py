"""``handstudio plugins``: the words of :mod:`handstudio.jobs.listing`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio plugins",
    "handstudio plugins --settings   [dim]# what --set can change, and its values[/dim]",
)


def command(
    settings: Annotated[
        bool, typer.Option("--settings", help="Every setting of each method, with its values by profile.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the methods that are installed, first-party and others, and what is wrong with those that fail."""
    from handstudio.jobs import listing

    perform(lambda work: listing.plugins(work, settings), as_json, shown_by("plugins"))
