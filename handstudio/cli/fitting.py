"""``handstudio fit-radii``: the words of :mod:`handstudio.jobs.fitting`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json, Seed
from handstudio.cli.performing import perform, shown_by

EXAMPLES = ("handstudio fit-radii --out circle_radii.json",)


def command(
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
