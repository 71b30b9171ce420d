"""Two annotators' poses of one hand, over the frame: apart by colour, by line and by the shape of joints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.hand.skeleton import BONES
from handstudio.ui.canvas.layers import CAP, RIM

if TYPE_CHECKING:
    import numpy as np

    from handstudio.review.disagreeing import Disagreeing

COLOURS: Final = ("#35c8ef", "#ff8a5c")
"""Of the first and of the second; told apart without red or green."""
_LINES: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
_WIDTH: Final = 2.0
_SIZE: Final = 4.0
"""Half of a joint's mark, screen pixels."""
_HALO: Final = QColor(12, 13, 16, 130)
_THREAD: Final = QColor(255, 255, 255, 110)
"""Between the two places of a joint."""


class PairItem(QGraphicsItem):
    """The disagreement that is shown: round joints and solid bones of the first, diamonds and dashes of the
    second, a thread from joint to joint, and who is who in a corner."""

    def __init__(self, disagreeing: Disagreeing) -> None:
        super().__init__()
        self._disagreeing = disagreeing
        self._rect = QRectF()
        self.setZValue(30)
        self.setVisible(False)

    def show_pair(self, frame: QRectF | None) -> None:
        """Draw what is shown now, if anything, in a frame; nothing where there is none."""
        shown = self._disagreeing.shown
        self.setVisible(shown is not None and frame is not None)
        if frame is None:
            return
        rect = frame
        for pose in () if shown is None else shown.pair.poses:
            for u, v in () if pose is None else pose.uv.tolist():
                if math.isfinite(u) and math.isfinite(v):
                    rect = rect.united(QRectF(u, v, 1.0, 1.0))
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown, found = self._disagreeing.shown, self._disagreeing.found
        if shown is None or found is None:
            return
        painter.save()
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        placed = [
            None if pose is None else [_mapped(transform, point) for point in pose.uv]
            for pose in shown.pair.poses
        ]
        first, second = placed
        if first is not None and second is not None:
            painter.setPen(QPen(_THREAD, 1.0))
            for one, other in zip(first, second, strict=True):
                if one is not None and other is not None:
                    painter.drawLine(one, other)
        there = [(which, points) for which, points in enumerate(placed) if points is not None]
        for draw in (_shade, _draw_pose):
            for which, points in there:
                draw(painter, points, which)
        if widget is None or not widget.property("bare"):
            states = [str(state).replace("_", " ") for state in shown.pair.states]
            words = [f"{name}: {state}" for name, state in zip(found.names, states, strict=True)]
            apart = f"{shown.px:.1f} px apart" if math.isfinite(shown.px) else ""
            limits = QRectF(widget.rect()) if widget is not None else transform.mapRect(self._rect)
            _draw_legend(painter, limits, words, apart)
        painter.restore()


def _mapped(transform, point: np.ndarray) -> QPointF | None:  # noqa: ANN001
    u, v = (float(value) for value in point)
    return transform.map(QPointF(u, v)) if math.isfinite(u) and math.isfinite(v) else None


def _shade(painter: QPainter, points: list[QPointF | None], _which: int) -> None:
    """The dark under both poses, so that neither darkens the other."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_HALO, _WIDTH + 2.5, Qt.PenStyle.SolidLine, CAP))
    painter.drawPath(_bones(points))


def _bones(points: list[QPointF | None]) -> QPainterPath:
    bones = QPainterPath()
    for parent, child in BONES:
        start, end = points[parent], points[child]
        if start is not None and end is not None:
            bones.moveTo(start)
            bones.lineTo(end)
    return bones


def _draw_pose(painter: QPainter, points: list[QPointF | None], which: int) -> None:
    colour = QColor(COLOURS[which])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, _WIDTH, _LINES[which], CAP))
    painter.drawPath(_bones(points))
    painter.setPen(QPen(RIM, 1.0))
    painter.setBrush(colour)
    for point in points:
        if point is not None:
            _mark(painter, point, which)


def _mark(painter: QPainter, at: QPointF, which: int) -> None:
    if which == 0:
        painter.drawEllipse(at, _SIZE, _SIZE)
        return
    size = 1.3 * _SIZE
    corners = ((0.0, -size), (size, 0.0), (0.0, size), (-size, 0.0))
    painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in corners]))


def _draw_legend(painter: QPainter, limits: QRectF, words: list[str], apart: str) -> None:
    metrics = QFontMetricsF(painter.font())
    line = metrics.height() + 4
    lines = [*words, *([apart] if apart else [])]
    width = max(metrics.horizontalAdvance(text) for text in lines) + 40
    box = QRectF(limits.left() + 8, limits.top() + 8, width, line * len(lines) + 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 13, 16, 200))
    painter.drawRoundedRect(box, 4, 4)
    for row, text in enumerate(lines):
        place = QRectF(box.left() + 30, box.top() + 4 + row * line, width - 34, line)
        if row < len(words):
            painter.setPen(QPen(RIM, 1.0))
            painter.setBrush(QColor(COLOURS[row]))
            _mark(painter, QPointF(box.left() + 15, place.center().y()), row)
        painter.setPen(QColor(240, 242, 245))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
