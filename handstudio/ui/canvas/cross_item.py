"""The crosshair that keys move over the frame."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.ui.canvas.layers import RIM
from handstudio.ui.theme import Theme

GAP: Final = 6.0
"""Half of what it leaves free in the middle, px of the screen; so are all of these."""
REACH: Final = 20.0
_RING: Final = 11.0


class CrossItem(QGraphicsItem):
    """Four arms about a point; a ring around it says that something is held."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._held = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setZValue(22)
        self.hide()

    def set_held(self, held: bool) -> None:
        """Whether something is held."""
        if held != self._held:
            self._held = held
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-REACH - 2, -REACH - 2, 2 * REACH + 4, 2 * REACH + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        arms = [
            QLineF(QPointF(x, y) * GAP, QPointF(x, y) * REACH) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        for pen in (QPen(RIM, 4.5), QPen(self._theme.colour("accent"), 2.0)):
            painter.setPen(pen)
            painter.drawLines(arms)
            if self._held:
                painter.drawEllipse(QPointF(0, 0), _RING, _RING)
