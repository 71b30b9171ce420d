"""Flags over the timeline where frames are marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from handstudio.ui.theme import Theme
from handstudio.ui.timeline.items import HIGH, LOW

_SIZE: Final = 8.0
"""Of a flag, screen pixels."""


class FlagsItem(pg.GraphicsObject):
    """A flag at the top of each marked frame; of those on one pixel, one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.marks: Mapping[int, str] = {}
        self._frames = 1

    def set_marks(self, marks: Mapping[int, str], frames: int) -> None:
        """The marks of a sequence of so many frames, by index."""
        if marks != self.marks or frames != self._frames:
            self.prepareGeometryChange()
            self.marks, self._frames = marks, frames
            self.update()

    def boundingRect(self) -> QRectF:
        """All frames by all of the scale."""
        return QRectF(-0.5, LOW, max(self._frames, 1), HIGH - LOW)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what is in view."""
        box = self.getViewBox()
        if box is None or not self.marks:
            return
        (low, high), (_, top) = box.viewRange()
        indices = np.fromiter(self.marks, np.int64)
        shown = indices[(indices >= low - 1) & (indices <= high + 1)]
        transform = painter.worldTransform()
        origin, unit = transform.map(QPointF(0.0, top)), transform.m11()
        places = np.unique(np.rint(origin.x() + shown * unit))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        size, y = _SIZE, origin.y()
        for x in places.tolist():
            painter.drawPolygon(
                QPolygonF(
                    [QPointF(x - 1, y), QPointF(x + size, y + size / 2.5), QPointF(x - 1, y + size / 1.25)]
                )
            )
            painter.drawRect(QRectF(x - 1, y, 1.5, 1.5 * size))
        painter.restore()
