"""Docks behind the tabs of others: whether one is in front, and bringing it there."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QWidget

from handstudio.ui.focus_keys import focus_first
from handstudio.ui.pages import Pages


def dock_of(content: QWidget) -> QDockWidget | None:
    """The dock that holds a widget, wherever in it."""
    above = content.parentWidget()
    while above is not None and not isinstance(above, QDockWidget):
        above = above.parentWidget()
    return above


def in_front(content: QWidget) -> bool:
    """Whether a dock's widget can be seen: Qt keeps those behind a tab shown, outside the window."""
    dock = dock_of(content)
    if not content.isVisible() or dock is None or dock.isFloating():
        return content.isVisible()
    return dock.window().rect().intersects(dock.geometry())


def reveal(content: QWidget) -> None:
    """Show the dock that holds a widget, before those whose tabs it shares, and give it the keyboard."""
    dock = dock_of(content)
    if dock is not None:
        dock.show()
        dock.raise_()
    pages = content.findChild(Pages)
    if pages is not None:
        pages.take_focus()
    elif not focus_first(content):
        content.setFocus()
