"""What is painted in the timeline's plots: the figure of each frame, and the strip of states."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from handstudio.ui.colours import FULL
from handstudio.ui.theme import Theme
from handstudio.ui.timeline.series import LEAST, MOST, NO_HAND, STATES, Floats, column_states, columns

LOW, HIGH = float(np.log10(LEAST)), float(np.log10(MOST))
_CELL = FULL
_STANDS_OUT = 1.5
"""By so much dots are larger that stand out."""
_ICON = 12
_UNDECIDED = ("none", "proposed")


class FigureItem(pg.GraphicsObject):
    """Each frame's worst figure on a logarithmic scale: dots while there is room, else a span per column."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._values: Floats = np.zeros(0, np.float32)
        self.limit = 1.0
        """Figures above it stand out."""

    def set_values(self, values: Floats) -> None:
        """(F,) per frame, NaN where unknown."""
        self.prepareGeometryChange()
        self._values = values
        self.update()

    def boundingRect(self) -> QRectF:
        """All frames by all of the scale."""
        return QRectF(-0.5, LOW, max(len(self._values), 1), HIGH - LOW)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what is in view."""
        box = self.getViewBox()
        if box is None or not len(self._values):
            return
        (low, high), _ = box.viewRange()
        width = max(int(box.width()), 1)
        frames, least, largest = columns(self._values, low, high, width)
        if not len(frames):
            return
        bottom, top = np.log10(np.clip(least, LEAST, MOST)), np.log10(np.clip(largest, LEAST, MOST))
        limit = np.log10(max(self.limit, LEAST))
        trusted, doubted = self._theme.colour("secondary"), self._theme.colour("warning")
        if width / max(high - low, 1e-9) >= 2.5:
            self._dots(painter, frames, top, top > limit, (trusted, doubted), width / (high - low))
            return
        thin = 1.5 * abs((HIGH - LOW) / max(box.height(), 1))
        top = np.maximum(top, bottom + thin)
        self._spans(painter, frames, bottom, np.minimum(top, limit), bottom < limit, trusted)
        self._spans(painter, frames, np.maximum(bottom, limit), top, top > limit, doubted)

    def _spans(
        self,
        painter: QPainter,
        frames: Floats,
        low: npt.NDArray[np.floating],
        high: npt.NDArray[np.floating],
        which: npt.NDArray[np.bool_],
        colour: QColor,
    ) -> None:
        x = np.repeat(frames[which], 2).astype(np.float64)
        y = np.stack([low[which], high[which]], axis=-1).reshape(-1).astype(np.float64)
        if len(x):
            pen = QPen(colour, painter.device().devicePixelRatioF())
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(pg.arrayToQPath(x, y, connect="pairs"))

    def _dots(
        self,
        painter: QPainter,
        frames: Floats,
        heights: npt.NDArray[np.floating],
        over: npt.NDArray[np.bool_],
        colours: tuple[QColor, QColor],
        px_per_frame: float,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for which, colour, larger in zip((~over, over), colours, (1.0, _STANDS_OUT), strict=True):
            width = (
                larger * float(np.clip(px_per_frame * 0.7, 2.5, 5.0)) * painter.device().devicePixelRatioF()
            )
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPoints(
                [QPointF(x, y) for x, y in zip(frames[which].tolist(), heights[which].tolist(), strict=True)]
            )


class StripItem(pg.GraphicsObject):
    """One row of states per hand of a frame; icons while there is room for them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._code = np.zeros((0, 1), np.uint8)
        self._icons: dict[int, QPixmap] = {}
        self._cells, self._tall_cells = self._paint_cells(False), self._paint_cells(True)

    def set_codes(self, code: npt.NDArray[np.uint8]) -> None:
        """(F, T) states as in ``Series.code``."""
        self.prepareGeometryChange()
        self._code = code
        self.update()

    def restyle(self) -> None:
        """Take the colours in force."""
        self._icons.clear()
        self._cells, self._tall_cells = self._paint_cells(False), self._paint_cells(True)
        self.update()

    def boundingRect(self) -> QRectF:
        """All frames by all rows."""
        return QRectF(-0.5, 0, max(len(self._code), 1), self._code.shape[1])

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what is in view."""
        box = self.getViewBox()
        if box is None or not len(self._code):
            return
        (low, high), _ = box.viewRange()
        width = max(int(box.width()), 1)
        room = width / max(high - low, 1e-9)
        for track in range(self._code.shape[1]):
            edges, states = column_states(self._code[:, track], low + 0.5, high + 0.5, width)
            if not len(states):
                continue
            cells = self._tall_cells if room >= _ICON + 4 else self._cells
            pixels = np.ascontiguousarray(cells[:, np.minimum(states, len(STATES))])
            image = QImage(
                pixels.data, len(states), _CELL, 4 * len(states), QImage.Format.Format_ARGB32_Premultiplied
            )
            area = QRectF(edges[0] - 0.5, track + 0.06, edges[-1] - edges[0], 0.88)
            painter.drawImage(area, image)
            if room >= _ICON + 4:
                self._paint_icons(painter, edges, states, track)

    def _paint_icons(
        self, painter: QPainter, edges: npt.NDArray[np.int64], states: npt.NDArray[np.uint8], track: int
    ) -> None:
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        ratio = painter.device().devicePixelRatioF()
        for frame, state in zip(edges[:-1].tolist(), states.tolist(), strict=True):
            if STATES[min(state, len(STATES) - 1)] in _UNDECIDED or state == NO_HAND:
                continue
            if state not in self._icons:
                style = self._theme.state(STATES[state])
                ink = style.colour if style.hollow else self._theme.colour("window")
                icon = self._theme.icon(style.icon, ink)
                self._icons[state] = icon.pixmap(QSize(_ICON, _ICON), ratio)
            at = transform.map(QPointF(frame, track + 0.5))
            painter.drawPixmap(QPointF(at.x() - _ICON / 2, at.y() - _ICON / 2), self._icons[state])
        painter.restore()

    def _paint_cells(self, tall: bool) -> npt.NDArray[np.uint32]:
        """(12, 8) premultiplied ARGB: the column of pixels of each state; the last is that of no hand.

        The strip's axis points up, so row 0 of a cell is its bottom.
        """
        cells = np.zeros((_CELL, len(STATES) + 1), np.uint32)
        for code, state in enumerate(STATES):
            style = self._theme.state(state)
            height = _CELL if tall and state not in _UNDECIDED else style.height
            argb = QColor(style.colour).rgba()
            cells[_CELL - height if style.hangs else 0 : _CELL if style.hangs else height, code] = argb
            if style.hollow:
                cells[3 : height - 3, code] = 0
        return cells
