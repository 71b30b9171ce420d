"""The layers of a hand as graphics items: one item paints one layer, from paths prepared beforehand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.hand.skeleton import BONES, WRIST
from handstudio.ui.canvas.prepared import PreparedHand
from handstudio.ui.theme import PEN_STYLES, Theme

RIM = QColor(22, 23, 27)
"""The dark rim that lets a line read on any skin and wall."""

TINT = 0.55

HALO = QColor(70, 72, 78)
"""The thin shade under a solid thin line."""

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
        self.line_scale = 1.0
        self._rect = QRectF()

    def show_hand(self, hand: PreparedHand | None, rect: QRectF) -> None:
        """Draw ``hand``; ``rect`` bounds it in frame pixels, margins included."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self.hand = hand
        self.update()

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

    def pen(self, colour: QColor | None = None, alpha: float = 1.0) -> QPen:
        """A pen in the layer's width and line style."""
        style = self.theme.layer(self.name)
        colour = QColor(colour if colour is not None else QColor(style.colour))
        colour.setAlphaF(alpha)
        pen = QPen(colour, style.width * self.line_scale, PEN_STYLES[style.line])
        if style.line == "dashed":
            pen.setDashPattern([5.0, 3.0])
        elif style.line == "dotted":
            pen.setDashPattern([1.0, 1.5])
        pen.setCapStyle(CAP)
        return pen


class SkeletonLayer(HandLayer):
    """Proposal, perturbed prediction, correction or truth: one thin path in the layer's line style."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        path = hand.skeletons.get(self.name)
        if path is None:
            return
        mapped = transform.map(path)
        painter.setPen(
            QPen(QColor(12, 13, 16, 90), (self.theme.layer(self.name).width + 1.5) * self.line_scale)
        )
        painter.drawPath(mapped)
        painter.setPen(self.pen())
        painter.drawPath(mapped)


class LabelLayer(HandLayer):
    """The label: white lines tinted with the fingers' hues over a dark rim."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        path = hand.skeletons.get("label")
        if path is None or hand.uv is None:
            return
        width = self.theme.layer("label").width * self.line_scale
        painter.setPen(QPen(RIM, width + 2.0 * self.line_scale, Qt.PenStyle.SolidLine, CAP))
        painter.drawPath(transform.map(path))
        u, v = hand.uv[:, 0].tolist(), hand.uv[:, 1].tolist()
        points = [transform.map(QPointF(*point)) for point in zip(u, v, strict=True)]
        for parent, child in BONES:
            painter.setPen(QPen(tinted(self.theme, child, parent), width, Qt.PenStyle.SolidLine, CAP))
            painter.drawLine(points[parent], points[child])


def tinted(theme: Theme, joint: int, parent: int) -> QColor:
    """White tinted with the finger's hue; the palm's bones stay white."""
    if parent == WRIST:
        return QColor(255, 255, 255)
    hue = theme.joint_colour(joint)
    return QColor(*(round(255 + TINT * (value - 255)) for value in (hue.red(), hue.green(), hue.blue())))


class CirclesLayer(HandLayer):
    """The 55 circles of the hand model as outlines, one pixel of the screen wide.

    Qt draws curves of just that width fifteen times faster than wider ones.
    """

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        if hand.circles is not None:
            pen = self.pen(alpha=0.5)
            pen.setWidthF(0.0)
            painter.setPen(pen)
            painter.drawPath(transform.map(hand.circles))


class MaskLayer(HandLayer):
    """The proposal's mask: its contour, and a fill at 15 %."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        if hand.mask is None:
            return
        fill = QColor(self.theme.layer_colour("mask"))
        fill.setAlphaF(0.15)
        mapped: QPainterPath = transform.map(hand.mask)
        painter.fillPath(mapped, fill)
        pen = self.pen()
        pen.setWidthF(0.0)
        painter.setPen(pen)
        painter.drawPath(mapped)


class MapLayer(HandLayer):
    """A map over the hand's box: depth, or one joint's heatmap."""

    def draw(self, painter: QPainter, transform, hand: PreparedHand) -> None:  # noqa: ANN001
        entry = hand.maps.get(self.name)
        if entry is None:
            return
        image, area = entry
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(transform.mapRect(area), image)


LAYER_ITEMS: dict[str, tuple[type[HandLayer], int]] = {
    "depth": (MapLayer, 0),
    "heatmap": (MapLayer, 1),
    "mask": (MaskLayer, 2),
    "circles": (CirclesLayer, 3),
    "truth": (SkeletonLayer, 4),
    "perturbed": (SkeletonLayer, 5),
    "proposal": (SkeletonLayer, 6),
    "correction": (SkeletonLayer, 7),
    "label": (LabelLayer, 8),
}
"""Each layer's item and its height: what is filled lies under what is drawn."""
