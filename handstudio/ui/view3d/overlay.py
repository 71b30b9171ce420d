"""What is painted over the 3D picture with Qt's own text: axes in camera terms, units, a joint's name."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from handstudio.ui.view3d.orbit import Orbit

AXES: Final = (
    ("x right", "#e0705a", (1.0, 0.0, 0.0)),
    ("y down", "#7bb661", (0.0, 1.0, 0.0)),
    ("z away", "#5b9be0", (0.0, 0.0, 1.0)),
)
_MARGIN = 8.0
_HOLD = 20.0


def axes_picture(orbit: Orbit, font: QFont, dark: bool, ratio: float) -> QPixmap:
    """The camera's three axes as seen from here; the nearest is painted last."""
    metrics = QFontMetricsF(font)
    arm = 1.7 * metrics.height()
    widest = max(metrics.horizontalAdvance(name) for name, _, _ in AXES)
    reach = QPointF(_MARGIN + widest + arm, arm + 1.4 * metrics.height())
    picture = QPixmap(round(2 * reach.x() * ratio), round(2 * reach.y() * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    _paint_axes(painter, orbit, reach, arm, metrics, dark)
    painter.end()
    return picture


def _paint_axes(
    painter: QPainter, orbit: Orbit, middle: QPointF, arm: float, metrics: QFontMetricsF, dark: bool
) -> None:
    seen = [(orbit.rotation @ np.array(axis), name, colour) for name, colour, axis in AXES]
    for (x, y, away), name, colour in sorted(seen, key=lambda entry: -entry[0][2]):
        tint = QColor(colour) if dark else QColor(colour).darker(150)
        tint.setAlphaF(1.0 if away < 0.6 else 0.6)
        end = middle + QPointF(x, y) * arm
        painter.setPen(QPen(tint, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(middle, end)
        if np.hypot(x, y) < 0.25:
            continue
        label = end + QPointF(x, y) * metrics.height() * 0.35
        box = QRectF(0, 0, metrics.horizontalAdvance(name), metrics.height())
        aside = np.sign(x) * box.width() / 2 * min(1.0, abs(x) * 2)
        box.moveCenter(label + QPointF(aside, y * metrics.height() * 0.4))
        _paint_paper(painter, box.adjusted(-2, 0, 2, 0), QColor("#212327" if dark else "#d9dce0"))
        tint.setAlphaF(1.0)
        painter.setPen(tint)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def paint_corner_text(
    painter: QPainter, text: str, ink: QColor, paper: QColor, width: float, height: float
) -> None:
    """A read-out in the lower right corner, legible over whatever lies there."""
    area = QRectF(width * 0.42, 0, width * 0.58 - _MARGIN, height - _MARGIN)
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
    if text:
        _paint_paper(painter, painter.boundingRect(area, flags, text).adjusted(-5, -2, 5, 2), paper)
    painter.setPen(ink)
    painter.drawText(area, flags, text)


def _paint_paper(painter: QPainter, box: QRectF, colour: QColor, strength: float = 0.75) -> None:
    paper = QColor(colour)
    paper.setAlphaF(strength)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper)
    painter.drawRoundedRect(box, 3, 3)


def paint_hold(painter: QPainter, at: QPointF, ink: QColor, rim: QColor) -> None:
    """Arrows about a point: keys hold what is there."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(rim, 4.5), QPen(ink, 2.0)):
        painter.setPen(pen)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            way, side = QPointF(x, y), QPointF(-y, x)
            tip = at + way * _HOLD
            painter.drawPolyline([tip - 4 * way + 4 * side, tip, tip - 4 * way - 4 * side])


def paint_tag(painter: QPainter, text: str, at: QPointF, ink: QColor, paper: QColor, width: float) -> None:
    """A small label beside a point, kept inside the view."""
    metrics = QFontMetricsF(painter.font())
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
    box.moveTopLeft(at + QPointF(14, -box.height() - 4))
    if box.right() > width - 4:
        box.moveRight(at.x() - 14)
    box.moveTop(max(box.top(), 4.0))
    _paint_paper(painter, box, paper, 0.88)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
