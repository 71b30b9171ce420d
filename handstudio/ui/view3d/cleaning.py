"""Point clouds on their way to the child that cleans them; of the answers only the last asked for counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError

if TYPE_CHECKING:
    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import CleanCloud, ProposalWorker
    from handstudio.media.pointcloud import PointCloud


class CloudCleaner(QObject):
    """Asks the worker for a cloud without strays and with normals, and never waits for it.

    Whoever steps through frames asks for many clouds and looks at few: a request that has not been sent is
    taken back by the next one, and an answer that comes too late is dropped.
    """

    cleaned = Signal(object)
    """A ``CleanCloud``, of the cloud that was asked for last."""

    _answered = Signal(int, object)

    def __init__(self, worker: ProposalWorker | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._serial = 0
        self._ticket: Ticket | None = None
        self._closed = False
        self._answered.connect(self._take)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._ticket is not None

    def ask(self, cloud: PointCloud) -> None:
        """Have a cloud cleaned; ``cleaned`` follows unless another one is asked for or none is wanted."""
        self.drop()
        if self._worker is None or self._closed:
            return
        serial = self._serial
        self._ticket = self._worker.clean_cloud(
            cloud.points, cloud.colours, lambda answer: self._hand_over(serial, answer)
        )

    def drop(self) -> None:
        """What was asked for is not wanted any more."""
        self._serial += 1
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def close(self) -> None:
        """Tell nothing any more."""
        self._closed = True
        self.drop()

    def _hand_over(self, serial: int, answer: CleanCloud | HandStudioError) -> None:
        """Called on the worker's thread; Qt queues the signal into the window's."""
        if not self._closed:
            self._answered.emit(serial, answer)

    def _take(self, serial: int, answer: CleanCloud | HandStudioError) -> None:
        if serial != self._serial or self._closed:
            return
        self._ticket = None
        if not isinstance(answer, HandStudioError):  # without an answer the cloud as it was measured stays
            self.cleaned.emit(answer)
