"""The session's frame: asked of the loader, shown once it is there, and why not where it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.project.records import FrameRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.pages import Pages
    from handstudio.ui.services import Services

LOADING_SAID_AFTER_MS = 150

Seen = Literal["nothing", "frame", "failure"]
"""What one sees of the session's frame: nothing while it loads, or why it cannot be shown."""


class ShownFrame(QObject):
    """Brings the frame that the session is at.

    Args:
        session: says which frame.
        services: the loader, and actions for what to do where there is no frame.
        pages: of the canvas: its content, loading, failed, empty.

    Attributes:
        frame: that can be seen; ``None`` while there is none.
        seen: what can be seen of the session's frame.
    """

    came = Signal(object)
    """A decoded :class:`Frame` is to be shown."""
    went = Signal()
    """There is no frame to be shown: another frame's picture must not stand under this frame's hands."""
    seen_changed = Signal()

    def __init__(self, session: ReviewSession, services: Services, pages: Pages, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._services, self._pages = session, services, pages
        self.frame: Frame | None = None
        self.seen: Seen = "nothing"
        self._record: FrameRecord | None = None
        self._awaited: tuple[int, int] | None = None
        self._waiting = QTimer(self, singleShot=True, interval=LOADING_SAID_AFTER_MS)
        self._waiting.timeout.connect(self._say_loading)
        if services.loader is not None:
            services.loader.ready.connect(self._ready)
            services.loader.failed.connect(self._failed)

    def go_to(self, frame_id: int | None) -> None:
        """Show this frame, or that there are none."""
        if frame_id is None:
            self._awaited = None
            self._go("nothing")
            self._pages.show_empty(
                "No frames yet. Drop a folder of images or a video here, or import one.",
                self._services.actions["import_folder"],
                icon="mdi6.image-multiple-outline",
            )
            return
        self._record = record = self._session.project.frame(frame_id)
        self._awaited = (record.sequence_id, record.index)
        if record.problem is not None:
            self._failed(record.sequence_id, record.index, record.problem)
            return
        self._show_awaited()

    def _show_awaited(self) -> None:
        loader = self._services.loader
        frame = loader.frame(*self._awaited) if loader is not None else None
        if frame is None:
            problem = loader.problem(*self._awaited) if loader is not None else None
            if problem is not None and loader is not None:
                self._failed(*self._awaited, problem)
                loader.request(*self._awaited)  # the file may be back: the drive, the share
            else:
                self._wait()
            return
        self._waiting.stop()
        self.frame = frame
        self._pages.show_content()
        self.came.emit(frame)
        last = self._session.sequence(self._awaited[0]).frame_count - 1
        loader.read_ahead(*self._awaited, last)
        self._see("frame")

    def _wait(self) -> None:
        self._go("nothing")
        self._waiting.start()
        self._services.loader.request(*self._awaited)

    def _say_loading(self) -> None:
        self._pages.show_loading(f"Loading {self._record.name}")

    def _ready(self, sequence_id: int, index: int) -> None:
        if (sequence_id, index) == self._awaited and self.frame is None:
            self._show_awaited()

    def _failed(self, sequence_id: int, index: int, reason: str) -> None:
        if (sequence_id, index) != self._awaited:
            return
        self._waiting.stop()
        self._go("failure")
        self._pages.show_failed(
            f"This frame cannot be shown. {reason}\nThe other frames are not touched: go on to the next.",
            self._services.actions["next_frame"],
        )

    def _go(self, seen: Seen) -> None:
        self.frame = None
        self._see(seen)
        self.went.emit()

    def _see(self, seen: Seen) -> None:
        if seen != self.seen:
            self.seen = seen
            self.seen_changed.emit()
