"""The queue dock: the hands to review, in the order that helps most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QTableView, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.project.records import HandQuery
from handstudio.review.filter_words import Names
from handstudio.review.problems import value_of
from handstudio.ui.background import Background
from handstudio.ui.columns import fit_columns, list_table
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.queue.bulk_dialog import BulkDialog
from handstudio.ui.queue.controls import QueueControls
from handstudio.ui.queue.counts import StateCounts
from handstudio.ui.queue.model import COLUMNS, ERROR, FRAME, HAND, STATE, C, QueueTable
from handstudio.ui.queue.orders import BY_NAME, OrderSpec, compared_for
from handstudio.ui.queue.pictured import Pictured
from handstudio.ui.reveal import reveal
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handstudio.project.records import Change, Floats, State
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

_COUNT_MS = 300
_SOME = 2000
"""Hands that say how the errors of all are spread."""


class Queue(QWidget):
    """Shows the session's queue; a row that is chosen is gone to."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._stale = True
        self._syncing = False
        self._background = Background(self)
        self._names, self._errors = Background(self), Background(self)
        self._length: int | None = None
        self.bulk: BulkDialog | None = None
        self.controls = QueueControls(services.theme)
        self.model = QueueTable(session, services.theme, self)
        self.table = self._build_table()
        self.place = QLabel()
        self.place.setProperty("secondary", True)
        self.place.setFont(tabular(self.place.font()))
        self.counts = StateCounts(services.theme)
        self.pages = Pages(self.table, services.theme)
        self._all = QAction("Show all hands", self)
        self._all.triggered.connect(self.controls.clear)
        self.pictured = Pictured(session, services, self.table, self.model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.place.setContentsMargins(8, 0, 8, 4)
        for widget in (self.controls, self.pages, self.counts, self.place):
            layout.addWidget(widget, 1 if widget is self.pages else 0)
        self._count_later = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._count_later.timeout.connect(self._count)
        self.controls.changed.connect(self._query)
        self.controls.ended.connect(services.actions["to_canvas"].trigger)
        self.controls.wants_names.connect(self._read_names)
        self.controls.wants_errors.connect(self._read_errors)
        services.actions.on("order", self._choose_order)
        services.actions.on("bulk", self._open_bulk)
        services.actions.on("filter", self._focus_filter)
        services.actions.on("filter_by_clicks", self._open_popup)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        services.theme.changed.connect(self._restyle)
        self._listener = Listener(session, services)
        self._listener.on("queue_changed", self.refresh)
        self._listener.on("hand_changed", lambda _hand: self._mark_current())
        self._listener.on("frame_changed", lambda _frame: self.controls.set_sequence(session.sequence_id))
        self._listener.on("changed", self._changed)
        self._listener.on("expectation_changed", self._expected_otherwise)

    def shutdown(self) -> None:
        """Stop listening and timing."""
        self._listener.close()
        self.controls.stop()
        if self.bulk is not None:
            self.bulk.stop()
        self._count_later.stop()
        self.pictured.close()
        for background in (self._background, self._names, self._errors):
            background.close()

    def refresh(self) -> None:
        """Show the queue as it is now."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self._syncing = True
        self.model.take_queue()
        self._syncing = False
        self._length = None
        self._fit_columns()
        self.controls.show_query(self._session.query)
        self.controls.set_sequence(self._session.sequence_id)
        self._count()
        self._choose_page()
        self._mark_current()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is timed while hidden."""
        self._stale = self._stale or self._count_later.isActive()
        self._count_later.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """C, which the expected error says in px, goes where there is little room."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Where there is little room, what the queue is sorted by takes the place of the error."""
        narrow = self.table.viewport().width() < self._all_wide
        own = BY_NAME[self._session.query.order].figure is not None
        self.table.setColumnHidden(C, narrow and not own)
        self.table.setColumnHidden(ERROR, narrow and own)

    def _build_table(self) -> QTableView:
        table = list_table(self.model, "Queue")
        fit_columns(table, {column: what.sample for column, what in enumerate(COLUMNS)}, HAND)
        table.setColumnWidth(STATE, 28)
        named = table.fontMetrics().horizontalAdvance(COLUMNS[HAND].sample)
        self._all_wide = named + sum(table.columnWidth(column) for column in (STATE, FRAME, ERROR, C))
        return table

    def _choose_page(self) -> None:
        if len(self._session.queue):
            self.pages.show_content()
        elif self._session.project.sequences():
            self.pages.show_empty("No hand fits these filters.", self._all, "mdi6.filter-outline")
        else:
            self.pages.show_empty(
                "No footage yet.", self._services.actions["import_folder"], "mdi6.filmstrip"
            )

    def _query(self, query: HandQuery) -> None:
        other_order = query.order != self._session.query.order
        try:
            self._compare_if_due(query)
            self._session.set_query(query)
            if other_order:
                self._begin_order(BY_NAME[query.order])
        except HandStudioError as problem:
            self.pages.show_failed(str(problem), self._all)

    def _begin_order(self, order: OrderSpec) -> None:
        """Go to what another order puts first; as filmed, one looks at a hand in its context and stays."""
        session = self._session
        if order.name == "sequence" or not len(session.queue):
            return
        session.queue.position = -1
        if order.name == "recent" or not session.next_undecided():
            session.next_in_queue()
        (first,) = session.project.hands(session.queue.ids[:1].tolist()) or (None,)
        if order.missing and first is not None and value_of(first, order.figure) is None:
            session.message.emit(order.missing)

    def _changed(self, change: Change) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self.model.take_change(change)
        if not self._count_later.isActive():
            self._count_later.start()

    def _count(self) -> None:
        self._say_place()
        queue = self._session.queue
        self._background.run(
            lambda: (queue.count(), self._session.progress(None), self._session.verified()),
            self._counted,
            self._not_counted,
        )

    def _counted(self, counts: tuple[int, Mapping[State, int], int]) -> None:
        self._length, by_state, verified = counts
        self.counts.show_counts(by_state, verified)
        self._say_place()

    def _not_counted(self, problem: Exception) -> None:
        self._session.message.emit(f"The hands could not be counted: {problem}")

    def _compare_if_due(self, query: HandQuery) -> None:
        """Proposals of an older version are compared, in the background, once somebody wants to know."""
        asked, before = compared_for(query), compared_for(self._session.query)
        board, project = self._services.board, self._session.project
        if board is None or any(job.kind in ("compare", "propose") for job in board.running):
            return
        if "useful" in asked - before:  # other poses may be reviewed by now
            board.start("compare", [project.path, "--useful"])
        elif any(not project.is_compared(what) for what in asked - {"useful"}):
            board.start("compare", [project.path])

    # The filter

    def _choose_order(self) -> None:
        reveal(self)
        self.controls.order.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.controls.order.showPopup()

    def _open_bulk(self) -> None:
        if self.bulk is None:
            self.bulk = BulkDialog(self._session, self._services, self)
            self.bulk.finished_bulk.connect(self._session.message.emit)
        self.bulk.open()

    def _focus_filter(self) -> None:
        reveal(self)
        self.controls.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.controls.text.selectAll()

    def _open_popup(self) -> None:
        reveal(self)
        self.controls.open_popup()

    def _read_names(self) -> None:
        project = self._session.project
        self._names.run(lambda: Names.of(project), self.controls.take_names, self._not_read)

    def _read_errors(self) -> None:
        """Expected errors of some hands by lot: they say how those of all are spread."""
        project, expected = self._session.project, self._session.expected

        def errors() -> Floats:
            drawn = project.in_order(HandQuery(order="random")).first(_SOME)
            found = [expected.of_hand(record) for record in project.hands(drawn)]
            return np.array([error for error in found if error is not None], dtype=np.float32)

        self._errors.run(errors, self.controls.popup.show_errors, self._not_read)

    def _not_read(self, problem: Exception) -> None:
        self._session.message.emit(f"The filter's names could not be read: {problem}")

    # Where one is

    def _expected_otherwise(self) -> None:
        self.table.viewport().update()

    def _mark_current(self) -> None:
        if not self.isVisible() or self._syncing:
            return
        row = self._session.queue.position
        selection = self.table.selectionModel()
        self._syncing = True
        if 0 <= row < self.model.rowCount():
            index = self.model.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            self.table.scrollTo(index)
        else:
            selection.clear()
        self._syncing = False
        self._say_place()

    def _say_place(self) -> None:
        queue = self._session.queue
        length = f"{len(queue):,}" if queue.ends else "…"
        if self._length is not None and not (queue.begins and queue.ends):
            length = f"{self._length:,}"
        known = queue.position >= 0 and queue.begins
        place = f"{queue.position + 1:,} of {length}" if known else f"{length} hands"
        pace = self._session.decisions_per_minute
        speed = f" · {pace:.1f} decisions/min" if pace is not None else ""
        drawn = " · drawn by lot" if self._session.query.only is not None else ""
        self.place.setText(place.replace(",", "\u202f") + drawn + speed)
        spent = self._session.pace
        seconds = spent.seconds_per_decision
        latest = "your last hand" if spent.decisions == 1 else f"your last {spent.decisions} hands"
        told = f"A hand is one decision: {seconds or 0.0:.1f} s each over {latest}"
        self.place.setToolTip("" if seconds is None else told)

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._syncing or not current.isValid():
            return
        try:
            self._session.go_to_hand(self.model.hand_id(current.row()))
        except HandStudioError as problem:
            self._session.message.emit(str(problem))

    def _restyle(self) -> None:
        self.controls.restyle()
        self.counts.restyle()
        self.table.viewport().update()
