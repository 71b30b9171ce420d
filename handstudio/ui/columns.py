"""Tables that list things by rows, and how wide their columns are."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTreeView,
)

from handstudio.ui.theme import tabular

_PADDING = 16


def row_table(model: QAbstractItemModel, name: str, icon_px: int = 16, air_px: int = 8) -> QTableView:
    """A table of one-line rows, ``air_px`` higher than their text; ``name`` is what a screen reader says."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setFont(tabular(table.font()))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setIconSize(QSize(icon_px, icon_px))
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(QFontMetrics(table.font()).height() + air_px)
    heads = table.horizontalHeader()
    heads.setHighlightSections(False)
    heads.setMinimumSectionSize(24)
    return table


def list_table(model: QAbstractItemModel, name: str) -> QTableView:
    """A :func:`row_table` that lists things of which one is chosen."""
    table = row_table(model, name)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    rows = table.verticalHeader()
    rows.setDefaultSectionSize(max(rows.defaultSectionSize(), 22))
    return table


class KeepsColour(QStyledItemDelegate):
    """A cell's own colour stays while its row is selected."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Selected text is painted in another role of the palette than the model's colour is put in."""
        super().initStyleOption(option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            ink = index.data(Qt.ItemDataRole.ForegroundRole)
            if ink is not None:
                option.palette.setColor(QPalette.ColorRole.HighlightedText, ink)


def fit_columns(view: QTableView | QTreeView, samples: Mapping[int, str], stretched: int) -> None:
    """Give each column room for its sample; the stretched one takes what is left."""
    heads = view.horizontalHeader() if isinstance(view, QTableView) else view.header()
    heads.setStretchLastSection(False)
    metrics = QFontMetrics(view.font())
    for column, sample in samples.items():
        named = bool(view.model().headerData(column, Qt.Orientation.Horizontal))
        heading = heads.sectionSizeHint(column) if named else 0
        view.setColumnWidth(column, max(metrics.horizontalAdvance(sample) + _PADDING, heading))
    heads.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
