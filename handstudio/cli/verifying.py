"""``handstudio verify``: the words of :mod:`handstudio.jobs.verifying`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio verify P --who ben                       [dim]# what waits for Ben[/dim]",
    "handstudio verify P 12,15-20 --who ben",
    'handstudio verify P --all --where "error:<3 side:left" --who ben',
    'handstudio verify P --send-back 14 --reason "thumb is bent the wrong way" --who ben',
    "handstudio review P --list --state sent_back        [dim]# what Ann has to look at again[/dim]",
    "handstudio export P --format coco --out verified.json --verified",
)


def command(
    project: ProjectPath,
    hands: Annotated[
        str | None,
        typer.Argument(metavar="[IDS]", help="Hands to verify, such as 3,8,10-20.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Verify all that wait, or those of --where: one step of undo.")
    ] = False,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="FILTER", help="Only hands of this filter, as in the window.", show_default=False
        ),
    ] = None,
    send_back: Annotated[
        str | None,
        typer.Option(
            "--send-back",
            metavar="IDS",
            help="Give hands back to be decided anew; their labels are kept beside them.",
            show_default=False,
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What is wrong, for whoever decided it.", show_default=False),
    ] = None,
    own: Annotated[
        bool | None,
        typer.Option(
            "--own/--not-own",
            help="Let people verify what they decided themselves (teams of one), or no longer.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many hands to list.", min=0)] = 50,
    who: Annotated[str, typer.Option(metavar="NAME", help="Who looks.")] = "person",
    as_json: Json = False,
) -> None:
    """Have a second person look at what the first one decided.

    Nobody verifies their own decisions. A label that is changed later loses its verification. Without hands
    this lists what waits.
    """
    from handstudio.jobs import verifying

    wishes = verifying.Wishes(hands, where, everything, send_back, reason, own, count, who)
    perform(
        lambda work: verifying.run(work, project, wishes), as_json, shown_by("verified", "showing_people")
    )
