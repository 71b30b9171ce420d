"""One action as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """One action as data. ``keys`` in Qt's portable notation; the first is shown."""

    name: str
    title: str
    group: str
    keys: tuple[str, ...] = ()
    icon: str | None = None
    tip: str = ""
    checkable: bool = False
    repeats: bool = False


def spec(
    name: str, title: str, group: str, keys: str = "", icon: str = "", tip: str = "", **more: bool
) -> ActionSpec:
    """An action with its keys as one text, and its icon without the prefix of the set."""
    return ActionSpec(name, title, group, tuple(keys.split()), f"mdi6.{icon}" if icon else None, tip, **more)
