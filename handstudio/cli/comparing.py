"""``handstudio compare``: the words of :mod:`handstudio.jobs.comparing_proposals`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio compare P",
    "handstudio compare P --useful              [dim]# then review P --list --order useful[/dim]",
    "handstudio review P --list --order jump    [dim]# what it is for[/dim]",
)


def command(
    project: ProjectPath,
    useful: Annotated[
        bool,
        typer.Option(
            "--useful", help="Instead: find the hands that would teach a model most, unlike those reviewed."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare proposals with their masks and with the frames before and after.

    [b]propose[/b] does this at its end; it is needed for proposals of older versions.
    """
    from handstudio.jobs import comparing_proposals

    perform(
        lambda work: comparing_proposals.run(work, project, useful), as_json, shown_by("compared_proposals")
    )
