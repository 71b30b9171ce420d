"""The sequences dock: what footage there is and how far its review has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTableView, QToolButton, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.project.records import UNDECIDED, HandQuery
from handstudio.ui.background import Background
from handstudio.ui.columns import fit_columns, list_table
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.sequences.bar import ProgressBar
from handstudio.ui.sequences.model import FRAMES, NAME, PROGRESS, SHARE, Line, SequenceTable
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.project import Project
    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

_RELOAD_MS = 300
_ROOM_FOR_SHARE = 48
"""Digits that fit beside each other before the share stands in figures next to its bar."""


class Sequences(QWidget):
    """Lists the sequences; one that is chosen is gone to, at its first undecided hand."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._stale = True
        self._syncing = False
        self._background = Background(self)
        self.model = SequenceTable(services.theme, self)
        self.table = self._build_table()
        self.total = QLabel()
        self.total.setFont(tabular(self.total.font()))
        self.total.setProperty("secondary", True)
        self.total.setContentsMargins(8, 4, 8, 4)
        self.total.setWordWrap(True)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 8, 0)
        self.draw = QToolButton()
        self.draw.setDefaultAction(services.actions["draw_hold_out"])
        self.draw.setIconSize(QSize(16, 16))
        self.draw.setAutoRaise(True)
        self.draw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        foot.addWidget(self.total, 1)
        foot.addWidget(self.draw)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self.pages = Pages(content, services.theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._reload = QTimer(self, singleShot=True, interval=_RELOAD_MS)
        self._reload.timeout.connect(self._load)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.customContextMenuRequested.connect(self._show_menu)
        services.theme.changed.connect(self.table.viewport().update)
        self._listener = Listener(session, services)
        self._listener.on("frame_changed", lambda _frame: self._mark_current())
        self._listener.on("changed", self._changed)

    def shutdown(self) -> None:
        """Stop listening, timing and reading."""
        self._listener.close()
        self._reload.stop()
        self._background.close()

    def refresh(self) -> None:
        """Read the sequences anew."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        if not self.model.lines:
            self.pages.show_loading("Reading the project")
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names come first where there is little room."""
        super().resizeEvent(event)
        digit = self.table.fontMetrics().horizontalAdvance("0")
        self.table.setColumnHidden(SHARE, self.width() < _ROOM_FOR_SHARE * digit)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is timed while hidden."""
        self._stale = self._stale or self._reload.isActive()
        self._reload.stop()
        super().hideEvent(event)

    def _build_table(self) -> QTableView:
        table = list_table(self.model, "Sequences")
        table.setItemDelegateForColumn(PROGRESS, ProgressBar(self._services.theme, table))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        fit_columns(table, {FRAMES: "88 888", PROGRESS: "Progress", SHARE: "100 %"}, NAME)
        return table

    def _load(self) -> None:
        project = self._session.project
        self._background.run(lambda: read_lines(project), self._loaded, self._failed)

    def _loaded(self, lines: list[Line]) -> None:
        self._syncing = True
        self.model.set_lines(lines)
        self._syncing = False
        if not lines:
            self.pages.show_empty(
                "No footage yet. Drop a folder, a video or a recording here.",
                self._services.actions["import_folder"],
                "mdi6.filmstrip",
            )
            return
        frames = sum(line.record.frame_count for line in lines)
        hands, decided = sum(line.hands for line in lines), sum(line.decided for line in lines)
        text = f"{frames:,} frames · {decided:,} of {hands:,} hands decided"
        self.total.setText(text.replace(",", "\u202f"))
        self.pages.show_content()
        self._mark_current()

    def _failed(self, problem: Exception) -> None:
        self.pages.show_failed(f"The sequences could not be read: {problem}")

    def _changed(self, change: Change) -> None:
        if not self.isVisible():
            self._stale = True
        elif not self._reload.isActive() and (
            change.everything or change.hands or change.frames or change.sequences
        ):
            self._reload.start()

    def _mark_current(self) -> None:
        row = self.model.row_of(self._session.sequence_id)
        if not self.isVisible() or self._syncing or row == self.table.currentIndex().row():
            return
        self._syncing = True
        if row < 0:
            self.table.selectionModel().clear()
        else:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
        self._syncing = False

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._syncing or not current.isValid():
            return
        record = self.model.lines[current.row()].record
        if record.id == self._session.sequence_id or not record.frame_count:
            return
        query = HandQuery(sequences=(record.id,), states=UNDECIDED)
        try:
            first = self._session.project.hands(query, limit=1)
            if first:
                self._session.go_to_hand(first[0].id)
            else:
                self._session.go_to_frame(record.id, 0)
        except HandStudioError as problem:
            self._session.message.emit(str(problem))

    def _show_menu(self, point: QPoint) -> None:
        index = self.table.indexAt(point)
        if not index.isValid():
            return
        record = self.model.lines[index.row()].record
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        keep = menu.addAction("Keep as hold-out, out of training")
        keep.setCheckable(True)
        keep.setChecked(record.hold_out)
        keep.setEnabled(not self._session.project.read_only)
        keep.triggered.connect(lambda on: self._session.set_hold_out(record.id, on))
        menu.popup(self.table.viewport().mapToGlobal(point))


def read_lines(project: Project) -> list[Line]:
    """The sequences with their hands by state."""
    counts, verified = project.state_counts_by_sequence(), project.verified_counts()
    return [
        Line(record, counts[record.id], verified.get(record.id, 0))
        for record in project.sequences()
        if record.id in counts
    ]
