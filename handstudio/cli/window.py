"""``handstudio window``: the one command that loads Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = (
    "handstudio window P",
    "handstudio window   [dim]# the bundled example[/dim]",
)


def command(
    project: Annotated[
        Path | None, typer.Argument(metavar="[P]", help="The project folder.", show_default=False)
    ] = None,
) -> None:
    """Open the window."""
    from handstudio.ui.start import main as start

    words = ["handstudio"] if project is None else ["handstudio", str(project)]
    raise typer.Exit(start(words) or 0)
