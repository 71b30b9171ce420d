"""A person's mouse and keyboard: events go to the window's handle and find their widget as real ones do."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QTabBar, QWidget

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
PATIENCE_S = 120.0


def wait_until(ready: Callable[[], bool], what: str, limit_s: float = PATIENCE_S) -> None:
    """Let the event loop run until something is so."""
    limit = time.monotonic() + limit_s
    while not ready():
        assert time.monotonic() < limit, f"waited {limit_s:.0f} s in vain: {what}"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


class Person:
    """Sits at one window. Nothing here knows what a widget would do; it only points and presses.

    Attributes:
        pointer: where the mouse is on the screen; ``None`` before it was moved.
    """

    def __init__(self, window: QMainWindow) -> None:
        self.window = window
        self.pointer: QPoint | None = None
        self._held: tuple[QWidget, Qt.MouseButton, QPoint] | None = None

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Press and let go."""
        QTest.keyClick(self.window.windowHandle(), key, keys)

    def click(
        self,
        widget: QWidget,
        at: QPoint | None = None,
        keys: Qt.KeyboardModifier = PLAIN,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Click a widget's middle, or a point of it."""
        self.hold(widget, widget.rect().center() if at is None else at, keys, button)
        self.let_go(keys)

    def click_tab(self, title: str) -> None:
        """Bring the dock of this title to the front."""
        bars = self.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for bar in filter(QTabBar.isVisible, bars):
            for index in range(bar.count()):
                if bar.tabText(index) == title:
                    self.click(bar, bar.tabRect(index).center())
                    return
        raise AssertionError(f"no tab {title!r}")

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, steps: int = 8) -> None:
        """Press at a point of a widget, move to another, let go."""
        self.hold(widget, start)
        self.pull_to(end, steps=steps)
        self.let_go()

    def hold(
        self,
        widget: QWidget,
        at: QPoint,
        keys: Qt.KeyboardModifier = PLAIN,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Press at a point of a widget, and keep the button down."""
        self.point(widget, at, keys)
        self._held = widget, button, at
        QTest.mousePress(widget.window().windowHandle(), button, keys, widget.mapTo(widget.window(), at))

    def pull_to(self, end: QPoint, keys: Qt.KeyboardModifier = PLAIN, steps: int = 8) -> None:
        """Move to another point of the widget that was pressed, with the button down."""
        assert self._held is not None
        widget, button, start = self._held
        for step in range(1, steps + 1):
            self._move(widget, start + (end - start) * (step / steps), keys, button)
            QApplication.processEvents()
        self._held = widget, button, end

    def let_go(self, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Let go of the button where the mouse is."""
        assert self._held is not None
        widget, button, at = self._held
        self._held = None
        QTest.mouseRelease(widget.window().windowHandle(), button, keys, widget.mapTo(widget.window(), at))

    def point(self, widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Move the mouse to a point of a widget, without a button."""
        self._move(widget, at, keys, Qt.MouseButton.NoButton)

    def wheel(self, widget: QWidget, at: QPoint, steps: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Turn the wheel at a point of a widget; up, away from the person, counts as more than nothing."""
        place, held = QPointF(widget.mapTo(widget.window(), at)), Qt.MouseButton.NoButton
        if self._held is not None:
            held = self._held[1]
        for _ in range(abs(steps)):
            turn = QPoint(0, 120 if steps > 0 else -120)
            event = QWheelEvent(
                *(place, QPointF(widget.mapToGlobal(at)), QPoint(), turn),
                *(held, keys, Qt.ScrollPhase.NoScrollPhase, False),
            )
            QApplication.sendEvent(widget.window().windowHandle(), event)

    def _move(self, widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier, held: Qt.MouseButton) -> None:
        """``QTest.mouseMove`` knows no keys that are held."""
        self.pointer = widget.mapToGlobal(at)
        event = QMouseEvent(
            *(QEvent.Type.MouseMove, QPointF(widget.mapTo(widget.window(), at)), QPointF(self.pointer)),
            *(Qt.MouseButton.NoButton, held, keys),
        )
        QApplication.sendEvent(widget.window().windowHandle(), event)

    def drop(self, paths: list[str]) -> None:
        """Drop files from outside onto the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        middle, copy = self.window.rect().center(), Qt.DropAction.CopyAction
        entering = QDragEnterEvent(middle, copy, data, LEFT, PLAIN)
        QApplication.sendEvent(self.window, entering)
        assert entering.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(QPointF(middle), copy, data, LEFT, PLAIN))
