"""The list of runs beside their curves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme
    from handstudio.ui.training.entries import Entry

Index = QModelIndex | QPersistentModelIndex
STATES: Final = {
    "queued": ("Queued", "mdi6.timer-sand", "secondary"),
    "running": ("Running", "mdi6.play", "accent"),
    "finished": ("Finished", "mdi6.check", "good"),
    "failed": ("Failed", "mdi6.alert-outline", "error"),
    "cancelled": ("Cancelled", "mdi6.stop", "secondary"),
    "interrupted": ("Interrupted", "mdi6.pause", "warning"),
}
_NOWHERE = QModelIndex()


class RunList(QAbstractListModel):
    """Entries, latest first."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.entries: list[Entry] = []

    def set_entries(self, entries: list[Entry]) -> None:
        """Show these runs."""
        if [id(entry) for entry in entries] == [id(entry) for entry in self.entries]:
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def touch(self, entry: Entry) -> None:
        """A run is other than before."""
        if entry in self.entries:
            index = self.index(self.entries.index(entry))
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of runs."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A run's name and number, state icon, and words."""
        entry = self.entries[index.row()]
        title, icon, colour = STATES.get(entry.state, STATES["running"])
        if role == Qt.ItemDataRole.DisplayRole:
            number = f" {entry.run_id}" if entry.run_id is not None else ""
            when = time.strftime("%d %b %H:%M", time.localtime(entry.started_at)) if entry.started_at else ""
            return f"{entry.title}{number}   {when}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._theme.icon(icon, self._theme.colour(colour))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.title}: {title.lower()}. {entry.progress_text()}"
        return None
