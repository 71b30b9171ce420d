"""Arguments and options that several commands share: one word, one meaning, one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectPath = Annotated[Path, typer.Argument(metavar="P", help="The project folder.", show_default=False)]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")
]
MethodName = Annotated[str, typer.Option("--method", metavar="NAME", help="See [b]handstudio plugins[/b].")]
ModelsMethod = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="The adopted model if it is of this method, else the shipped one. "
        "See [b]handstudio plugins[/b].",
        show_default="the adopted model's",
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="[b]lite[/b] for a CPU, [b]paper[/b] as published.",
        show_default="the model's",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="One setting of the method; may be repeated. [b]handstudio plugins --settings[/b] lists them.",
        show_default=False,
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        "--epochs", metavar="K", min=1, help="Passes over what is learnt from.", show_default="the profile's"
    ),
]
HIGHEST_SEED = 2**31 - 1
Seed = Annotated[
    int, typer.Option("--seed", metavar="S", min=0, max=HIGHEST_SEED, help="The same seed, the same result.")
]
Sequences = Annotated[
    list[str] | None,
    typer.Option("--sequences", metavar="NAME...", help="Only these sequences.", show_default="all"),
]
Exact = Annotated[
    bool,
    typer.Option(
        "--exact",
        help="Keep the truth of recordings at the centres of the joints and on the skin. Else it is moved to "
        "where people and methods put their labels.",
    ),
]
FrameNames = Annotated[
    str | None,
    typer.Option("--frames", metavar="GLOB", help="Only frames with such names.", show_default=False),
]
