"""``handstudio judge``: the words of :mod:`handstudio.jobs.judging`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio judge P                       [dim]# every model of the project[/dim]",
    "handstudio judge P --model semihand-2    [dim]# this one and the adopted one[/dim]",
)


def command(
    project: ProjectPath,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="ID",
            help="This model, and the adopted one; repeatable. All by default.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge models on the hold-out, all on the same reviewed hands, before one is adopted."""
    from handstudio.jobs import judging

    perform(lambda work: judging.run(work, project, models=model), as_json, shown_by("judged"))
