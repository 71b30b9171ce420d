"""The review session's signals as Qt signals, delivered in the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


class SessionBridge(QObject):
    """Carries psygnal's signals over to Qt.

    A signal sent from the window's thread arrives at once; one from another thread is queued by Qt into
    the event loop.
    """

    frame_changed = Signal(object)
    """The frame's id, or ``None``."""
    hand_changed = Signal(object)
    """The hand's id, or ``None``."""
    selection_changed = Signal()
    changed = Signal(object)
    """A ``Change``: which hands, frames and sequences are other than before."""
    edited = Signal(object)
    """The id of the hand whose pose is being edited and moved; nothing is stored yet."""
    queue_changed = Signal()
    message = Signal(str)

    def __init__(self, session: ReviewSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pairs = [
            (session.frame_changed, self._frame),
            (session.hand_changed, self._hand),
            (session.selection_changed, self._selection),
            (session.changed, self._changed),
            (session.queue_changed, self._queue),
            (session.edited, self._edited),
            (session.message, self._message),
        ]
        for signal, slot in self._pairs:
            signal.connect(slot)

    def close(self) -> None:
        """Stop listening to the session."""
        for signal, slot in self._pairs:
            signal.disconnect(slot, missing_ok=True)
        self._pairs = []

    def _frame(self, frame_id: object) -> None:
        self.frame_changed.emit(frame_id)

    def _hand(self, hand_id: object) -> None:
        self.hand_changed.emit(hand_id)

    def _selection(self) -> None:
        self.selection_changed.emit()

    def _changed(self, change: object) -> None:
        self.changed.emit(change)

    def _edited(self, hand_id: object) -> None:
        self.edited.emit(hand_id)

    def _queue(self) -> None:
        self.queue_changed.emit()

    def _message(self, text: str) -> None:
        self.message.emit(text)
