"""``handstudio review``: the words of :mod:`handstudio.jobs.reviewing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from handstudio.cli.options import HIGHEST_SEED, Exact, FrameNames, Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio review P --list",
    'handstudio review P --list --where "state:proposed error:>6 side:left"',
    'handstudio review P --where "state:proposed error:<2" --do accept',
    "handstudio review P --accept 12,15,20-30",
    "handstudio review P --undo",
    'handstudio review P --note 12,15 "thumb hidden"   [dim]# found again by --where note:thumb[/dim]',
    "handstudio review P --mark 12 blurred             [dim]# marks the frame; --where mark:blurred[/dim]",
    "handstudio review P --label-from reference.json --count 50 --seed 1   [dim]# simulated[/dim]",
    "handstudio review P --draw-sample 0 --share 0.05 --worse-than 6   [dim]# then --list --sampled[/dim]",
    "handstudio review P --auto-accept --share 0.05 --worse-than 6 --confidence 0.95",
    "handstudio review P --spot-check 20",
)
PANEL = "Accept with a promise"
ORDERS: Final = "worst, best, correction, mismatch, jump, apart, useful, sequence, random, recent"


def command(
    project: ProjectPath,
    list_hands: Annotated[
        bool, typer.Option("--list", help="List hands, worst first or by --order.")
    ] = False,
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
        int,
        typer.Option(
            metavar="S", min=0, max=HIGHEST_SEED, help="What --label-from draws, and --order random."
        ),
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
    where: Annotated[
        str | None,
        typer.Option(
            metavar="FILTER",
            help='List hands of this filter, as in the window: "state:proposed error:>6 -seq:kitchen".',
            show_default=False,
        ),
    ] = None,
    do_to_all: Annotated[
        str | None,
        typer.Option(
            "--do",
            metavar="DECISION",
            help="Decide all hands of --where, as one step of undo: accept, take-correction, reject, skip, "
            "reset, flip-side.",
            show_default=False,
        ),
    ] = None,
    note: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--note",
            metavar="IDS TEXT",
            help="Write a note on hands; an empty one takes theirs away.",
            show_default=False,
        ),
    ] = None,
    mark: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--mark",
            metavar="IDS WORD",
            help="Mark the frames of hands: blurred, occluded, or any word; an empty one clears them.",
            show_default=False,
        ),
    ] = None,
    order: Annotated[str, typer.Option(metavar="ORDER", help=f"Order of the list: {ORDERS}.")] = "worst",
    exact: Exact = False,
    sampled: Annotated[
        bool,
        typer.Option(
            "--sampled", help="List or fix only sampled hands still to be reviewed.", rich_help_panel=PANEL
        ),
    ] = False,
    draw_sample: Annotated[
        int | None,
        typer.Option(
            "--draw-sample",
            metavar="N",
            min=0,
            help="Draw N hands at random to be reviewed; 0: as many as the promise needs. --seed says which.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    more: Annotated[
        int | None,
        typer.Option(
            "--draw-more",
            metavar="N",
            min=1,
            help="Draw N further hands into the sample.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    auto_accept: Annotated[
        bool,
        typer.Option(
            "--auto-accept",
            help="Accept as many hands as the promise holds for; refuses with the reason where it does not.",
            rich_help_panel=PANEL,
        ),
    ] = False,
    share: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0.001,
            max=0.5,
            help="At most this share of the accepted hands is worse.",
            show_default="0.05",
            rich_help_panel=PANEL,
        ),
    ] = None,
    worse_than: Annotated[
        float | None,
        typer.Option(
            "--worse-than",
            metavar="Y",
            min=0.1,
            help="Worse than so many px, mean over the joints.",
            show_default="6",
            rich_help_panel=PANEL,
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            metavar="C",
            min=0.5,
            max=0.999,
            help="Probability that the promise is kept.",
            show_default="0.95",
            rich_help_panel=PANEL,
        ),
    ] = None,
    spot_check: Annotated[
        int | None,
        typer.Option(
            "--spot-check",
            metavar="N",
            min=0,
            help="Have N automatically accepted hands drawn to be checked, and list them; 0 only lists.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    promise: Annotated[
        bool,
        typer.Option(
            "--promise", help="Show what could be promised, and why not more.", rich_help_panel=PANEL
        ),
    ] = False,
    who: Annotated[str, typer.Option(metavar="NAME", help="Who decides.")] = "person",
    as_json: Json = False,
) -> None:
    """Decide from the shell what the window decides with keys.

    Every decision is a command with its inverse: [b]--undo[/b] works here and in the window, also tomorrow.
    """
    from handstudio.jobs import accepting, reviewing

    about_promises = accepting.PromiseWishes(
        *(draw_sample, more, promise, auto_accept, spot_check),
        *(share, worse_than, confidence, seed, who),
    )
    if about_promises.asked:
        perform(lambda work: accepting.run(work, project, about_promises), as_json, shown_by("promised"))
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
                sampled=sampled,
                where=where,
                order=order,
                do_to_all=do_to_all,
                note=note,
                mark=mark,
                who=who,
            ),
        ),
        as_json,
        shown_by("reviewed"),
    )
