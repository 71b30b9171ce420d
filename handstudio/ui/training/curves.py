"""Curves that grow while a run trains: each labelled where it ends, in colours of equal weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from handstudio.ui.elided import ElidedLabel
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme
    from handstudio.ui.training.entries import Curves

_COLOURS: Final = ("text", 3, 2, 4, 1, 0)
"""The total in the text's colour, its terms in the fingers' hues."""
_STYLES: Final = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
_MOST_POINTS: Final = 1200
_FEW_POINTS: Final = 30
"""So few are marked one by one: a single one would not be seen as a line."""
_ROOM_FOR_VALUES: Final = 230


class _DecadeAxis(pg.AxisItem):
    """A logarithmic axis with figures at 1, 2 and 5 of each decade, fewer where there is no room."""

    def tickValues(self, minimum: float, maximum: float, size: float) -> list[tuple[float, list[float]]]:
        span = max(maximum - minimum, 1e-9)
        room = size / span
        digits = (1, 2, 5) if room > 90 else (1, 3) if room > 40 else (1,)
        powers = range(int(np.floor(minimum)), int(np.ceil(maximum)) + 1)
        marks = [float(np.log10(digit) + power) for power in powers for digit in digits]
        return [(1.0, [mark for mark in marks if minimum <= mark <= maximum])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{10**value:.3g}" for value in values]


class _StepAxis(pg.AxisItem):
    """Steps: whole numbers only, and none so often that they touch."""

    def tickValues(self, minimum: float, maximum: float, size: float) -> list[tuple[float, list[float]]]:
        found = super().tickValues(minimum, maximum, size)
        return [(spacing, values) for spacing, values in found if float(spacing).is_integer()][:1]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:,.0f}".replace(",", "\u202f") for value in values]


class CurvePlot(pg.PlotWidget):
    """Several figures over the steps of a run.

    Args:
        theme: its colours.
        title: what is drawn.
        logarithmic: decades instead of even steps.
        span: lowest and highest value of the scale; by default what the curves reach.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        logarithmic: bool = False,
        span: tuple[float, float] | None = None,
    ) -> None:
        axes: dict[str, pg.AxisItem] = {"bottom": _StepAxis("bottom")}
        if logarithmic:
            axes["left"] = _DecadeAxis("left")
        super().__init__(axisItems=axes)
        self._theme, self._title = theme, title
        self._curves: dict[str, tuple[pg.PlotDataItem, pg.TextItem]] = {}
        self._ends: dict[str, tuple[float, float, float]] = {}
        self._reach = 0.0, 1.0
        self.heading = ElidedLabel()
        self.heading.set_full_text(title)
        self.heading.setProperty("secondary", True)
        self.heading.setContentsMargins(8, 0, 8, 0)
        self._logarithmic = logarithmic
        self.setAccessibleName(title)
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setLogMode(y=logarithmic)
        plot.getViewBox().setDefaultPadding(0.04)
        if span is not None:
            plot.setYRange(*span)
        plot.setContentsMargins(0, 4, 8, 0)
        plot.getViewBox().sigResized.connect(lambda _box: self._fit())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(90, 80)
        self.restyle()

    def set_title(self, title: str) -> None:
        """Say what is drawn, with the latest figures where one curve has no label."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self.heading.set_full_text(title)

    def show_curves(self, curves: Curves) -> None:
        """Show these figures; curves that are there already only get longer. One alone needs no label."""
        for name in set(self._curves) - set(curves):
            self._ends.pop(name, None)
            for item in self._curves.pop(name):
                self.removeItem(item)
        last = max((steps[-1] for steps, _ in curves.values() if steps), default=1.0)
        for number, (name, (steps, values)) in enumerate(curves.items()):
            if name not in self._curves:
                self._add(name, number)
            line, label = self._curves[name]
            x, y = thinned(np.asarray(steps), np.asarray(values))
            if self._logarithmic:  # a batch without labelled hands says 0 of them, which no decade shows
                x, y = x[y > 0.0], y[y > 0.0]
            line.setData(x, y)
            line.setSymbol("o" if len(x) <= _FEW_POINTS else None)
            label.setVisible(len(curves) > 1 and len(x) > 0)
            if len(x):
                end = float(np.log10(y[-1])) if self._logarithmic else float(y[-1])
                self._ends[name] = last, end, float(values[-1])
        self._reach = min((steps[0] for steps, _ in curves.values() if steps), default=0.0), last
        self._fit()

    def _fit(self) -> None:
        """Room for the labels on the right of the curves' ends, in the size that the plot has now."""
        box, (first, last) = self.getPlotItem().getViewBox(), self._reach
        width = max(box.width(), 80)
        labels = []
        for name, (_, label) in self._curves.items():
            if label.isVisible() and name in self._ends:
                figure = f"  {self._ends[name][2]:.3g}" if width >= _ROOM_FOR_VALUES else ""
                label.setText(pretty(name) + figure)
                label.setPos(*self._ends[name][:2])
                labels.append(label)
        words = max((label.boundingRect().width() for label in labels), default=0)
        share = max(1 - (words + 12) / width, 0.3)
        self.getPlotItem().setXRange(first, first + max(last - first, 1.0) / share, padding=0)
        box.updateAutoRange()  # the labels stand in the range to come
        self._part(labels)

    def restyle(self) -> None:
        """Take the colours in force."""
        theme = self._theme
        self.setBackground(theme.colour("panel"))
        plot = self.getPlotItem()
        font = tabular(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 6))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("secondary"))
            axis.setTickFont(font)
        plot.getAxis("left").setWidth(48)
        for number, (line, label) in enumerate(self._curves.values()):
            pen, colour = self._pen(number)
            line.setPen(pen)
            line.setSymbolBrush(colour)
            label.setColor(colour)
            label.setFont(font)

    def _add(self, name: str, number: int) -> None:
        pen, colour = self._pen(number)
        line = pg.PlotDataItem(pen=pen, antialias=True, symbolSize=4, symbolPen=None, symbolBrush=colour)
        label = pg.TextItem(anchor=(0, 0.5), color=colour)
        font = tabular(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 6))
        label.setFont(font)
        self.addItem(line)
        self.addItem(label, ignoreBounds=True)
        self._curves[name] = line, label

    def _pen(self, number: int) -> tuple:
        choice = _COLOURS[number % len(_COLOURS)]
        colour = self._theme.colour(choice) if isinstance(choice, str) else self._theme.finger_colour(choice)
        if not self._theme.dark and not isinstance(choice, str):
            colour = colour.darker(140)
        style = _STYLES[number % len(_STYLES)]
        return pg.mkPen(
            colour, width=(1.75 if number == 0 else 1.25) * self.devicePixelRatioF(), style=style
        ), colour

    def _part(self, labels: list[pg.TextItem]) -> None:
        """Move labels apart where curves end at the same height, and keep them inside."""
        box = self.getPlotItem().getViewBox()
        (_, _), (low, high) = box.viewRange()
        step = (high - low) * self.fontMetrics().height() / max(box.height(), 40)
        labels = sorted(labels, key=lambda item: item.pos().y())
        heights = np.array([label.pos().y() for label in labels])
        for place in range(len(heights)):
            floor = heights[place - 1] + step if place else low + step / 2
            heights[place] = max(heights[place], floor)
        for place in range(len(heights) - 1, -1, -1):
            roof = heights[place + 1] - step if place + 1 < len(heights) else high - step / 2
            heights[place] = min(heights[place], roof)
        for label, height in zip(labels, heights.tolist(), strict=True):
            label.setPos(label.pos().x(), height)


def thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most some 1200 points; each stands for the mean of its stretch."""
    if len(x) <= _MOST_POINTS:
        return x, y
    width = -(-len(x) // _MOST_POINTS)
    starts = np.arange(0, len(x), width)
    counts = np.diff(np.r_[starts, len(x)])
    return x[np.minimum(starts + width - 1, len(x) - 1)], np.add.reduceat(y, starts) / counts


def pretty(name: str) -> str:
    """A figure's name as it is read: ``hold_out_px`` becomes ``hold-out px``."""
    return name.replace("hold_out", "hold-out").replace("holdout", "hold-out").replace("_", " ")
