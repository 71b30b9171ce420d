"""The frame around a picture that has the keys: for people who brought them there by a key."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPalette, QPen

_WIDTH: Final = 2.0
_BY_KEY: Final = (
    *(Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason),
    Qt.FocusReason.ShortcutFocusReason,
)


def came_by_key(event: QFocusEvent) -> bool:
    """Whether a key brought the focus, so that it has to be seen where it is now."""
    return event.reason() in _BY_KEY


def paint_focus(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """Frame a widget's area, px."""
    inside = QRectF(area).adjusted(_WIDTH / 2, _WIDTH / 2, -_WIDTH / 2, -_WIDTH / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), _WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(inside)


class FramedByKeys:
    """Makes a ``QGraphicsView``, before which it is a base, frame itself while it has the keys, where a key
    brought them."""

    _focus_seen = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are, if a key brought them."""
        self._focus_seen = came_by_key(event)
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keys are elsewhere."""
        self._focus_seen = False
        super().focusOutEvent(event)
        self.viewport().update()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """The frame, over everything."""
        super().drawForeground(painter, rect)
        if self._focus_seen:
            painter.save()
            painter.resetTransform()
            paint_focus(painter, self.viewport().rect(), self.palette())
            painter.restore()
