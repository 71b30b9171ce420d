"""The command palette: every action by its name, from the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.actions import Actions
from handstudio.ui.theme import Theme

WIDTH = 480
ROWS = 10


class CommandPalette(QFrame):
    """A field and a list over the window; Enter does the action, Escape goes back."""

    def __init__(self, actions: Actions, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("floating")
        self.actions_of_window = actions
        self.field = QLineEdit(placeholderText="Type what you want to do")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Find an action by its words")
        self.field.setToolTip("Words of an action's name; Enter does it, Escape goes back")
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Actions that answer to the words")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Row(theme, self.list))
        self.list.setIconSize(QSize(16, 16))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = QLabel("No action answers to these words. The manual may: F1")
        self.none.setProperty("secondary", True)
        self.none.setContentsMargins(8, 4, 8, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.none)
        layout.addWidget(self.list)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._do)
        self.list.currentItemChanged.connect(self._tell)
        self._focus_before: QWidget | None = None
        self.hide()

    def open(self) -> None:
        """Show the palette with an empty field."""
        window = self.parentWidget()
        self._focus_before = window.focusWidget()
        row = self.fontMetrics().height() + 12
        width = min(max(WIDTH, self.fontMetrics().averageCharWidth() * 64), window.width() - 32)
        self.setFixedSize(width, min(row * ROWS + 64, window.height() - 96))
        self.move((window.width() - width) // 2, 72)
        self.field.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """Go back to what had the focus."""
        if self.isVisible():
            self.hide()
            if self._focus_before is not None:
                self._focus_before.setFocus()

    def titles(self) -> list[str]:
        """What is listed now, best match first."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and self._key(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, acting = event.key(), event.type() == QEvent.Type.KeyPress
        if key == Qt.Key.Key_Escape:
            if acting:
                self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if acting and self.list.currentItem() is not None:
                self._do(self.list.currentItem())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if acting:
                step = 1 if key == Qt.Key.Key_Down else -1
                self.list.setCurrentRow((self.list.currentRow() + step) % max(self.list.count(), 1))
        else:
            return False
        return True

    def _tell(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        """The field keeps the focus, so a screen reader hears of the action that Enter would do there."""
        self.field.setAccessibleDescription(item.text() if item is not None else self.none.text())

    def _do(self, item: QListWidgetItem) -> None:
        action: QAction = item.data(Qt.ItemDataRole.UserRole)
        self.close_palette()
        if action.isEnabled():
            action.trigger()

    def _fill(self, text: str) -> None:
        self.list.clear()
        ranked = []
        for order, spec in enumerate(self.actions_of_window):
            action = self.actions_of_window[spec.name]
            rank = match(text, f"{spec.title} {spec.group} {spec.tip}")
            if rank is not None and spec.name != "palette":
                ranked.append((not action.isEnabled(), rank, order, action, spec))
        for _, _, _, action, spec in sorted(ranked, key=lambda entry: entry[:3]):
            item = QListWidgetItem(action.icon(), spec.title.rstrip("…"))
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setToolTip(spec.tip)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.none.setVisible(not ranked)


def match(typed: str, text: str) -> int | None:
    """How well ``text`` answers to what was typed: 0 is best, ``None`` not at all. All words must occur."""
    typed, text, rank = " ".join(typed.lower().split()), text.lower(), 0
    if text.startswith(typed):
        return 0
    for word in typed.split():
        place = text.find(word)
        if place < 0:
            return None
        rank += 1 if place == 0 or text[place - 1] == " " else 2
        rank += place // 16
    return rank


class _Row(QStyledItemDelegate):
    """Title at the left, key at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:  # noqa: ANN001
        return QSize(0, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:  # noqa: ANN001
        surface = self.theme.surface
        rect: QRect = option.rect
        action: QAction = index.data(Qt.ItemDataRole.UserRole)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(surface.pressed))
        index.data(Qt.ItemDataRole.DecorationRole).paint(
            painter, QRect(rect.left() + 8, rect.top(), 16, rect.height())
        )
        enabled = action.isEnabled()
        painter.setPen(QColor(surface.text if enabled else surface.disabled))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(32, 0, -8, 0), middle, index.data())
        painter.setPen(QColor(surface.secondary))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        painter.drawText(rect.adjusted(32, 0, -8, 0), middle | Qt.AlignmentFlag.AlignRight, keys)
