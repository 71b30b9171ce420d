"""What the queue shows, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from handstudio.project.records import DECIDED, HandQuery, State

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

ORDERS: Final = (
    ("sequence", "As filmed"),
    ("worst", "Largest expected error first"),
    ("best", "Smallest expected error first"),
    ("correction", "Largest correction first"),
    ("random", "In random order"),
    ("recent", "Latest decision first"),
)
FILTERS: Final[tuple[tuple[str, tuple[State, ...] | None], ...]] = (
    ("All hands", None),
    ("Undecided", (State.NONE, State.PROPOSED)),
    ("Decided", DECIDED),
)
_TYPING_MS = 180


class QueueControls(QWidget):
    """Order, states, this sequence only, and text. Tells the query that they make."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._base = HandQuery()
        self._sequence: int | None = None
        self.order, self.states = QComboBox(), QComboBox()
        self.order.setAccessibleName("Order of the queue")
        self.order.setToolTip("Order of the queue")
        for _, title in ORDERS:
            self.order.addItem(title)
        self.states.setAccessibleName("States in the queue")
        self.states.setToolTip("Which hands are in the queue")
        self.states.setIconSize(QSize(16, 16))
        self._choices = [*FILTERS, *((None, (state,)) for state in State)]
        for title, states in self._choices:
            self.states.addItem(title or theme.state(states[0]).title if states else title)
        self.states.insertSeparator(len(FILTERS))
        self.text = QLineEdit()
        self.text.setPlaceholderText("Name or note")
        self.text.setAccessibleName("Text in the name of the sequence or frame, or in the note")
        self.text.setClearButtonEnabled(True)
        self.here = QToolButton(checkable=True)
        self.here.setToolTip("Only hands of this sequence")
        self.here.setAccessibleName("Only this sequence")
        for box in (self.order, self.states):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.setMinimumContentsLength(6)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 4)
        grid.setSpacing(4)
        grid.addWidget(self.order, 0, 0)
        grid.addWidget(self.states, 0, 1, 1, 2)
        grid.addWidget(self.text, 1, 0, 1, 2)
        grid.addWidget(self.here, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self._typed = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typed.timeout.connect(self._tell)
        self.order.activated.connect(self._tell)
        self.states.activated.connect(self._tell)
        self.here.toggled.connect(self._tell)
        self.text.textEdited.connect(lambda _text: self._typed.start())
        self.text.returnPressed.connect(self._tell)
        self.restyle()

    def show_query(self, query: HandQuery) -> None:
        """Stand as this query says, without telling it."""
        self._base = query
        orders = [name for name, _ in ORDERS]
        self.order.setCurrentIndex(orders.index(query.order))
        wanted = None if query.states is None else frozenset(query.states)
        for number, (_, states) in enumerate(self._choices):
            if (None if states is None else frozenset(states)) == wanted:
                self.states.setCurrentIndex(number + (number >= len(FILTERS)))
        if not self.text.hasFocus():
            self.text.setText(query.text)
        self.here.blockSignals(True)
        self.here.setChecked(query.sequences is not None)
        self.here.blockSignals(False)

    def set_sequence(self, sequence_id: int | None) -> None:
        """Say which sequence is *this* one."""
        moved = self._sequence != sequence_id
        self._sequence = sequence_id
        self.here.setEnabled(sequence_id is not None)
        if moved and self.here.isChecked() and sequence_id is not None:
            self._tell()

    def clear(self) -> None:
        """Show all hands again."""
        self._typed.stop()
        self.text.clear()
        self.show_query(HandQuery(order=self._base.order, seed=self._base.seed, measure=self._base.measure))
        self.changed.emit(self._base)

    def query(self) -> HandQuery:
        """What the controls say."""
        number = self.states.currentIndex()
        number -= number > len(FILTERS)
        here = self.here.isChecked() and self._sequence is not None
        return replace(
            self._base,
            order=ORDERS[self.order.currentIndex()][0],
            states=self._choices[number][1],
            text=self.text.text().strip(),
            sequences=(self._sequence,) if here else None,
            only=None,
        )

    def restyle(self) -> None:
        """Take the colours in force."""
        self.here.setIcon(self._theme.icon("mdi6.filmstrip"))
        for number, (_, states) in enumerate(self._choices):
            icon = self._theme.state_icon(states[0]) if number >= len(FILTERS) and states else QIcon()
            self.states.setItemIcon(number + (number >= len(FILTERS)), icon)

    def stop(self) -> None:
        """Time nothing any more."""
        self._typed.stop()

    def _tell(self) -> None:
        self._typed.stop()
        wanted = self.query()
        if wanted != self._base:
            self._base = wanted
            self.changed.emit(wanted)
