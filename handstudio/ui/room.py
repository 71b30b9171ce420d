"""Where there is little room: what has none scrolls, and no window is larger than its screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_EM, _LEAST_LINES = 14, 4
_FRAME: Final = QSize(16, 40)
"""What a window manager puts around a window, px."""


class Scrolled(QScrollArea):
    """Holds one widget, which fills it, and scrolls where that has less room than it needs at least.

    Qt's own resizable area scrolls already where wrapped text and lists have less than they would like.
    """

    def __init__(self, widget: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if widget is not None:
            self.setWidget(widget)

    def setWidget(self, widget: QWidget) -> None:
        """Hold another widget; the one before is deleted."""
        super().setWidget(widget)
        widget.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the widget the room that there is."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The widget needs other room than before."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        if self.widget() is None:
            return
        least = self.widget().minimumSizeHint().expandedTo(self.widget().minimumSize())
        room = self.maximumViewportSize()
        if least.height() > room.height():
            room.setWidth(room.width() - self.verticalScrollBar().sizeHint().width())
        if least.width() > room.width():
            room.setHeight(room.height() - self.horizontalScrollBar().sizeHint().height())
        self.widget().resize(least.expandedTo(room))

    def sizeHint(self) -> QSize:
        """All that the widget would like."""
        return super().sizeHint() if self.widget() is None else self.widget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Some lines of it."""
        metrics = self.fontMetrics()
        least = QSize(_LEAST_EM * metrics.averageCharWidth(), _LEAST_LINES * metrics.height())
        return least if self.widget() is None else least.boundedTo(self.widget().sizeHint())


def resize_within_screen(window: QWidget, wanted: QSize) -> None:
    """Give a window the size that it wants, as far as its screen has it."""
    window.resize(wanted.boundedTo(free_size(window)))


def free_size(window: QWidget) -> QSize:
    """How large a window can be on its screen, px; its frame has room as well."""
    return window.screen().availableGeometry().size() - _FRAME
