"""Work that takes longer than a frame: done on a thread, its result delivered in the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

Result = TypeVar("Result")


class _Call(QRunnable):
    def __init__(self, number: int, function: Callable[[], Any], outcome: Any) -> None:
        super().__init__()
        self._number, self._function, self._outcome = number, function, outcome

    def run(self) -> None:
        try:
            result = self._function()
        except Exception as problem:
            self._outcome.emit(self._number, None, problem)
        else:
            self._outcome.emit(self._number, result, None)


class Telling(QObject):
    """Progress of work on a thread (:class:`handstudio.progress.Progress`), told in the window's thread."""

    told = Signal(object, object, str)
    """How much is done, of how much (or ``None``), and of what."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stopped = threading.Event()

    def begin(self) -> None:
        """Another piece of work begins."""
        self._stopped.clear()

    def stop(self) -> None:
        """Ask the work to stop."""
        self._stopped.set()

    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stopped.is_set()

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Called by the work, on its thread."""
        self.told.emit(done, total, unit)

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Figures of the work itself are not shown."""


class Background(QObject):
    """Runs one piece of work at a time for one part of the window.

    A newer call makes the result of the older one unwanted.

    Args:
        parent: with which it is deleted.
        keeps_thread: whether its thread stays, and with it the memory that the database takes there.
    """

    _outcome = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None, keeps_thread: bool = False) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1 if keeps_thread else 2000)
        self._number = 0
        self._waiting: tuple[Callable[[Any], object], Callable[[Exception], object]] | None = None
        self._closed = False
        self._outcome.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether a result is still to come."""
        return self._waiting is not None

    def run(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Call ``function`` on a thread; then, here, ``done`` with the result or ``failed`` with why not."""
        if self._closed:
            return
        self._pool.clear()
        self._number += 1
        self._waiting = (done, failed)
        self._pool.start(_Call(self._number, function, self._outcome))

    def drop(self) -> None:
        """The result that is still to come is not wanted any more."""
        self._number += 1
        self._waiting = None

    def finish(self) -> None:
        """Wait for the thread, and deliver what it found."""
        self._pool.waitForDone()
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)

    def close(self) -> None:
        """Wait for the thread; nothing is delivered any more."""
        self._closed = True
        self.drop()
        self._pool.clear()
        self._pool.waitForDone()

    def _deliver(self, number: int, result: object, problem: Exception | None) -> None:
        if number != self._number or self._waiting is None:
            return
        done, failed = self._waiting
        self._waiting = None
        if problem is None:
            done(result)
        else:
            failed(problem)
