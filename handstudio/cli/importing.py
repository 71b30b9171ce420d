"""``handstudio import``: the words of :mod:`handstudio.jobs.importing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio import photos/ --project P",
    "handstudio import walk.mp4 wave.mp4 --project P   [dim]# two videos[/dim]",
    "handstudio import recordings/ --project P         [dim]# with depth, views and truth[/dim]",
)


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Folders of frames, videos, recordings.", show_default=False),
    ],
    project: Annotated[
        Path,
        typer.Option("--project", "-p", metavar="P", help="Made if it is not there.", show_default=False),
    ],
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="The layout of PATH.", show_default="recognised"),
    ] = None,
    hands: Annotated[
        str,
        typer.Option(
            "--hands",
            metavar="HOW",
            help="Where the data set names no hands: [b]whole[/b], one a frame, the whole frame its box; "
            "[b]none[/b]: boxes will be drawn.",
        ),
    ] = "whole",
    side: Annotated[
        str, typer.Option("--side", metavar="SIDE", help="Side of hands that the data set does not name.")
    ] = "right",
    as_json: Json = False,
) -> None:
    """Read footage into a project. Nothing is copied or changed.

    Importing the same folder again adds the frames that are new, at the end; labels never shift.
    Damaged files are listed, and the rest goes on.
    """
    from handstudio.jobs import importing

    perform(
        lambda work: importing.run(work, paths, project, form=form, hands=hands, side=side),
        as_json,
        shown_by("imported"),
    )
