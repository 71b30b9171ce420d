"""``handstudio experiment``: the words of :mod:`handstudio.experiments.running`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio experiment resources/experiments/semihand-signs.toml",
    "handstudio experiment resources/experiments/semihand-signs.toml --seeds 0 --rows all",
)


def command(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The experiment: a TOML file.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Table, figures, page; results/NAME beside the file by default.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only these rows of the table.", show_default=False),
    ] = None,
    seeds: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Only these seeds.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a table of accuracy: adapt and measure, row by row. It can be stopped and goes on where it was."""
    from handstudio.experiments import running

    perform(lambda work: running.run(work, config, out, rows, seeds), as_json, shown_by("experimented"))
