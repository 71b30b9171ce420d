"""The jobs of this window as Qt sees them: started, told about and ended in the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from handstudio.jobs.events import Event
    from handstudio.jobs.process import Job, JobRunner


class JobBoard(QObject):
    """Starts jobs; every dock hears of every job by the signals."""

    started = Signal(object)
    """A ``Job`` that has just been started."""
    told = Signal(object, object)
    """A ``Job`` and one of its events."""
    ended = Signal(object)
    """A ``Job`` that is over: ``state``, ``result`` and ``error`` are final."""

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._closed = False

    @property
    def running(self) -> tuple[Job, ...]:
        """The jobs that have not ended, oldest first."""
        return self._runner.running

    def start(self, kind: str, argv: Sequence[str | Path]) -> Job:
        """Start ``handstudio kind argv...`` in its own process."""
        job = self._runner.start(kind, argv, on_event=self._tell, on_end=self._end)
        self.started.emit(job)
        return job

    def cancel_latest(self) -> None:
        """Ask the job that was started last to stop."""
        if self.running:
            self.running[-1].cancel()

    def close(self) -> None:
        """Tell nothing any more, interrupt what runs (to be resumed later) and wait for it."""
        self._closed = True
        self._runner.close()

    def _tell(self, job: Job, event: Event) -> None:
        """Called in the job's thread; Qt queues the signal into the window's thread."""
        if not self._closed:
            self.told.emit(job, event)

    def _end(self, job: Job) -> None:
        if not self._closed:
            self.ended.emit(job)
