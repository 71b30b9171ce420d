"""``handstudio finetune``: the words of :mod:`handstudio.jobs.finetuning`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Epochs, Json, ModelsMethod, Profile, ProjectPath, Seed, Settings
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio finetune P",
    "handstudio finetune P --epochs 6 --labels none   [dim]# without any label[/dim]",
    "handstudio finetune P --resume 4                 [dim]# go on with an interrupted run[/dim]",
)


def command(
    project: ProjectPath,
    epochs: Epochs = None,
    labels: Annotated[
        str, typer.Option(metavar="WHICH", help="[b]curated[/b]: what was accepted or fixed; [b]none[/b].")
    ] = "curated",
    method: ModelsMethod = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="ID", help="The model to start from.", show_default="the adopted one"
        ),
    ] = None,
    profile: Profile = None,
    sequences: Annotated[
        list[str] | None,
        typer.Option(
            "--sequences", metavar="NAME...", help="Learn from these only.", show_default="all but hold-outs"
        ),
    ] = None,
    frames: Annotated[
        str | None,
        typer.Option(metavar="GLOB", help="Learn from frames with such names only.", show_default=False),
    ] = None,
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names-file",
            metavar="FILE",
            help="Learn from the frames that FILE names only.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A name for the new model.", show_default=False)
    ] = None,
    resume: Annotated[
        int | None,
        typer.Option(
            metavar="RUN",
            help="Go on with this run, as it began; only --adopt may be added.",
            show_default=False,
        ),
    ] = None,
    seed: Seed = 0,
    adopt: Annotated[bool, typer.Option("--adopt", help="Adopt the new model at once.")] = False,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Adapt a model to this project: curated labels, trusted pseudo-labels, rendered hands.

    The parent model is not touched, and the new one is not used before it is adopted. Ctrl-C stops at the
    next step; [b]--resume RUN[/b] goes on from there. Sequences that are hold-outs take no part.
    """
    from handstudio.jobs import finetuning

    perform(
        lambda work: finetuning.run(
            work,
            project,
            finetuning.Wishes(
                epochs=epochs,
                labels=labels,
                method=method,
                model=model,
                profile=profile,
                sequences=sequences,
                frames=frames,
                names_file=names_file,
                name=name,
                resume=resume,
                seed=seed,
                adopt=adopt,
                assignments=settings,
            ),
        ),
        as_json,
        shown_by("finetuned"),
    )
