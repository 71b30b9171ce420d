"""The three ways to show progress: bars in a terminal, events for a window, nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

from handstudio.errors import HandStudioError

from .events import Event, Logged, Measured, Progressed, encode
from .pace import Pace
from .stopping import INTERRUPTED, StopRequest

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Quiet:
    """Shows nothing, but can be cancelled."""

    def __init__(self, stop: StopRequest) -> None:
        self.stop = stop

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Shows nothing."""

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Shows nothing."""

    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self.stop()

    def close(self) -> None:
        """Nothing to clear away."""


class Events(Quiet):
    """Writes events as JSON lines, progress at most every ``interval_s`` (the last of a phase always)."""

    def __init__(self, stream: TextIO, stop: StopRequest, interval_s: float = 0.2) -> None:
        super().__init__(stop)
        self._stream = stream
        self._interval_s = interval_s
        self._last = 0.0
        self._message = ""
        self._pace = Pace()
        self._lock = threading.Lock()

    def emit(self, event: Event) -> None:
        """Writes one event; a window that is gone is noticed by the listener, not here."""
        line = encode(event) + "\n"
        with self._lock:
            if self._stream.closed:
                self.stop.request(INTERRUPTED)
                return
            try:
                self._stream.write(line)
                self._stream.flush()
            except OSError:
                self.stop.request(INTERRUPTED)

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Tells progress with rate and time left."""
        rate, left = self._pace.update(done, total, unit)
        now = time.monotonic()
        is_last = total is not None and done >= total
        if now - self._last < self._interval_s and not is_last and message == self._message:
            return
        self._last, self._message = now, message
        self.emit(Progressed(done, total, unit, rate, left, message))

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Tells figures at a step."""
        self.emit(Measured(step, dict(values)))

    def say(self, message: str) -> None:
        """Tells a line that is meant to be read."""
        self.emit(Logged(message))


class Terminal(Quiet):
    """A bar with rate and time left; figures of the work stand behind it."""

    def __init__(self, console: Console, stop: StopRequest) -> None:
        super().__init__(stop)
        self._console = console
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._unit = ""
        self._figures = ""
        self._pace = Pace()

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Moves the bar."""
        bars = self._open()
        rate, _ = self._pace.update(done, total, unit)
        pace = f"{rate:,.1f} {unit}/s" if rate is not None else ""
        if self._task is None or unit != self._unit:
            if self._task is not None:
                bars.remove_task(self._task)
            self._unit = unit
            self._task = bars.add_task(message or unit, total=total, pace=pace, unit=unit, figures="")
        bars.update(
            self._task,
            completed=done,
            total=total,
            description=message or unit,
            pace=pace,
            unit=unit,
            figures="stopping…" if self.stop() else self._figures,
        )

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Shows the first three figures behind the bar."""
        self._figures = "  ".join(f"{name} {value:.4g}" for name, value in list(values.items())[:3])

    def close(self) -> None:
        """Leaves the bar as it stands and gives the terminal back."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def _open(self) -> Bars:
        if self._bars is None:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bars = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[unit]}  {task.fields[pace]}", markup=False),
                TimeRemainingColumn(),
                TextColumn("{task.fields[figures]}", style="dim", markup=False),
                console=self._console,
            )
            self._bars.start()
        return self._bars


class Recorded:
    """Shows progress elsewhere and keeps it in the run's row too, so that others can see it.

    Args:
        shown: where progress is shown.
        record: writes a progress dict into the run's row.
        interval_s: at most one row update per this many seconds.
    """

    def __init__(
        self,
        shown: Quiet,
        record: Callable[[dict[str, float | str | None]], None],
        interval_s: float = 2.0,
    ) -> None:
        self._shown = shown
        self._record = record
        self._interval_s = interval_s
        self._last = -interval_s
        self._pace = Pace()

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Shows and, now and then, records."""
        self._shown.report(done, total, unit, message)
        rate, left = self._pace.update(done, total, unit)
        now = time.monotonic()
        if now - self._last >= self._interval_s:
            self._last = now
            # a project that somebody else keeps busy is no reason to end hours of work
            with contextlib.suppress(HandStudioError):
                self._record(
                    {
                        "done": done,
                        "total": total,
                        "unit": unit,
                        "rate": rate,
                        "eta_s": left,
                        "message": message,
                    }
                )

    def values(self, step: int, values: Mapping[str, float]) -> None:
        """Shows figures."""
        self._shown.values(step, values)

    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._shown.cancelled()
