"""What a model's confidence is worth on the hold-out: whether expected errors are met, and what is risked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from handstudio.scoring.confidence import RiskCoverage, reliability, risk_coverage
from handstudio.ui.elided import ElidedLabel
from handstudio.ui.models.plots import bare_plot, wipe, write
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.review.expected_error import ExpectedError
    from handstudio.review.judged import Floats, Judged
    from handstudio.ui.theme import Theme

_ROOM = 1.12
"""What a plot shows beyond its largest value."""
_ROOM_FOR_WORDS = 1.6
"""The same where words stand over the curves."""


class ConfidencePlots(QWidget):
    """Expected against found errors, and risk over coverage by the joints' doubt and by C."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Judged, ExpectedError] | None = None
        self.met = bare_plot(
            "Expected and found error",
            "Mean error that was found, px, over the error that was expected: on the line they are the same. "
            "A dot is a tenth of the hold-out hands",
        )
        self.risk = bare_plot(
            "Risk over coverage",
            "Mean error, px, of the least doubtful hands, over their share: by the joints' doubt, by C, and "
            "at best (by the error itself). Gain: the share of what lies between a random order and the best",
        )
        self.words = [ElidedLabel(wants_room=True), ElidedLabel(wants_room=True)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        for column, (label, plot) in enumerate(zip(self.words, (self.met, self.risk), strict=True)):
            label.setProperty("secondary", True)
            label.setFont(tabular(label.font()))
            grid.addWidget(label, 0, column)
            grid.addWidget(plot, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(1, 1)

    def show_model(self, judged: Judged, expected: ExpectedError) -> None:
        """Show a model's hold-out hands, with the errors that are expected of them now."""
        self._shown = (judged, expected)
        self._draw()

    def restyle(self) -> None:
        """Take the colours in force."""
        self._draw()

    def _draw(self) -> None:
        self._font = wipe(self.met, self._theme, self.font())
        wipe(self.risk, self._theme, self.font())
        if self._shown is None:
            return
        judged, expected = self._shown
        doubt = judged.hand_c if expected.measure == "C" else judged.hand_doubt
        known = np.isfinite(judged.hand_px) & np.isfinite(doubt)
        if not known.any():
            self.words[0].set_full_text("How sure it was of the hold-out was not kept: finetune again.")
            self.words[1].set_full_text("")
            return
        self._draw_met(expected.of_doubts(doubt[known], _sides(judged)[known]), judged.hand_px[known])
        self._draw_risk(judged, known)

    def _draw_met(self, expected: Floats, error: Floats) -> None:
        met, plot, ratio = reliability(expected, error), self.met.getPlotItem(), self.devicePixelRatioF()
        self.words[0].set_full_text(f"Expected → found, {met.gap:.2f} px apart")
        most = _ROOM * float(max(met.expected.max(), met.found.max(), 1e-6))
        line = pg.mkPen(self._theme.colour("secondary"), width=ratio, style=Qt.PenStyle.DashLine)
        plot.plot([0.0, most], [0.0, most], pen=line)
        colour = self._theme.colour("text")
        plot.plot(
            met.expected,
            met.found,
            pen=pg.mkPen(colour, width=1.5 * ratio),
            symbol="o",
            symbolSize=5,
            symbolBrush=colour,
            symbolPen=None,
            antialias=True,
        )
        _ticks(plot, most, most, "px")

    def _draw_risk(self, judged: Judged, known: np.ndarray) -> None:
        theme, plot, ratio = self._theme, self.risk.getPlotItem(), self.devicePixelRatioF()
        error = judged.hand_px[known]
        by_doubt, by_c = (
            risk_coverage(values[known], error) for values in (judged.hand_doubt, judged.hand_c)
        )
        self.words[1].set_full_text(f"Gain by doubt {_percent(by_doubt)}, by C {_percent(by_c)}")
        curves = (
            (
                "best",
                by_doubt.best,
                pg.mkPen(theme.colour("secondary"), width=ratio, style=Qt.PenStyle.DotLine),
            ),
            ("C", by_c.risk, pg.mkPen(theme.colour("secondary"), width=1.5 * ratio, dash=[4, 3])),
            ("doubt", by_doubt.risk, pg.mkPen(theme.colour("text"), width=2 * ratio)),
        )
        for _, values, pen in curves:
            plot.plot(100 * by_doubt.coverage, values, pen=pen, antialias=True)
        most = _ROOM_FOR_WORDS * float(max(by_doubt.risk.max(), by_c.risk.max(), 1e-6))
        for name, values, along, anchor in (
            ("C", by_c.risk, 0.2, (0.5, 1)),
            ("doubt", by_doubt.risk, 0.5, (0.5, 1)),
            ("best", by_doubt.best, 0.75, (0.5, 0)),
        ):
            at = int(along * (len(error) - 1))
            colour = theme.colour("text" if name == "doubt" else "secondary")
            place = (100 * float(by_doubt.coverage[at]), float(values[at]))
            write(self.risk, name, place, anchor, colour, self._font)
        _ticks(plot, 100.0, most, "%")


def _sides(judged: Judged) -> Floats:
    """(N,) px of the hands' boxes, which error and share tell; the usual one for a hand without any error."""
    off = np.isfinite(judged.hand_share) & (judged.hand_share > 0.0)
    sides = np.divide(judged.hand_px, judged.hand_share, out=np.ones_like(judged.hand_px), where=off)
    return np.where(off, sides, np.median(sides[off]) if off.any() else 1.0)


def _ticks(plot: pg.PlotItem, across: float, up: float, unit: str) -> None:
    """Three figures along the bottom, up to two at the left."""
    plot.setXRange(0, (1.08 if unit == "%" else 1.0) * across, padding=0.02)
    plot.setYRange(0, up, padding=0.02)
    low = [0.0, 50.0, 100.0] if unit == "%" else [0.0, *_round_steps(across)]
    plot.getAxis("bottom").setTicks([[(at, f"{at:g}{f' {unit}' if at == low[-1] else ''}") for at in low]])
    high = [0.0, *_round_steps(up)]
    plot.getAxis("left").setTicks([[(at, f"{at:g}{' px' if at == high[-1] else ''}") for at in high]])


def _round_steps(most: float) -> list[float]:
    """One or two round figures below ``most``."""
    power = 10.0 ** np.floor(np.log10(most))
    step = next(power * factor for factor in (5.0, 2.0, 1.0, 0.5) if power * factor <= most)
    return [step / 2.0, step]


def _percent(risk: RiskCoverage) -> str:
    return f"{100 * risk.captured:.0f} %" if np.isfinite(risk.captured) else "—"
