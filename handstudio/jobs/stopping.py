"""How a job learns that it is to stop: Ctrl-C, a signal, a line from the window, or the window's end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Literal

from handstudio.progress import CancelledError

Reason = Literal["cancelled", "interrupted"]

CANCELLED: Final = "cancelled"
INTERRUPTED: Final = "interrupted"

ORPHAN_GRACE_S = 60.0
"""A job whose window died ends by itself at a safe point; one that hangs is ended after this long."""

ORPHANED: Final = 70
"""With this it ends."""


class StopRequest:
    """Set once, with the state that the run gets: ``cancelled`` by a person, or ``interrupted``."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason: Reason | None = None

    def __call__(self) -> bool:
        return self._event.is_set()

    def request(self, reason: Reason = CANCELLED) -> None:
        """Asks for a stop; the first reason stands."""
        if self.reason is None:
            self.reason = reason
        self._event.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until a stop is asked for."""
        return self._event.wait(timeout)


def cancel_point(stop: StopRequest) -> None:
    """Ends the work here where a stop was asked for.

    Raises:
        CancelledError: when it was.
    """
    if stop():
        raise CancelledError


@contextmanager
def listening_to_signals(stop: StopRequest) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) asks for a stop at a safe point; the second ends the work at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if stop():
            raise KeyboardInterrupt
        stop.request(CANCELLED if number == signal.SIGINT else INTERRUPTED)

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, handle) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def listen_to_window(
    stop: StopRequest, descriptor: int = 0, grace_s: float = ORPHAN_GRACE_S
) -> threading.Thread:
    """Watches the standard input of a job: ``cancel`` asks for a stop, its end means that the window is gone.

    The thread reads the bare descriptor (a buffered reader's lock would stall the interpreter's end).
    """

    def watch() -> None:
        pending = b""
        while chunk := os.read(descriptor, 4096):
            *lines, pending = (pending + chunk).split(b"\n")
            if any(line.strip() == b"cancel" for line in lines):
                stop.request(CANCELLED)
        stop.request(INTERRUPTED)
        timer = threading.Timer(grace_s, os._exit, args=(ORPHANED,))
        timer.daemon = True
        timer.start()

    thread = threading.Thread(target=watch, name="window listener", daemon=True)
    thread.start()
    return thread
