"""What the colours of the map over the frame mean; floats over the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from handstudio.ui.maps.colouring import paint_scale

if TYPE_CHECKING:
    from handstudio.jobs.hand_maps import HandMap
    from handstudio.ui.theme import Theme

_STRIP_EM = 12


class MapLegend(QFrame):
    """A map's name over its scale of colours."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Map over the hand")
        self._theme = theme
        self.one: HandMap | None = None
        self.hide()

    def show_map(self, one: HandMap | None) -> None:
        """Say which map is shown; nothing where none is."""
        self.one = one
        self.setVisible(one is not None)
        if one is not None:
            self.setAccessibleDescription(f"{one.name}, from {one.low} to {one.high}")
            self.adjustSize()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        name = metrics.horizontalAdvance(self._title)
        return QSize(max(name, _STRIP_EM * metrics.averageCharWidth() * 2) + 24, 2 * metrics.height() + 20)

    @property
    def _title(self) -> str:
        return "" if self.one is None else self.one.name[:1].upper() + self.one.name[1:]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.one is None:
            return
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(12, 8, -12, -8)
        line = self.fontMetrics().height()
        painter.setPen(self._theme.colour("text"))
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._title)
        strip = QRectF(area.left(), area.bottom() - line, area.width(), line)
        paint_scale(painter, strip, self.one, self._theme.colour("secondary"))
        painter.end()
