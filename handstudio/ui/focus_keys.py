"""Keys that belong to the widget that has the focus, before they are the window's actions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QTabBar, QWidget

Key = Qt.Key
_TABS = frozenset({Key.Key_Tab, Key.Key_Backtab})
_ENDS = frozenset({Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown})
_ARROWS = frozenset({Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down})
_OF_CONTROLS = (
    (QAbstractButton, frozenset({Key.Key_Space})),
    (QComboBox, _ENDS | {Key.Key_Space}),
    (QAbstractSlider, _ENDS | _ARROWS),
    (QTabBar, _ARROWS | {Key.Key_Home, Key.Key_End}),
)
"""What a control does with keys that the window has actions for."""


class FocusKeys(QObject):
    """Leaves Tab, and the keys that work a control, to the control of a window that has the focus.

    In the canvas and the 3D view Tab goes from joint to joint: they have ``STEPS_JOINTS``.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWidget | None = None
        QApplication.instance().focusChanged.connect(self._moved)

    def close(self) -> None:
        """Watch nothing any more."""
        QApplication.instance().focusChanged.disconnect(self._moved)
        self._watch(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim a key before it becomes a shortcut; Qt then sends it to the control itself."""
        asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asked and claims(watched, event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        own = now is not None and self._window.isAncestorOf(now) and not hasattr(now, "STEPS_JOINTS")
        self._watch(now if own else None)

    def _watch(self, widget: QWidget | None) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._gone)
        self._watched = widget
        if widget is not None:
            widget.installEventFilter(self)
            widget.destroyed.connect(self._gone)

    def _gone(self) -> None:
        self._watched = None


def claims(widget: QObject, event: QKeyEvent) -> bool:
    """Whether a key is a control's own."""
    free = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    if event.modifiers() & ~free:
        return False
    if event.key() in _TABS:
        return True
    return any(isinstance(widget, kind) and event.key() in keys for kind, keys in _OF_CONTROLS)


def focus_first(pane: QWidget) -> bool:
    """Give the focus to a pane's first widget that takes it by Tab; whether there is one.

    What is in a pane need not follow it in Qt's chain, to which widgets come as they are made.
    """
    widget = pane
    while True:
        own = widget is pane or pane.isAncestorOf(widget)
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if own and takes and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        widget = widget.nextInFocusChain()
        if widget is pane:
            return False
