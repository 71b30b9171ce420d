"""How wide a table's columns are: a wide sample of their figures, and their heading, whichever is wider."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableView, QTreeView

_PADDING = 16


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
