"""A person who works without a mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from handstudio.ui.canvas import Canvas

from .person import wait_until
from .walk import Walk

Key, Mod = Qt.Key, Qt.KeyboardModifier


class Keyboard(Walk):
    """Walks by keys alone: each goes to the window that is in front, and from there to what has the focus."""

    def press(self, key: Key, keys: Mod = Mod.NoModifier, times: int = 1) -> None:
        """Press and let go, so often."""
        for _ in range(times):
            QTest.keyClick(self._front().windowHandle(), key, keys)

    def type(self, text: str) -> None:
        """Type letter by letter."""
        for letter in text:
            QTest.keyClick(self._front().windowHandle(), letter)

    def in_dialog(self, kind: type[QWidget], work: Callable[[], None]) -> None:
        """Wait for a dialog, work in it, and wait until it is gone."""
        self.dialog(kind)
        work()
        wait_until(lambda: not _shown(kind), f"the {kind.__name__} is gone")
        self.to_window()

    def dialog(self, kind: type[QWidget]) -> QWidget:
        """Wait for a dialog, which gets the keys then, as a window manager gives them."""
        wait_until(lambda: bool(_shown(kind)), f"a {kind.__name__} is shown")
        found = _shown(kind)[0]
        found.activateWindow()
        wait_until(lambda: self._front() is found, f"the {kind.__name__} is in front")
        return found

    def to_window(self) -> None:
        """Give the keys to the main window."""
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow, "the window is in front")

    def answer(self, text: str) -> None:
        """Type a path into a file dialog."""

        def work() -> None:
            self.type(text)
            self.press(Key.Key_Return)

        self.in_dialog(QFileDialog, work)

    def act(self, words: str) -> None:
        """Find an action in the palette and do it."""
        self.press(Key.Key_K, Mod.ControlModifier)
        self.type(words)
        self.press(Key.Key_Return)

    def filter(self, text: str) -> None:
        """Put another filter in the place of the one in force."""
        self.press(Key.Key_F, Mod.ControlModifier)
        self.press(Key.Key_A, Mod.ControlModifier)
        self.press(Key.Key_Delete)
        self.type(text)
        self.press(Key.Key_Return)

    def point_to(self, u: float, v: float) -> None:
        """Bring the crosshair to a place of the frame."""
        arrows_to(self.window.canvas, self.press, u, v)

    def pane(self, widget: QWidget) -> None:
        """Press F6 until a widget, or something in it, has the keys."""
        for _ in range(20):
            if widget is QApplication.focusWidget() or widget.isAncestorOf(QApplication.focusWidget()):
                return
            self.press(Key.Key_F6)
        raise AssertionError(f"F6 never comes to {widget}")

    def tab_to(self, widget: QWidget) -> None:
        """Press Tab until a widget has the keys."""
        for _ in range(80):
            if widget.hasFocus():
                return
            self.press(Key.Key_Tab)
        raise AssertionError(f"Tab never comes to {widget.accessibleName() or widget}")

    def _front(self) -> QWidget:
        return QApplication.activeWindow() or self.window


def arrows_to(canvas: Canvas, press: Callable[..., None], u: float, v: float) -> None:
    """Press arrows, those of large steps first, until the crosshair is at a place of the frame, px."""
    cursor, view = canvas.keys, canvas.view
    if not cursor.shown:
        press(Key.Key_Return)
    for steps, keys in ((100, Mod.ControlModifier), (10, Mod.ShiftModifier), (1, Mod.NoModifier)):
        away = view.viewportTransform().map(QPointF(u, v)) - cursor.screen
        for more, less, far in (
            (Key.Key_Right, Key.Key_Left, away.x()),
            (Key.Key_Down, Key.Key_Up, away.y()),
        ):
            press(more if far > 0 else less, keys, times=int(abs(far) / steps + 0.5))


def _shown(kind: type[QWidget]) -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
