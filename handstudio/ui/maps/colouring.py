"""Maps as pictures: one table of colours that is even to the eye, and its scale."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter

from handstudio.ui.canvas.prepared import map_image

if TYPE_CHECKING:
    from handstudio.jobs.hand_maps import HandMap

TABLE: Final = cv2.COLORMAP_VIRIDIS
SCALE_PX: Final = 8
"""Height of the strip of colours."""


def coloured(one: HandMap, alpha: float = 1.0) -> QImage:
    """A map in colours; clear where it says nothing."""
    return map_image(one.values, TABLE, alpha, (0.0, 1.0))


@cache
def scale() -> QImage:
    """The colours from 0 to 1, one pixel high."""
    return map_image(np.linspace(0.0, 1.0, 256, dtype=np.float32)[None], TABLE, 1.0, (0.0, 1.0))


def paint_scale(painter: QPainter, area: QRectF, one: HandMap, colour: QColor) -> None:
    """The strip of colours between the words for both ends, in the middle of ``area``."""
    metrics = QFontMetrics(painter.font())
    left, right = metrics.horizontalAdvance(one.low), metrics.horizontalAdvance(one.high)
    painter.setPen(colour)
    baseline = area.center().y() + (metrics.ascent() - metrics.descent()) / 2.0
    painter.drawText(int(area.left()), round(baseline), one.low)
    painter.drawText(int(area.right()) - right, round(baseline), one.high)
    strip = area.adjusted(left + 6, (area.height() - SCALE_PX) / 2.0, -right - 6, 0.0)
    strip.setHeight(SCALE_PX)
    if strip.width() > 0:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(strip, scale())
