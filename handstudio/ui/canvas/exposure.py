"""Brightness, contrast and gamma of the canvas, for the eye only, over the histogram of what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QSlider, QWidget

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

LEAST_STRETCHED: Final = 8
"""Frames whose values span less are taken for empty: nothing is stretched."""
_TAILS: Final = (0.005, 0.995)


@dataclass(frozen=True)
class Exposure:
    """How values are shown: gamma first, then contrast about mid-grey, then brightness.

    Attributes:
        brightness: -1 to 1, added.
        contrast: a factor, 1/4 to 4.
        gamma: values in [0, 1] are raised to 1 / gamma; 1/4 to 4, more than 1 lifts the dark.
    """

    brightness: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0

    def table(self) -> npt.NDArray[np.uint8]:
        """(256,) what is shown for 0 to 255."""
        values = 255.0 * (np.arange(256, dtype=np.float32) / 255.0) ** (1.0 / self.gamma)
        values = (values - 127.5) * self.contrast + 127.5 + 255.0 * self.brightness
        return np.clip(np.rint(values), 0, 255).astype(np.uint8)


NEUTRAL: Final = Exposure()


def _greys(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey values of some 512 x 512 pixels of a frame: enough to know how they are spread."""
    small = rgb[:: max(rgb.shape[0] // 512, 1), :: max(rgb.shape[1] // 512, 1)]
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2GRAY), np.uint8)


def histogram_of(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(256,) shares of grey values, cut to four times their mean, the largest being 1."""
    counts = np.bincount(_greys(rgb).ravel(), minlength=256).astype(np.float32)
    counts = np.minimum(counts, 4.0 * counts.mean())
    return (counts / max(float(counts.max()), 1.0)).astype(np.float32)


def stretched(rgb: npt.NDArray[np.uint8]) -> Exposure:
    """The exposure under which all but the darkest and the brightest half per cent use the whole range."""
    low, high = np.quantile(_greys(rgb), _TAILS)
    if high - low < LEAST_STRETCHED:
        return NEUTRAL
    contrast = float(np.clip(255.0 / (high - low), 0.25, 4.0))
    brightness = float(np.clip((127.5 - (low + high) / 2.0) * contrast / 255.0, -1.0, 1.0))
    return Exposure(brightness, contrast)


class ExposureStrip(QFrame):
    """Three sliders over a histogram, and a way back; floats over the canvas."""

    changed = Signal(object)
    """The :class:`Exposure`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self._rgb: npt.NDArray[np.uint8] | None = None
        self.histogram = Histogram(theme)
        self.brightness, self.contrast, self.gamma = (
            self._slider(name) for name in ("Brightness", "Contrast", "Gamma")
        )
        self.stretch = self._button("Auto", "Stretch what is shown over the whole range", self._stretch)
        self.reset = self._button("Reset", "Show the frame as it is", self.neutral)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(4)
        layout.addWidget(self.histogram, 0, 0, 1, 3)
        sliders = (("Brightness", self.brightness), ("Contrast", self.contrast), ("Gamma", self.gamma))
        for row, (title, slider) in enumerate(sliders, start=1):
            layout.addWidget(QLabel(title), row, 0)
            layout.addWidget(slider, row, 1)
        layout.addWidget(self.stretch, 1, 2)
        layout.addWidget(self.reset, 2, 2)

    def exposure(self) -> Exposure:
        """What the sliders say."""
        return Exposure(
            self.brightness.value() / 100.0,
            4.0 ** (self.contrast.value() / 100.0),
            4.0 ** (self.gamma.value() / 100.0),
        )

    def positions(self) -> tuple[int, int, int]:
        """The sliders' positions: brightness, contrast, gamma, -100 to 100 each."""
        return self.brightness.value(), self.contrast.value(), self.gamma.value()

    def set_positions(self, brightness: int, contrast: int, gamma: int = 0) -> None:
        """Move the sliders."""
        for slider, value in ((self.brightness, brightness), (self.contrast, contrast), (self.gamma, gamma)):
            slider.blockSignals(True)
            slider.setValue(value)
            slider.blockSignals(False)
        self._tell()

    def neutral(self) -> None:
        """As the frame is."""
        self.set_positions(0, 0, 0)

    def show_frame(self, rgb: npt.NDArray[np.uint8] | None) -> None:
        """The frame, uint8 (H, W, 3), whose histogram is drawn once the strip is seen."""
        self._rgb = rgb
        self.histogram.show_frame(rgb)

    def _stretch(self) -> None:
        if self._rgb is None:
            return
        found = stretched(self._rgb)
        self.set_positions(round(100 * found.brightness), round(100 * np.log(found.contrast) / np.log(4.0)))

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, minimum=-100, maximum=100, value=0)
        slider.setAccessibleName(name)
        slider.setToolTip(f"{name} of what is shown; the frame itself is not changed")
        slider.setMinimumWidth(180)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.valueChanged.connect(self._tell)
        return slider

    def _button(self, title: str, tip: str, slot: object) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        return button

    def _tell(self) -> None:
        exposure = self.exposure()
        self.histogram.show_exposure(exposure)
        self.changed.emit(exposure)


class Histogram(QWidget):
    """Grey values of the frame, dark at the left, and the curve along which they are shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rgb: npt.NDArray[np.uint8] | None = None
        self._shares: npt.NDArray[np.float32] | None = None
        self._exposure = NEUTRAL
        self.setAccessibleName("Histogram")
        self.setToolTip(
            "How often each grey value occurs in the frame, and the curve along which it is shown"
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(56)

    def show_frame(self, rgb: npt.NDArray[np.uint8] | None) -> None:
        """Another frame."""
        self._rgb, self._shares = rgb, None
        self.update()

    def show_exposure(self, exposure: Exposure) -> None:
        """Another curve."""
        self._exposure = exposure
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, then the curve."""
        if self._shares is None and self._rgb is not None:
            self._shares = histogram_of(self._rgb)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("field"))
        width, height = self.width(), self.height()
        step = width / 256.0
        if self._shares is not None:
            heights = self._shares * (height - 4)
            bars = [QPointF(0, height)]
            bars += [QPointF((value + 0.5) * step, height - float(heights[value])) for value in range(256)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("secondary"))
            painter.drawPolygon(QPolygonF([*bars, QPointF(width, height)]))
        table = self._exposure.table()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("accent"), 1.5))
        curve = [
            QPointF((value + 0.5) * step, height - 1.0 - float(table[value]) / 255.0 * (height - 2.0))
            for value in range(0, 256, 3)
        ]
        painter.drawPolyline(QPolygonF(curve))
