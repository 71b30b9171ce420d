"""The field for a filter's text: it offers what could come next and marks what it does not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
)
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from handstudio.review.filter_completion import Completion, complete
from handstudio.review.filter_text import FilterError, parse
from handstudio.review.filter_words import Names

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

TYPING_MS: Final = 180
"""After the last key; then the filter is in force."""
_MEANING = int(Qt.ItemDataRole.UserRole)
_TAKING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
EXAMPLE: Final = "state:proposed error:>6 side:left"


class FilterField(QLineEdit):
    """Tells its text once typing pauses, at once by Return; what could come next is offered meanwhile."""

    settled = Signal(str, bool)
    """The text, and whether Return or a choice ended it."""
    focused = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.names = Names()
        self.setPlaceholderText(f"Filter, such as {EXAMPLE}")
        self.setAccessibleName("Filter of the queue")
        self.setToolTip(
            f"Which hands are in the queue, such as\n{EXAMPLE}\nTerms stand side by side; -seq:x leaves out; "
            "words alone are looked for in names and notes"
        )
        self.setClearButtonEnabled(True)
        self._found: Completion | None = None
        self._offered = QStandardItemModel(self)
        self._completer = QCompleter(self._offered, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self)
        self._completer.setWrapAround(False)
        self.choices = QListView()
        self.choices.setObjectName("completion")
        self.choices.setAccessibleName("What could be typed next")
        self.choices.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setPopup(self.choices)
        self._row = _Row(theme, self.choices)
        self.choices.setItemDelegate(self._row)
        self._completer.activated[QModelIndex].connect(self._take)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(lambda: self.settled.emit(self.text(), False))
        self.textEdited.connect(self._typed)
        self.returnPressed.connect(self._settle)

    def show_text(self, text: str) -> None:
        """Show a filter that was made elsewhere."""
        self._typing.stop()
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0 if not self.hasFocus() else len(text))
        self.mark(None)

    def mark(self, error: FilterError | None) -> None:
        """Underline what is not understood."""
        attributes = []
        if error is not None:
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(self._theme.colour("error"))
            form.setForeground(self._theme.colour("error"))
            start = error.start - self.cursorPosition()
            kind = QInputMethodEvent.AttributeType.TextFormat
            attributes = [QInputMethodEvent.Attribute(kind, start, error.end - error.start, form)]
        before = self.blockSignals(True)
        super().inputMethodEvent(QInputMethodEvent("", attributes))
        self.blockSignals(before)

    def stop(self) -> None:
        """Time nothing any more."""
        self._typing.stop()
        self.choices.hide()

    def event(self, event: QEvent) -> bool:
        """Tab takes the first of what is offered."""
        tab = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab
        if not tab or not self.choices.isVisible():
            return super().event(event)
        chosen = self.choices.currentIndex()
        self.choices.hide()
        self._take(chosen if chosen.isValid() else self._offered.index(0, 0))
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes what is chosen of what is offered; Down and Ctrl+Space ask what could come next."""
        offering = self.choices.isVisible()
        if offering and event.key() in _TAKING and self.choices.currentIndex().isValid():
            event.ignore()
            return
        asked = event.key() == Qt.Key.Key_Down or (
            event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        )
        if asked and not offering:
            self._offer()
            event.accept()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Names may have come since the field was used last."""
        super().focusInEvent(event)
        self.focused.emit()

    def _typed(self, text: str) -> None:
        self._typing.start()
        self.mark(None)
        if text:
            self._offer()
        else:  # who empties the field wants all hands again, and no list before them
            self.choices.hide()

    def _settle(self) -> None:
        self._typing.stop()
        self.choices.hide()
        self.settled.emit(self.text(), True)

    def _offer(self) -> None:
        self._found = complete(self.text(), self.cursorPosition(), self.names)
        self._offered.clear()
        for choice in self._found.choices:
            item = QStandardItem(choice.text)
            item.setData(choice.meaning, _MEANING)
            item.setData(f"{choice.text} {choice.meaning}", Qt.ItemDataRole.AccessibleTextRole)
            item.setEditable(False)
            self._offered.appendRow(item)
        if not self._found.choices:
            self.choices.hide()
            return
        x = self.cursorRect().left()
        width = min(self._row.width(self._found) + 24, self.screen().availableGeometry().width() // 2)
        left = max(min(x, self.width() - width), 0)
        self._completer.complete(QRect(left, 0, width, self.height() + 2))
        # Return takes what can be seen to be chosen; where what is typed is a filter, it ends that as it is
        self.choices.setCurrentIndex(QModelIndex() if self._is_a_filter() else self._offered.index(0, 0))

    def _is_a_filter(self) -> bool:
        try:
            parse(self.text(), self.names)
        except FilterError:
            return False
        return True

    def _take(self, index: QModelIndex) -> None:
        if self._found is None or not index.isValid():
            return
        choice = self._found.choices[index.row()]
        text, cursor = self._found.taken(self.text(), choice)
        self.setText(text)
        self.setCursorPosition(cursor)
        if choice.whole:
            self._settle()
        else:
            self._typing.stop()
            self._offer()


class _Row(QStyledItemDelegate):
    """What would be written, and in a quieter colour what it means."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def width(self, found: Completion) -> int:
        """Room for all rows, px."""
        metrics = self.parent().fontMetrics()
        return max(metrics.horizontalAdvance(f"{one.text}   {one.meaning}") for one in found.choices) + 16

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:  # noqa: ANN001
        return QSize(0, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:  # noqa: ANN001
        surface, place = self._theme.surface, option.rect.adjusted(8, 0, -8, 0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(surface.pressed))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(surface.text))
        painter.drawText(place, middle, index.data())
        painter.setPen(QColor(surface.secondary))
        place.setLeft(place.left() + option.fontMetrics.horizontalAdvance(f"{index.data()}   "))
        shown = option.fontMetrics.elidedText(
            index.data(_MEANING), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, middle, shown)
