"""The same jobs from a shell, with the same words as the window.

Each command parses its words, hands them to one module of :mod:`handstudio.jobs`, and shows what came back.
Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from handstudio.jobs.command import Result, Work

app = typer.Typer(
    name="handstudio",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Annotate and review hand pose: propose, judge, correct, finetune, again.\n\n"
        "A [b]project[/b] is a folder. Your footage stays where it is and is never changed."
    ),
    epilog=(
        "[b]A first round[/b]\n\n"
        "handstudio import photos/ --project P   [dim]# read the footage[/dim]\n\n"
        "handstudio propose P                    [dim]# poses for every hand[/dim]\n\n"
        "handstudio window P                     [dim]# accept or fix them[/dim]\n\n"
        "handstudio finetune P                   [dim]# learn from that[/dim]\n\n"
        "handstudio models P --adopt ID          [dim]# use the new model[/dim]\n\n"
        "handstudio propose P                    [dim]# better proposals[/dim]\n\n"
        "handstudio export P --format coco --out labels.json\n\n"
        "Exit codes: 0 done, 1 failed (what, where, what to do), 2 wrong usage, 130 cancelled."
    ),
)

LOOP, MODELS, OTHER = "The loop", "Models", "More"

ProjectPath = Annotated[Path, typer.Argument(metavar="P", help="The project folder.", show_default=False)]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")
]
MethodName = Annotated[str, typer.Option("--method", metavar="NAME", help="See [b]handstudio plugins[/b].")]
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
        "--set", metavar="KEY=VALUE", help="One setting of the method; may be repeated.", show_default=False
    ),
]


def examples(*lines: str) -> str:
    """The foot of a command's help."""
    return "[b]Examples[/b]\n\n" + "\n\n".join(lines)


def perform(
    do: Callable[[Work], Result], as_json: bool, show: Callable[[Console, Result], None] | None = None
) -> NoReturn:
    """Does the work of a command and ends with its exit code."""
    from handstudio.jobs.command import perform as perform_command

    raise typer.Exit(perform_command(do, as_json, show))


def shown_by(name: str) -> Callable[[Console, Result], None]:
    """The function of :mod:`handstudio.jobs.showing` that shows a command's result to a person."""

    def show(console: Console, result: Result) -> None:
        from handstudio.jobs import showing

        getattr(showing, name)(console, result)

    return show


@app.command(
    "import",
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio import photos/ --project P",
        "handstudio import walk.mp4 wave.mp4 --project P   [dim]# two videos[/dim]",
        "handstudio import recordings/ --project P         [dim]# with depth, views and truth[/dim]",
    ),
)
def import_command(
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


@app.command(
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio propose P",
        "handstudio propose P --sequences walk wave",
        "handstudio propose P --model semihand-3   [dim]# not the adopted one[/dim]",
    ),
)
def propose(
    project: ProjectPath,
    method: MethodName = "semihand",
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="ID", help="See [b]handstudio models P[/b].", show_default="the adopted one"
        ),
    ] = None,
    sequences: Annotated[
        list[str] | None,
        typer.Option("--sequences", metavar="NAME...", help="Only these sequences.", show_default="all"),
    ] = None,
    decided: Annotated[
        bool, typer.Option("--decided", help="Propose for decided hands too, beside their labels.")
    ] = False,
    only_new: Annotated[
        bool, typer.Option("--new", help="Only hands without a proposal: go on after a cancelled run.")
    ] = False,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Propose a pose, a correction and a confidence for every hand.

    Results are stored as they come and show up in an open window. A decided label is never overwritten.
    """
    from handstudio.jobs import proposing

    perform(
        lambda work: proposing.run(
            work,
            project,
            method=method,
            model=model,
            sequences=sequences,
            decided=decided,
            only_new=only_new,
            assignments=settings,
        ),
        as_json,
        shown_by("proposed"),
    )


@app.command(
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio review P --list",
        "handstudio review P --accept 12,15,20-30",
        "handstudio review P --undo",
        "handstudio review P --label-from reference.json --count 50 --seed 1   [dim]# simulated[/dim]",
    ),
)
def review(
    project: ProjectPath,
    list_hands: Annotated[bool, typer.Option("--list", help="List hands, worst first.")] = False,
    accept: Annotated[
        str | None, typer.Option(metavar="IDS", help="Hands such as 3,8,10-20.", show_default=False)
    ] = None,
    reject: Annotated[str | None, typer.Option(metavar="IDS", show_default=False)] = None,
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
    seed: Annotated[int, typer.Option(metavar="S", help="Which hands --label-from draws.")] = 0,
    frames: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only frames with such names.", show_default=False)
    ] = None,
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names-file", metavar="FILE", help="Only the frames that FILE names.", show_default=False
        ),
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="List hands of this state.", show_default="undecided")
    ] = None,
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
                who=who,
            ),
        ),
        as_json,
        shown_by("reviewed"),
    )


@app.command(
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio finetune P",
        "handstudio finetune P --epochs 6 --labels none   [dim]# without any label[/dim]",
        "handstudio finetune P --resume 4                 [dim]# go on with an interrupted run[/dim]",
    ),
)
def finetune(
    project: ProjectPath,
    epochs: Annotated[int | None, typer.Option(metavar="K", min=1, show_default="the profile's")] = None,
    labels: Annotated[
        str, typer.Option(metavar="WHICH", help="[b]curated[/b]: what was accepted or fixed; [b]none[/b].")
    ] = "curated",
    method: MethodName = "semihand",
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
        int | None, typer.Option(metavar="RUN", help="Go on with this run.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S")] = 0,
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


@app.command(
    rich_help_panel=MODELS,
    epilog=examples(
        "handstudio pretrain --out weights/ --minutes 60",
        "handstudio pretrain --out weights/ --epochs 2 --set pretraining.batch=64",
        "handstudio pretrain --out weights/ --resume",
    ),
)
def pretrain(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Weights, lineage and losses go here.", show_default=False)
    ],
    method: MethodName = "semihand",
    profile: Profile = None,
    epochs: Annotated[int | None, typer.Option(metavar="K", min=1, show_default="the profile's")] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", min=0.0, help="Train for M minutes instead.", show_default=False),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what DIR holds.")] = False,
    seed: Annotated[int, typer.Option(metavar="S")] = 0,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Train a method from nothing on rendered hands: this is how the default weights are made."""
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
                resume=resume,
                seed=seed,
                assignments=settings,
            ),
        ),
        as_json,
        shown_by("pretrained"),
    )


