"""``handstudio agree``: the words of :mod:`handstudio.jobs.agreeing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio agree P                             [dim]# the two with most hands in common[/dim]",
    "handstudio agree P --between ann ben --blind-only",
    "handstudio agree P ../bens-project             [dim]# the same footage, annotated apart[/dim]",
    "handstudio agree P labels-of-ben.json --curves agreement/",
)


def command(
    project: ProjectPath,
    other: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OTHER]",
            help="Another project on the same footage, or an export of one (COCO, signs reference).",
            show_default=False,
        ),
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME NAME", help="Two people of this project.", show_default=False),
    ] = None,
    blind_only: Annotated[
        bool,
        typer.Option("--blind-only", help="Only hands that one annotated without seeing the other's label."),
    ] = False,
    count: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many disagreements to list, the largest first.")
    ] = 20,
    curves: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Draw PCK curves, of fingers too, and bars per joint here (SVG).",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how far two annotators agree: distances, PCK, per joint and finger, Cohen's kappa of the states.

    What both said of a hand is taken from the history, from a blind pass in the window, or from two projects
    whose footage has the same names.
    """
    from handstudio.jobs import agreeing

    perform(
        lambda work: agreeing.run(work, project, other, between, blind_only, count, curves),
        as_json,
        shown_by("agreed", "showing_people"),
    )
