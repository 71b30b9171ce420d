"""Steps about very many hands: carried out on a thread, shown in the status line, cancelled by a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from handstudio.ui.background import Background, Telling

if TYPE_CHECKING:
    from handstudio.progress import Progress
    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions
    from handstudio.ui.status_line import StatusLine


class LargeStepRunner(QObject):
    """Keeps the window going while its session takes a large step.

    Args:
        session: whose steps.
        actions: ``cancel_step`` is among them.
        status: shows how far the step is.
    """

    def __init__(self, session: ReviewSession, actions: Actions, status: StatusLine) -> None:
        super().__init__(status)
        self._large, self._strip = session.large, status.step
        self._cancel = actions["cancel_step"]
        self._cancel.setEnabled(False)
        self._background, self._progress = Background(self, keeps_thread=True), Telling(self)
        self._progress.told.connect(self._show)
        actions.on("cancel_step", self.cancel)
        self._large.run_by = self._run
        self._large.changed.connect(self._changed)

    @property
    def running(self) -> bool:
        """Whether a step is under way."""
        return self._large.doing is not None

    def cancel(self) -> None:
        """Leave everything as it was before the step, at its next stop; too late where all is done."""
        self._progress.stop()
        self._cancel.setEnabled(False)

    def finish(self) -> None:
        """Wait here until no step is under way, and let the session know of its end."""
        while self.running:
            self._background.finish()

    def close(self) -> None:
        """Listen and work no more."""
        self._large.changed.disconnect(self._changed)
        self._background.close()

    def _run(
        self,
        work: Callable[[Progress], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        self._progress.begin()
        self._background.run(lambda: work(self._progress), done, failed)

    def _changed(self) -> None:
        self._cancel.setEnabled(self.running)
        self._strip.setVisible(self.running)
        if self.running:
            self._strip.show_progress(self._large.doing, 0, None, "")

    def _show(self, done: float, total: float | None, unit: str) -> None:
        if self.running:
            self._strip.show_progress(self._large.doing, done, total, f"{done / total:.0%}" if total else "")
