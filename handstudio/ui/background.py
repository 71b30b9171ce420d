"""Work that takes longer than a frame: done on a thread, its result delivered in the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

Result = TypeVar("Result")
IDLE_S: Final = 2.0
"""After which a thread without work ends."""


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

    A newer call makes the result of the older one unwanted. The thread is one of Python's: PySide lets the
    Python side of a ``QRunnable`` go while a pool's thread deletes it, which ends the program now and then.

    Args:
        parent: with which it is deleted.
        keeps_thread: whether its thread stays, and with it the memory that the database takes there.
    """

    _outcome = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None, keeps_thread: bool = False) -> None:
        super().__init__(parent)
        self._idle_s = None if keeps_thread else IDLE_S
        self._changed = threading.Condition()
        self._next: tuple[int, Callable[[], Any]] | None = None
        self._working = self._closed = False
        self._thread: threading.Thread | None = None
        self._number = 0
        self._waiting: tuple[Callable[[Any], object], Callable[[Exception], object]] | None = None
        self._outcome.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

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
        self._number += 1
        self._waiting = (done, failed)
        with self._changed:
            self._next = (self._number, function)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drop(self) -> None:
        """The result that is still to come is not wanted any more."""
        self._number += 1
        self._waiting = None

    def finish(self) -> None:
        """Wait for the thread, and deliver what it found."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is None and not self._working)
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)

    def close(self) -> None:
        """Wait for the thread; nothing is delivered any more."""
        self.drop()
        with self._changed:
            self._closed, self._next = True, None
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        """On the thread: one call after the other, until none comes for a while."""
        while (call := self._called()) is not None:
            number, function = call
            result, problem = None, None
            try:
                result = function()
            except Exception as error:
                problem = error
            try:
                self._outcome.emit(number, result, problem)
            except RuntimeError:
                return  # the part of the window is gone
            del call, function, result, problem
            with self._changed:
                self._working = False
                self._changed.notify_all()

    def _called(self) -> tuple[int, Callable[[], Any]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._closed, self._idle_s)
            call, self._next = self._next, None
            if call is None:
                self._thread = None
            self._working = call is not None
            return call

    def _deliver(self, number: int, result: object, problem: Exception | None) -> None:
        if number != self._number or self._waiting is None:
            return
        done, failed = self._waiting
        self._waiting = None
        if problem is None:
            done(result)
        else:
            failed(problem)
