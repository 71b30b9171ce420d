"""The inspector dock: each joint of the session's hand in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.ui.columns import KeepsColour, fit_columns, row_table
from handstudio.ui.inspector.header import HandHeader
from handstudio.ui.inspector.model import (
    ABDUCTION,
    BONE,
    COLUMNS,
    ERROR,
    FLEXION,
    JOINT,
    SEEN,
    SHIFT,
    JointTable,
)
from handstudio.ui.inspector.note import NoteLine
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import reveal

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

_WHILE_EDITING_MS = 80


class Inspector(QWidget):
    """A table of the 21 joints under the hand's own lines; its selection is everybody's."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._stale = True
        self._syncing = False
        self._models: dict[str, str] = {}
        self.header = HandHeader(services.theme)
        self.model = JointTable(services.theme, self)
        self.table = self._build_table()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.table, 1)
        self.pages = Pages(content, services.theme)
        self.note = NoteLine(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.note)
        self._later = QTimer(self, singleShot=True, interval=_WHILE_EDITING_MS)
        self._later.timeout.connect(self.refresh)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.table.clicked.connect(self._clicked)
        services.actions.on("note", self._ask_note)
        services.theme.changed.connect(self._restyle)
        self._listener = Listener(session, services)
        self._listener.on("hand_changed", lambda _hand: self.refresh())
        self._listener.on("selection_changed", self._mark_selection)
        self._listener.on("changed", self._changed)
        self._listener.on("edited", self._edited)
        self.refresh()

    def shutdown(self) -> None:
        """Stop listening and timing."""
        self._listener.close()
        self._later.stop()

    def refresh(self) -> None:
        """Show the session's hand as it is now."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        hand_id = self._session.hand_id
        if hand_id is None:
            self.note.show_hand(None)
            self.pages.show_empty("No hand is selected.", self._services.actions["draw_box"])
            return
        try:
            view = self._session.hand_view(hand_id)
        except HandStudioError as problem:
            self.pages.show_failed(str(problem))
            return
        self.note.show_hand(view.record)
        self.header.show_hand(view, self._model_of(hand_id))
        self.model.set_rows(view.joints)
        if view.pose is None:
            self.pages.show_empty("This hand has no pose yet.", self._services.actions["propose"])
            return
        self.pages.show_content()
        self._mark_selection()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is timed while hidden."""
        self._stale = self._stale or self._later.isActive()
        self._later.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, abduction goes first, then the bones, then flexion."""
        super().resizeEvent(event)
        room = self.width() - self._joint_width
        for column in (ERROR, SHIFT, SEEN, FLEXION, BONE, ABDUCTION):
            room -= self._widths[column]
            self.table.setColumnHidden(column, room < 0)

    def _build_table(self) -> QTableView:
        table = row_table(self.model, "Joints", icon_px=12, air_px=6)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        colours = KeepsColour(table)
        for column in (ERROR, BONE, FLEXION, ABDUCTION):
            table.setItemDelegateForColumn(column, colours)
        metrics = QFontMetrics(table.font())
        fit_columns(table, {column: what.sample for column, what in enumerate(COLUMNS)}, JOINT)
        self._widths = [table.columnWidth(column) for column in range(len(COLUMNS))]
        self._joint_width = metrics.horizontalAdvance(COLUMNS[JOINT].sample) + 32
        return table

    def _model_of(self, hand_id: int) -> str:
        proposal = self._session.bundle(hand_id).proposal
        if proposal is None or proposal.model_id is None:
            return ""
        if proposal.model_id not in self._models:
            try:
                self._models[proposal.model_id] = self._session.project.model(proposal.model_id).name
            except HandStudioError:
                self._models[proposal.model_id] = proposal.model_id
        return self._models[proposal.model_id]

    def _changed(self, change: Change) -> None:
        if change.models or change.everything:
            self._models.clear()
            self.refresh()

    def _ask_note(self) -> None:
        before = self.window().focusWidget()
        reveal(self)
        self.note.ask(before)

    def _edited(self) -> None:
        if self.isVisible() and not self._later.isActive():
            self._later.start()
        self._stale = not self.isVisible()

    # Selection

    def _mark_selection(self) -> None:
        if self._syncing:
            return
        chosen = QItemSelection()
        for joint in sorted(self._session.joints):
            chosen.select(self.model.index(joint, 0), self.model.index(joint, len(COLUMNS) - 1))
        self._syncing = True
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._syncing = False
        if len(self._session.joints) == 1:
            self.table.scrollTo(self.model.index(next(iter(self._session.joints)), 0))

    def _chosen(self) -> None:
        if self._syncing:
            return
        joints = {index.row() for index in self.table.selectionModel().selectedRows()}
        self._syncing = True
        self._session.select_joints(joints)
        self._syncing = False

    def _clicked(self, index: QModelIndex) -> None:
        """A click on the eye shows the next visibility."""
        if index.column() != SEEN or not 0 <= index.row() < JOINT_COUNT:
            return
        rows = self._session.hand_view(self._session.hand_id).joints
        if rows:
            self._session.set_visibility(index.row(), (rows[index.row()].visibility + 1) % 3)

    def _restyle(self) -> None:
        self.header.restyle()
        self.table.viewport().update()
