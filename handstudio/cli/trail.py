"""``handstudio history``: the words of :mod:`handstudio.jobs.trail`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio history P",
    "handstudio history P --hand 12          [dim]# who decided it, verified it, sent it back[/dim]",
    "handstudio history P --who ben --count 200 --json",
)


def command(
    project: ProjectPath,
    hand: Annotated[
        int | None, typer.Option(metavar="ID", help="Only what concerned this hand.", show_default=False)
    ] = None,
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this person did.", show_default=False)
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, help="How many lines, the latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show who decided, verified, undid and redid what, and when. Nothing is ever taken out of it."""
    from handstudio.jobs import trail

    show = shown_by("trail", "showing_people")
    perform(lambda work: trail.run(work, project, hand, who, count), as_json, show)
