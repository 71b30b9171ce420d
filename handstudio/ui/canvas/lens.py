"""A round lens over the canvas: what is under a point, larger, with the joints and a crosshair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from handstudio.hand.skeleton import BONES
from handstudio.ui.canvas.layers import CAP, RIM
from handstudio.ui.canvas.mapping import on_screen
from handstudio.ui.canvas.sampling import shown_part

if TYPE_CHECKING:
    from handstudio.ui.canvas.framing import Framing
    from handstudio.ui.canvas.sampling import SampledItem
    from handstudio.ui.theme import Theme

RADIUS = 88
"""Of the lens, px; so are all of these."""
BORDER = 2
GAP = 9.0
"""Half of what the crosshair leaves free in the middle."""
RING = 7.0
DOT = 1.5
LEAST_POWER, MOST_POWER = 2, 10
SHADE, LIGHT, SHAPE = QColor(12, 13, 16, 190), QColor(240, 242, 245), QColor(255, 255, 255)


class Lens(QWidget):
    """Enlarges a view by ``power`` about a point of it.

    Joints are rings about a dot, so that the pixels under them can be seen.

    Args:
        over: the widget that it floats over.
        pictures: what lies under the joints, from the lowest up.
        joints: gives (21, 2) px of the joints that are to be seen, not a number where there are none.
        pair: draws the poses that are compared, if any are.
    """

    def __init__(
        self,
        over: QWidget,
        theme: Theme,
        pictures: Sequence[SampledItem],
        joints: Callable[[], np.ndarray | None],
        pair: Callable[[QPainter, QTransform, QWidget], None],
    ) -> None:
        super().__init__(over)
        self._theme, self._pictures, self._joints, self._pair = theme, pictures, joints, pair
        self.power = 4
        self.view: Framing | None = None
        self.at = QPointF()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Magnifier")
        self.resize(2 * RADIUS, 2 * RADIUS)
        self._bone = QPen(QColor(228, 230, 233), 1.0, Qt.PenStyle.SolidLine, CAP)
        self._image: QImage | None = None
        self.hide()

    def show_at(self, view: Framing, at: QPointF) -> None:
        """Enlarge what is at a point of a view, there."""
        self.view, self.at = view, QPointF(at)
        place = QPointF(view.mapTo(self.parentWidget(), at.toPoint())) - QPointF(RADIUS, RADIUS)
        self.move(place.toPoint())
        if self.isHidden():
            self.raise_()
            self.show()
        self.update()

    def set_power(self, power: int) -> None:
        """Enlarge so many times."""
        self.power = min(max(power, LEAST_POWER), MOST_POWER)
        self.update()

    def transform(self) -> QTransform:
        """From frame pixels to those of the lens."""
        seen = self.view.viewportTransform() * QTransform.fromTranslate(-self.at.x(), -self.at.y())
        return seen * QTransform(self.power, 0, 0, self.power, RADIUS, RADIUS)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.view is None:
            return
        ratio = self.devicePixelRatioF()
        image = self._picture(ratio)
        image.fill(self._theme.colour("canvas"))
        transform = self.transform()
        painter = QPainter(image)
        self._paint_pictures(painter, transform, ratio, image.width())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_joints(painter, transform)
        self._pair(painter, transform, self.view.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_crosshair(painter)
        self._paint_words(painter, transform)
        shape, border = round_glass(ratio, self._theme.colour("accent").rgb())
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, shape)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.drawImage(0, 0, border)
        painter.end()
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()

    def _picture(self, ratio: float) -> QImage:
        side = round(2 * RADIUS * ratio)
        if self._image is None or self._image.width() != side:
            self._image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
            self._image.setDevicePixelRatio(ratio)
        return self._image

    def _paint_pictures(self, painter: QPainter, transform: QTransform, ratio: float, side: int) -> None:
        scaled = transform * QTransform.fromScale(ratio, ratio)
        for item in self._pictures:
            window = shown_part(scaled, item.boundingRect(), side, side) if item.isVisible() else None
            if window is not None:
                pixels, x, y = item.sampled(scaled, window)
                height, width = pixels.shape[:2]
                image = QImage(
                    *(pixels.data, width, height, pixels.strides[0]),
                    QImage.Format.Format_ARGB32_Premultiplied,
                )
                image.setDevicePixelRatio(ratio)
                painter.drawImage(QPointF(x / ratio, y / ratio), image)

    def _paint_joints(self, painter: QPainter, transform: QTransform) -> None:
        uv = self._joints()
        if uv is None:
            return
        places = on_screen(np.asarray(uv, np.float64), transform)
        seen = np.isfinite(places).all(axis=1)
        points = [QPointF(x, y) for x, y in np.where(seen[:, None], places, 0.0).tolist()]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._bone)
        for parent, child in BONES:
            if seen[parent] and seen[child] and _crosses(points[parent], points[child]):
                painter.drawLine(points[parent], points[child])
        near = seen & (np.abs(places - RADIUS).max(axis=1) < RADIUS + RING)
        for joint in np.flatnonzero(near).tolist():
            colour = self._theme.joint_colour(joint)
            for pen in (QPen(RIM, 3.5), QPen(colour, 2.0)):
                painter.setPen(pen)
                painter.drawEllipse(points[joint], RING, RING)
            painter.setBrush(colour)
            painter.setPen(QPen(RIM, 1.0))
            painter.drawEllipse(points[joint], DOT, DOT)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_crosshair(self, painter: QPainter) -> None:
        for colour, half in ((SHADE, 1.5), (LIGHT, 0.5)):
            for start, end in ((0.0, RADIUS - GAP), (RADIUS + GAP, 2.0 * RADIUS)):
                painter.fillRect(QRectF(start, RADIUS - half, end - start, 2 * half), colour)
                painter.fillRect(QRectF(RADIUS - half, start, 2 * half, end - start), colour)

    def _paint_words(self, painter: QPainter, transform: QTransform) -> None:
        """How many times larger, and the place in the frame: below, above where there is no view below."""
        inverse, _ = transform.inverted()
        place = inverse.map(QPointF(RADIUS, RADIUS))
        text = f"{self.power}×  {place.x():.1f}, {place.y():.1f}"
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 2)
        away = metrics.height() + 10
        low = self.parentWidget().height() - self.y() < 2 * RADIUS - away / 2
        box.moveCenter(QPointF(RADIUS, away if low else 2 * RADIUS - away))
        painter.fillRect(box, SHADE)
        painter.setPen(LIGHT)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _crosses(start: QPointF, end: QPointF) -> bool:
    """Whether a line may cross the lens."""
    sides = (start.x(), end.x()), (start.y(), end.y())
    return all(min(side) < 2 * RADIUS and max(side) > 0 for side in sides)


@lru_cache(maxsize=4)
def round_glass(ratio: float, colour: int) -> tuple[QImage, QImage]:
    """The lens's shape, and its border: a picture each."""
    made = []
    whole = QRectF(0, 0, 2 * RADIUS, 2 * RADIUS).adjusted(BORDER, BORDER, -BORDER, -BORDER)
    for filled, pens in ((SHAPE, ()), (None, (QPen(RIM, 4.0), QPen(QColor.fromRgb(colour), 2.0)))):
        image = QImage(
            *(round(2 * RADIUS * ratio),) * 2,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush if filled is None else filled)
        for pen in pens or (QPen(Qt.PenStyle.NoPen),):
            painter.setPen(pen)
            painter.drawEllipse(whole)
        painter.end()
        made.append(image)
    return made[0], made[1]
