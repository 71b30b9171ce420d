"""The actions of one window by name: what they do, their keys, their icons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from handstudio.ui.actions.deciding import DECIDING
from handstudio.ui.actions.going import GOING
from handstudio.ui.actions.machine import MACHINE
from handstudio.ui.actions.posing import POSING
from handstudio.ui.actions.project import PROJECT
from handstudio.ui.actions.spec import ActionSpec
from handstudio.ui.actions.viewing import VIEWING
from handstudio.ui.theme import Theme

SPECS: Final[tuple[ActionSpec, ...]] = (*PROJECT, *DECIDING, *POSING, *GOING, *MACHINE, *VIEWING)
"""All that the window has from the start; docks add their own."""


class Actions(QObject):
    """The window's actions as ``QAction`` objects, by name.

    A widget asks for ``actions["accept"]`` to show it, and ``actions.on("accept", slot)`` says what it does.
    """

    added = Signal(QAction)
    """A dock has registered an action of its own."""
    keys_changed = Signal(str)
    """An action has other keys: its name."""

    def __init__(
        self, theme: Theme, settings: QSettings | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._settings = settings
        self._specs = {spec.name: spec for spec in SPECS}
        self._actions = {spec.name: self._build(spec) for spec in SPECS}
        theme.changed.connect(self.refresh_icons)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[ActionSpec]:
        return iter(list(self._specs.values()))

    def all(self) -> list[QAction]:
        """Every action, the registry's first."""
        return list(self._actions.values())

    def on(self, name: str, slot: Callable[..., object]) -> None:
        """Say what an action does; a checkable one passes whether it is checked."""
        action = self._actions[name]
        if action.isCheckable():
            action.toggled.connect(slot)
        else:
            action.triggered.connect(lambda _checked=False: slot())

    def add(self, spec: ActionSpec, slot: Callable[..., object]) -> QAction:
        """Register an action that is not in ``SPECS`` (a plugin's, a dock's own)."""
        action = self._build(spec)
        self._specs[spec.name], self._actions[spec.name] = spec, action
        if spec.icon is not None:
            action.setIcon(self._theme.icon(spec.icon))
        self.on(spec.name, slot)
        self.added.emit(action)
        return action

    def set_icon(self, name: str, icon: str) -> None:
        """Another icon for an action, from now on."""
        if self._specs[name].icon != icon:
            self._specs[name] = replace(self._specs[name], icon=icon)
            self._actions[name].setIcon(self._theme.icon(icon))

    def group(self, title: str) -> list[QAction]:
        """The actions of one group, in the registry's order."""
        return [self._actions[spec.name] for spec in self if spec.group == title]

    def keys(self, name: str) -> list[str]:
        """The keys of an action, as the platform writes them."""
        native = QKeySequence.SequenceFormat.NativeText
        return [key.toString(native) for key in self._actions[name].shortcuts()]

    def set_keys(self, name: str, keys: list[str]) -> None:
        """Change the keys of an action (portable notation); remembered."""
        self._actions[name].setShortcuts([QKeySequence(key) for key in keys])
        self._actions[name].setToolTip(tooltip(self._actions[name]))
        if self._settings is not None:
            self._settings.setValue(f"keys/{name}", keys)
        self.keys_changed.emit(name)

    def conflicts(self) -> list[tuple[str, str, str]]:
        """Pairs of actions that share a key, as ``(key, first, second)``."""
        found: list[tuple[str, str, str]] = []
        seen: dict[str, str] = {}
        for name, action in self._actions.items():
            for key in action.shortcuts():
                text = key.toString()
                if text in seen:
                    found.append((text, seen[text], name))
                seen.setdefault(text, name)
        return found

    def refresh_icons(self) -> None:
        """Paint the icons in the colours in force."""
        for spec in self:
            if spec.icon is not None:
                self._actions[spec.name].setIcon(self._theme.icon(spec.icon))

    def _build(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.title, self)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setAutoRepeat(spec.repeats)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        keys: list[str] = list(spec.keys)
        if self._settings is not None:
            stored = self._settings.value(f"keys/{spec.name}")
            if stored is not None:
                keys = [str(stored)] if isinstance(stored, str) else [str(key) for key in stored]
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setStatusTip(spec.tip)
        action.setProperty("group", spec.group)
        action.setToolTip(tooltip(action))
        return action


def tooltip(action: QAction) -> str:
    """Title, key and, on a second line, what the action is for."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    title = action.text().rstrip("…")
    first = f"{title} ({key})" if key else title
    return f"{first}\n{action.statusTip()}" if action.statusTip() else first
