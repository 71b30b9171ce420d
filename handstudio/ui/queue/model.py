"""The queue as a table over pages of the database: only the rows that are looked at are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon, QPixmap

from handstudio.errors import HandStudioError
from handstudio.review.problems import value_of
from handstudio.ui.queue.orders import BY_NAME

if TYPE_CHECKING:
    from handstudio.project.records import Change, HandRecord, Ids
    from handstudio.review.session import ReviewSession
    from handstudio.ui.queue.thumbnails import Thumbnails
    from handstudio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
PAGE: Final = 128
_PAGES_KEPT: Final = 24
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Column:
    """A column's heading, what it means, and a wide sample that sets its width."""

    title: str
    meaning: str
    sample: str


STATE, HAND, FRAME, ERROR, C = range(5)
COLUMNS: Final = (
    Column("", "State of the hand", "M"),
    Column("Hand", "Side and sequence", "R  sequence name"),
    Column(
        "Frame",
        "Frame, counted from 1; flag: it is marked; sheet: the hand has a note",
        "MM 88 888",
    ),
    Column("Error", "Expected error in px", "888.8 px"),
    Column("C", "The method's own confidence, for SemiHand Eq. 8, a distance: smaller is better", "888.8 px"),
)
_DISPLAY, _DECORATION, _ALIGNMENT, _TIP, _SPOKEN = (
    int(role)
    for role in (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
)
_ROLES = frozenset((_DISPLAY, _DECORATION, _TIP, _SPOKEN))
_ALIGNMENTS: Final = tuple(
    (Qt.AlignmentFlag.AlignRight if column >= FRAME else Qt.AlignmentFlag.AlignLeft)
    | Qt.AlignmentFlag.AlignVCenter
    for column in range(len(COLUMNS))
)
"""Figures to the right, words to the left."""


_SAID: Final = {(True, False): "flag", (False, True): "note-text-outline", (True, True): "flag-plus"}
"""Icons for a frame that is marked, and for a hand with a note."""


class QueueTable(QAbstractTableModel):
    """The session's queue. Rows are ids; records come by pages, and changed ones are read anew."""

    def __init__(self, session: ReviewSession, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._ids: Ids = np.zeros(0, np.int64)
        self._pages: OrderedDict[int, dict[int, HandRecord]] = OrderedDict()
        self._marks: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self.thumbnails: Thumbnails | None = None
        """Of the hands, where they are to be seen."""

    def take_queue(self) -> None:
        """Show the session's queue as it is now."""
        fresh, known = self._session.queue.ids, len(self._ids)
        self._pages.clear()
        self._marks.clear()
        if 0 < known < len(fresh) and np.array_equal(fresh[:known], self._ids):
            self.beginInsertRows(_NOWHERE, known, len(fresh) - 1)
            self._ids = fresh
            self.endInsertRows()
            self.dataChanged.emit(self.index(0, 0), self.index(known - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._ids = fresh
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, C, C)

    def canFetchMore(self, parent: Index = _NOWHERE) -> bool:
        """Whether the queue goes on behind what has been read."""
        return not parent.isValid() and not self._session.queue.ends

    def fetchMore(self, parent: Index = _NOWHERE) -> None:
        """Read on, as the table is scrolled to its end."""
        queue = self._session.queue
        if parent.isValid() or not np.array_equal(queue.ids, self._ids):
            return
        try:
            fresh = queue.read_on()
        except HandStudioError as problem:
            self._session.message.emit(str(problem))
            return
        if fresh:
            self._pages.pop(len(self._ids) // PAGE, None)  # it may have been read before it was full
            self.beginInsertRows(_NOWHERE, len(self._ids), len(self._ids) + fresh - 1)
            self._ids = queue.ids
            self.endInsertRows()

    def take_change(self, change: Change) -> None:
        """Read what changed anew; rows keep their places."""
        if change.everything or (change.sequences and not change.hands):
            self._names.clear()
        if change.everything:
            stale = list(self._pages)
        else:
            stale = [number for number, records in self._pages.items() if _concerns(change, records)]
        for number in stale:
            del self._pages[number]
            last = min((number + 1) * PAGE, len(self._ids)) - 1
            self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, len(COLUMNS) - 1))

    def hand_id(self, row: int) -> int:
        """The hand of a row."""
        return int(self._ids[row])

    def record(self, row: int) -> HandRecord | None:
        """The hand of a row, its page read if need be; ``None`` when it was removed."""
        if not 0 <= row < len(self._ids):
            return None
        number = row // PAGE
        page = self._pages.get(number)
        if page is None:
            ids = self._ids[number * PAGE : (number + 1) * PAGE]
            self._pages[number] = page = self._read(ids)
            while len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(int(self._ids[row]))

    def _read(self, ids: Ids) -> dict[int, HandRecord]:
        """A page; an empty one, until something changes, when it cannot be read."""
        project = self._session.project
        try:
            records = self._session.records(ids.tolist())
            frames = {record.frame_id for record in records}
            for frame_id in frames:
                self._marks.pop(frame_id, None)
            self._marks.update(project.marks_of_frames(frames))
            return {record.id: record for record in records}
        except HandStudioError as problem:
            self._session.message.emit(str(problem))
            return {}

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Length of the queue."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The columns of ``COLUMNS``."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        order = BY_NAME[self._session.query.order]
        own = section == C and order.figure is not None
        if role == Qt.ItemDataRole.DisplayRole:
            return order.heading if own else COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return order.meaning if own else COLUMNS[section].meaning
        return _ALIGNMENTS[section] if role == _ALIGNMENT else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, icon and words."""
        column = index.column()
        if role == _ALIGNMENT:
            return _ALIGNMENTS[column]
        if role not in _ROLES:
            return None
        record = self.record(index.row())
        if record is None:
            return None
        if role == _DISPLAY:
            return self._text(record, column)
        if role == _DECORATION:
            return self._icon(record, column)
        return self._words(record)

    def _icon(self, record: HandRecord, column: int) -> QIcon | QPixmap | None:
        """The state; the hand; beside the frame whether it is marked, and whether the hand has a note."""
        if column == STATE:
            return self._theme.state_icon(record.state, record.verified)
        if column == HAND:
            return None if self.thumbnails is None else self.thumbnails.of(record)
        said = record.frame_id in self._marks, bool(record.note)
        return self._theme.icon(f"mdi6.{_SAID[said]}") if column == FRAME and any(said) else None

    def _text(self, record: HandRecord, column: int) -> str:
        if column == HAND:
            between = "  " if self.thumbnails is None else "\n"
            return f"{'L' if record.side == 'left' else 'R'}{between}{self._name(record.sequence_id)}"
        if column == FRAME:
            return f"{record.frame_index + 1:,}".replace(",", "\u202f")
        order = BY_NAME[self._session.query.order]
        if column == C and order.figure is not None:
            figure = value_of(record, order.figure)
            return "" if figure is None else f"{figure:.{order.digits}f}{order.unit}"
        value = self._session.expected.of_hand(record) if column == ERROR else record.confidence
        if value is None or column not in (ERROR, C):
            return ""
        return f"{value:.1f} px" if column == ERROR else f"{value:.2f}"

    def _words(self, record: HandRecord) -> str:
        state = self._theme.state(record.state).title
        if record.verified:
            state += ", verified"
        error = self._text(record, ERROR)
        name = self._name(record.sequence_id)
        parts = [f"{name}, frame {record.frame_index + 1}: {record.side} hand, {state.lower()}"]
        if error:
            parts.append(f"expected error {error}")
        lines = [", ".join(parts)]
        if record.frame_id in self._marks:
            lines.append(f"Marked {self._marks[record.frame_id]}")
        if record.note:
            lines.append(f"Note: {record.note}")
        return "\n".join(lines)

    def _name(self, sequence_id: int) -> str:
        if sequence_id not in self._names:
            try:
                self._names[sequence_id] = self._session.project.sequence(sequence_id).name
            except HandStudioError:
                self._names[sequence_id] = ""
        return self._names[sequence_id]


def _concerns(change: Change, records: Mapping[int, HandRecord]) -> bool:
    """Whether a change is about some of these hands, or about the frames that they are in."""
    if change.hands or not change.frames:
        return not change.hands.isdisjoint(records)
    return any(record.frame_id in change.frames for record in records.values())
