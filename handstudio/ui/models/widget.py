"""The models dock: descent, comparison on the hold-out, adopt and roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from handstudio.review.adoption import Obstacle, obstacle
from handstudio.review.judged import Judged, judged_of, side_by_side
from handstudio.ui.background import Background
from handstudio.ui.columns import fit_columns
from handstudio.ui.listening import Listener
from handstudio.ui.models.adopting import ADOPT, JUDGE, ROLL_BACK, Adopting, Step, words_of
from handstudio.ui.models.comparison import MOST_HANDS, ComparisonView
from handstudio.ui.models.on_canvas import ChangesOnCanvas
from handstudio.ui.models.tree import ID_ROLE, ModelTree
from handstudio.ui.pages import Notice, Pages
from handstudio.ui.reveal import in_front, reveal
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.project.records import Change, ModelRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

_MADE = 3
Found = tuple[list["ModelRecord"], dict[str, Judged | None], dict[str, Obstacle | None]]


class Models(QWidget):
    """Every model under the one it started from; one is adopted by decision, which can be undone."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._records: list[ModelRecord] = []
        self._judged: dict[str, Judged | None] = {}
        self._obstacles: dict[str, Obstacle | None] = {}
        self._chosen: str | None = None
        self._stale = True
        self._background = Background(self)
        self.tree_model = ModelTree(services.theme, self)
        self.tree = self._build_tree()
        self.adopting = Adopting(session, services, self)
        self.adopt, self.roll_back = self.adopting.adopt, self.adopting.roll_back
        self.against = QComboBox()
        self.against.setAccessibleName("Compare with")
        self.against.setToolTip("The model to compare with")
        self.against.setMinimumContentsLength(3)
        self.against.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.against.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.comparison = ComparisonView(services.theme)
        self.notice = Notice(services.theme)
        self.pages = Pages(self._lay_out(), services.theme)
        self.setMinimumHeight(12 * self.fontMetrics().height())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._connect()

    def _connect(self) -> None:
        actions = self._services.actions
        actions.add(ADOPT, lambda: self._press(self.adopt, "Choose the model to adopt"))
        actions.add(JUDGE, self._judge)
        actions.add(ROLL_BACK, lambda: self._press(self.roll_back, "Roll back: press it once more"))
        self.tree.selectionModel().currentChanged.connect(self._row_chosen)
        self.against.activated.connect(lambda _row: self._compare())
        self.comparison.hand_chosen.connect(self._show_change)
        self._on_canvas = ChangesOnCanvas(self._session, self.comparison.mark)
        self._services.theme.changed.connect(self._restyle)
        self._listener = Listener(self._session, self._services)
        self._listener.on("changed", self._changed)
        self._listener.on("expectation_changed", self._expected_otherwise)

    def shutdown(self) -> None:
        """Stop listening and reading."""
        self._listener.close()
        self._on_canvas.close()
        self._background.close()

    def refresh(self) -> None:
        """Read the models anew."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        if not self._records:
            self.pages.show_loading("Reading the models")
        project = self._session.project

        def read() -> Found:
            records = project.models()
            judged = {record.id: judged_of(record) for record in records}
            return records, judged, {one.id: obstacle(project, records, one, judged) for one in records}

        self._background.run(read, self._loaded, self._failed)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The date goes first where there is little room."""
        super().resizeEvent(event)
        self._fit_tree()

    def _fit_tree(self) -> None:
        if self.tree_model.columnCount() > _MADE:
            narrow = self.tree.width() < 46 * self.fontMetrics().horizontalAdvance("0")
            self.tree.setColumnHidden(_MADE, narrow)

    def _build_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self.tree_model)
        tree.setAccessibleName("Models")
        tree.setFont(tabular(tree.font()))
        tree.setIconSize(QSize(16, 16))
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setIndentation(16)
        tree.setMinimumWidth(120)
        return tree

    def _lay_out(self) -> QWidget:
        side = QWidget()
        buttons = QHBoxLayout()
        buttons.setContentsMargins(8, 4, 8, 8)
        buttons.setSpacing(8)
        for widget in (self.adopt, self.roll_back):
            buttons.addWidget(widget)
        self._against_label = QLabel("against")
        self._against_label.setBuddy(self.against)
        buttons.addWidget(self._against_label)
        buttons.addWidget(self.against, 1)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tree, 1)
        column.addLayout(buttons)
        content = QSplitter(Qt.Orientation.Horizontal)
        content.addWidget(side)
        content.addWidget(self.comparison)
        content.addWidget(self.notice)
        content.setChildrenCollapsible(False)
        content.setStretchFactor(1, 1)
        content.setStretchFactor(2, 1)
        content.setSizes([360, 600, 600])
        self.comparison.hide()
        return content

    def _loaded(self, found: Found) -> None:
        self._records, self._judged, self._obstacles = found
        self.adopting.take(self._records, self._obstacles)
        if not self._records:
            self.pages.show_empty(
                "No model yet. Propose brings the shipped one.",
                self._services.actions["propose"],
                "mdi6.family-tree",
            )
            return
        self.pages.show_content()
        self.tree_model.set_models(self._records, self._judged)
        self.tree.expandAll()
        fit_columns(self.tree, {1: "888.88 px", 2: "100.0 %", _MADE: "88 MMM"}, 0)
        self._fit_tree()
        known = {record.id for record in self._records}
        adopted = self.adopting.adopted
        wanted = (
            self._chosen
            if self._chosen in known
            else adopted.id
            if adopted is not None
            else self._records[-1].id
        )
        item = self.tree_model.item_of(wanted)
        if item is not None:
            self.tree.setCurrentIndex(item.index())

    def _failed(self, problem: Exception) -> None:
        self.pages.show_failed(f"The models could not be read: {problem}")

    def _changed(self, change: Change) -> None:
        # a decision may be what is missing; else sequences may be held out now, or no longer
        matters = self.adopting.waits_for_review() if change.hands else bool(change.sequences)
        if change.models or change.everything or matters:
            self.refresh()

    def _expected_otherwise(self) -> None:
        if self.comparison.isVisible():
            self._compare()
        else:
            self._stale = True

    # The chosen model

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid():
            return
        self._chosen = current.data(ID_ROLE)
        record = self._record(self._chosen)
        if record is None:
            return
        self.adopting.offer(record)
        self._offer_others(record)
        self._compare()

    def _offer_others(self, record: ModelRecord) -> None:
        others = [other for other in self._records if other.id != record.id]
        self.against.clear()
        for other in others:
            self.against.addItem(other.name, other.id)
        adopted = self.adopting.adopted
        wanted = record.parent or (adopted.id if adopted is not None else None)
        if record.adopted and record.parent is None:
            wanted = others[-1].id if others else None
        place = self.against.findData(wanted)
        self.against.setCurrentIndex(max(place, 0) if others else -1)
        for widget in (self.against, self._against_label):
            widget.setVisible(bool(others))

    def _compare(self) -> None:
        record, other = self._record(self._chosen), self._record(self.against.currentData())
        if record is None:
            return
        if other is None:
            self._say("There is only one model so far. Finetune makes the next one.", self._finetune())
            return
        before, after = self._judged.get(other.id), self._judged.get(record.id)
        if before is None or after is None:
            self._say_missing(record, record if after is None else other)
            return
        both = side_by_side(before, after)
        listed = [hand_id for hand_id, _ in both.worse[:MOST_HANDS] + both.better[:MOST_HANDS]]
        names = {sequence.id: sequence.name for sequence in self._session.project.sequences()}
        hands = {
            hand.id: (hand, names.get(hand.sequence_id, "")) for hand in self._session.project.hands(listed)
        }
        self.comparison.show_comparison(both, (other.name, record.name), hands, self._session.expected)
        self.notice.hide()
        self.comparison.show()

    def _say_missing(self, record: ModelRecord, missing: ModelRecord) -> None:
        """Say what is missing to adopt the chosen model, else to compare it with another."""
        why = self.adopting.obstacle(record) or self.adopting.obstacle(missing)
        if why is not None:
            self._say(words_of(why), self.adopting.next_step(why))
        else:
            action = self._services.actions[JUDGE.name]
            step = action.text(), action.trigger, action.toolTip()
            self._say(f"{missing.name} was not judged on a hold-out.", step)

    def _finetune(self) -> Step:
        action = self._services.actions["finetune"]
        return action.text(), action.trigger, action.toolTip()

    def _say(self, text: str, step: Step) -> None:
        button, do, tip = step
        self.notice.say(text, icon="mdi6.compare-horizontal", button=button, do=do, tip=tip)
        self.comparison.hide()
        self.notice.show()

    # Decisions

    def _press(self, button: QPushButton, words: str) -> None:
        """Press a button by its action; what it is about must be seen first."""
        if not in_front(self):
            reveal(self)
            self._session.message.emit(words)
        elif button.isEnabled():
            button.click()
        else:
            self._session.message.emit(button.toolTip())

    def _judge(self) -> None:
        """Judge what is missing to adopt the chosen model, else to compare it."""
        record, other = self._record(self._chosen), self._record(self.against.currentData())
        if not in_front(self) or record is None:
            reveal(self)
            self._session.message.emit("Choose the model to judge")
        elif other is None or self.adopting.obstacle(record) is not None:
            self.adopting.judge([record.id])
        else:
            self.adopting.judge([record.id, other.id])

    def _show_change(self, hand_ids: list[int], hand_id: int) -> None:
        record, other = self._record(self._chosen), self._record(self.against.currentData())
        if record is None or other is None:
            return
        before, after = self._judged.get(other.id), self._judged.get(record.id)
        if before is not None and after is not None:
            self._on_canvas.show(side_by_side(before, after), (other, record), hand_ids, hand_id)

    def _record(self, model_id: str | None) -> ModelRecord | None:
        return next((record for record in self._records if record.id == model_id), None)

    def _restyle(self) -> None:
        self.comparison.restyle()
        if self._records:
            self._loaded((self._records, self._judged, self._obstacles))
