"""``handstudio models``: the words of :mod:`handstudio.jobs.modelling`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio models P",
    "handstudio models P --adopt semihand-3",
    "handstudio models P --add weights/mine --adopt mine",
    "handstudio models P --rollback   [dim]# back to the one before[/dim]",
)


def command(
    project: ProjectPath,
    adopt: Annotated[
        str | None, typer.Option(metavar="ID", help="Use this model from now on.", show_default=False)
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the model adopted before.")] = False,
    add: Annotated[
        Path | None,
        typer.Option(
            "--add",
            metavar="MODEL",
            help="Bring in a model that was pretrained elsewhere (folder or file); its ID is its name.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the models of a project with their parents; bring one in; adopt one; roll back."""
    from handstudio.jobs import modelling

    perform(
        lambda work: modelling.run(work, project, adopt=adopt, rollback=rollback, add=add),
        as_json,
        shown_by("models"),
    )
