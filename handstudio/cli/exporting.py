"""``handstudio export``: the words of :mod:`handstudio.jobs.exporting`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath, Sequences
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio export P --format coco --out labels.json",
    "handstudio export P --format hdf5 --out labels.h5 --layer correction",
    "handstudio export P --format coco --out verified.json --verified",
    'handstudio export P --format coco --out clean.json --where "state:accepted,fixed -mark:blurred"',
)


def command(
    project: ProjectPath,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="coco or hdf5.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(metavar="PATH", help="The file to write, outside of any project.", show_default=False),
    ],
    layer: Annotated[
        str, typer.Option(metavar="NAME", help="label, proposal, correction or truth.")
    ] = "label",
    sequences: Sequences = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="FILTER", help="Only hands of this filter, as in the window.", show_default=False
        ),
    ] = None,
    verified: Annotated[
        bool, typer.Option("--verified", help="Only hands that a second person verified.")
    ] = False,
    frames: Annotated[
        bool, typer.Option("--frames", help="Put the frames into the file too (hdf5).")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is no earlier export.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write labels in a form that other tools read, each with where it came from."""
    from handstudio.jobs import exporting

    perform(
        lambda work: exporting.run(
            work,
            project,
            form=form,
            out=out,
            layer=layer,
            sequences=sequences,
            frames=frames,
            overwrite=overwrite,
            where=where,
            verified=verified,
        ),
        as_json,
        shown_by("exported"),
    )
