"""The note on a hand: a line to type in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from handstudio.project.commands import SetNote

if TYPE_CHECKING:
    from handstudio.project.records import HandRecord
    from handstudio.review.session import ReviewSession


class NoteLine(QWidget):
    """Shows and changes what a note says. Enter or another place stores it, Escape puts it back."""

    def __init__(self, session: ReviewSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._hand_id: int | None = None
        self._stored = ""
        self._before: QWidget | None = None
        self.field = _Field()
        self.field.setAccessibleName("Note on the hand")
        self.field.setReadOnly(session.project.read_only)
        caption = QLabel("Note")
        caption.setProperty("secondary", True)
        caption.setBuddy(self.field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(caption)
        layout.addWidget(self.field, 1)
        self.field.editingFinished.connect(self._store)
        self.field.returnPressed.connect(self._give_back)
        self.field.given_up = self._give_up

    def show_hand(self, record: HandRecord | None) -> None:
        """Show a hand's note; what is being typed about another one is stored first."""
        hand_id = None if record is None else record.id
        if hand_id != self._hand_id:
            self._store()
        self.setVisible(record is not None)
        if record is not None and (hand_id != self._hand_id or not self.field.isModified()):
            self._stored = record.note
            self.field.setText(record.note)
            self.field.setCursorPosition(0)
        self._hand_id = hand_id

    def ask(self, before: QWidget | None) -> None:
        """Have a note typed; the keys go back to where they were before."""
        self._before = before if before is not self.field else self._before
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _store(self) -> None:
        if self._hand_id is None or not self.field.isModified():
            return
        text = self.field.text().strip()
        self.field.setModified(False)
        if text != self._stored:
            self._session.large.then(lambda hand_id=self._hand_id: self._write(hand_id, text))

    def _write(self, hand_id: int, text: str) -> None:
        """What was typed while many hands were undone is written after that."""
        if self._session.apply(SetNote(hand_id, text)) is not None and hand_id == self._hand_id:
            self._stored = text

    def _give_up(self) -> None:
        self.field.setText(self._stored)
        self._give_back()

    def _give_back(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            before.setFocus()
        else:
            self.field.clearFocus()


class _Field(QLineEdit):
    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("What others should know about this hand")
        self.given_up = lambda: None

    def event(self, event: QEvent) -> bool:
        """Escape, which is an action of the window, belongs to the note that is being typed."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the note back."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up()
        else:
            super().keyPressEvent(event)
