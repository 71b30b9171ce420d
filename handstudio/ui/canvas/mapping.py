"""From the frame to the screen and back, however the view is zoomed and turned."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF, QTransform

from handstudio.hand.box import Box

CORNERS = ("tl", "tr", "br", "bl")
"""The names of a rectangle's corners in the frame, in the order of :func:`corners_of`."""
_EVEN = 1e-9


def box_of(rect: QRectF) -> Box:
    """A rectangle of the canvas as a box."""
    return Box(rect.x(), rect.y(), rect.width(), rect.height())


def zoom_of(transform: QTransform) -> float:
    """Screen pixels per frame pixel."""
    return math.hypot(transform.m11(), transform.m12())


def is_upright(transform: QTransform) -> bool:
    """Whether rows of the frame are rows of the screen, from left to right."""
    return abs(transform.m12()) < _EVEN and transform.m11() > 0.0


def on_screen(places: np.ndarray, transform: QTransform) -> np.ndarray:
    """Frame pixels (N, 2) in pixels of a view."""
    linear = np.array(((transform.m11(), transform.m12()), (transform.m21(), transform.m22())))
    return places @ linear + (transform.dx(), transform.dy())


def direction(away: QPointF, transform: QTransform) -> QPointF:
    """A direction in the frame as it is seen, of length 1; nothing stays nothing."""
    x = transform.m11() * away.x() + transform.m21() * away.y()
    y = transform.m12() * away.x() + transform.m22() * away.y()
    length = math.hypot(x, y)
    return QPointF(x / length, y / length) if length > 0.0 else QPointF()


def corners_of(rect: QRectF, transform: QTransform) -> list[QPointF]:
    """The corners of a rectangle of the frame on the screen: those named in :data:`CORNERS`."""
    corners = rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()
    return [transform.map(corner) for corner in corners]


def all_about(frame: QRectF) -> QRectF:
    """The frame and as much about it as a view can show: where things lie that keep to the view."""
    margin = 2 * max(frame.width(), frame.height(), 1.0)
    return frame.adjusted(-margin, -margin, margin, margin)


def polygon_of(rect: QRectF) -> QPolygonF:
    """A rectangle as a closed polygon."""
    return QPolygonF([rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()])


def corner_under(corners: list[QPointF], x: float, y: float, reach: float) -> str | None:
    """Which of a rectangle's corners on the screen a point touches."""
    for name, corner in zip(CORNERS, corners, strict=True):
        if max(abs(corner.x() - x), abs(corner.y() - y)) <= reach:
            return name
    return None


def corner_cursor(name: str, transform: QTransform) -> Qt.CursorShape:
    """The cursor that says which way a corner moves as it is seen."""
    outwards = QPointF(1.0 if name[-1] == "r" else -1.0, 1.0 if name[0] == "b" else -1.0)
    seen = direction(outwards, transform)
    eighth = round(math.degrees(math.atan2(seen.y(), seen.x())) / 45.0) % 4
    return _CURSORS[eighth]


_CURSORS = (
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
)
