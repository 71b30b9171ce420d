"""Filters by clicks: check boxes and a range, which write the same text as the keyboard does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from handstudio.project.records import State
from handstudio.review.filter_clicks import Conditions, range_of, values_of, with_range, with_values
from handstudio.ui.queue.error_range import ErrorRange
from handstudio.ui.room import Scrolled

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from handstudio.project.conditions import Range
    from handstudio.ui.theme import Theme

_SEEN: Final = 6
"""Sequences that are seen at once."""


class FilterPopup(QFrame):
    """States, sides, second looks, sequences, expected error. Tells the conditions after each click."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("floating")
        self.setAccessibleName("Filter of the queue by clicks")
        self._theme = theme
        self._conditions: Conditions = ()
        self._showing = False
        self.states = {str(state): QCheckBox(theme.state(state).title) for state in State}
        self.sides = {"left": QCheckBox("Left"), "right": QCheckBox("Right")}
        for title, boxes in (("state", self.states), ("side", self.sides)):
            for box in boxes.values():
                box.setToolTip(f"Show hands of this {title}; with none checked, of every {title}")
        self.looks = {"yes": QCheckBox("Verified"), "no": QCheckBox("Not verified")}
        for value, meaning in (("yes", "that a second person verified"), ("no", "that nobody verified yet")):
            self.looks[value].setToolTip(f"Show hands {meaning}")
        self.sequences = QListWidget()
        self.sequences.setAccessibleName("Sequences")
        self.sequences.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.sequences.setUniformItemSizes(True)
        self.errors = ErrorRange(theme)
        self._boxes = (("state", self.states), ("side", self.sides), ("verified", self.looks))
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(self._grid())
        for title, part in (("Expected error", self.errors), ("Sequences", self.sequences)):
            layout.addSpacing(8)
            layout.addWidget(_heading(title))
            layout.addWidget(part)
        self._scrolled = Scrolled(inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(self._scrolled)
        for field, boxes in self._boxes:
            for box in boxes.values():
                box.toggled.connect(lambda _on, field=field, boxes=boxes: self._checked(field, boxes))
        self.errors.chosen.connect(self._ranged)
        self.sequences.itemChanged.connect(lambda _item: self._listed())
        theme.changed.connect(self.restyle)
        self.restyle()

    def open(self, below: QWidget, conditions: Conditions, sequences: tuple[str, ...]) -> None:
        """Show what the filter says now, below a widget."""
        self.show_conditions(conditions, sequences)
        self.restyle()  # to come into a dock makes boxes forget a palette of their own
        self._take_room()
        room = below.screen().availableGeometry()
        place = below.mapToGlobal(QPoint(0, below.height() + 2))
        place.setX(min(place.x(), room.right() - self.width()))
        place.setY(max(room.top(), min(place.y(), room.bottom() - self.height())))
        self.move(place)
        self.show()
        next(iter(self.states.values())).setFocus(Qt.FocusReason.PopupFocusReason)

    def _take_room(self) -> None:
        """All that it needs, or what the screen has, with a bar to scroll."""
        self._scrolled.updateGeometry()
        wanted, height = self.sizeHint(), self.screen().availableGeometry().height()
        if wanted.height() > height:
            wanted = QSize(wanted.width() + self._scrolled.verticalScrollBar().sizeHint().width(), height)
        self.resize(wanted)

    def show_conditions(self, conditions: Conditions, sequences: tuple[str, ...]) -> None:
        """Stand as these conditions say, without telling them."""
        self._conditions, self._showing = conditions, True
        for field, boxes in self._boxes:
            wanted = values_of(conditions, field)
            for value, box in boxes.items():
                box.setChecked(value in wanted)
        self.errors.show_range(range_of(conditions, "error"))
        wanted = {value.casefold() for value in values_of(conditions, "seq")}
        self.sequences.clear()
        for name in sequences:
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            checked = Qt.CheckState.Checked if name.casefold() in wanted else Qt.CheckState.Unchecked
            item.setCheckState(checked)
            self.sequences.addItem(item)
        row = max(self.sequences.sizeHintForRow(0), self.fontMetrics().height() + 6)
        self.sequences.setFixedHeight(row * max(1, min(_SEEN, len(sequences))) + 4)
        self._showing = False
        if self.isVisible():
            self._take_room()

    def show_errors(self, errors: npt.NDArray[np.float32]) -> None:
        """Show how expected errors are spread; (N,) px."""
        self.errors.show_errors(errors)

    def restyle(self) -> None:
        """Take the colours in force; Fusion draws the frames of check boxes darker than the window's."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._theme.colour("disabled"))
        for widget in (box for _, boxes in self._boxes for box in boxes.values()):
            widget.setPalette(palette)
        for state, box in self.states.items():
            box.setIcon(self._theme.state_icon(state))
            box.setIconSize(QSize(14, 14))

    def _grid(self) -> QGridLayout:
        """All check boxes in two columns, which stand below each other."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for title, (_, boxes) in zip(("State", "Side", "Second look"), self._boxes, strict=True):
            row = grid.rowCount()
            grid.setRowMinimumHeight(row, 8 if row > 1 else 0)
            grid.addWidget(_heading(title), row + 1, 0, 1, 2)
            for number, box in enumerate(boxes.values()):
                grid.addWidget(box, row + 2 + number // 2, number % 2)
        return grid

    def _checked(self, field: str, boxes: dict[str, QCheckBox]) -> None:
        self._tell(
            with_values(self._conditions, field, [value for value, box in boxes.items() if box.isChecked()])
        )

    def _listed(self) -> None:
        items = [self.sequences.item(row) for row in range(self.sequences.count())]
        chosen = [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]
        self._tell(with_values(self._conditions, "seq", chosen))

    def _ranged(self, wanted: Range) -> None:
        self._tell(with_range(self._conditions, "error", wanted))

    def _tell(self, conditions: Conditions) -> None:
        if not self._showing:
            self._conditions = conditions
            self.changed.emit(conditions)


def _heading(title: str) -> QLabel:
    heading = QLabel(title)
    heading.setProperty("heading", True)
    return heading
