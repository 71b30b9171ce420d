"""``handstudio review``: the words of :mod:`handstudio.jobs.reviewing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import HIGHEST_SEED, Exact, FrameNames, Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio review P --list",
    "handstudio review P --accept 12,15,20-30",
    "handstudio review P --undo",
    "handstudio review P --label-from reference.json --count 50 --seed 1   [dim]# simulated[/dim]",
)


def command(
    project: ProjectPath,
    list_hands: Annotated[bool, typer.Option("--list", help="List hands, worst first.")] = False,
    accept: Annotated[
        str | None, typer.Option(metavar="IDS", help="Hands such as 3,8,10-20.", show_default=False)
    ] = None,
    reject: Annotated[
        str | None,
        typer.Option(metavar="IDS", help="Hands without a usable pose, or none at all.", show_default=False),
    ] = None,
    take_correction: Annotated[
        str | None,
        typer.Option(
            "--take-correction", metavar="IDS", help="Accept the corrected pose.", show_default=False
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last command back.")] = False,
    redo: Annotated[bool, typer.Option("--redo", help="Do the command again that was taken back.")] = False,
    label_from: Annotated[
        str | None,
        typer.Option(
            "--label-from",
            metavar="REFERENCE",
            help="Fix hands from a reference file or layer, as a person would.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many hands to fix or list.", min=0)] = 50,
    seed: Annotated[
        int, typer.Option(metavar="S", min=0, max=HIGHEST_SEED, help="Which hands --label-from draws.")
    ] = 0,
    frames: FrameNames = None,
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names-file", metavar="FILE", help="Only the frames that FILE names.", show_default=False
        ),
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="List hands of this state.", show_default="undecided")
    ] = None,
    exact: Exact = False,
    who: Annotated[str, typer.Option(metavar="NAME", help="Who decides.")] = "person",
    as_json: Json = False,
) -> None:
    """Decide from the shell what the window decides with keys.

    Every decision is a command with its inverse: [b]--undo[/b] works here and in the window, also tomorrow.
    """
    from handstudio.jobs import reviewing

    perform(
        lambda work: reviewing.run(
            work,
            project,
            reviewing.Wishes(
                accept=accept,
                reject=reject,
                take_correction=take_correction,
                undo=undo,
                redo=redo,
                label_from=label_from,
                list_hands=list_hands,
                count=count,
                seed=seed,
                frames=frames,
                names_file=names_file,
                state=state,
                exact=exact,
                who=who,
            ),
        ),
        as_json,
        shown_by("reviewed"),
    )
