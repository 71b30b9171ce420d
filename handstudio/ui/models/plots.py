"""Small plots that are only looked at, in the colours and figures of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt

from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QFont

    from handstudio.ui.theme import Theme


def bare_plot(name: str, tip: str) -> pg.PlotWidget:
    """A plot without menu, buttons and mouse."""
    widget = pg.PlotWidget()
    widget.setAccessibleName(name)
    widget.setToolTip(tip)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setMinimumSize(100, 60)
    plot = widget.getPlotItem()
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    return widget


def wipe(widget: pg.PlotWidget, theme: Theme, font: QFont) -> QFont:
    """Take everything off a plot and the colours in force on it; returns the font of its figures."""
    widget.setBackground(theme.colour("panel"))
    plot = widget.getPlotItem()
    plot.clear()
    small = tabular(font)
    small.setPointSizeF(max(small.pointSizeF() - 1, 6))
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(theme.colour("line"))
        axis.setTextPen(theme.colour("secondary"))
        axis.setTickFont(small)
    return small


def write(
    widget: pg.PlotWidget,
    text: str,
    place: tuple[float, float],
    anchor: tuple[float, float],
    colour: QColor,
    font: QFont,
) -> None:
    """Words in a plot."""
    label = pg.TextItem(text, color=colour, anchor=anchor)
    label.setFont(font)
    label.setPos(*place)
    widget.getPlotItem().addItem(label, ignoreBounds=True)
