"""The real window on small projects; what a test opens is closed, and nothing may be left of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.ui.desk import Desk
from handstudio.ui.window import MainWindow

from .made_project import make_project


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def desk(qapp: QApplication, settings: QSettings) -> Iterator[Desk]:
    """Opens windows that start no process and leave their docks empty."""
    desk = Desk(settings, jobs=False, docks=False)
    yield desk
    close_all(desk)


def close_all(desk: Desk) -> None:
    for window in list(desk.windows):
        window.close_and_wait()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Twelve drawn frames, one hand each, all proposed."""
    return make_project(tmp_path / "made")


@pytest.fixture
def open_window(desk: Desk, qtbot) -> Callable[[Path], MainWindow]:
    """Opens a project and waits until its first frame is there."""

    def open_path(path: Path) -> MainWindow:
        window = desk.open(path)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
        qtbot.waitUntil(lambda: window.canvas.frame is not None, timeout=10_000)
        QApplication.processEvents()
        return window

    return open_path


@pytest.fixture
def window(open_window, project: Path) -> MainWindow:
    return open_window(project)


@pytest.fixture
def full(qapp: QApplication, settings: QSettings, project: Path, qtbot) -> Iterator[MainWindow]:
    """A window with its docks, in front; the canvas has the keys."""
    desk = Desk(settings, jobs=False)
    window = desk.open(project)
    with qtbot.waitSignal(window.docks.filled, timeout=60_000):
        pass
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(lambda: window.canvas.frame is not None)
    window.canvas.view.setFocus()
    yield window
    close_all(desk)


class Hand:
    """A person's mouse on the canvas, in frame pixels."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.view = window.canvas.view

    def place(self, u: float, v: float) -> QPoint:
        return self.view.viewportTransform().map(QPointF(u, v)).toPoint()

    def joint(self, joint: int) -> tuple[float, float]:
        return tuple(self.window.canvas.grasp.joint_place(joint))

    def click(self, u: float, v: float, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, keys, self.place(u, v))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        steps: int = 6,
        let_go: bool = True,
    ) -> None:
        viewport, left = self.view.viewport(), Qt.MouseButton.LeftButton
        first, last = self.place(*start), self.place(*end)
        QTest.mousePress(viewport, left, keys, first)
        for step in range(1, steps + 1):
            at = first + (last - first) * (step / steps)
            QApplication.sendEvent(viewport, mouse_move(viewport, at, left, keys))
        if let_go:
            QTest.mouseRelease(viewport, left, keys, last)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key, keys)


def mouse_move(widget, at: QPoint, buttons, keys):
    from PySide6.QtGui import QMouseEvent

    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        buttons,
        keys,
    )


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)


def turn_wheel(view, at: QPoint, steps: int) -> None:
    from PySide6.QtGui import QWheelEvent

    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)
