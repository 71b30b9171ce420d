"""``handstudio evaluate``: the words of :mod:`handstudio.jobs.evaluating`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Exact, FrameNames, Json, ProjectPath, Sequences
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio evaluate P --reference truth",
    "handstudio evaluate P --layer correction --reference reference.json",
    "handstudio evaluate P --reference reference.json --frames '1[0-9][0-9]_*' --curves curves/",
)


def command(
    project: ProjectPath,
    reference: Annotated[
        str,
        typer.Option(
            metavar="FILE_OR_LAYER",
            help="The right answer: a file (signs reference or COCO keypoints) or a layer.",
            show_default=False,
        ),
    ],
    layer: Annotated[
        str, typer.Option(metavar="NAME", help="proposal, perturbed, correction, label or truth.")
    ] = "proposal",
    sequences: Sequences = None,
    frames: FrameNames = None,
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names-file",
            metavar="FILE",
            help="Only the frames that FILE names, one a line.",
            show_default=False,
        ),
    ] = None,
    curves: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Draw PCK curves, of fingers too, and bars per joint here (SVG).",
            show_default=False,
        ),
    ] = None,
    exact: Exact = False,
    at_joints: Annotated[
        bool,
        typer.Option(
            "--at-joints",
            help="Compare at the centres of the joints and on the skin, where the truth of recordings is: "
            "poses are moved there from where people and methods put their labels.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how far one layer of poses is from another: EPE, PCK, AUC, per joint and finger."""
    from handstudio.jobs import evaluating

    perform(
        lambda work: evaluating.run(
            work,
            project,
            reference=reference,
            layer=layer,
            sequences=sequences,
            frames=frames,
            names_file=names_file,
            curves=curves,
            exact=exact,
            at_joints=at_joints,
        ),
        as_json,
        shown_by("evaluated"),
    )
