"""The layers of a hand as graphics items: one item paints one layer, from paths prepared beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.hand.skeleton import BONES, WRIST
from handstudio.ui.canvas.prepared import PreparedHand
from handstudio.ui.theme import PEN_STYLES, Theme

Kept = TypeVar("Kept")

RIM = QColor(22, 23, 27)
"""The dark rim that lets a line read on any skin and wall."""

TINT = 0.55

HALO = QColor(12, 13, 16, 90)
"""The shade under a thin line."""

MARGIN = 48.0
"""Screen pixels that what is drawn of a hand may reach beyond its pose and boxes."""

DASHES = {"dashed": [5.0, 3.0], "dotted": [1.0, 1.5], "dash_dotted": [6.0, 2.0, 1.0, 2.0]}
"""Of lines, in their widths."""

CAP = Qt.PenCapStyle.FlatCap
"""Qt draws opaque lines with flat ends ten times faster than translucent ones or round ends; joints hide the
ends."""


class HandLayer(QGraphicsItem):
    """A layer of one hand. Widths and radii are screen pixels, whatever the zoom."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self.name = name
        self.theme = theme
        self.hand: PreparedHand | None = None
        self._kept: dict[object, Any] = {}
        self._rect = QRectF()

    def show_hand(self, hand: PreparedHand | None, rect: QRectF) -> None:
        """Draw ``hand``; ``rect`` bounds it in frame pixels, margins included."""
        before, self.hand = self.hand, hand
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        elif before is not None and hand is not None and self.is_same(before, hand):
            return
        self.update()

    def is_same(self, before: PreparedHand, hand: PreparedHand) -> bool:
        """Whether the layer looks for a hand as it did before, so that it need not be painted anew."""
        return False

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.hand is None:
            return
        painter.save()
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, transform, self.hand)
        painter.restore()

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        """Paint in screen pixels; ``transform`` maps frame pixels to them."""
        raise NotImplementedError

    def kept(self, key: object, make: Callable[[], Kept]) -> Kept:
        """What ``make`` gives, made once: making a pen takes longer than a line."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def pen(self, alpha: float = 1.0) -> QPen:
        """A pen in the layer's colour, width and line style."""
        return self.kept(alpha, lambda: self._layer_pen(alpha))

    def hairline(self, alpha: float = 1.0) -> QPen:
        """A pen in the layer's colour, one pixel of the screen wide.

        Qt draws curves of just that width fifteen times faster than wider ones.
        """
        return self.kept(("hairline", alpha), lambda: self._layer_pen(alpha, 0.0))

    def _layer_pen(self, alpha: float, width: float | None = None) -> QPen:
        style = self.theme.layer(self.name)
        colour = QColor(style.colour)
        colour.setAlphaF(alpha)
        pen = QPen(colour, style.width if width is None else width, PEN_STYLES[style.line])
        if style.line in DASHES:
            pen.setDashPattern(DASHES[style.line])
        pen.setCapStyle(CAP)
        return pen


class SkeletonLayer(HandLayer):
    """Proposal, perturbed prediction, correction or truth: one thin path in the layer's line style."""

    def is_same(self, before: PreparedHand, hand: PreparedHand) -> bool:
        return before.skeletons.get(self.name) is hand.skeletons.get(self.name)

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        path = hand.skeletons.get(self.name)
        if path is None:
            return
        mapped = transform.map(path)
        painter.setPen(self.kept("halo", self._halo))
        painter.drawPath(mapped)
        painter.setPen(self.pen())
        painter.drawPath(mapped)

    def _halo(self) -> QPen:
        return QPen(HALO, self.theme.layer(self.name).width + 1.5)


class LabelLayer(HandLayer):
    """The label: white lines tinted with the fingers' hues over a dark rim."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        path = hand.skeletons.get("label")
        if path is None or hand.uv is None:
            return
        painter.setPen(self.kept("rim", lambda: self._line(RIM, 2.0)))
        painter.drawPath(transform.map(path))
        points = [transform.map(QPointF(*point)) for point in hand.uv.tolist()]
        for (parent, child), pen in zip(BONES, self.kept("fingers", self._finger_pens), strict=True):
            painter.setPen(pen)
            painter.drawLine(points[parent], points[child])

    def _finger_pens(self) -> list[QPen]:
        return [self._line(tinted(self.theme, child, parent)) for parent, child in BONES]

    def _line(self, colour: QColor, wider: float = 0.0) -> QPen:
        width = self.theme.layer("label").width + wider
        return QPen(colour, width, Qt.PenStyle.SolidLine, CAP)


def tinted(theme: Theme, joint: int, parent: int) -> QColor:
    """White tinted with the finger's hue; the palm's bones stay white."""
    if parent == WRIST:
        return QColor(255, 255, 255)
    hue = theme.joint_colour(joint)
    return QColor(*(round(255 + TINT * (value - 255)) for value in (hue.red(), hue.green(), hue.blue())))


class CirclesLayer(HandLayer):
    """The 55 circles of the hand model as outlines, one pixel of the screen wide."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        if hand.circles is not None:
            painter.setPen(self.hairline(alpha=0.5))
            painter.drawPath(transform.map(hand.circles))


class MaskLayer(HandLayer):
    """The proposal's mask: its contour, and a fill at 15 %."""

    def is_same(self, before: PreparedHand, hand: PreparedHand) -> bool:
        return hand.has_mask_of(before)

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        contour = hand.mask
        if contour is None:
            return
        fill = QColor(self.theme.layer_colour("mask"))
        fill.setAlphaF(0.15)
        mapped: QPainterPath = transform.map(contour)
        painter.fillPath(mapped, fill)
        painter.setPen(self.hairline())
        painter.drawPath(mapped)


class MapLayer(HandLayer):
    """A map over the hand's box: one joint's heatmap, or another that the model shows."""

    def is_same(self, before: PreparedHand, hand: PreparedHand) -> bool:
        return before.maps.get(self.name) is hand.maps.get(self.name)

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        entry = hand.maps.get(self.name)
        if entry is None:
            return
        image, area = entry
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(transform)
        painter.drawImage(area, image)
