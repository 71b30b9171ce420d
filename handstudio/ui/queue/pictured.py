"""Whether the queue shows a small picture of each hand, and how high its rows are then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from handstudio.ui.queue.model import HAND
from handstudio.ui.queue.thumbnails import Thumbnails

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTableView

    from handstudio.review.session import ReviewSession
    from handstudio.ui.queue.model import QueueTable
    from handstudio.ui.services import Services

_SETTING: Final = "queue/thumbnails"
_LINES: Final = 3.0
"""Height of a picture, in lines of text."""
_AIR: Final = 4


class _AsItIs(QStyledItemDelegate):
    """A picture keeps its colours while its row is selected."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Give the picture for a selected row as well, or the style would tint it."""
        super().initStyleOption(option, index)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap):
            icon = QIcon()
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
                icon.addPixmap(picture, mode)
            option.icon = icon


class Pictured(QObject):
    """Switches the pictures of a queue by the action of that name, and remembers it.

    Args:
        table: the queue's. model: what it shows.
    """

    def __init__(
        self, session: ReviewSession, services: Services, table: QTableView, model: QueueTable
    ) -> None:
        super().__init__(table)
        self._table, self._model, self._settings = table, model, services.settings
        self._plain_height = table.verticalHeader().defaultSectionSize()
        self.thumbnails = Thumbnails(session.project, self)
        self.thumbnails.came.connect(lambda _hand: table.viewport().update())
        table.setItemDelegateForColumn(HAND, _AsItIs(table))
        self._action = services.actions["thumbnails"]
        self._action.setChecked(self._settings.value(_SETTING, False, bool))
        self._action.toggled.connect(self._switch)
        self._show()

    def close(self) -> None:
        """Make no more of them."""
        self._action.toggled.disconnect(self._switch)
        self.thumbnails.close()

    def _switch(self, on: bool) -> None:
        self._settings.setValue(_SETTING, on)
        self._show()

    def _show(self) -> None:
        table, on = self._table, self._action.isChecked()
        current = table.currentIndex()
        side = round(_LINES * table.fontMetrics().height())
        if on:
            self.thumbnails.set_side(side, table.devicePixelRatioF())
        else:
            self.thumbnails.forget()
        self._model.thumbnails = self.thumbnails if on else None
        table.verticalHeader().setDefaultSectionSize(side + _AIR if on else self._plain_height)
        table.viewport().update()
        if current.isValid():
            table.scrollTo(current)
