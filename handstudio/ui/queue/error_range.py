"""How the expected errors are spread, and the range of them that is wanted, between two handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from handstudio.project.conditions import Range

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

BARS: Final = 36
_MARGIN: Final = 10
_KNOB: Final = 6
Key = Qt.Key
_STEPS: Final = {Key.Key_Left: -1, Key.Key_Down: -1, Key.Key_Right: 1, Key.Key_Up: 1}
_FAR: Final = {Key.Key_Home: -(10**6), Key.Key_End: 10**6, Key.Key_PageDown: -5, Key.Key_PageUp: 5}


class ErrorRange(QWidget):
    """Bars over px, and two handles. By keys: arrows move a handle, Space goes to the other one.

    A handle at its end leaves the range open there.
    """

    chosen = Signal(object)
    """A ``Range`` in px, when a handle was let go or moved by a key."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.counts: npt.NDArray[np.float64] = np.zeros(BARS)
        self.top = 20.0
        self.low, self.high = 0, BARS
        self.active = 0
        self._said: Range | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Range of expected errors")
        self.setToolTip("Drag the handles, or use the arrow keys; Space goes to the other handle")
        self._say()

    def show_errors(self, errors: npt.NDArray[np.float32]) -> None:
        """Show how (N,) px are spread."""
        errors = errors[np.isfinite(errors)]
        wanted = self.range()
        top = float(np.quantile(errors, 0.98)) if len(errors) else 20.0
        self.top = float(max(BARS * _nice(top / BARS), 1e-3))
        self.counts = np.histogram(np.minimum(errors, self.top * 0.9999), BARS, (0.0, self.top))[0].astype(
            float
        )
        self.show_range(wanted)

    def show_range(self, wanted: Range) -> None:
        """Let the handles stand about a range."""
        step = self.top / BARS
        self.low = 0 if wanted.least is None else int(np.clip(round(wanted.least / step), 0, BARS))
        self.high = BARS if wanted.most is None else int(np.clip(round(wanted.most / step), 0, BARS))
        self._said = wanted
        self._say()
        self.update()

    def range(self) -> Range:
        """What the handles say; what was said in text, as long as they are not moved."""
        if self._said is not None:
            return self._said
        step = self.top / BARS
        least = round(self.low * step, 4) if self.low > 0 else None
        most = round(self.high * step, 4) if self.high < BARS else None
        return Range(least, most, without_least=least is not None and most is None)

    def words(self) -> str:
        """The range as people say it."""
        wanted = self.range()
        if wanted.least is None and wanted.most is None:
            return "any error"
        if wanted.most is None:
            return f"more than {wanted.least:g} px"
        if wanted.least is None:
            return f"up to {wanted.most:g} px"
        return f"{wanted.least:g} to {wanted.most:g} px"

    def sizeHint(self) -> QSize:
        return QSize(240, 72)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 64)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface = self._theme.surface
        base, width = self._base(), self._width()
        tallest = max(float(self.counts.max()), 1.0)
        for number, count in enumerate(self.counts):
            inside = self.low <= number < self.high
            bar = (base - 6) * float(count) / tallest
            left = _MARGIN + width * number / BARS
            colour = QColor(surface.accent if inside else surface.line)
            painter.fillRect(QRectF(left, base - bar, max(width / BARS - 1.0, 1.0), bar), colour)
        painter.fillRect(QRectF(_MARGIN, base, width, 2.0), QColor(surface.line))
        for number, place in enumerate((self.low, self.high)):
            centre = QPointF(self._x(place), base + 1.0)
            held = self.hasFocus() and number == self.active
            painter.setPen(QColor(surface.accent if held else surface.panel))
            painter.setBrush(QColor(surface.accent if held else surface.text))
            painter.drawEllipse(centre, _KNOB, _KNOB)
        painter.setPen(QColor(surface.secondary))
        below = QRectF(0, base + _KNOB + 2, self.width(), self.height() - base - _KNOB - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.words())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position().x())
        near_low = abs(place - self.low) < abs(place - self.high) or (
            self.low == self.high and place < self.low
        )
        self.active = 0 if near_low else 1
        self._dragging = True
        self._move(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._move(self._place(event.position().x()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.chosen.emit(self.range())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(event.key(), _FAR.get(event.key()))
        if event.key() == Key.Key_Space:
            self.active = 1 - self.active
            self.update()
        elif step is not None:
            self._move((self.low, self.high)[self.active] + step)
            self.chosen.emit(self.range())
        else:
            super().keyPressEvent(event)

    def _move(self, place: int) -> None:
        self._said = None
        if self.active == 0:
            self.low = int(np.clip(place, 0, self.high))
        else:
            self.high = int(np.clip(place, self.low, BARS))
        self._say()
        self.update()

    def _say(self) -> None:
        self.setAccessibleDescription(self.words())

    def _base(self) -> float:
        return self.height() - self.fontMetrics().height() - _KNOB - 6.0

    def _width(self) -> float:
        return self.width() - 2.0 * _MARGIN

    def _x(self, place: int) -> float:
        return _MARGIN + self._width() * place / BARS

    def _place(self, x: float) -> int:
        return round((x - _MARGIN) / self._width() * BARS)


def _nice(step: float) -> float:
    """The next larger of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(step, 1e-6)))
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= step * 0.999)
