"""Pictures of one hand side by side, as large as the room allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QWidget

from handstudio.ui.maps.colouring import paint_scale

if TYPE_CHECKING:
    from handstudio.jobs.hand_maps import HandMap
    from handstudio.ui.theme import Theme

GAP: Final = 8
FRAME: Final = 4
"""Between a tile's border and what is in it, px."""
LEAST_EM: Final = 11
"""Width of the smallest picture, in mean letters; smaller ones are scrolled instead."""


class Tile(QAbstractButton):
    """A picture under its name, over the scale of its colours; pressing it lays the map over the frame."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.one: HandMap | None = None
        self.picture: QImage | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_picture(self, title: str, picture: QImage, one: HandMap | None = None) -> None:
        """Show the crop itself, or a map; only a map can be pressed."""
        self.one, self.picture = one, picture
        self.setText(title[:1].upper() + title[1:])
        self.setAccessibleName(self.text())
        self.setCheckable(one is not None)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if one is None else Qt.FocusPolicy.TabFocus)
        about = "The hand as the model saw it" if one is None else one.about
        tip = "" if one is None else "Press to lay it over the frame, or to take it away"
        self.setToolTip("\n".join(line for line in (self.text(), about, tip) if line))
        self.update()

    def forget(self) -> None:
        """Another hand is current: its picture is still to come."""
        self.picture = None
        self.update()

    @staticmethod
    def around(line: int) -> QSize:
        """What a tile needs beyond its picture, where a line of text is so high."""
        return QSize(2 * FRAME, 2 * FRAME + 2 * (line + 2))

    def picture_area(self) -> QRectF:
        """Where the picture is painted."""
        line = self.fontMetrics().height() + 2
        side = min(self.width() - 2 * FRAME, self.height() - 2 * FRAME - 2 * line)
        return QRectF((self.width() - side) / 2.0, FRAME + line, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        surface = self._theme.surface
        area, line = self.picture_area(), self.fontMetrics().height() + 2
        border = surface.accent if self.isChecked() or self.hasFocus() else surface.line
        lit = self.one is not None and self.underMouse()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(border), 2 if self.isChecked() else 1))
        painter.setBrush(QColor(surface.hover if lit else surface.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        title = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(area.width()))
        painter.setPen(QColor(surface.text))
        painter.drawText(
            QRectF(area.left(), FRAME - 1, area.width(), line), Qt.AlignmentFlag.AlignVCenter, title
        )
        painter.fillRect(area, QColor(surface.canvas))
        if self.picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self.picture)
        if self.one is not None:
            below = QRectF(area.left(), area.bottom() + 1, area.width(), line)
            paint_scale(painter, below, self.one, QColor(surface.secondary))
        painter.end()


class Tiles(QScrollArea):
    """Tiles in as many columns as make them largest."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tiles: list[Tile] = []
        self._inside = QWidget()
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def make(self, count: int) -> list[Tile]:
        """So many tiles, those that are there among them."""
        for tile in self.tiles[count:]:
            tile.hide()
            tile.deleteLater()
        self.tiles = self.tiles[:count]
        for _ in range(count - len(self.tiles)):
            tile = Tile(self._theme, self._inside)
            tile.show()
            self.tiles.append(tile)
        self._arrange()
        return self.tiles

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if not self.tiles:
            return
        metrics = self.fontMetrics()
        around, least = Tile.around(metrics.height()), LEAST_EM * metrics.averageCharWidth()
        room, count = self.viewport().size(), len(self.tiles)
        columns, side = best_columns(room, count, around)
        if side < least:
            columns = max(1, min(count, (room.width() - GAP) // (least + around.width() + GAP)))
            side = (room.width() - GAP) // columns - around.width() - GAP
        size = QSize(side, side) + around
        rows = math.ceil(count / columns)
        self._inside.setMinimumHeight(rows * (size.height() + GAP) + GAP if side >= least else 0)
        for place, tile in enumerate(self.tiles):
            row, column = divmod(place, columns)
            left, top = GAP + column * (size.width() + GAP), GAP + row * (size.height() + GAP)
            tile.setGeometry(left, top, size.width(), size.height())


def best_columns(room: QSize, count: int, around: QSize) -> tuple[int, int]:
    """In how many columns ``count`` square pictures are largest, and how large, px."""

    def side(columns: int) -> int:
        rows = math.ceil(count / columns)
        across = (room.width() - GAP) // columns - GAP - around.width()
        down = (room.height() - GAP) // rows - GAP - around.height()
        return min(across, down)

    best = max(range(1, count + 1), key=side)
    return best, side(best)
