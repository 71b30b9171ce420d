"""``handstudio demo``: the words of :mod:`handstudio.jobs.demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli import window
from handstudio.cli.options import Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio demo --headless                [dim]# prints each step, names its folder[/dim]",
    "handstudio demo --headless --out tour/",
)


def command(
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a person: the loop plays by itself.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Project, report and screenshots.", show_default="a new folder"),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer frames and epochs: a check in about a minute.")
    ] = False,
    screenshots: Annotated[bool, typer.Option(help="Photograph the real window at each stage.")] = True,
    as_json: Json = False,
) -> None:
    """The whole loop on the bundled example: in the window, or played by itself from import to export."""
    if not headless:
        if out is not None or quick or not screenshots or as_json:
            raise typer.BadParameter("--out, --quick, --no-screenshots and --json go with --headless")
        window.command(None)
        return
    from handstudio.jobs import demo as demonstration

    perform(
        lambda work: demonstration.run(work, out=out, quick=quick, screenshots=screenshots),
        as_json,
        shown_by("demo"),
    )
