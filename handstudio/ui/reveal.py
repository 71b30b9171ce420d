"""Bringing a dock to the front."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QWidget


def reveal(content: QWidget) -> None:
    """Show the dock that holds a widget, before those whose tabs it shares."""
    dock = content.parentWidget()
    if isinstance(dock, QDockWidget):
        dock.show()
        dock.raise_()
    content.setFocus()
