"""``handstudio pretrain``: the words of :mod:`handstudio.jobs.pretraining`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handstudio.cli.options import Epochs, Json, MethodName, Profile, Seed, Settings
from handstudio.cli.performing import perform, shown_by
from handstudio.methods import DEFAULT_METHOD

EXAMPLES = (
    "handstudio pretrain --out weights/ --minutes 60",
    "handstudio pretrain --out weights/ --epochs 2 --set pretraining.batch=64",
    "handstudio pretrain --out weights/ --resume",
    "handstudio pretrain --out better/ --start weights/ --minutes 30 --set pretraining.learning_rate=0.0005",
)


def command(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Weights, lineage and losses go here.", show_default=False)
    ],
    method: MethodName = DEFAULT_METHOD,
    profile: Profile = None,
    epochs: Epochs = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", min=0.0, help="Train for M minutes instead.", show_default=False),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            help="Begin with the weights of this model (folder or file) instead of chance.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what DIR holds, as it began.")] = False,
    seed: Seed = 0,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Train a method on rendered hands, from nothing or further: this is how the default weights are made."""
    from handstudio.jobs import pretraining

    perform(
        lambda work: pretraining.run(
            work,
            out,
            pretraining.Wishes(
                method=method,
                profile=profile,
                epochs=epochs,
                minutes=minutes,
                start=start,
                resume=resume,
                seed=seed,
                assignments=settings,
            ),
        ),
        as_json,
        shown_by("pretrained"),
    )
