"""The timeline's plots: expected error or C above, states below, with one axis of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QWidget

from handstudio.ui.focus_frame import FramedByKeys
from handstudio.ui.theme import Theme, tabular
from handstudio.ui.timeline.flags import FlagsItem
from handstudio.ui.timeline.items import HIGH, LOW, FigureItem, StripItem
from handstudio.ui.timeline.series import LEAST, MOST, Series

_ROW = 16
"""Least height of a row of states, px."""
_TAU_STEP = 1.05
_ZOOMS = {Qt.Key.Key_Plus: 0.5, Qt.Key.Key_Equal: 0.5, Qt.Key.Key_Minus: 2.0, Qt.Key.Key_0: 0.0}
STANDS_OUT = 2.0
"""An expected error so many times the sequence's median stands out."""


class _FrameBox(pg.ViewBox):
    """Left: go there. Wheel: zoom about the cursor. Middle or right: pan. Double click: all frames."""

    pointed = Signal(float)
    whole_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=True, y=False)
        self.setDefaultPadding(0.0)

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            if event.double():
                self.whole_wanted.emit()
            else:
                self.pointed.emit(self._frame(event.pos()))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.pointed.emit(self._frame(event.pos()))
            return
        event.accept()
        step = self.mapToView(event.lastPos()).x() - self.mapToView(event.pos()).x()
        self.translateBy(x=step)

    def _frame(self, point: Any) -> float:
        return float(self.mapToView(QPointF(point)).x())


