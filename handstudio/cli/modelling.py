"""``handstudio models``: the words of :mod:`handstudio.jobs.modelling`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio models P",
    "handstudio models P --adopt semihand-3",
    "handstudio models P --rollback   [dim]# back to the one before[/dim]",
)


def command(
    project: ProjectPath,
    adopt: Annotated[
        str | None, typer.Option(metavar="ID", help="Use this model from now on.", show_default=False)
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the model adopted before.")] = False,
    as_json: Json = False,
) -> None:
    """List the models of a project with their parents; adopt one; roll back."""
    from handstudio.jobs import modelling

    perform(
        lambda work: modelling.run(work, project, adopt=adopt, rollback=rollback), as_json, shown_by("models")
    )
