"""``handstudio window``: the one command that loads Qt."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handstudio.cli.performing import perform

if TYPE_CHECKING:
    from handstudio.jobs.command import Result, Work

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
    if not _has_screen():
        perform(_no_screen, as_json=False)
    from handstudio.ui.start import main as start

    words = ["handstudio"] if project is None else ["handstudio", str(project)]
    raise typer.Exit(start(words) or 0)


def _has_screen() -> bool:
    """Whether a window can be shown: elsewhere than on Linux always, there where something says how."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def _no_screen(work: Work) -> Result:
    from handstudio.errors import HandStudioError

    raise HandStudioError(
        "There is no screen to open a window on",
        None,
        "Without one, see the whole loop with: handstudio demo --headless",
    )
