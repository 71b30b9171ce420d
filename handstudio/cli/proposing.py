"""``handstudio propose``: the words of :mod:`handstudio.jobs.proposing`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ModelsMethod, ProjectPath, Settings
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio propose P",
    "handstudio propose P --sequences walk wave",
    "handstudio propose P --model semihand-3   [dim]# not the adopted one[/dim]",
)


def command(
    project: ProjectPath,
    method: ModelsMethod = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="ID", help="See [b]handstudio models P[/b].", show_default="the adopted one"
        ),
    ] = None,
    sequences: Annotated[
        list[str] | None,
        typer.Option("--sequences", metavar="NAME...", help="Only these sequences.", show_default="all"),
    ] = None,
    decided: Annotated[
        bool, typer.Option("--decided", help="Propose for decided hands too, beside their labels.")
    ] = False,
    only_new: Annotated[
        bool, typer.Option("--new", help="Only hands without a proposal of this model: go on.")
    ] = False,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="FILTER",
            help='Only hands of this filter, such as "error:>6 -seq:kitchen"; boxes do not follow then.',
            show_default=False,
        ),
    ] = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Propose a pose, a correction and a confidence for every hand.

    Results are stored as they come and show up in an open window. A decided label is never overwritten.
    """
    from handstudio.jobs import proposing

    perform(
        lambda work: proposing.run(
            work,
            project,
            method=method,
            model=model,
            sequences=sequences,
            decided=decided,
            only_new=only_new,
            assignments=settings,
            where=where,
        ),
        as_json,
        shown_by("proposed"),
    )
