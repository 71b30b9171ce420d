"""The joints of the hand in hand: what is grabbed with the mouse."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPen,
    QPolygonF,
    QTransform,
)

from handstudio.hand.skeleton import JOINT_NAMES, OCCLUDED, OUTSIDE
from handstudio.ui.canvas.layers import RIM, HandLayer
from handstudio.ui.canvas.mapping import direction, on_screen
from handstudio.ui.canvas.prepared import PreparedHand
from handstudio.ui.colours import AT_LIMIT, PIN
from handstudio.ui.theme import Theme, joint_colours

RADIUS = 4.0
LIMIT_BAR = 9.0
"""Half the bar across a joint at its limit, screen pixels."""
NAME_AIR = 36.0
"""About a joint's name, and between both, screen pixels."""
REACH = 11.0
"""Screen pixels within which a press takes a joint."""


@cache
def joint_brushes() -> tuple[QBrush, ...]:
    """The 21 joints' colours to fill with."""
    return tuple(QBrush(colour) for colour in joint_colours())


class JointMarkers(HandLayer):
    """Visible joints filled, occluded ones hollow, those outside at the frame's border with an arrow; a
    square about those that are pinned."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("label", theme)
        self.frame = QRectF()
        self.selected: frozenset[int] = frozenset()
        self.hovered: int | None = None
        self.pinned: frozenset[int] = frozenset()
        self.limited: frozenset[int] = frozenset()
        """Joints whose bones are drawn as being at their limits."""
        self.unit = 1.0
        """At most so many px of the frame are one of the screen."""

    def set_selected(self, joints: frozenset[int]) -> None:
        """Ring these joints."""
        if joints != self.selected:
            self.selected = joints
            self.update()

    def set_pinned(self, joints: frozenset[int]) -> None:
        """Frame these joints."""
        if joints != self.pinned:
            self.pinned = joints
            self.update()

    def set_hovered(self, joint: int | None) -> None:
        """Name this joint."""
        if joint != self.hovered:
            self.prepareGeometryChange()
            self.hovered = joint
            self.update()

    def boundingRect(self) -> QRectF:
        """The hand's, and that of the name of the joint under the mouse, whichever way the view is turned."""
        if self.hovered is None or self.hand is None or self.hand.uv is None:
            return self._rect
        (u, v), metrics = self.places(self.hand)[self.hovered].tolist(), QFontMetricsF(QGuiApplication.font())
        reach = self.unit * (
            metrics.horizontalAdvance(JOINT_NAMES[self.hovered]) + metrics.height() + NAME_AIR
        )
        return self._rect.united(QRectF(u - reach, v - reach, 2 * reach, 2 * reach))

    def extent(self, hand: PreparedHand) -> QRectF:
        """A rectangle about the joints as they are drawn, px of the frame."""
        if hand.uv is None:
            return QRectF()
        places = self.places(hand)
        places = places[np.isfinite(places).all(axis=1)]
        if not len(places):
            return QRectF()
        (left, top), (right, bottom) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        return QRectF(left, top, right - left, bottom - top)

    def show_hand(self, hand: PreparedHand | None, rect: QRectF) -> None:
        self.prepareGeometryChange()
        super().show_hand(hand, rect)

    def places(self, hand: PreparedHand) -> np.ndarray:
        """Where each joint is drawn (21, 2) px: joints outside are held at the frame's border."""
        uv = np.asarray(hand.uv, np.float64)
        if self.frame.isEmpty():
            return uv
        low = (self.frame.left(), self.frame.top())
        high = (self.frame.right(), self.frame.bottom())
        return np.clip(uv, low, high)

    def joint_at(self, transform: QTransform, x: float, y: float, reach: float = REACH) -> int | None:
        """The joint nearest to a point in screen pixels, within ``reach``; a selected one wins a tie."""
        if self.hand is None or self.hand.uv is None or not self.isVisible():
            return None
        places = self.places(self.hand)
        screen = on_screen(places, transform)
        distance = np.hypot(screen[:, 0] - x, screen[:, 1] - y)
        distance[list(self.selected)] -= 3.0
        distance[~np.isfinite(distance)] = np.inf
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= reach else None

    def draw(self, painter: QPainter, transform: QTransform, hand: PreparedHand) -> None:
        if hand.uv is None:
            return
        places = self.places(hand)
        beyond = (np.abs(places - hand.uv).max(axis=1) > 1e-3).tolist()
        visibility = hand.visibility.tolist() if hand.visibility is not None else [0] * len(places)
        radius = RADIUS
        rim, hues = self._pen(RIM, 1.5), joint_brushes()
        self._limits(painter, transform, hand)
        for joint, (x, y) in enumerate(on_screen(places, transform).tolist()):
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            centre = QPointF(x, y)
            if joint in self.selected:
                self._ring(painter, centre, radius)
            if joint in self.pinned:
                self._pin(painter, centre, radius)
            if beyond[joint] or visibility[joint] == OUTSIDE:
                hue = self.theme.joint_colour(joint)
                away = direction(self._away(hand.uv[joint], places[joint]), transform)
                self._arrow(painter, centre, away, hue, radius)
            elif visibility[joint] == OCCLUDED:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(self._pen(RIM, 4.0))
                painter.drawEllipse(centre, radius, radius)
                painter.setPen(self._pen(self.theme.joint_colour(joint), 2.0))
                painter.drawEllipse(centre, radius, radius)
            else:
                painter.setBrush(hues[joint])
                painter.setPen(rim)
                painter.drawEllipse(centre, radius, radius)
        if self.hovered is not None:
            u, v = places[self.hovered].tolist()
            self._name(painter, transform.map(QPointF(u, v)), JOINT_NAMES[self.hovered])

    def _pen(self, colour: QColor, width: float) -> QPen:
        return self.kept((colour.rgb(), width), lambda: QPen(colour, width))

    def _limits(self, painter: QPainter, transform: QTransform, hand: PreparedHand) -> None:
        """The bones beyond joints that bend as far as they can: thick, with a bar across the joint."""
        for joint in self.limited:
            start, end = (transform.map(QPointF(*hand.uv[one].tolist())) for one in (joint, joint + 1))
            along = end - start
            length = max(math.hypot(along.x(), along.y()), 1e-6)
            across = QPointF(-along.y(), along.x()) * (LIMIT_BAR / length)
            for pen in (self._pen(RIM, 7.0), self._pen(QColor(AT_LIMIT), 4.0)):
                painter.setPen(pen)
                painter.drawLine(start, end)
                painter.drawLine(start - across, start + across)

    def _pin(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        half = radius + 4.0
        square = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((RIM, 4.0), (QColor(PIN), 2.0)):
            painter.setPen(self._pen(colour, width))
            painter.drawRect(square)

    def _ring(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((RIM, 4.0), (QColor(255, 255, 255), 2.0)):
            painter.setPen(self._pen(colour, width))
            painter.drawEllipse(centre, radius + 4.0, radius + 4.0)

    def _away(self, uv: np.ndarray, place: np.ndarray) -> QPointF:
        """From where a joint is drawn to where it is; away from the frame's middle where that is the same."""
        away = QPointF(*(uv - place).tolist())
        if math.hypot(away.x(), away.y()) < 1e-3:
            away = QPointF(*place.tolist()) - self.frame.center()
        return away

    def _arrow(self, painter: QPainter, tip: QPointF, away: QPointF, hue: QColor, radius: float) -> None:
        du, dv = away.x(), away.y()
        size = 2.2 * radius
        base = QPointF(tip.x() - du * size, tip.y() - dv * size)
        wing = QPointF(-dv * size * 0.55, du * size * 0.55)
        painter.setBrush(hue)
        painter.setPen(self._pen(RIM, 1.5))
        painter.drawPolygon(QPolygonF([tip, base + wing, base - wing]))

    def _name(self, painter: QPainter, centre: QPointF, name: str) -> None:
        metrics = painter.fontMetrics()
        box = QRectF(0, 0, metrics.horizontalAdvance(name) + 12, metrics.height() + 4)
        box.moveTopLeft(centre + QPointF(12, -metrics.height() - 8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 13, 16, 205))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(240, 242, 245))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
