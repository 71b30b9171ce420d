"""Steps of undo about very many hands: away from the session's thread, and nothing overtakes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.progress import CancelledError, Progress, Silent

LARGE: Final = 1_000
"""Hands from which on a step is a large one: it would be felt."""

Result = TypeVar("Result")


class Runner(Protocol):
    """How a large step is carried out."""

    def __call__(
        self,
        work: Callable[[Progress], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> object:
        """Do ``work`` on any thread, then call ``done`` or ``failed`` on the session's."""


def at_once(
    work: Callable[[Progress], Any],
    done: Callable[[Any], object],
    failed: Callable[[Exception], object],
) -> None:
    """Carry a step out here and now, as programs without a window do."""
    try:
        result = work(Silent())
    except Exception as problem:
        failed(problem)
    else:
        done(result)


class LargeSteps:
    """One large step of a session at a time; meanwhile every other command is refused in words.

    A step is one transaction: done, or cancelled and as if it had never begun.

    Signals (psygnal): ``changed()``: one began, or ended.

    Args:
        tell: gets a sentence for the reviewer.

    Attributes:
        run_by: carries them out; a window gives one that uses a thread.
    """

    changed = Signal()

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._doing: str | None = None
        self._waiting: list[Callable[[], object]] = []
        self.run_by: Runner = at_once

    @property
    def doing(self) -> str | None:
        """What is under way, such as ``Undoing: Accept 30 000 hands``."""
        return self._doing

    def refuses(self) -> bool:
        """Whether a command has to be left undone since a step is under way, which is told then."""
        if self._doing is None:
            return False
        self._tell(f"Not done, since this comes first: {self._doing}. Wait for it, or cancel it")
        return True

    def run(self, doing: str, work: Callable[[Progress], Result], done: Callable[[Result], object]) -> None:
        """Carry a step out; one that cannot be stored, or was cancelled, changes nothing and is told.

        Args:
            doing: what is going on, for people.
            work: the step; it runs on any thread and may be cancelled through what it is given.
            done: is called with its result.
        """
        assert self._doing is None, "large steps do not overtake each other"
        self._doing = doing
        self.changed.emit()
        self.run_by(work, lambda result: self._end(lambda: done(result)), self._failed)

    def then(self, act: Callable[[], object]) -> None:
        """Do something as soon as no step is under way: now, or after it."""
        if self._doing is None:
            act()
        else:
            self._waiting.append(act)

    def _failed(self, problem: Exception) -> None:
        doing = self._doing

        def say() -> None:
            if isinstance(problem, CancelledError):
                self._tell(f"Cancelled, nothing of it is done: {doing}")
            elif isinstance(problem, HandStudioError):
                self._tell(str(problem))
            else:
                raise problem

        self._end(say)

    def _end(self, say: Callable[[], object]) -> None:
        self._doing = None
        try:
            say()
        finally:
            self.changed.emit()
            while self._doing is None and self._waiting:  # what was said may have begun another step
                self._waiting.pop(0)()
