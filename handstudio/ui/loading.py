"""Decoded frames for the window: asked for, decoded off its thread, announced by a Qt signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from handstudio.media.cache import FrameCache
    from handstudio.media.source import Frame


class FrameLoader(QObject):
    """The frame cache as seen by widgets. No call blocks; results come by ``ready`` or ``failed``."""

    ready = Signal(int, int)
    """Sequence and index of a frame that ``frame`` now returns."""
    failed = Signal(int, int, str)
    """Sequence, index and the reason why a frame cannot be shown."""

    def __init__(self, cache: FrameCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._problems: dict[tuple[int, int], str] = {}
        self._closed = False

    def frame(self, sequence_id: int, index: int) -> Frame | None:
        """The decoded frame, or ``None`` while it is not there."""
        return self._cache.get(sequence_id, index)

    def problem(self, sequence_id: int, index: int) -> str | None:
        """Why a frame cannot be shown, once that is known."""
        return self._problems.get((sequence_id, index))

    def request(self, sequence_id: int, index: int) -> None:
        """Have a frame decoded; ``ready`` or ``failed`` follows."""
        self._cache.request((sequence_id, index), self._arrived)

    def close(self) -> None:
        """Stop decoding; nothing is announced any more."""
        self._closed = True
        self._cache.close()

    def _arrived(self, key: tuple[int, int], result: Frame | Exception) -> None:
        """Called in a decoding thread; Qt queues the signals into the window's thread."""
        if self._closed:
            return
        if isinstance(result, Exception):
            self._problems[key] = str(result)
            self.failed.emit(*key, str(result))
        else:
            self._problems.pop(key, None)
            self.ready.emit(*key)
