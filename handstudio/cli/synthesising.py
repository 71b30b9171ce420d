"""``handstudio synth``: the words of :mod:`handstudio.jobs.synthesising`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import HIGHEST_SEED, Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio synth --count 200 --size 224 --seed 7 --out hands/",
    "handstudio import hands/ --project P   [dim]# with its truth, depth, masks and views[/dim]",
)


def command(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Recordings go here.", show_default=False)],
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Frames in all, of all views.")] = 100,
    size: Annotated[int, typer.Option(metavar="S", min=16, max=1024, help="Pixels of a frame's side.")] = 128,
    seed: Annotated[
        int, typer.Option(metavar="K", min=0, max=HIGHEST_SEED, help="The same seed gives the same hands.")
    ] = 0,
    views: Annotated[int, typer.Option(metavar="V", min=1, max=8, help="Cameras around the hand.")] = 1,
    as_json: Json = False,
) -> None:
    """Render hands with pose, mask, depth and calibration, as a recording that [b]import[/b] reads."""
    from handstudio.jobs import synthesising

    perform(
        lambda work: synthesising.run(work, count=count, size=size, seed=seed, out=out, views=views),
        as_json,
        shown_by("synthesised"),
    )
