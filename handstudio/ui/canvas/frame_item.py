"""The frame's pixels: resampled once per change for exactly the part of the screen that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.ui.canvas.exposure import NEUTRAL, Exposure

PIXELS_SHOWN_FROM = 16.0
"""Screen pixels per frame pixel from which single pixels are shown as squares."""


@dataclass
class _Rendered:
    key: tuple[object, ...]
    image: QImage
    x: int
    y: int


class FrameItem(QGraphicsItem):
    """One RGB frame in scene coordinates: one unit is one pixel, the top left corner is (0, 0).

    Resampling through OpenCV into an image of the screen's own resolution is several times faster than
    Qt's smooth scaling, and a repaint without a change of view is a copy.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rgb: np.ndarray | None = None
        self._serial = 0
        self._exposure = NEUTRAL
        self._rendered: dict[int, _Rendered] = {}
        self.setZValue(-10)

    def set_frame(self, rgb: np.ndarray | None) -> None:
        """Show ``rgb`` uint8 (H, W, 3), or nothing."""
        if rgb is None or self._rgb is None or rgb.shape != self._rgb.shape:
            self.prepareGeometryChange()
        self._rgb = rgb
        self._serial += 1
        self.update()

    def set_exposure(self, exposure: Exposure) -> None:
        """How values are shown; for the eye only."""
        self._exposure = exposure
        self._serial += 1
        self.update()

    def boundingRect(self) -> QRectF:
        if self._rgb is None:
            return QRectF()
        height, width = self._rgb.shape[:2]
        return QRectF(0, 0, width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._rgb is None or widget is None:
            return
        rendered = self._for_view(painter.worldTransform(), widget)
        if rendered is None:
            return
        ratio = rendered.image.devicePixelRatio()
        painter.save()
        painter.resetTransform()
        painter.drawImage(QPointF(rendered.x / ratio, rendered.y / ratio), rendered.image)
        painter.restore()

    def _for_view(self, transform: QTransform, widget: QWidget) -> _Rendered | None:
        ratio = widget.devicePixelRatioF()
        scale, left, top = transform.m11() * ratio, transform.dx() * ratio, transform.dy() * ratio
        key = (self._serial, scale, left, top, widget.width(), widget.height(), ratio)
        kept = self._rendered.get(id(widget))
        if kept is not None and kept.key == key:
            return kept
        height, width = self._rgb.shape[:2]
        x0, y0 = max(0, round(left)), max(0, round(top))
        x1 = min(round(widget.width() * ratio), round(left + width * scale))
        y1 = min(round(widget.height() * ratio), round(top + height * scale))
        if x1 <= x0 or y1 <= y0:
            return None
        pixels, x0, y0 = resample(self._rgb, scale, left, top, (x0, y0, x1, y1))
        if self._exposure != NEUTRAL:
            pixels = cv2.LUT(pixels, self._exposure.table())
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        image.pixels = pixels
        image.setDevicePixelRatio(ratio)
        kept = _Rendered(key, image, x0, y0)
        self._rendered[id(widget)] = kept
        return kept


def resample(
    rgb: np.ndarray, scale: float, left: float, top: float, window: tuple[int, int, int, int]
) -> tuple[np.ndarray, int, int]:
    """What a window shows of a scaled frame.

    Args:
        rgb: (H, W, 3).
        scale: screen pixels per frame pixel.
        left, top: where the scaled frame begins, in screen pixels.
        window: x0, y0, x1, y1 in screen pixels, within the scaled frame.

    Returns:
        The pixels, and x and y of their corner on the screen. They reach over the window by less than one
        frame pixel, since whole frame pixels are scaled; places are right to half a screen pixel.
    """
    x0, y0, x1, y1 = window
    rows, columns = rgb.shape[:2]
    u0, u1 = max(0, int((x0 - left) / scale)), min(columns, int((x1 - left) / scale) + 1)
    v0, v1 = max(0, int((y0 - top) / scale)), min(rows, int((y1 - top) / scale) + 1)
    x, y = round(left + u0 * scale), round(top + v0 * scale)
    width, height = max(round(left + u1 * scale) - x, 1), max(round(top + v1 * scale) - y, 1)
    part = rgb[v0:v1, u0:u1]
    while part.shape[1] >= 2 * width and part.shape[0] >= 2 * height:
        part = cv2.resize(part, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
    sharp = scale >= PIXELS_SHOWN_FROM
    interpolation = cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR
    return cv2.resize(part, (width, height), interpolation=interpolation), x, y
