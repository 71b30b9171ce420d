"""The frames of the next hands of the queue are decoded before they are gone to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from handstudio.errors import HandStudioError

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.bridge import LateBridge
    from handstudio.ui.loading import FrameLoader

AHEAD: Final = 4
"""Hands."""


class QueueAhead(QObject):
    """Reads on along the queue once the canvas shows where one is.

    Args:
        bridge: tells of the session after the canvas was painted.
    """

    def __init__(self, session: ReviewSession, loader: FrameLoader, bridge: LateBridge) -> None:
        super().__init__(bridge)
        self._session, self._loader = session, loader
        for signal in (bridge.hand_changed, bridge.queue_changed):
            signal.connect(self._read)

    def _read(self, *_of: object) -> None:
        queue = self._session.queue
        ids = queue.ids[queue.position + 1 : queue.position + 1 + AHEAD]
        try:
            hands = self._session.project.hands(ids.tolist())
        except HandStudioError:
            return  # who goes there is told
        self._loader.read_also([(hand.sequence_id, hand.frame_index) for hand in hands])
