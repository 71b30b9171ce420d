"""The models dock: descent, comparison on the hold-out, adopt and roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
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

from handstudio.project.commands import AdoptModel
from handstudio.ui.actions import ActionSpec
from handstudio.ui.background import Background
from handstudio.ui.columns import fit_columns
from handstudio.ui.listening import Listener
from handstudio.ui.models.comparison import MOST_HANDS, ComparisonView
from handstudio.ui.models.judged import Judged, judged_of, side_by_side
from handstudio.ui.models.on_canvas import ChangesOnCanvas
from handstudio.ui.models.tree import ID_ROLE, ModelTree
from handstudio.ui.pages import Notice, Pages
from handstudio.ui.reveal import in_front, reveal
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.project.records import Change, ModelRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

ADOPT = ActionSpec(
    *("adopt_model", "Adopt the model", "Machine", (), "mdi6.check-decagram-outline"),
    "Let the model that is chosen in Models make the proposals from now on",
)
ROLL_BACK = ActionSpec(
    *("roll_back", "Roll back the model", "Machine", (), "mdi6.history"),
    "Adopt the model again that the adopted one started from",
)
_MADE = 3
Found = tuple[list["ModelRecord"], dict[str, Judged | None]]


class Models(QWidget):
    """Every model under the one it started from; one is adopted by decision, which can be undone."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._records: list[ModelRecord] = []
        self._judged: dict[str, Judged | None] = {}
        self._chosen: str | None = None
        self._stale = True
        self._background = Background(self)
        self.tree_model = ModelTree(services.theme, self)
        self.tree = self._build_tree()
        self.adopt, self.roll_back = QPushButton("Adopt"), QPushButton("Roll back")
        self.adopt.setProperty("primary", True)
        self.adopt.setToolTip("Let the chosen model make the proposals from now on")
        self.roll_back.setToolTip("Adopt the model again that the adopted one started from")
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
        actions.add(ROLL_BACK, lambda: self._press(self.roll_back, "Roll back: press it once more"))
        self.tree.selectionModel().currentChanged.connect(self._row_chosen)
        self.adopt.clicked.connect(self._adopt)
        self.roll_back.clicked.connect(self._roll_back)
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
            return records, {record.id: judged_of(record) for record in records}

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
        self._records, self._judged = found
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
        adopted = self._adopted()
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
        if change.models or change.everything:
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
        self._offer(record)
        self._offer_others(record)
        self._compare()

    def _offer(self, record: ModelRecord) -> None:
        read_only = self._session.project.read_only
        self.adopt.setEnabled(not record.adopted and not read_only)
        self.adopt.setToolTip(
            "It makes the proposals already"
            if record.adopted
            else f"Let {record.name} make the proposals from now on"
        )
        adopted = self._adopted()
        parent = self._record(adopted.parent) if adopted is not None else None
        self.roll_back.setEnabled(parent is not None and not read_only)
        self.roll_back.setToolTip(
            f"Adopt {parent.name} again, which {adopted.name} started from"
            if parent is not None and adopted is not None
            else "The adopted model started from no other one"
        )

    def _offer_others(self, record: ModelRecord) -> None:
        others = [other for other in self._records if other.id != record.id]
        self.against.clear()
        for other in others:
            self.against.addItem(other.name, other.id)
        adopted = self._adopted()
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
            self._say("There is only one model so far. Finetune makes the next one.", "finetune")
            return
        before, after = self._judged.get(other.id), self._judged.get(record.id)
        if before is None or after is None:
            missing = record if after is None else other
            self._say(
                f"{missing.name} was not judged on a hold-out. Keep a reviewed sequence as hold-out "
                "(its menu in Sequences) before the next finetune.",
                None,
            )
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

    def _say(self, text: str, action: str | None) -> None:
        found: QAction | None = self._services.actions[action] if action is not None else None
        self.notice.say(
            text,
            icon="mdi6.compare-horizontal",
            button=found.text() if found is not None else "",
            do=found.trigger if found is not None else None,
            tip=found.toolTip() if found is not None else "",
        )
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

    def _adopt(self) -> None:
        if self._chosen is not None:
            self._session.adopt_model(self._chosen)

    def _roll_back(self) -> None:
        adopted = self._adopted()
        if adopted is not None and self._record(adopted.parent) is not None:
            self._session.apply(AdoptModel(adopted.parent))

    def _show_change(self, hand_ids: list[int], hand_id: int) -> None:
        record, other = self._record(self._chosen), self._record(self.against.currentData())
        if record is None or other is None:
            return
        before, after = self._judged.get(other.id), self._judged.get(record.id)
        if before is not None and after is not None:
            self._on_canvas.show(side_by_side(before, after), (other, record), hand_ids, hand_id)

    def _adopted(self) -> ModelRecord | None:
        found = [record for record in self._records if record.adopted]
        return found[-1] if found else None

    def _record(self, model_id: str | None) -> ModelRecord | None:
        return next((record for record in self._records if record.id == model_id), None)

    def _restyle(self) -> None:
        self.comparison.restyle()
        if self._records:
            self._loaded((self._records, self._judged))