@app.command(
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio evaluate P --reference truth",
        "handstudio evaluate P --layer correction --reference reference.json",
        "handstudio evaluate P --reference reference.json --frames '1[0-9][0-9]_*' --curves curves/",
    ),
)
def evaluate(
    project: ProjectPath,
    reference: Annotated[
        str,
        typer.Option(
            metavar="FILE_OR_LAYER",
            help="The right answer: a file (signs reference or COCO keypoints) or a layer.",
            show_default=False,
        ),
    ],
    layer: Annotated[
        str, typer.Option(metavar="NAME", help="proposal, perturbed, correction, label or truth.")
    ] = "proposal",
    sequences: Annotated[
        list[str] | None, typer.Option("--sequences", metavar="NAME...", show_default="all")
    ] = None,
    frames: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only frames with such names.", show_default=False)
    ] = None,
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names-file",
            metavar="FILE",
            help="Only the frames that FILE names, one a line.",
            show_default=False,
        ),
    ] = None,
    curves: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw PCK curves and bars here (SVG).", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how far one layer of poses is from another: EPE, PCK, AUC, per joint and finger."""
    from handstudio.jobs import evaluating

    perform(
        lambda work: evaluating.run(
            work,
            project,
            reference=reference,
            layer=layer,
            sequences=sequences,
            frames=frames,
            names_file=names_file,
            curves=curves,
        ),
        as_json,
        shown_by("evaluated"),
    )


