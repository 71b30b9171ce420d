"""The joints that were placed so far, with their bones, over the frame."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.hand.skeleton import BONES, JOINT_COUNT, PARENTS
from handstudio.ui.canvas.layers import CAP, RIM, tinted
from handstudio.ui.canvas.markers import RADIUS
from handstudio.ui.theme import Theme


class PlacingItem(QGraphicsItem):
    """Joints as they come: seen ones filled, guessed ones hollow, and a line to where the next would be."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rect = QRectF()
        self._uv = np.full((JOINT_COUNT, 2), np.nan, np.float32)
        self._guessed = np.zeros(JOINT_COUNT, dtype=bool)
        self._next: int | None = None
        self._mouse: QPointF | None = None
        self.setZValue(21)
        self.hide()

    def show_joints(self, uv: np.ndarray, guessed: np.ndarray, joint: int, rect: QRectF) -> None:
        """Show joints (21, 2) px, not a number for those to come; ``joint`` is the next one."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self._uv, self._guessed, self._next = uv, guessed, joint
        self.update()

    @property
    def joints(self) -> np.ndarray:
        """(21, 2) px of the joints so far, not a number for those to come."""
        return self._uv

    def set_mouse(self, at: QPointF | None) -> None:
        """Where the next joint would be placed, in frame pixels."""
        self._mouse = at
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.save()
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        there = np.isfinite(self._uv).all(axis=1).tolist()
        points = [transform.map(QPointF(u, v)) if known else None for (u, v), known in self._known(there)]
        for parent, child in BONES:
            if points[parent] is not None and points[child] is not None:
                self._bone(painter, points[parent], points[child], child)
        self._to_the_mouse(painter, transform, points)
        for joint, at in enumerate(points):
            if at is not None:
                self._joint(painter, at, joint, bool(self._guessed[joint]))
        painter.restore()

    def _known(self, there: list[bool]) -> list[tuple[tuple[float, float], bool]]:
        return list(zip(self._uv.tolist(), there, strict=True))

    def _bone(self, painter: QPainter, start: QPointF, end: QPointF, child: int) -> None:
        guessed = self._guessed[child] or self._guessed[PARENTS[child]]
        line = Qt.PenStyle.DashLine if guessed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(RIM, 4.0, Qt.PenStyle.SolidLine, CAP))
        painter.drawLine(start, end)
        painter.setPen(QPen(tinted(self._theme, child, PARENTS[child]), 2.0, line, CAP))
        painter.drawLine(start, end)

    def _to_the_mouse(self, painter: QPainter, transform, points: list[QPointF | None]) -> None:  # noqa: ANN001
        if self._mouse is None or self._next is None or self._next >= JOINT_COUNT:
            return
        at = transform.map(self._mouse)
        parent = PARENTS[self._next]
        if parent >= 0 and points[parent] is not None:
            colour = QColor(self._theme.joint_colour(self._next))
            painter.setPen(QPen(QColor(22, 23, 27, 150), 3.0))
            painter.drawLine(points[parent], at)
            painter.setPen(QPen(colour, 1.25))
            painter.drawLine(points[parent], at)

    def _joint(self, painter: QPainter, at: QPointF, joint: int, guessed: bool) -> None:
        colour = self._theme.joint_colour(joint)
        if guessed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(RIM, 4.0), QPen(colour, 2.0)):
                painter.setPen(pen)
                painter.drawEllipse(at, RADIUS, RADIUS)
        else:
            painter.setBrush(colour)
            painter.setPen(QPen(RIM, 1.5))
            painter.drawEllipse(at, RADIUS, RADIUS)
