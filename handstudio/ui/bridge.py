"""The review session's signals as Qt signals, delivered in the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from handstudio.project.records import Change
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
    expectation_changed = Signal()
    """Expected errors are other than before."""
    message = Signal(str)
    large_changed = Signal()
    """A step about very many hands began, or ended."""
    placing_changed = Signal()
    """Another joint is to be placed, or none any more."""
    pair_changed = Signal()
    """Two poses of a hand are to be drawn, others than before or none any more."""

    def __init__(self, session: ReviewSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pairs = [
            (session.frame_changed, self._frame),
            (session.hand_changed, self._hand),
            (session.selection_changed, self._selection),
            (session.changed, self._changed),
            (session.queue_changed, self._queue),
            (session.expectation_changed, self._expectation),
            (session.edited, self._edited),
            (session.message, self._message),
            (session.large.changed, self._large),
            (session.placing.changed, self._placing),
            (session.comparing.changed, self._pair),
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

    def _expectation(self) -> None:
        self.expectation_changed.emit()

    def _message(self, text: str) -> None:
        self.message.emit(text)

    def _large(self) -> None:
        self.large_changed.emit()

    def _placing(self) -> None:
        self.placing_changed.emit()

    def _pair(self) -> None:
        self.pair_changed.emit()


class LateBridge(QObject):
    """The session's signals for everything around the canvas, told after the canvas has been painted.

    What one press of a key changes is told once, whatever the session said meanwhile: docks never make the
    canvas wait, and a key held down does not pile up work for them.
    """

    frame_changed = Signal(object)
    hand_changed = Signal(object)
    selection_changed = Signal()
    changed = Signal(object)
    edited = Signal(object)
    queue_changed = Signal()
    expectation_changed = Signal()
    large_changed = Signal()
    message = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, tuple[object, ...]] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.tell)
        for name in ("frame_changed", "hand_changed", "edited"):
            getattr(bridge, name).connect(lambda value, name=name: self._keep(name, value))
        for name in ("selection_changed", "queue_changed", "expectation_changed", "large_changed"):
            getattr(bridge, name).connect(lambda name=name: self._keep(name))
        bridge.changed.connect(self._keep_change)
        bridge.message.connect(self.message)

    def canvas_painted(self) -> None:
        """The canvas is up to date: the others may follow."""
        if self._waiting:
            self._timer.start(0)

    def tell(self) -> None:
        """Tell what is waiting now."""
        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        for name in ORDER:
            if name in waiting:
                getattr(self, name).emit(*waiting[name])

    def close(self) -> None:
        """Tell nothing any more."""
        self._timer.stop()
        self._waiting.clear()

    def _keep(self, name: str, *values: object) -> None:
        self._waiting[name] = values
        if not self._timer.isActive():
            self._timer.start(LATEST_MS)

    def _keep_change(self, change: Change) -> None:
        before = self._waiting.get("changed")
        self._keep("changed", change if before is None else before[0] | change)


LATEST_MS = 30
"""When the docks are told although the canvas had nothing to paint."""

ORDER = (
    *("changed", "frame_changed", "hand_changed", "selection_changed", "edited", "queue_changed"),
    *("expectation_changed", "large_changed"),
)
