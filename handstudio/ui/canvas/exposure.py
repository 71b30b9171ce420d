"""Brightness and contrast of the canvas, for the eye only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSlider, QWidget


class ExposureStrip(QFrame):
    """Two sliders and a way back; floats over the canvas."""

    changed = Signal(float, float)
    """Brightness (-1 to 1) and contrast (a factor)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.brightness = self._slider("Brightness", -100, 100, 0)
        self.contrast = self._slider("Contrast", -100, 100, 0)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Show the frame as it is")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.clicked.connect(self.neutral)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(4)
        for row, (title, slider) in enumerate((("Brightness", self.brightness), ("Contrast", self.contrast))):
            layout.addWidget(QLabel(title), row, 0)
            layout.addWidget(slider, row, 1)
        layout.addWidget(self.reset, 0, 2, 2, 1)

    def _slider(self, name: str, low: int, high: int, value: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, minimum=low, maximum=high, value=value)
        slider.setAccessibleName(name)
        slider.setToolTip(f"{name} of what is shown; the frame itself is not changed")
        slider.setMinimumWidth(160)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.valueChanged.connect(self._tell)
        return slider

    def values(self) -> tuple[float, float]:
        """Brightness (-1 to 1) and contrast (a factor from 1/4 to 4)."""
        return self.brightness.value() / 100.0, 4.0 ** (self.contrast.value() / 100.0)

    def set_positions(self, brightness: int, contrast: int) -> None:
        """The sliders' positions, -100 to 100 each."""
        self.brightness.setValue(brightness)
        self.contrast.setValue(contrast)

    def neutral(self) -> None:
        """As the frame is."""
        self.set_positions(0, 0)

    def _tell(self) -> None:
        self.changed.emit(*self.values())
