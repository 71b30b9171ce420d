"""Where there is little room: what has none scrolls, and no window is larger than its screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_EM, _LEAST_LINES = 14, 4
_FRAME: Final = QSize(16, 40)
"""What a window manager puts around a window, px."""


class Scrolled(QScrollArea):
    """Holds one widget, which scrolls as soon as it needs more room than there is."""

    def __init__(self, widget: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if widget is not None:
            self.setWidget(widget)

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
