"""The boxes of a frame's hands, and the one that is being drawn."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.ui.canvas.layers import RIM
from handstudio.ui.canvas.mapping import corners_of, is_upright
from handstudio.ui.canvas.prepared import PreparedHand
from handstudio.ui.theme import Theme

CORNER = 14.0
NOTE_EM = 40
"""Room for a note behind side and state, in letters."""
LEAST_EM = 6
"""With less room nothing of it is said."""
BESIDE_TEXT = 26
"""Of a tag, for the dot and the borders, px."""
OTHERS = QColor(200, 204, 210)
"""The corners of a hand that is not the current one."""


class BoxesItem(QGraphicsItem):
    """Corners of each hand's box with a tag that says side and state; the current hand's in the accent."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.hands: list[PreparedHand] = []
        self.current: int | None = None
        self.drawn: QPolygonF | None = None
        self._said: tuple[object, ...] = ()
        self._rect = QRectF()
        self.setZValue(10)

    def show_hands(self, hands: list[PreparedHand], current: int | None, rect: QRectF) -> None:
        """The hands of the frame and which of them is the current one."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        said = (
            current,
            [(hand.hand_id, hand.box, hand.state, hand.side, hand.note, hand.verified) for hand in hands],
        )
        self.hands, self.current = hands, current
        if said != self._said:  # not with each move of a joint
            self._said = said
            self.update()

    def set_drawn(self, outline: QPolygonF | None) -> None:
        """What the mouse draws, in frame pixels: a box, or a band about joints."""
        self.drawn = outline
        self.update()

    def hand_at(self, u: float, v: float) -> int | None:
        """The hand whose box holds a point; the smallest box wins."""
        holding = [hand for hand in self.hands if hand.box.contains(u, v)]
        if not holding:
            return None
        return min(holding, key=lambda hand: hand.box.width() * hand.box.height()).hand_id

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.save()
        transform = painter.worldTransform()
        painter.resetTransform()
        limits = QRectF(widget.rect()) if widget is not None else transform.mapRect(self._rect)
        several = len(self.hands) > 1
        tags = widget is None or not widget.property("bare")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not is_upright(transform))
        for hand in self.hands:
            current = hand.hand_id == self.current
            corners = corners_of(hand.box, transform)
            self._corners(painter, corners, self.theme.colour("accent") if current else OTHERS)
            if tags and (several or current):
                self._tag(painter, corners, limits, hand, current)
        if self.drawn is not None:
            outline = transform.map(self.drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, not is_upright(transform))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(RIM, 3))
            painter.drawPolygon(outline)
            painter.setPen(QPen(self.theme.colour("accent"), 1.5))
            painter.drawPolygon(outline)
        painter.restore()

    def _corners(self, painter: QPainter, corners: list[QPointF], colour: QColor) -> None:
        lines: list[QPointF] = []
        for place, corner in enumerate(corners):
            for beside in (corners[place - 1], corners[(place + 1) % 4]):
                lines += [corner, corner + _arm(beside - corner)]
        for pen in (QPen(RIM, 3.0), QPen(colour, 1.5)):
            painter.setPen(pen)
            painter.drawLines(lines)

    def _tag(
        self, painter: QPainter, corners: list[QPointF], limits: QRectF, hand: PreparedHand, current: bool
    ) -> None:
        style = self.theme.state(hand.state)
        text = f"{hand.side} · {style.title.lower()}{', verified' if hand.verified else ''}"
        metrics = painter.fontMetrics()
        em, free = metrics.averageCharWidth(), round(limits.width()) - 8 - BESIDE_TEXT
        if hand.note:
            room = min(NOTE_EM * em, free - metrics.horizontalAdvance(f"{text} · "))
            note = metrics.elidedText(hand.note, Qt.TextElideMode.ElideRight, room)
            text = f"{text} · {note}" if room >= LEAST_EM * em else text
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, free)
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + BESIDE_TEXT, metrics.height() + 4)
        box.moveBottomLeft(_tagged(corners, box.width()) - QPointF(0, 4))
        box.moveTop(max(box.top(), limits.top() + 4))
        box.moveLeft(min(max(box.left(), limits.left() + 4), limits.right() - box.width() - 4))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 13, 16, 190 if current else 130))
        painter.drawRoundedRect(box, 4, 4)
        dot = QPointF(box.left() + 11, box.center().y())
        colour = QColor(style.colour)
        painter.setPen(QPen(colour, 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush if style.hollow else colour)
        painter.drawEllipse(dot, 3.5, 3.5)
        painter.setPen(QColor(240, 242, 245))
        one_line = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(box.adjusted(20, 0, -6, 0), one_line, text)


def _arm(side: QPointF) -> QPointF:
    """From a corner along a side."""
    length = math.hypot(side.x(), side.y())
    return side * (min(CORNER, length / 3) / max(length, 1e-6))


def _tagged(corners: list[QPointF], width: float) -> QPointF:
    """Where the lower left corner of a tag of a width belongs: above what is highest on the screen."""
    high = min(corner.y() for corner in corners)
    highest = [corner.x() for corner in corners if corner.y() < high + 1.0]
    return QPointF(min(highest) if len(highest) > 1 else highest[0] - width / 2, high)