@app.command(
    rich_help_panel=LOOP,
    epilog=examples(
        "handstudio export P --format coco --out labels.json",
        "handstudio export P --format hdf5 --out labels.h5 --layer correction",
    ),
)
def export(
    project: ProjectPath,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="coco or hdf5.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="PATH", show_default=False)],
    layer: Annotated[
        str, typer.Option(metavar="NAME", help="label, proposal, correction or truth.")
    ] = "label",
    sequences: Annotated[
        list[str] | None, typer.Option("--sequences", metavar="NAME...", show_default="all")
    ] = None,
    frames: Annotated[
        bool, typer.Option("--frames", help="Put the frames into the file too (hdf5).")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is no earlier export.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write labels in a form that other tools read, each with where it came from."""
    from handstudio.jobs import exporting

    perform(
        lambda work: exporting.run(
            work,
            project,
            form=form,
            out=out,
            layer=layer,
            sequences=sequences,
            frames=frames,
            overwrite=overwrite,
        ),
        as_json,
        shown_by("exported"),
    )


@app.command(
    rich_help_panel=OTHER,
    epilog=examples(
        "handstudio synth --count 200 --size 224 --seed 7 --out hands/",
        "handstudio import hands/ --project P   [dim]# with its truth, depth, masks and views[/dim]",
    ),
)
def synth(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Recordings go here.", show_default=False)],
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Frames in all, of all views.")] = 100,
    size: Annotated[int, typer.Option(metavar="S", min=16, max=1024, help="Pixels of a frame's side.")] = 128,
    seed: Annotated[int, typer.Option(metavar="K", help="The same seed gives the same hands.")] = 0,
    views: Annotated[int, typer.Option(metavar="V", min=1, max=8, help="Cameras around the hand.")] = 1,
    as_json: Json = False,
) -> None:
    """Render hands with pose, mask, depth and calibration, as a recording that [b]import[/b] reads."""
    from handstudio.jobs import synthesising

    perform(
        lambda work: synthesising.run(work, count=count, size=size, seed=seed, out=out, views=views),
        as_json,
        shown_by("synthesised"),
    )


@app.command(rich_help_panel=MODELS, epilog=examples("handstudio plugins"))
def plugins(as_json: Json = False) -> None:
    """List the methods that are installed, first-party and others, and what is wrong with those that fail."""
    from handstudio.jobs import listing

    perform(listing.plugins, as_json, shown_by("plugins"))


@app.command(
    rich_help_panel=MODELS,
    epilog=examples(
        "handstudio models P",
        "handstudio models P --adopt semihand-3",
        "handstudio models P --rollback   [dim]# back to the one before[/dim]",
    ),
)
def models(
    project: ProjectPath,
    adopt: Annotated[
        str | None, typer.Option(metavar="ID", help="Use this model from now on.", show_default=False)
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the model adopted before.")] = False,
    as_json: Json = False,
) -> None:
    """List the models of a project with their parents; adopt one; roll back."""
    from handstudio.jobs import modelling

    perform(
        lambda work: modelling.run(work, project, adopt=adopt, rollback=rollback), as_json, shown_by("models")
    )


@app.command(rich_help_panel=MODELS, epilog=examples("handstudio runs P"))
def runs(project: ProjectPath, as_json: Json = False) -> None:
    """List the runs of a project: what ran, how it ended, where its log is."""
    from handstudio.jobs import listing

    perform(lambda work: listing.runs(work, project), as_json, shown_by("runs"))


@app.command(
    rich_help_panel=OTHER,
    epilog=examples(
        "handstudio demo --headless                [dim]# prints each step, names its folder[/dim]",
        "handstudio demo --headless --out tour/",
    ),
)
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a person: the loop plays by itself.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Project, report and screenshots.", show_default="a new folder"),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer frames and epochs: a check in about a minute.")
    ] = False,
    screenshots: Annotated[bool, typer.Option(help="Photograph the real window at each stage.")] = True,
    as_json: Json = False,
) -> None:
    """The whole loop on the bundled example, from import to export."""
    if not headless:
        window(None)
        return
    from handstudio.jobs import demo as demonstration

    perform(
        lambda work: demonstration.run(work, out=out, quick=quick, screenshots=screenshots),
        as_json,
        shown_by("demo"),
    )


@app.command(
    "fit-radii", rich_help_panel=OTHER, epilog=examples("handstudio fit-radii --out circle_radii.json")
)
def fit_radii(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default="the file that the program uses")
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=16, help="Rendered masks to fit on.")] = 2000,
    seed: Annotated[int, typer.Option(metavar="S")] = 0,
    as_json: Json = False,
) -> None:
    """Fit the radii of the 55 circles to the masks of rendered hands."""
    from handstudio.jobs import fitting

    perform(lambda work: fitting.run(work, out=out, count=count, seed=seed), as_json, shown_by("fitted"))


@app.command(
    rich_help_panel=LOOP,
    epilog=examples("handstudio window P", "handstudio window   [dim]# the bundled example[/dim]"),
)
def window(
    project: Annotated[
        Path | None, typer.Argument(metavar="[P]", help="The project folder.", show_default=False)
    ] = None,
) -> None:
    """Open the window."""
    from handstudio.ui.start import main as start

    words = ["handstudio"] if project is None else ["handstudio", str(project)]
    raise typer.Exit(start(words) or 0)


_SPREADING = ("--sequences",)


def spread(words: Sequence[str]) -> list[str]:
    """Lets ``--sequences a b c`` stand for ``--sequences a --sequences b --sequences c``.

    Only behind the project (``propose P --sequences a b``), where no name can be taken for it.
    """
    if len(words) < 2 or words[1].startswith("-"):
        return list(words)
    result: list[str] = []
    option: str | None = None
    taken = 0
    for word in words:
        if word in _SPREADING:
            option, taken = word, 0
        elif word.startswith("-"):
            option = None
        elif option is not None:
            if taken:
                result.append(option)
            taken += 1
        result.append(word)
    return result


def main(words: Sequence[str] | None = None) -> None:
    """The entry of ``handstudio`` and of ``python -m handstudio``."""
    app(spread(list(sys.argv[1:] if words is None else words)), prog_name="handstudio")


if __name__ == "__main__":
    main()
