"""Who decided how much, when, and how quickly: a table beside the window."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout

from handstudio.review.sittings import KINDS, Sitting, sittings
from handstudio.ui.background import Background
from handstudio.ui.clock import moment
from handstudio.ui.listening import Listener
from handstudio.ui.room import resize_within_screen
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

COLUMNS: Final = (
    "Began",
    "Reviewer",
    "Minutes",
    "Hands",
    "In bulk",
    "Accepted",
    "Fixed",
    "Rejected",
    "Skipped",
    "Verified",
    "Sent back",
    "s per decision",
    "s per fixed hand",
)
_REVIEWER: Final = 1
_MEANINGS: Final = {
    "Hands": "Hands that were decided one by one; of these are the columns Accepted to Sent back",
    "In bulk": "Hands that were decided many at once",
    "s per decision": "Seconds per decision: all that was spent on a hand, over the hands decided one by one",
    "s per fixed hand": "The same over the hands that were fixed",
}
MOST_ENTRIES: Final = 100_000
"""Of the audit trail, the latest ones, are looked at."""
_AGAIN_MS: Final = 500
_READ_SHARE: Final = 20.0
"""A trail that took s seconds to read is read anew at most every 20 s."""
_EXPLAINED: Final = (
    "A session ends with a quarter of an hour without a decision. A hand is one decision, its last one, of "
    "which all its drags are part; times are those from when it was shown, without pauses of more than a "
    "minute. Hands that were decided many at once count in bulk alone: nobody spent time on each of them."
)


class Sittings(QDialog):
    """Every reviewer's sessions, the latest first; not modal."""

    def __init__(self, session: ReviewSession, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Sessions")
        self.setModal(False)
        self._session = session
        self._seconds = 0.0
        self._background = Background(self)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName("Sessions")
        self.table.setHorizontalHeaderLabels(COLUMNS)
        for column, name in enumerate(COLUMNS):
            self.table.horizontalHeaderItem(column).setToolTip(_MEANINGS.get(name, ""))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setFont(tabular(self.table.font()))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(_REVIEWER, QHeaderView.ResizeMode.Stretch)
        self.note = QLabel(_EXPLAINED, wordWrap=True)
        self.note.setProperty("secondary", True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        em = self.fontMetrics().averageCharWidth()
        resize_within_screen(self, QSize(176 * em, 60 * em))
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._read)
        self._listener = Listener(session, services)
        self._listener.on("changed", self._changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the trail."""
        super().showEvent(event)
        self._read()

    def shutdown(self) -> None:
        """Read no more."""
        self._listener.close()
        self._again.stop()
        self._background.close()

    def _changed(self, _change: object) -> None:
        if self.isVisible() and not self._again.isActive():
            self._again.start(max(_AGAIN_MS, round(1000 * _READ_SHARE * self._seconds)))

    def _read(self) -> None:
        history = self._session.project.history

        def read() -> list[Sitting]:
            started = time.monotonic()
            found = sittings(history.entries(MOST_ENTRIES))
            self._seconds = time.monotonic() - started
            return found

        self._background.run(read, self._show_all, self._failed)

    def _show_all(self, found: list[Sitting]) -> None:
        self.table.setRowCount(len(found))
        for row, sitting in enumerate(found):
            for column, text in enumerate(words_of(sitting)):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
            bulk = ", ".join(f"{kind}: {count}" for kind, count in sitting.in_bulk.items() if count)
            self.table.item(row, COLUMNS.index("In bulk")).setToolTip(bulk)
        if not found:
            self.note.setText("Nobody has decided anything yet.")
        else:
            self.note.setText(_EXPLAINED)

    def _failed(self, problem: Exception) -> None:
        self.note.setText(f"The audit trail could not be read: {problem}")


def words_of(sitting: Sitting) -> list[str]:
    """The cells of a row, as :data:`COLUMNS` says."""
    times = (sitting.seconds_per_hand, sitting.seconds_per_fixed)
    return [
        moment(sitting.began),
        sitting.who,
        f"{(sitting.ended - sitting.began) / 60:.0f}",
        str(sitting.hands),
        str(sitting.hands_in_bulk),
        *(str(sitting.counts[kind]) for kind in KINDS),
        *("–" if seconds is None else f"{seconds:.1f}" for seconds in times),
    ]
