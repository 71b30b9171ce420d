"""What the colours of the depth map mean, in mm, and where they begin and end; floats over the canvas."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from handstudio.ui.maps.colouring import SCALE_PX, scale

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

MOST_MM = 10_000
STEP_MM = 10


@cache
def near_to_far() -> QImage:
    """The colours of depth, one pixel high, the nearest at the left."""
    return scale().flipped(Qt.Orientation.Horizontal)


class DepthScale(QFrame):
    """A bar of colours between its two ends, which can be set, and the depth under the mouse on it."""

    changed = Signal()
    """Other ends are wanted: :meth:`ends`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.bar = ColourBar(theme)
        self.near, self.far = self._end("Nearest"), self._end("Farthest")
        self.auto = QCheckBox("Auto")
        self.auto.setChecked(True)
        self.auto.setAccessibleName("Range of depth by itself")
        self.auto.setToolTip("The range of the hand in its box, in each frame anew")
        self.auto.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.auto.toggled.connect(lambda _on: self.changed.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.near)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.far)
        layout.addWidget(self.auto)
        self.setAccessibleName("Scale of the depth map")
        self.hide()

    def ends(self) -> tuple[float, float] | None:
        """Nearest and farthest, mm, that were set; ``None`` while they follow the hand."""
        return None if self.auto.isChecked() else (float(self.near.value()), float(self.far.value()))

    def show_ends(self, near: float, far: float) -> None:
        """The colours lie between these, mm."""
        for end, value in ((self.near, near), (self.far, far)):
            end.blockSignals(True)
            end.setValue(round(value))
            end.blockSignals(False)
        self.bar.show_ends(near, far)

    def _end(self, name: str) -> QSpinBox:
        end = QSpinBox(minimum=0, maximum=MOST_MM, singleStep=STEP_MM, suffix=" mm", keyboardTracking=False)
        end.setAccessibleName(f"{name} depth")
        end.setToolTip(f"{name} depth that has a colour of its own")
        end.setAlignment(Qt.AlignmentFlag.AlignCenter)
        end.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        end.valueChanged.connect(self._set)
        return end

    def _set(self) -> None:
        """One end was changed: both hold, and the other gives way where they would cross."""
        near, far = self.near.value(), self.far.value()
        if near >= far:
            near, far = (near, near + STEP_MM) if self.sender() is self.near else (far - STEP_MM, far)
        self.show_ends(max(near, 0), max(far, STEP_MM))
        self.auto.blockSignals(True)
        self.auto.setChecked(False)
        self.auto.blockSignals(False)
        self.changed.emit()


class ColourBar(QWidget):
    """The colours from near to far, and a mark at the depth under the mouse."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._near, self._far = 0.0, 1.0
        self._value: float | None = None
        self.setAccessibleName("Colours of depth")
        self.setToolTip("Depth map: near surfaces bright, far ones dark; hatched where nothing was measured")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(16 * self.fontMetrics().averageCharWidth(), 3 * SCALE_PX)

    def show_ends(self, near: float, far: float) -> None:
        """Between which the colours lie, mm."""
        self._near, self._far = near, far
        self.setAccessibleDescription(f"From {near:.0f} to {far:.0f} mm")
        self.update()

    def show_value(self, value: float | None) -> None:
        """Mark a depth, mm, or none."""
        if value != self._value:
            self._value = value
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle = SCALE_PX / 2.0, self.height() / 2.0
        strip = QRectF(side, middle - side, self.width() - 2 * side, SCALE_PX)
        painter.drawImage(strip, near_to_far())
        if self._value is not None:
            share = min(max((self._value - self._near) / max(self._far - self._near, 1e-6), 0.0), 1.0)
            tip = QPointF(strip.left() + share * strip.width(), strip.bottom() - 1)
            painter.setPen(QPen(self._theme.colour("panel"), 1))
            painter.setBrush(self._theme.colour("text"))
            painter.drawPolygon(
                QPolygonF([tip, tip + QPointF(side, 2 * side), tip + QPointF(-side, 2 * side)])
            )
        painter.end()
