"""``handstudio hold-out``: the words of :mod:`handstudio.jobs.holding_out`."""

from __future__ import annotations

from typing import Annotated

import typer

from handstudio.cli.options import HIGHEST_SEED, Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio hold-out P                       [dim]# what is held out, and what was learnt from[/dim]",
    "handstudio hold-out P --draw --dry-run      [dim]# what a draw would do[/dim]",
    "handstudio hold-out P --draw --share 0.2    [dim]# undone by: handstudio review P --undo[/dim]",
    "handstudio hold-out P --hold 'kitchen*' --release walk",
)


def command(
    project: ProjectPath,
    draw: Annotated[
        bool, typer.Option("--draw", help="Hold whole sequences out by lot until --share is reached.")
    ] = False,
    share: Annotated[
        float, typer.Option(metavar="X", min=0.01, max=0.9, help="Of all hands that is to be held out.")
    ] = 0.2,
    seed: Annotated[
        int, typer.Option(metavar="S", min=0, max=HIGHEST_SEED, help="The same seed, the same lot.")
    ] = 0,
    hold: Annotated[
        list[str] | None,
        typer.Option(
            "--hold", metavar="NAME", help="Hold this sequence out; repeatable.", show_default=False
        ),
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            "--release", metavar="NAME", help="Hold it out no longer; repeatable.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what --draw would do.")] = False,
    who: Annotated[str, typer.Option(metavar="NAME", help="Who decides.")] = "person",
    as_json: Json = False,
) -> None:
    """Keep whole sequences out of training, to judge models on them.

    A draw is fair over people and sides, keeps what was chosen by name, and says which sequences a model has
    learnt from already.
    """
    from handstudio.jobs import holding_out

    wishes = holding_out.Wishes(draw, share, seed, tuple(hold or ()), tuple(release or ()), dry_run, who)
    show = shown_by("held_out", "showing_people")
    perform(lambda work: holding_out.run(work, project, wishes), as_json, show)
