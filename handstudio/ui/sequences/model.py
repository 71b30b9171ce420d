"""The project's sequences with their progress, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from handstudio.project.records import DECIDED, State

if TYPE_CHECKING:
    from handstudio.project.records import SequenceRecord
    from handstudio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
COUNTS_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""A sequence's hands by state, for the bar."""
NAME, FRAMES, PROGRESS, SHARE = range(4)
TITLES: Final = ("Sequence", "Frames", "Progress", "")
_KINDS: Final = {
    "folder": ("mdi6.folder-image", "Folder of images"),
    "video": ("mdi6.filmstrip", "Video"),
    "recording": ("mdi6.camera-burst", "Recording"),
}
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Line:
    """One sequence and its hands by state, and how many are verified."""

    record: SequenceRecord
    counts: Mapping[State, int]
    verified: int = 0

    @property
    def hands(self) -> int:
        """All its hands."""
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        """Its decided hands."""
        return sum(self.counts.get(state, 0) for state in DECIDED)


class SequenceTable(QAbstractTableModel):
    """One row per sequence."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: list[Line] = []

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these sequences; rows that stay keep their selection."""
        if [line.record.id for line in lines] == [line.record.id for line in self.lines]:
            self.lines = list(lines)
            if lines:
                self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(TITLES) - 1))
            return
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def row_of(self, sequence_id: int | None) -> int:
        """The row of a sequence, -1 when it is not here."""
        return next((row for row, line in enumerate(self.lines) if line.record.id == sequence_id), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of sequences."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Name, frames, progress, share."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, icon and words."""
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(line, column)
        if role == COUNTS_ROLE and column == PROGRESS:
            return line.counts
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            kind = "mdi6.lock-outline" if line.record.hold_out else _KINDS[line.record.kind][0]
            return self._theme.icon(kind, self._theme.colour("secondary"))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(line)
        return None

    def _words(self, line: Line) -> str:
        record = line.record
        parts = [record.name, f"{_KINDS[record.kind][1]}: {record.path}"]
        if record.view:
            parts.append(f"View {record.view}")
        parts.append(f"{record.frame_count} frames, {line.decided} of {line.hands} hands decided")
        states = [
            f"{self._theme.state(state).title}: {number}" for state, number in line.counts.items() if number
        ]
        parts.extend(states)
        if line.verified:
            parts.append(f"Verified: {line.verified}")
        if record.hold_out:
            parts.append("Hold-out: kept out of training, to judge models")
        return "\n".join(parts)


def _text(line: Line, column: int) -> str:
    if column == NAME:
        return line.record.name
    if column == FRAMES:
        return f"{line.record.frame_count:,}".replace(",", "\u202f")
    if column == SHARE:
        return f"{100 * line.decided / line.hands:.0f} %" if line.hands else "—"
    return ""


def _alignment(column: int) -> Qt.AlignmentFlag:
    right = column in (FRAMES, SHARE)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
