"""Docks on their own: a session on a small project, and the services that a window would lend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSettings, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from handstudio.project.project import Project
from handstudio.review.session import ReviewSession
from handstudio.ui.actions import Actions
from handstudio.ui.bridge import SessionBridge
from handstudio.ui.services import Services
from handstudio.ui.theme import Theme

from ..made_project import make_project


class Board(QObject):
    """Stands for the window's job board: it remembers what was asked for and starts nothing."""

    started = Signal(object)
    told = Signal(object, object)
    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.running: tuple[object, ...] = ()
        self.asked: list[tuple[str, list[str]]] = []

    def start(self, kind: str, argv: list[object]) -> None:
        self.asked.append((kind, [str(word) for word in argv]))


@pytest.fixture(autouse=True)
def _every_move_counts() -> Iterator[None]:
    """Plots pass over moves that follow each other faster than any hand's; a test's may."""
    before = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)
    yield
    pg.setConfigOption("mouseRateLimit", before)


class Bench:
    """Builds docks and takes them down again."""

    def __init__(self, project: Path, settings: QSettings) -> None:
        self.project = Project.open(project, writer="window")
        self.session = ReviewSession(self.project, "ann")
        theme = Theme(settings)
        theme.set_scheme("dark")
        self.board = Board()
        self.services = Services(
            theme,
            Actions(theme, settings),
            None,
            None,
            None,
            settings,
            bridge=SessionBridge(self.session),
            board=self.board,
        )
        self.widgets: list[QWidget] = []
        self.session.open()

    def show(self, dock: type, width: int = 420, height: int = 460) -> QWidget:
        widget = dock(self.session, self.services)
        self.widgets.append(widget)
        widget.resize(width, height)
        widget.show()
        QApplication.processEvents()
        return widget

    def close(self) -> None:
        for widget in self.widgets:
            widget.shutdown()
            widget.close()
            widget.deleteLater()
        self.widgets.clear()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        self.services.bridge.close()
        self.project.close()


@pytest.fixture
def make_bench(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def make(**how: object) -> Bench:
        settings = QSettings(str(tmp_path / f"settings{len(benches)}.ini"), QSettings.Format.IniFormat)
        how.setdefault("count", 6)
        how.setdefault("size", (320, 240))
        bench = Bench(make_project(tmp_path / f"made{len(benches)}", **how), settings)
        benches.append(bench)
        return bench

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """Six frames of one proposed hand each, with a camera."""
    return make_bench()


def mouse(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPoint | QPointF,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Send a mouse event as the window system would; a move has the button held."""
    point = QPointF(at)
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    own = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    event = QMouseEvent(kind, point, QPointF(widget.mapToGlobal(point)), own, held, keys)
    QApplication.sendEvent(widget, event)


def drag(
    widget: QWidget,
    start: QPointF,
    end: QPointF,
    steps: int = 5,
    let_go: bool = True,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press, move and let go."""
    mouse(widget, QEvent.Type.MouseButtonPress, start, keys=keys)
    for step in range(1, steps + 1):
        mouse(widget, QEvent.Type.MouseMove, start + (end - start) * (step / steps), keys=keys)
        QApplication.processEvents()
    if let_go:
        mouse(widget, QEvent.Type.MouseButtonRelease, end, keys=keys)
        QApplication.processEvents()
