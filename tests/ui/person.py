"""A person's mouse and keyboard: events go to the window's handle and find their widget as real ones do."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
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
    """Sits at one window. Nothing here knows what a widget would do; it only points and presses."""

    def __init__(self, window: QMainWindow) -> None:
        self.window = window

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Press and let go."""
        QTest.keyClick(self.window.windowHandle(), key, keys)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click a widget's middle, or a point of it."""
        place = widget.mapTo(self.window, widget.rect().center() if at is None else at)
        QTest.mouseClick(self.window.windowHandle(), LEFT, PLAIN, place)

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
        handle = self.window.windowHandle()
        first, last = widget.mapTo(self.window, start), widget.mapTo(self.window, end)
        QTest.mouseMove(handle, first)
        QTest.mousePress(handle, LEFT, PLAIN, first)
        for step in range(1, steps + 1):
            QTest.mouseMove(handle, first + (last - first) * (step / steps))
            QApplication.processEvents()
        QTest.mouseRelease(handle, LEFT, PLAIN, last)

    def drop(self, paths: list[str]) -> None:
        """Drop files from outside onto the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        middle, copy = self.window.rect().center(), Qt.DropAction.CopyAction
        entering = QDragEnterEvent(middle, copy, data, LEFT, PLAIN)
        QApplication.sendEvent(self.window, entering)
        assert entering.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(QPointF(middle), copy, data, LEFT, PLAIN))
