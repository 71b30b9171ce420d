"""Decoded frames for the window: asked for, decoded off its thread, announced by a Qt signal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from handstudio.media.cache import FrameCache
from handstudio.media.source import Frame

if TYPE_CHECKING:
    from handstudio.errors import HandStudioError
    from handstudio.media.source import FrameSource
    from handstudio.project.store import Project

CACHE_BYTES = 256 * 2**20
AHEAD = 8


class StoredNames(Sequence[str]):
    """The names under which a sequence's frames were stored, read as they are needed.

    Files that were added or went since the import must not shift a frame against its labels.
    """

    def __init__(self, project: Project, sequence_id: int) -> None:
        self._project = project
        self._sequence_id = sequence_id

    def __len__(self) -> int:
        return self._project.sequence(self._sequence_id).frame_count

    def __getitem__(self, index: int) -> str:
        return self._project.frame_at(self._sequence_id, index).name


def frames_of(project: Project, sequence_id: int) -> FrameSource:
    """Opens the frames of a sequence; any thread may.

    Raises:
        HandStudioError: when they are not there.
    """
    from handstudio.media.opening import open_source

    record = project.sequence(sequence_id)
    return open_source(record.kind, Path(record.path), record.view, StoredNames(project, sequence_id))


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
        self._last: tuple[int, int] | None = None
        self._closed = False

    @classmethod
    def of_project(cls, project: Project, parent: QObject | None = None) -> FrameLoader:
        """A loader that opens a project's sequences when their frames are first wanted."""
        return cls(FrameCache(CACHE_BYTES, partial(frames_of, project)), parent)

    def frame(self, sequence_id: int, index: int) -> Frame | None:
        """The decoded frame, or ``None`` while it is not there."""
        return self._cache.get(sequence_id, index)

    def problem(self, sequence_id: int, index: int) -> str | None:
        """Why a frame cannot be shown, once that is known."""
        return self._problems.get((sequence_id, index))

    def request(self, sequence_id: int, index: int) -> None:
        """Have a frame decoded; ``ready`` or ``failed`` follows."""
        self._cache.cancel_stale()
        self._cache.request((sequence_id, index), self._arrived)

    def read_ahead(self, sequence_id: int, index: int, last: int) -> None:
        """Decode what comes next in the direction of the last step, when nobody waits."""
        before, self._last = self._last, (sequence_id, index)
        backward = before is not None and before[0] == sequence_id and index < before[1]
        self._cache.prefetch(sequence_id, index, -1 if backward else 1, AHEAD, last)

    def read_also(self, frames: Sequence[tuple[int, int]]) -> None:
        """Decode other frames (sequence and index) that may be gone to next, when nobody waits."""
        self._cache.prefetch_also(frames)

    def close(self) -> None:
        """Stop decoding; nothing is announced any more."""
        self._closed = True
        self._cache.close()

    def _arrived(self, key: tuple[int, int], outcome: Frame | HandStudioError) -> None:
        """Called in a decoding thread; Qt queues the signals into the window's thread."""
        if self._closed:
            return
        if isinstance(outcome, Frame):
            self._problems.pop(key, None)
            self.ready.emit(*key)
        else:
            self._problems[key] = str(outcome)
            self.failed.emit(*key, str(outcome))
