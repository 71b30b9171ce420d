"""``handstudio fit``: the hand's figures from data; the words of :mod:`handstudio.jobs.fitting` and of
:mod:`handstudio.jobs.fitting_template` and :mod:`handstudio.jobs.fitting_limits`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Exact, Json, ProjectPath, Seed
from handstudio.cli.performing import perform, shown_by

SUMMARY = "Fit radii of circles, bone lengths of people and limits of joints to data."
EXAMPLES = (
    "handstudio fit template P                          [dim]# bones of each subject[/dim]",
    "handstudio fit limits P                            [dim]# what joints do in the labels of P[/dim]",
    "handstudio fit radii --out circle_radii.json       [dim]# circles against rendered masks[/dim]",
)

OLD_EXAMPLES = ("handstudio fit radii --out circle_radii.json   [dim]# the name it has now[/dim]",)

Show = Annotated[bool, typer.Option("--show", help="Show what would be fitted; the project stays as it is.")]
Who = Annotated[str, typer.Option(metavar="NAME", help="Who decides, for the history.")]


def radii(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default="the file that the program uses")
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=16, help="Rendered masks to fit on.")] = 2000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Fit the radii of the 55 circles to the masks of rendered hands."""
    from handstudio.jobs import fitting

    perform(lambda work: fitting.run(work, out=out, count=count, seed=seed), as_json, shown_by("fitted"))


def template(
    project: ProjectPath,
    sequences: Annotated[
        list[str] | None,
        typer.Option(
            "--sequences",
            metavar="NAME...",
            help="Only these. One without a subject is taken for one person.",
            show_default="all with a subject",
        ),
    ] = None,
    least: Annotated[int, typer.Option(metavar="N", min=1, help="Hands that must show a bone.")] = 5,
    show: Show = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Go back to the template that belongs to nobody.")
    ] = False,
    who: Who = "person",
    as_json: Json = False,
) -> None:
    """Fit the bone lengths of each subject to the hands that people accepted or fixed.

    A bone's length is the median over the hands, in lengths of the middle finger's proximal phalanx; in mm
    where the data set's truth, or depth and a camera, show the hand's size. Registration, corrections,
    circles, the 3D view and the editor use it from then on for hands of that subject: run propose again for
    new corrections. It is one step of the history: undo in the window takes it back, as does --remove.
    """
    from handstudio.jobs import fitting_template

    perform(
        lambda work: fitting_template.run(
            work, project, sequences, least=least, keep=not show, remove=remove, who=who
        ),
        as_json,
        shown_by("template", "showing_fits"),
    )


def limits(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A project, recordings with 3D truth, or a file that --out wrote.",
            show_default=False,
        ),
    ],
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            "-p",
            metavar="P",
            help="The project that uses the limits.",
            show_default="SOURCE, if it is a project",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them as JSON.", show_default=False)
    ] = None,
    layer: Annotated[
        str, typer.Option(metavar="LAYER", help="Of a project: [b]label[/b] (by people) or [b]truth[/b].")
    ] = "label",
    share: Annotated[
        float,
        typer.Option(metavar="S", min=0.5, max=0.9999, help="Of the hands, within each angle's limits."),
    ] = 0.99,
    margin: Annotated[
        float, typer.Option(metavar="DEGREES", min=0.0, max=90.0, help="Widen the limits by so much.")
    ] = 2.0,
    exact: Exact = False,
    show: Show = False,
    remove: Annotated[bool, typer.Option("--remove", help="Go back to the limits from anatomy.")] = False,
    who: Who = "person",
    as_json: Json = False,
) -> None:
    """Fit the limits of joint angles to labelled hands, and print them beside those from anatomy.

    Each angle by itself: quantiles of the hands, widened by a margin. A project uses its limits for the
    corrections that keep to limits, while dragging, and in the inspector. Undo takes them back, as does
    --remove.
    """
    from handstudio.jobs import fitting_limits

    perform(
        lambda work: fitting_limits.run(
            work,
            source,
            project,
            out,
            layer=layer,
            share=share,
            margin=margin,
            exact=exact,
            keep=not show,
            remove=remove,
            who=who,
        ),
        as_json,
        shown_by("limits", "showing_fits"),
    )


COMMANDS = (
    ("template", template, ("handstudio fit template P", "handstudio fit template P --sequences anna ben")),
    (
        "limits",
        limits,
        (
            "handstudio fit limits P",
            "handstudio fit limits recordings/ --out limits.json",
            "handstudio fit limits limits.json --project P",
        ),
    ),
    ("radii", radii, ("handstudio fit radii --out circle_radii.json",)),
)
