"""Pixels resampled once per change for exactly the part of the screen that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from handstudio.ui.canvas.mapping import is_upright, zoom_of

PIXELS_SHOWN_FROM = 16.0
"""Screen pixels per frame pixel from which single pixels are shown as squares."""


@dataclass
class _Rendered:
    key: tuple[object, ...]
    image: QImage
    x: int
    y: int


class SampledItem(QGraphicsItem):
    """Pixels in scene coordinates: one unit is one pixel, the top left corner is (0, 0).

    Resampling through OpenCV into an image of the screen's own resolution is several times faster than
    Qt's smooth scaling, and a repaint without a change of view is a copy.
    """

    smooth = True
    """Whether what lies between pixels is in between them, or is the nearest one."""
    outside = 0.0
    """What :meth:`coloured` gets for what lies beyond the frame, where it is not smooth."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self._pixels: np.ndarray | None = None
        self._serial = 0
        self.ratio = 1.0
        """Pixels of the screen for each of the window's, where it was shown last."""
        self._rendered: dict[int, _Rendered] = {}
        self.setZValue(height)

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Show ``pixels`` (H, W) or (H, W, C), or nothing."""
        before = self._pixels
        if pixels is None or before is None or pixels.shape[:2] != before.shape[:2]:
            self.prepareGeometryChange()
        self._pixels = pixels
        self.colours_changed()

    def colours_changed(self) -> None:
        """:meth:`coloured` gives something else than before."""
        self._serial += 1
        self.update()

    def coloured(self, pixels: np.ndarray) -> np.ndarray:
        """BGRA uint8 (H, W, 4), the colours multiplied by alpha, of some of the pixels."""
        raise NotImplementedError

    def boundingRect(self) -> QRectF:
        if self._pixels is None:
            return QRectF()
        height, width = self._pixels.shape[:2]
        return QRectF(0, 0, width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._pixels is None or widget is None:
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
        self.ratio = ratio = widget.devicePixelRatioF()
        scaled = transform * QTransform.fromScale(ratio, ratio)
        view = (scaled.m11(), scaled.m12(), scaled.m21(), scaled.m22(), scaled.dx(), scaled.dy())
        key = (self._serial, view, widget.width(), widget.height(), ratio)
        kept = self._rendered.get(id(widget))
        if kept is not None and kept.key == key:
            return kept
        window = shown_part(scaled, self.boundingRect(), widget.width() * ratio, widget.height() * ratio)
        if window is None:
            return None
        pixels, x0, y0 = self.sampled(scaled, window)
        opaque = self.smooth and is_upright(scaled)
        height, width = pixels.shape[:2]
        image = QImage(
            *(pixels.data, width, height, pixels.strides[0]),
            QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.pixels = pixels
        image.setDevicePixelRatio(ratio)
        kept = _Rendered(key, image, x0, y0)
        self._rendered[id(widget)] = kept
        return kept

    def sampled(
        self, transform: QTransform, window: tuple[int, int, int, int]
    ) -> tuple[np.ndarray, int, int]:
        """BGRA (h, w, 4) of what a window of the screen shows, and x and y of its corner.

        Args:
            transform: from frame pixels to the screen's own.
            window: x0, y0, x1, y1 on the screen.
        """
        if is_upright(transform):
            place = transform.m11(), transform.dx(), transform.dy()
            pixels, x, y = resample(self._pixels, *place, window, self.smooth)
            return self.coloured(pixels), x, y
        left, top, right, bottom = looked_at(self._pixels.shape, transform, window)
        part, size = self._pixels[top:bottom, left:right], (right - left, bottom - top)
        transform = QTransform.fromTranslate(left, top) * transform
        if self.smooth:
            colours = self.coloured(halved(part, zoom_of(transform)))
            return turned(colours, size, transform, window, smooth=True), *window[:2]
        values = turned(part, size, transform, window, smooth=False, outside=self.outside)
        return self.coloured(values), *window[:2]


def shown_part(
    transform: QTransform, area: QRectF, width: float, height: float
) -> tuple[int, int, int, int] | None:
    """The window x0, y0, x1, y1 of a screen that shows an area; ``None`` where it shows nothing of it."""
    seen = transform.mapRect(area)
    x0, y0 = max(0, round(seen.left())), max(0, round(seen.top()))
    x1, y1 = min(round(width), round(seen.right())), min(round(height), round(seen.bottom()))
    return None if x1 <= x0 or y1 <= y0 else (x0, y0, x1, y1)


def resample(
    pixels: np.ndarray,
    scale: float,
    left: float,
    top: float,
    window: tuple[int, int, int, int],
    smooth: bool = True,
) -> tuple[np.ndarray, int, int]:
    """What a window shows of a scaled frame.

    Args:
        pixels: (H, W) or (H, W, C).
        scale: screen pixels per frame pixel.
        left, top: where the scaled frame begins, in screen pixels.
        window: x0, y0, x1, y1 in screen pixels, within the scaled frame.
        smooth: whether to interpolate and average, or to take the nearest pixel.

    Returns:
        The pixels, and x and y of their corner on the screen. They reach over the window by less than one
        frame pixel, since whole frame pixels are scaled; places are right to half a screen pixel.
    """
    x0, y0, x1, y1 = window
    rows, columns = pixels.shape[:2]
    u0, u1 = max(0, int((x0 - left) / scale)), min(columns, int((x1 - left) / scale) + 1)
    v0, v1 = max(0, int((y0 - top) / scale)), min(rows, int((y1 - top) / scale) + 1)
    x, y = round(left + u0 * scale), round(top + v0 * scale)
    width, height = max(round(left + u1 * scale) - x, 1), max(round(top + v1 * scale) - y, 1)
    part = pixels[v0:v1, u0:u1]
    while smooth and part.shape[1] >= 2 * width and part.shape[0] >= 2 * height:
        part = cv2.resize(part, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
    sharp = not smooth or scale >= PIXELS_SHOWN_FROM
    interpolation = cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR
    return cv2.resize(part, (width, height), interpolation=interpolation), x, y


def looked_at(
    shape: tuple[int, ...], transform: QTransform, window: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the part of (H, W) pixels that a window of the screen shows."""
    back, _ = transform.inverted()
    seen = back.mapRect(QRectF(window[0], window[1], window[2] - window[0], window[3] - window[1]))
    left, top = (
        min(max(int(low) - 2, 0), most - 1) for low, most in ((seen.left(), shape[1]), (seen.top(), shape[0]))
    )
    right = max(min(int(seen.right()) + 3, shape[1]), left + 1)
    return left, top, right, max(min(int(seen.bottom()) + 3, shape[0]), top + 1)


