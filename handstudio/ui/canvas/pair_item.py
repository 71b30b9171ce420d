"""Two poses of one hand over the frame: apart by colour, by line and by the shape of joints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.hand.skeleton import BONES
from handstudio.ui.canvas.layers import CAP, RIM
from handstudio.ui.canvas.mapping import all_about

if TYPE_CHECKING:
    from handstudio.project.records import Floats
    from handstudio.review.comparing import Comparing, TwoPoses

COLOURS: Final = ("#35c8ef", "#ff8a5c")
"""Of the first and of the second; told apart without red or green."""
SIDE: Final = "side"
"""The property of a view's viewport that shows one of the poses alone: which."""
_REFERENCE: Final = "#f4f5f7"
_LINES: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
_WIDTH: Final = 2.0
_SIZE: Final = 4.0
"""Half of a joint's mark, screen pixels."""
_HALO: Final = QColor(12, 13, 16, 130)
_THREAD: Final = QColor(255, 255, 255, 110)
"""Between the two places of a joint."""
Points = list[QPointF | None]


class PairItem(QGraphicsItem):
    """The hand that is compared: round joints and solid bones of the first, diamonds and dashes of the
    second, a thread from joint to joint, and who is who in a corner.

    In a view of one side that side's pose alone, with threads to where its joints should be.
    """

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self._comparing = comparing
        self._rect = QRectF()
        self.setZValue(30)
        self.setVisible(False)

    def show_pair(self, frame: QRectF | None) -> None:
        """Draw what is shown now, if anything, in a frame; nothing where there is none."""
        shown = self._comparing.shown
        self.setVisible(shown is not None and frame is not None)
        if frame is None:
            return
        rect = all_about(frame if shown is None else frame.united(extent_of(shown)))
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = self._comparing.shown
        if shown is None:
            return
        painter.save()
        transform = painter.worldTransform()
        painter.resetTransform()
        self.draw(painter, transform, widget)
        if widget is None or not widget.property("bare"):
            limits = QRectF(widget.rect()) if widget is not None else transform.mapRect(self._rect)
            sides = _sides_of(widget)
            words: list[tuple[int | None, str]] = [(which, shown.words[which]) for which in sides]
            words += [(None, "Label")] if shown.reference is not None else []
            words += [(-1, shown.apart)] if shown.apart and len(sides) == 2 else []
            _draw_legend(painter, limits, words)
        painter.restore()

    def draw(self, painter: QPainter, transform: QTransform, viewport: QWidget | None) -> None:
        """The poses alone, of the side that a view shows.

        Args:
            painter: in the pixels of what is painted on.
            transform: from pixels of the frame to those.
            viewport: of the view.
        """
        shown = self._comparing.shown
        if shown is None:
            return
        sides = _sides_of(viewport)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        placed = {which: _mapped(transform, shown.uv[which]) for which in sides}
        reference = _mapped(transform, shown.reference)
        if any(reference):
            _draw_bones(painter, reference, QPen(QColor(_REFERENCE), 1.0, Qt.PenStyle.SolidLine, CAP))
            for points in placed.values():
                _draw_threads(painter, reference, points)
        elif len(placed) == 2:
            _draw_threads(painter, placed[0], placed[1])
        for draw in (_shade, _draw_pose):
            for which, points in placed.items():
                draw(painter, points, which)


def _sides_of(viewport: QWidget | None) -> tuple[int, ...]:
    side = viewport.property(SIDE) if viewport is not None else None
    return (0, 1) if side is None else (int(side),)


def extent_of(shown: TwoPoses) -> QRectF:
    """Where its poses are, px of the frame."""
    rect = QRectF()
    for pose in (*shown.uv, shown.reference):
        for u, v in () if pose is None else pose.tolist():
            if math.isfinite(u) and math.isfinite(v):
                rect = rect.united(QRectF(u, v, 1.0, 1.0))
    return rect


def _mapped(transform: QTransform, uv: Floats | None) -> Points:
    return [
        transform.map(QPointF(u, v)) if math.isfinite(u) and math.isfinite(v) else None
        for u, v in ([(math.nan, math.nan)] * 21 if uv is None else uv.tolist())
    ]


def _draw_threads(painter: QPainter, starts: Points, ends: Points) -> None:
    painter.setPen(QPen(_THREAD, 1.0))
    for start, end in zip(starts, ends, strict=True):
        if start is not None and end is not None:
            painter.drawLine(start, end)


def _shade(painter: QPainter, points: Points, _which: int) -> None:
    """The dark under both poses, so that neither darkens the other."""
    _draw_bones(painter, points, QPen(_HALO, _WIDTH + 2.5, Qt.PenStyle.SolidLine, CAP))


def _draw_bones(painter: QPainter, points: Points, pen: QPen) -> None:
    bones = QPainterPath()
    for parent, child in BONES:
        start, end = points[parent], points[child]
        if start is not None and end is not None:
            bones.moveTo(start)
            bones.lineTo(end)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(bones)


def _draw_pose(painter: QPainter, points: Points, which: int) -> None:
    colour = QColor(COLOURS[which])
    _draw_bones(painter, points, QPen(colour, _WIDTH, _LINES[which], CAP))
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


def _draw_legend(painter: QPainter, limits: QRectF, lines: list[tuple[int | None, str]]) -> None:
    """Lines with the mark of a side, of the reference (``None``), or with none (-1)."""
    metrics = QFontMetricsF(painter.font())
    line = metrics.height() + 4
    room = max(limits.width() - 16, 40.0)
    width = min(max(metrics.horizontalAdvance(text) for _, text in lines) + 40, room)
    box = QRectF(limits.left() + 8, limits.top() + 8, width, line * len(lines) + 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 13, 16, 200))
    painter.drawRoundedRect(box, 4, 4)
    for row, (which, text) in enumerate(lines):
        place = QRectF(box.left() + 30, box.top() + 4 + row * line, width - 34, line)
        at = QPointF(box.left() + 15, place.center().y())
        if which is None:
            painter.setPen(QPen(QColor(_REFERENCE), 1.0))
            painter.drawLine(at - QPointF(7, 0), at + QPointF(7, 0))
        elif which >= 0:
            painter.setPen(QPen(RIM, 1.0))
            painter.setBrush(QColor(COLOURS[which]))
            _mark(painter, at, which)
        painter.setPen(QColor(240, 242, 245))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
