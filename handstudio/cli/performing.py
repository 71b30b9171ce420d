"""From a command's words to its work, its result on screen and its exit code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from handstudio.jobs.command import Result, Work


def perform(
    do: Callable[[Work], Result], as_json: bool, show: Callable[[Console, Result], None] | None = None
) -> NoReturn:
    """Does the work of a command and ends with its exit code."""
    from handstudio.jobs.command import perform as perform_command

    raise typer.Exit(perform_command(do, as_json, show))


def shown_by(name: str, module: str = "showing") -> Callable[[Console, Result], None]:
    """The function of a module of :mod:`handstudio.jobs` that shows a command's result to a person."""

    def show(console: Console, result: Result) -> None:
        shows = import_module(f"handstudio.jobs.{module}")
        getattr(shows, name)(console, result)

    return show