def halved(pixels: np.ndarray, scale: float) -> np.ndarray:
    """Pixels halved as often as they are shown less than half as large."""
    while scale <= 0.5 and min(pixels.shape[:2]) >= 2:
        pixels = cv2.resize(
            pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA
        )
        scale *= 2.0
    return pixels


def turned(
    pixels: np.ndarray,
    size: tuple[int, int],
    transform: QTransform,
    window: tuple[int, int, int, int],
    smooth: bool,
    outside: float = 0.0,
) -> np.ndarray:
    """What a window shows of a frame that is turned.

    Args:
        pixels: (h, w) or (h, w, C) of the frame, perhaps made smaller.
        size: width and height of the frame, px.
        transform: from frame pixels to the screen's.
        window: x0, y0, x1, y1 in screen pixels.
        smooth: whether to interpolate, or to take the nearest pixel.
        outside: what there is beyond the frame.
    """
    x0, y0, x1, y1 = window
    back, _ = transform.inverted()
    across, down = pixels.shape[1] / size[0], pixels.shape[0] / size[1]
    first = back.map(QPointF(x0 + 0.5, y0 + 0.5))  # where the window's first pixel looks
    inverse = np.array(
        (
            (across * back.m11(), across * back.m21(), across * first.x() - 0.5),
            (down * back.m12(), down * back.m22(), down * first.y() - 0.5),
        )
    )
    sharp = not smooth or zoom_of(transform) >= PIXELS_SHOWN_FROM
    flags = (cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, inverse, (x1 - x0, y1 - y0), flags=flags, borderValue=outside)
