"""What turns and scales the current hand: a ring around its wrist, handles at its corners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from handstudio.hand.skeleton import WRIST
from handstudio.ui.canvas.layers import RIM, HandLayer
from handstudio.ui.canvas.mapping import CORNERS, corner_cursor, corner_under, polygon_of, zoom_of
from handstudio.ui.canvas.prepared import PreparedHand

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.theme import Theme

RING = 30.0
"""Radius of the ring in screen pixels; so are all of these."""
REACH = 7.0
OUT = 16.0
"""How far the corners lie beyond the joints."""
HANDLE = 4.0
LEAST = 90.0
"""A hand shown smaller has no frame: it would be all handles."""
APART = 16.0
"""Distance that a handle keeps from the corner of the box."""
NEAR = 48.0
"""The frame appears when the mouse is so near to the hand."""


class HandFrame(HandLayer):
    """Seen only near the mouse, and what is under it strongly."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("label", theme)
        self._near = False
        self._part: str | None = None

    def set_part(self, near: bool, part: str | None) -> None:
        """Whether the mouse is near the hand, and what of the frame it points at."""
        if (near, part) != (self._near, self._part):
            self._near, self._part = near, part
            self.update()

    def corners(self, transform: QTransform, hand: PreparedHand) -> list[QPointF] | None:
        """The handles on the screen, clockwise from the top left; ``None`` where the hand is too small."""
        if hand.uv is None or not np.isfinite(hand.uv).all():
            return None
        low, high = hand.uv.min(axis=0).tolist(), hand.uv.max(axis=0).tolist()
        rect, zoom = QRectF(QPointF(*low), QPointF(*high)), zoom_of(transform)
        if max(rect.width(), rect.height()) * zoom < LEAST:
            return None
        out, apart = OUT / zoom, APART / zoom
        rect.adjust(-out, -out, out, out)
        found = []
        for own, other in zip(polygon_of(rect), polygon_of(hand.box), strict=True):
            if max(abs(own.x() - other.x()), abs(own.y() - other.y())) < apart:
                inwards = rect.center() - own
                own += QPointF(math.copysign(apart, inwards.x()), math.copysign(apart, inwards.y()))
            found.append(transform.map(own))
        return found

    def is_near(self, transform: QTransform, x: float, y: float) -> bool:
        """Whether a point of the screen is in the hand's neighbourhood."""
        hand = self.hand
        if hand is None or self.corners(transform, hand) is None:
            return False
        low, high = hand.uv.min(axis=0).tolist(), hand.uv.max(axis=0).tolist()
        reach = (OUT + NEAR) / zoom_of(transform)
        rect = QRectF(QPointF(*low), QPointF(*high)).adjusted(-reach, -reach, reach, reach)
        inverse, _ = transform.inverted()
        return rect.contains(inverse.map(QPointF(x, y)))

    def part_at(self, transform: QTransform, x: float, y: float) -> str | None:
        """``ring`` or a corner (``tl tr br bl``) under a point of the screen."""
        hand = self.hand
        corners = None if hand is None or not self.isVisible() else self.corners(transform, hand)
        if corners is None:
            return None
        name = corner_under(corners, x, y, REACH)
        if name is not None:
            return name
        wrist = transform.map(QPointF(*hand.uv[WRIST].tolist()))
        away = math.hypot(wrist.x() - x, wrist.y() - y)
        return "ring" if abs(away - RING) <= REACH else None

    def handles(self, transform: QTransform) -> list[tuple[str, QPointF]]:
        """Points of the screen at which the parts can be taken hold of; the ring has eight."""
        hand = self.hand
        corners = None if hand is None or not self.isVisible() else self.corners(transform, hand)
        if corners is None:
            return []
        wrist = transform.map(QPointF(*hand.uv[WRIST].tolist()))
        ring = [
            wrist + RING * QPointF(math.cos(turn), math.sin(turn))
            for turn in (math.radians(45.0 * eighth) for eighth in range(8))
        ]
        return [*zip(CORNERS, corners, strict=True), *(("ring", at) for at in ring)]

    def draw(self, painter: QPainter, transform: QTransform, hand: PreparedHand) -> None:
        corners = self.corners(transform, hand) if self._near else None
        if corners is None:
            return
        wrist = transform.map(QPointF(*hand.uv[WRIST].tolist()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in self._pens(self._part == "ring"):
            painter.setPen(pen)
            painter.drawEllipse(wrist, RING, RING)
        for name, at in zip(CORNERS, corners, strict=True):
            for pen in self._pens(self._part == name):
                painter.setPen(pen)
                painter.drawRect(QRectF(at.x() - HANDLE, at.y() - HANDLE, 2 * HANDLE, 2 * HANDLE))

    def _pens(self, pointed_at: bool) -> tuple[QPen, QPen]:
        light = self.theme.colour("accent") if pointed_at else QColor(255, 255, 255, 150)
        rim = QColor(RIM)
        rim.setAlpha(255 if pointed_at else 110)
        return QPen(rim, 4.0 if pointed_at else 3.0), QPen(light, 2.0 if pointed_at else 1.25)


class FrameDrag:
    """The ring or a corner, held by the mouse. Positions are frame pixels.

    The ring turns the hand about its wrist; a corner scales it about the opposite one, with Shift about the
    wrist.
    """

    def __init__(self, session: ReviewSession, part: str, at: QPointF, hand: PreparedHand) -> None:
        self._session, self._part = session, part
        self._from = np.array((at.x(), at.y()))
        uv = np.asarray(hand.uv, np.float64)
        self._wrist = uv[WRIST]
        low, high = uv.min(axis=0), uv.max(axis=0)
        self._opposite = np.array(
            (low[0] if part[-1] == "r" else high[0], low[1] if part[0] == "b" else high[1])
        )

    def move(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Follow the mouse; whether the hand could."""
        here, session = np.array((at.x(), at.y())), self._session
        if self._part == "ring":
            first, last = self._from - self._wrist, here - self._wrist
            turn = math.atan2(last[1], last[0]) - math.atan2(first[1], first[0])
            return session.transform_hand(turn, 1.0, self._wrist) is not None
        about = self._wrist if keys & Qt.KeyboardModifier.ShiftModifier else self._opposite
        arm = self._from - about
        scale = float((here - about) @ arm) / max(float(arm @ arm), 1e-6)
        return session.transform_hand(0.0, min(max(scale, 0.1), 10.0), about) is not None


def part_cursor(part: str, transform: QTransform) -> Qt.CursorShape:
    """The cursor that says what a part does."""
    return Qt.CursorShape.OpenHandCursor if part == "ring" else corner_cursor(part, transform)