class _ScaleAxis(pg.AxisItem):
    """C, or px, on a logarithmic scale."""

    by_c = False

    def tickValues(self, minimum: float, maximum: float, size: float) -> list[tuple[float, list[float]]]:
        whole = [float(power) for power in range(-1, 3) if minimum <= power <= maximum]
        fine = [
            float(np.log10(digit * 10.0**power))
            for power in range(-2, 3)
            for digit in range(2, 10)
            if minimum <= np.log10(digit * 10.0**power) <= maximum
        ]
        return [(1.0, whole), (0.1, fine)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if spacing != 1.0:
            return [""] * len(values)
        before, behind = ("C ", "") if self.by_c else ("", " px")
        return [
            f"{before}{10**value:g}{behind}" if value == max(values) else f"{10**value:g}" for value in values
        ]


class _FrameAxis(pg.AxisItem):
    """Frames, counted from 1 as everywhere on screen."""

    label_px = 90
    """Room for a figure and the space to the next."""

    def tickValues(self, minimum: float, maximum: float, size: float) -> list[tuple[float, list[float]]]:
        span = max(maximum - minimum, 1.0)
        rough = span * self.label_px / max(size, self.label_px)
        power = 10 ** np.floor(np.log10(max(rough, 1)))
        step = next((power * factor for factor in (1, 2, 5, 10) if power * factor >= rough), power * 10)
        step = max(int(step), 1)
        first = int(np.ceil((minimum + 1) / step)) * step
        marks = [float(mark - 1) for mark in range(max(first, step), int(maximum) + 2, step)]
        if minimum <= 0 and step > 1:
            marks.insert(0, 0.0)
        return [(float(step), marks)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{int(value) + 1:,}".replace(",", "\u202f") for value in values]


class TimelinePlot(FramedByKeys, pg.GraphicsLayoutWidget):
    """Shows a series; tells where the user pointed and where tau was put."""

    pointed = Signal(int)
    tau_moved = Signal(float)
    tau_reset = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._series: Series | None = None
        self.ci.setContentsMargins(0, 4, 8, 0)
        self.ci.setSpacing(0)
        self.box, self.strip_box = _FrameBox(), _FrameBox()
        self._scale, self._frames = _ScaleAxis("left"), _FrameAxis("bottom")
        upper = self.addPlot(0, 0, viewBox=self.box, axisItems={"left": self._scale})
        lower = self.addPlot(1, 0, viewBox=self.strip_box, axisItems={"bottom": self._frames})
        upper.hideAxis("bottom")
        lower.getAxis("left").setStyle(tickLength=0, showValues=False)
        for plot in (upper, lower):
            plot.setMenuEnabled(False)
            plot.hideButtons()
        self._lower = lower
        self.strip_box.setXLink(self.box)
        self.box.setYRange(LOW, HIGH, padding=0)
        self.figure, self.strip, self.flags = FigureItem(theme), StripItem(theme), FlagsItem(theme)
        self.box.addItem(self.figure, ignoreBounds=True)
        self.box.addItem(self.flags, ignoreBounds=True)
        self.strip_box.addItem(self.strip, ignoreBounds=True)
        self._here = [pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)]
        self.box.addItem(self._here[0], ignoreBounds=True)
        self.strip_box.addItem(self._here[1], ignoreBounds=True)
        self.tau_line = pg.InfiniteLine(
            angle=0,
            movable=True,
            bounds=(float(np.log10(LEAST)), float(np.log10(MOST))),
            label="",
            labelOpts={"position": 0.995, "anchors": [(1, 1), (1, 1)], "movable": False},
        )
        self.box.addItem(self.tau_line, ignoreBounds=True)
        self.tau_line.sigPositionChanged.connect(self._tau_dragged)
        self.tau_line.sigClicked.connect(self._tau_clicked)
        for box in (self.box, self.strip_box):
            box.pointed.connect(self._pointed)
            box.whole_wanted.connect(self.show_all)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.restyle()

    def set_series(self, series: Series) -> None:
        """Show another sequence, all of it."""
        self._series = series
        self.update_series()
        rows = series.tracks
        self.strip_box.setYRange(0, rows, padding=0)
        self._fit_axes()
        self._fit_scale(series)
        for box in (self.box, self.strip_box):
            box.setLimits(
                xMin=-0.5, xMax=max(series.frames - 0.5, 0.5), minXRange=min(8, max(series.frames, 1))
            )
        self.show_all()

    def _fit_scale(self, series: Series) -> None:
        known = series.figure[~np.isnan(series.figure)]
        least, most = (float(known.min()), float(known.max())) if len(known) else (1.0, 1.0)
        usual = (0.15, max(self.tau, 12.0)) if self.by_c else (0.8, 12.0)
        low, high = np.log10(max(min(least, usual[0]), LEAST)), np.log10(min(max(most, usual[1]), MOST))
        self.box.setYRange(low - 0.08, high + 0.12, padding=0)
        if not self.by_c:
            self._limit(STANDS_OUT * float(np.median(known)) if len(known) else 1.0)

    @property
    def by_c(self) -> bool:
        """Whether C is drawn, with the line of tau."""
        return bool(self._scale.by_c)

    def set_by_c(self, by_c: bool) -> None:
        """Draw C and the line of tau, or expected errors, of which those far above the usual stand out."""
        self._scale.by_c = by_c
        self._scale.picture = None
        self._scale.update()
        self.tau_line.setVisible(by_c)
        if by_c:
            self._limit(self.tau)

    def _limit(self, value: float) -> None:
        self.figure.limit = value
        self.figure.update()

    def replace_series(self, series: Series) -> None:
        """Take newer values of the same frames; the zoom stays, and every value is on the scale."""
        self._series = series
        self.update_series()
        self._fit_scale(series)

    def update_series(self) -> None:
        """The series' values changed."""
        if self._series is not None:
            self.figure.set_values(self._series.worst())
            self.strip.set_codes(self._series.code)

    def show_all(self) -> None:
        """Zoom out to all frames."""
        if self._series is not None:
            self.box.setXRange(-0.5, self._series.frames - 0.5, padding=0)

    def set_here(self, index: int) -> None:
        """Mark the current frame, and keep it in view."""
        for line in self._here:
            line.setValue(index)
        low, high = self.box.viewRange()[0]
        if not low <= index <= high:
            span = high - low
            start = index - span / 2
            self.box.setXRange(start, start + span, padding=0)

    @property
    def tau(self) -> float:
        """The threshold on C."""
        return float(10 ** self.tau_line.value())

    def set_tau(self, tau: float) -> None:
        """Put the threshold line."""
        self.tau_line.setValue(float(np.log10(np.clip(tau, LEAST, MOST))))

    def set_tau_text(self, text: str) -> None:
        """What the line says."""
        self.tau_line.label.setFormat(text)

    def restyle(self) -> None:
        """Take the colours in force."""
        theme, ratio = self._theme, self.devicePixelRatioF()
        self.setBackground(theme.colour("panel"))
        font = tabular(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 6))
        self._font = font
        for axis in (self._scale, self._frames, self._lower.getAxis("left")):
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("secondary"))
            axis.setTickFont(font)
        self._fit_axes()
        for line in self._here:
            line.setPen(pg.mkPen(theme.colour("accent"), width=1.5 * ratio))
        self.tau_line.setPen(pg.mkPen(theme.colour("text"), width=ratio, style=Qt.PenStyle.DashLine))
        self.tau_line.setHoverPen(pg.mkPen(theme.colour("accent"), width=2 * ratio))
        self.tau_line.label.setColor(theme.colour("text"))
        paper = theme.colour("panel")
        paper.setAlphaF(0.6)  # a frame's dot behind the words stays to be seen
        self.tau_line.label.fill = pg.mkBrush(paper)
        self.tau_line.label.setFont(font)
        self.strip.restyle()
        self.figure.update()
        self.flags.update()

    def _fit_axes(self) -> None:
        """Give figures and rows the room that the font needs."""
        metrics = QFontMetrics(self._font)
        for axis in (self._scale, self._lower.getAxis("left")):
            axis.setWidth(metrics.horizontalAdvance("100 px") + 12)
        self._frames.label_px = metrics.horizontalAdvance("100 000") + 32
        height = metrics.height() + 8
        self._frames.setHeight(height)
        rows = self._series.tracks if self._series is not None else 1
        self._lower.setFixedHeight(_ROW * rows + height)
        self.setMinimumHeight(3 * metrics.height() + _ROW * rows + height)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_font"):
            self.restyle()

    def event(self, event: QEvent) -> bool:
        """Take the keys that zoom before the window's own actions get them."""
        asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asked and _zooms(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus, minus and 0 zoom about the current frame; up and down move tau, where C is drawn."""
        if _zooms(event):
            if event.key() == Qt.Key.Key_0:
                self.show_all()
            else:
                self.box.scaleBy(x=_ZOOMS[event.key()], center=(self._here[0].value(), 0.0))
            event.accept()
            return
        if self.by_c and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.set_tau(self.tau * (_TAU_STEP if event.key() == Qt.Key.Key_Up else 1 / _TAU_STEP))
            event.accept()
            return
        super().keyPressEvent(event)

    def _tau_dragged(self) -> None:
        if self.by_c:
            self._limit(self.tau)
        self.tau_moved.emit(self.tau)

    def _tau_clicked(self, _line: object, event: Any) -> None:
        if event.double():
            event.accept()
            self.tau_reset.emit()

    def _pointed(self, frame: float) -> None:
        if self._series is not None:
            self.pointed.emit(int(np.clip(round(frame), 0, self._series.frames - 1)))


def _zooms(event: QKeyEvent) -> bool:
    """Whether a key zooms, with or without Shift, as keyboards have it."""
    free = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return event.key() in _ZOOMS and not event.modifiers() & ~free
