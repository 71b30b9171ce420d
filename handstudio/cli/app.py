"""All commands in the order of the help, and the entry of the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn, Protocol

import typer

from handstudio.cli import (
    agreeing,
    comparing,
    demo,
    evaluating,
    experimenting,
    exporting,
    finetuning,
    fitting,
    holding_out,
    importing,
    judging,
    modelling,
    plugins,
    pretraining,
    proposing,
    reviewing,
    runs,
    synthesising,
    trail,
    verifying,
    window,
)
from handstudio.cli.words import spread

_NAME: Final = "handstudio"
_WRONG_USAGE: Final[type[Any]] = typer.BadParameter.__mro__[1]
"""What all that is wrong about a command's words is raised as."""

app = typer.Typer(
    name=_NAME,
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


class _CommandModule(Protocol):
    """What a module of a command gives: its function, and how it is typed."""

    @property
    def EXAMPLES(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def command(self) -> Callable[..., None]: ...


_LOOP, _PEOPLE, _MODELS, _MORE = "The loop", "People", "Models", "More"
_COMMANDS: Final[tuple[tuple[str, str, _CommandModule], ...]] = (
    ("import", _LOOP, importing),
    ("propose", _LOOP, proposing),
    ("review", _LOOP, reviewing),
    ("verify", _PEOPLE, verifying),
    ("agree", _PEOPLE, agreeing),
    ("history", _PEOPLE, trail),
    ("compare", _MORE, comparing),
    ("hold-out", _MODELS, holding_out),
    ("finetune", _LOOP, finetuning),
    ("pretrain", _MODELS, pretraining),
    ("evaluate", _LOOP, evaluating),
    ("export", _LOOP, exporting),
    ("synth", _MORE, synthesising),
    ("plugins", _MODELS, plugins),
    ("judge", _MODELS, judging),
    ("models", _MODELS, modelling),
    ("runs", _MODELS, runs),
    ("demo", _MORE, demo),
    ("experiment", _MODELS, experimenting),
    ("window", _LOOP, window),
)


def _examples(lines: Sequence[str]) -> str:
    """What stands at the foot of a command's help."""
    return "[b]Examples[/b]\n\n" + "\n\n".join(lines)


for _name, _panel, _module in _COMMANDS:
    app.command(_name, rich_help_panel=_panel, epilog=_examples(_module.EXAMPLES))(_module.command)

_fit = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help=fitting.SUMMARY)
app.add_typer(_fit, name="fit", rich_help_panel=_MORE, epilog=_examples(fitting.EXAMPLES))
for _name, _command, _shown in fitting.COMMANDS:
    _fit.command(_name, epilog=_examples(_shown))(_command)
app.command("fit-radii", hidden=True, epilog=_examples(fitting.OLD_EXAMPLES))(fitting.radii)


def main(words: Sequence[str] | None = None) -> None:
    """The entry of ``handstudio`` and of ``python -m handstudio``."""
    words = spread(list(sys.argv[1:] if words is None else words))
    if "--json" in words:
        _main_for_program(words)
    app(words, prog_name=_NAME)


def _main_for_program(words: Sequence[str]) -> NoReturn:
    """The same; wrong usage is an object on standard output too, as every other error is."""
    try:
        code = app(words, prog_name=_NAME, standalone_mode=False)
    except _WRONG_USAGE as error:
        from handstudio.jobs.events import to_json

        error.show()
        print(to_json({"error": error.format_message()}), flush=True)
        raise SystemExit(error.exit_code) from None
    raise SystemExit(code)
