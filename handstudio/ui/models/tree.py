"""The models as a tree of descent: a model stands under the one it started from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

if TYPE_CHECKING:
    from handstudio.project.records import ModelRecord
    from handstudio.review.judged import Judged
    from handstudio.ui.theme import Theme

ID_ROLE: Final = Qt.ItemDataRole.UserRole + 1
TITLES: Final = ("Model", "Error", "PCK", "Made")
MEANINGS: Final = (
    "The model, under the one it started from",
    "Mean error on the hold-out, px",
    "Share of joints within 0.05 of the side of the hand's box, on the hold-out",
    "When it was made",
)
_SOURCES: Final = {
    "shipped": ("mdi6.package-variant-closed", "Shipped with HandStudio"),
    "finetune": ("mdi6.school-outline", "Finetuned"),
    "pretrain": ("mdi6.creation-outline", "Pretrained on rendered hands"),
}


class ModelTree(QStandardItemModel):
    """Built anew when a model is added or adopted: there are few."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setColumnCount(len(TITLES))

    def set_models(self, records: Sequence[ModelRecord], judged: dict[str, Judged | None]) -> None:
        """Show these models."""
        self.clear()
        self.setHorizontalHeaderLabels(list(TITLES))
        for column, meaning in enumerate(MEANINGS):
            head = self.horizontalHeaderItem(column)
            head.setToolTip(meaning)
            if column:
                head.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        rows: dict[str, QStandardItem] = {}
        for record in records:
            row = self._row(record, judged.get(record.id))
            parent = rows.get(record.parent or "")
            (parent or self.invisibleRootItem()).appendRow(row)
            rows[record.id] = row[0]

    def item_of(self, model_id: str) -> QStandardItem | None:
        """The first cell of a model's row."""
        waiting = [self.invisibleRootItem()]
        while waiting:
            item = waiting.pop()
            if item.data(ID_ROLE) == model_id:
                return item
            waiting.extend(item.child(row) for row in range(item.rowCount()))
        return None

    def _row(self, record: ModelRecord, judged: Judged | None) -> list[QStandardItem]:
        icon, source = _SOURCES[record.source]
        name = QStandardItem(record.name)
        if record.adopted:
            name.setIcon(self._theme.icon("mdi6.check-circle", self._theme.colour("accent")))
            font = name.font()
            font.setBold(True)
            name.setFont(font)
            name.setAccessibleText(f"{record.name}, adopted")
        else:
            name.setIcon(self._theme.icon(icon, self._theme.colour("secondary")))
        name.setToolTip(
            f"{record.name} ({record.id})\n{source}, method {record.method}, profile {record.profile}"
            + (f"\nStarted from {record.parent}" if record.parent else "")
            + ("\nMakes the proposals" if record.adopted else "")
        )
        figures = (
            "—" if judged is None else f"{judged.epe_px:.2f} px",
            "—" if judged is None else f"{100 * judged.pck_005:.1f} %",
            time.strftime("%d %b", time.localtime(record.created_at)),
        )
        row = [name, *(QStandardItem(text) for text in figures)]
        for column, item in enumerate(row):
            item.setEditable(False)
            item.setData(record.id, ID_ROLE)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return row
