"""What the queue shows, and in which order."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from handstudio.project.records import HandQuery
from handstudio.review.filter_text import (
    FilterError,
    begins_term,
    conditions_of,
    parse,
    to_text,
    with_conditions,
)
from handstudio.review.filter_words import Names
from handstudio.ui.queue.filter_field import FilterField
from handstudio.ui.queue.filter_popup import FilterPopup
from handstudio.ui.queue.orders import BY_NAME, ORDERS

if TYPE_CHECKING:
    from handstudio.review.filter_clicks import Conditions
    from handstudio.ui.theme import Theme

_PATIENCE_MS: Final = 1200
"""A term that is still being typed is not called wrong before."""


class QueueControls(QWidget):
    """Order, filter and this sequence only. Tells the query that they make."""

    changed = Signal(object)
    ended = Signal()
    """A filter that is understood was ended with Return, or an order was chosen from its list."""
    wants_names = Signal()
    """The names that the filter may know are asked for; see :meth:`take_names`."""
    wants_errors = Signal()
    """How expected errors are spread is asked for, for the popup."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._base = HandQuery()
        self._sequence: int | None = None
        self.order = _Orders()
        self.order.setAccessibleName("Order of the queue")
        self.order.setToolTip("Order of the queue")
        for number, order in enumerate(ORDERS):
            self.order.addItem(order.title)
            self.order.setItemData(number, order.meaning, Qt.ItemDataRole.ToolTipRole)
        self.order.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.order.setMinimumContentsLength(6)
        self.text = FilterField(theme)
        self.by_clicks = QToolButton()
        self.by_clicks.setToolTip("Filter by clicks: states, sides, sequences, expected error")
        self.by_clicks.setAccessibleName("Filter by clicks")
        self.popup = FilterPopup(theme, self)
        self.here = QToolButton(checkable=True)
        self.here.setToolTip("Only hands of this sequence")
        self.here.setAccessibleName("Only this sequence")
        self.error = QLabel()
        self.error.setProperty("error", True)
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.RichText)
        self.error.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.error.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 4)
        grid.setSpacing(4)
        grid.addWidget(self.order, 0, 0, 1, 2)
        grid.addWidget(self.here, 0, 2)
        grid.addWidget(self.text, 1, 0, 1, 2)
        grid.addWidget(self.by_clicks, 1, 2)
        grid.addWidget(self.error, 2, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        self._complain_later = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._complain_later.timeout.connect(lambda: self._settled(self.text.text(), True))
        self._better: str | None = None
        self._refused = self._ends = False
        self.order.activated.connect(self._ordered)
        self.here.toggled.connect(self._tell)
        self.text.settled.connect(self._settled)
        self.text.returnPressed.connect(self._ended)
        self.text.focused.connect(self.wants_names)
        self.text.textEdited.connect(self._typed_on)
        self.error.linkActivated.connect(self._take_better)
        self.by_clicks.clicked.connect(self.open_popup)
        self.popup.changed.connect(self._clicked)
        self.restyle()

    def show_query(self, query: HandQuery) -> None:
        """Stand as this query says, without telling it; what is being typed stays unless the filter was
        changed elsewhere."""
        changed = conditions_of(query) != conditions_of(self._base)
        self._base = query
        self.order.setCurrentIndex([order.name for order in ORDERS].index(query.order))
        self.order.setToolTip(f"Order of the queue\n{BY_NAME[query.order].meaning}")
        if not self.text.hasFocus() or (changed and self._understood() != conditions_of(query)):
            self._complain(None)
            self.text.show_text(to_text(conditions_of(query)))
        self.here.blockSignals(True)
        self.here.setChecked(query.sequences is not None)
        self.here.blockSignals(False)
        self._mark_clicks()

    def set_sequence(self, sequence_id: int | None) -> None:
        """Say which sequence is *this* one."""
        moved = self._sequence != sequence_id
        self._sequence = sequence_id
        self.here.setEnabled(sequence_id is not None)
        if moved and self.here.isChecked() and sequence_id is not None:
            self._tell()

    def take_names(self, names: Names) -> None:
        """Names that filters may have; one that was not known may be now."""
        fresh, self.text.names = names != self.text.names, names
        if fresh and self._refused:
            self._settled(self.text.text(), True)
            if self._ends:
                self._ended()
        if self.popup.isVisible():
            self.popup.show_conditions(conditions_of(self._base), names.seq)

    def open_popup(self) -> None:
        """Filter by clicks."""
        self.wants_names.emit()
        self.wants_errors.emit()
        self.popup.open(self.by_clicks, conditions_of(self._base), self.text.names.seq)

    def clear(self) -> None:
        """Show all hands again."""
        self.stop()
        fresh = HandQuery(order=self._base.order, seed=self._base.seed, measure=self._base.measure)
        self._complain(None)
        self.text.clear()
        self.show_query(fresh)
        self.changed.emit(fresh)

    def query(self) -> HandQuery:
        """What the controls say; a filter that is not understood stays as it was."""
        conditions = self._understood()
        asked = self._base
        if conditions is not None and conditions != conditions_of(asked):
            asked = with_conditions(asked, conditions)
        here = self.here.isChecked() and self._sequence is not None
        order = ORDERS[self.order.currentIndex()].name
        return replace(asked, order=order, sequences=(self._sequence,) if here else None, only=None)

    def restyle(self) -> None:
        """Take the colours in force."""
        self.here.setIcon(self._theme.icon("mdi6.filmstrip"))
        self._mark_clicks()

    def stop(self) -> None:
        """Time nothing any more."""
        self.text.stop()
        self._complain_later.stop()
        self.popup.hide()

    def _understood(self) -> Conditions | None:
        try:
            return parse(self.text.text(), self.text.names)
        except FilterError:
            return None

    def _settled(self, text: str, ended: bool) -> None:
        """Let a filter be in force, or say what is wrong with it once nobody types that term any more."""
        if not ended and begins_term(text, self.text.cursorPosition()):
            self._complain_later.start()
            return
        try:
            parse(text, self.text.names)
        except FilterError as error:
            typing = (
                not ended and self.text.hasFocus() and error.start <= self.text.cursorPosition() <= error.end
            )
            if typing:
                self._complain_later.start()
            else:
                self._complain(error)
            return
        self._complain(None)
        self._tell()

    def _ordered(self) -> None:
        """Who chose from the list wants to review in that order; arrows on the closed field go on."""
        self._tell()
        if self.order.listed:
            self.ended.emit()

    def _typed_on(self) -> None:
        self._complain_later.stop()
        self._ends = False

    def _ended(self) -> None:
        """Return: one goes on with the queue, as soon as the filter is understood."""
        self._ends = self._understood() is None
        if not self._ends:
            self.ended.emit()

    def _complain(self, error: FilterError | None) -> None:
        self._complain_later.stop()
        self._refused = error is not None
        self._better = None if error is None else error.better
        self.error.setVisible(error is not None)
        self.text.mark(error)
        if error is None:
            return
        remedy = escape(error.remedy or "")
        if self._better is not None:
            colour = self._theme.surface.accent
            remedy = f'<a href="better" style="color: {colour}">{remedy}</a>'
        self.error.setText(f"{escape(error.what)}. {remedy}")
        self.wants_names.emit()  # something may have come since they were read

    def _take_better(self, _link: str) -> None:
        if self._better is not None:
            self.text.setText(self._better)
            self._settled(self._better, True)
            self.text.setFocus()

    def _clicked(self, conditions: Conditions) -> None:
        self._complain(None)
        self.text.show_text(to_text(conditions))
        self._tell()

    def _mark_clicks(self) -> None:
        filtered = bool(conditions_of(self._base))
        name = "mdi6.filter" if filtered else "mdi6.filter-outline"
        colour = self._theme.surface.accent if filtered else None
        self.by_clicks.setIcon(self._theme.icon(name, colour))

    def _tell(self) -> None:
        wanted = self.query()
        if wanted != self._base:
            self._base = wanted
            self._mark_clicks()
            self.changed.emit(wanted)


class _Orders(QComboBox):
    """Knows whether what is chosen was chosen from the open list."""

    listed = False

    def showPopup(self) -> None:
        """From now on it is."""
        self.listed = True
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that comes here comes while the list is closed."""
        self.listed = False
        super().keyPressEvent(event)
