"""The docks of the window, and their widgets, which are made only after the first paint."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from handstudio.ui.dock_places import DOCKS, LEFT, RIGHT, DockSpec, Room, places, room_of
from handstudio.ui.pages import Notice
from handstudio.ui.room import Scrolled

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

FILL_ORDER: Final = (
    *("queue", "timeline", "sequences", "inspector", "view3d", "maps", "acceptance", "training", "models"),
)
"""What a reviewer looks at first is made first."""


class Docks(QObject):
    """All docks of one window.

    Each is empty until the window has been painted, then filled one after the other, so that the window
    answers at once.
    """

    filled = Signal()
    """Every dock has its widget."""
    failed = Signal(str, str)
    """A dock's title and why it could not be made; the window goes on without it."""

    def __init__(self, window: QMainWindow, session: ReviewSession, services: Services) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._services = services
        self._waiting = list(FILL_ORDER)
        self.by_name: dict[str, QDockWidget] = {}
        self.widgets: dict[str, QWidget] = {}
        for spec in DOCKS:
            dock = QDockWidget(spec.title, window)
            dock.setObjectName(f"dock_{spec.name}")
            dock.setFeatures(
                QDockWidget.DockWidgetFeature.DockWidgetClosable
                | QDockWidget.DockWidgetFeature.DockWidgetMovable
                | QDockWidget.DockWidgetFeature.DockWidgetFloatable
            )
            dock.setWidget(Scrolled())
            self.by_name[spec.name] = dock
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._fill_next)
        self.room: Room = "apart"
        self._places: tuple[DockSpec, ...] = DOCKS
        self._place()
        self.size_docks()

    def _place(self) -> None:
        """Every dock to its area, as far apart as the window has room for."""
        window = self._window
        self.room = room_of(window)
        self._places = places(self.room)
        window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        for dock in self.by_name.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        apart = [spec for spec in self._places if spec.beside is None]
        for spec in apart:
            window.addDockWidget(spec.area, self.by_name[spec.name])
        for spec in self._places:  # never upon each other before: the window would grow as high
            if spec.beside is not None:
                window.tabifyDockWidget(self.by_name[spec.beside], self.by_name[spec.name])
        for dock in self.by_name.values():
            dock.show()

    def arrange(self) -> None:
        """Every dock to where it stood at first, in sizes that fit the window."""
        self._place()
        self._raise_first()
        self.size_docks()

    def _raise_first(self) -> None:
        """Of those that share tabs, the one beside which the others were put."""
        for name in dict.fromkeys(spec.beside for spec in self._places if spec.beside is not None):
            self.by_name[name].raise_()
        QTimer.singleShot(0, self, self._hide_stale_tabs)

    def restore(self, state: QByteArray, version: int = 0) -> bool:
        """Put docks and tool bars where a stored state says; whether it was one.

        Docks that it does not know, since they are newer, go beside those whose tabs they share.
        """
        restored = self._window.restoreState(state, version)
        for spec in DOCKS:
            if spec.beside is not None and f"dock_{spec.name}".encode("utf-16-be") not in state.data():
                self._window.tabifyDockWidget(self.by_name[spec.beside], self.by_name[spec.name])
                self.by_name[spec.beside].raise_()
        QTimer.singleShot(0, self, self._hide_stale_tabs)
        return restored

    def _hide_stale_tabs(self) -> None:
        """Qt leaves tab bars without docks: of a layout before a restored one, of groups that grew."""
        window = self._window
        groups = []
        for dock in self.by_name.values():
            beside = window.tabifiedDockWidgets(dock)
            if beside:
                groups.append({dock.windowTitle(), *(other.windowTitle() for other in beside)})
        for bar in reversed(window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)):
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # there are arrows where not all have room
            titles = {bar.tabText(index) for index in range(bar.count())}
            if titles in groups:
                groups = [group for group in groups if group != titles]
            else:
                bar.hide()

    def size_docks(self) -> None:
        """Sizes that fit the window as it is now."""
        window = self._window
        metrics, height = window.fontMetrics(), window.height()
        em = metrics.averageCharWidth()
        widths = {"sequences": 54 * em, "view3d": 61 * em}
        heights = {
            "sequences": round(0.25 * height),
            "queue": round(0.6 * height),
            "view3d": round(0.42 * height),
            "inspector": round(0.43 * height),
            "timeline": max(160, round(0.2 * height)),
        }
        if self.room != "apart":
            share = round(0.38 * window.width())
            widths = {"queue": min(40 * em, share), "inspector": min(44 * em, share)}
            heights = {"timeline": 10 * metrics.height()}
        for sizes, direction in ((widths, Qt.Orientation.Horizontal), (heights, Qt.Orientation.Vertical)):
            window.resizeDocks([self.by_name[name] for name in sizes], list(sizes.values()), direction)

    def start_filling(self) -> None:
        """Make the widgets from now on, one each time that the event loop has nothing else to do."""
        if not self._services.settings.contains("window/state"):
            self._raise_first()  # before the window was shown there were no tabs to raise
        self._timer.start()

    def _fill_next(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        name = self._waiting.pop(0)
        spec = next(spec for spec in DOCKS if spec.name == name)
        dock = self.by_name[name]
        try:
            widget = make(spec.source)(self._session, self._services)
        except Exception as problem:
            notice = Notice(self._services.theme)
            notice.say(f"{spec.title} cannot be shown. {problem}", icon="mdi6.alert-outline", failed=True)
            widget = notice
            self.failed.emit(spec.title, str(problem))
        else:
            self.widgets[name] = widget
        dock.widget().setWidget(widget)
        if not self._waiting:
            self._timer.stop()
            self.filled.emit()

    def close(self) -> None:
        """Let every widget give back what it holds (threads, timers, GPU objects)."""
        self._timer.stop()
        self._waiting.clear()
        for widget in self.widgets.values():
            closing = getattr(widget, "shutdown", None)
            if closing is not None:
                closing()
        self.widgets.clear()


def make(source: str) -> Callable[[ReviewSession, Services], QWidget]:
    """The class that ``module:Class`` names, imported now."""
    module, _, name = source.partition(":")
    return getattr(import_module(module), name)
