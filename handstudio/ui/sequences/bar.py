"""A bar that shows how many hands are in each state, by colour and by height."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from handstudio.project.records import State
from handstudio.ui.sequences.model import COUNTS_ROLE

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

ORDER: Final = (
    State.FIXED,
    State.ACCEPTED,
    State.AUTO_ACCEPTED,
    State.REJECTED,
    State.SKIPPED,
    State.SENT_BACK,
    State.PROPOSED,
)
_SHARES: Final = {State.REJECTED: 0.7, State.SKIPPED: 0.55, State.SENT_BACK: 0.45, State.PROPOSED: 0.3}


class ProgressBar(QStyledItemDelegate):
    """Decided hands fill the bar from the left; what is only proposed is a thin line."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell."""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        counts: Mapping[State, int] = index.data(COUNTS_ROLE) or {}
        area = QRectF(option.rect).adjusted(4, 0, -4, 0)
        height = min(10.0, area.height() - 6)
        area.setTop(area.center().y() - height / 2)
        area.setHeight(height)
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), self._theme.colour("line"))
        total = sum(counts.values())
        left = area.left()
        for state in ORDER:
            if not counts.get(state) or not total:
                continue
            width = area.width() * counts[state] / total
            tall = height * _SHARES.get(state, 1.0)
            piece = QRectF(left, area.bottom() - tall, max(width - 0.5, 1.0), tall)
            colour = self._theme.state_colour(state)
            if self._theme.state(state).hollow and piece.width() > 4:
                painter.fillRect(piece, colour)
                painter.fillRect(piece.adjusted(1.5, 1.5, -1.5, -1.5), self._theme.colour("field"))
            else:
                painter.fillRect(piece, colour)
            left += width
