"""How long work tells how far it is and learns that it is to stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Progress(Protocol):
    """What every long piece of work reports to; jobs show it in a terminal, a window, or nowhere."""

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Tell that ``done`` of ``total`` units are finished (``total`` is ``None`` while unknown)."""

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Tell figures of the work itself, such as losses, at a step."""

    def cancelled(self) -> bool:
        """Whether the work should stop at the next safe point."""


class CancelledError(Exception):
    """Work that was asked to stop and has nothing to show for itself."""


class Silent:
    """A progress that nobody watches and nobody cancels."""

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Ignore the report."""

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Ignore the figures."""

    def cancelled(self) -> bool:
        """Never."""
        return False
