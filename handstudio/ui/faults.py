"""What nobody foresaw: said in the window and written to a log, instead of being lost with the terminal."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from html import escape
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError

_LOG_BYTES = 2**20


class Faults(QObject):
    """Takes every exception that nothing caught, of any thread.

    Args:
        say: shows a sentence (rich text) to the user.
        log: the file that traces are added to.
    """

    _happened = Signal(str)

    def __init__(self, say: Callable[[str], object], log: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log = log
        self._last = ""
        self._before = sys.excepthook, threading.excepthook
        self._happened.connect(say)

    def watch(self) -> None:
        """Begin to take them."""
        sys.excepthook = self._take
        threading.excepthook = self._take_of_thread

    def stop(self) -> None:
        """Leave them to those who took them before."""
        sys.excepthook, threading.excepthook = self._before

    def _take(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, fault, trace)
            return
        text = "".join(traceback.format_exception(kind, fault, trace))
        if text == self._last:  # such as the same fault at every paint
            return
        self._last = text
        if sys.stderr is not None:
            print(text, file=sys.stderr, end="")
        self._happened.emit(sentence(fault) + self._kept(text))

    def _take_of_thread(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self._take(what.exc_type, what.exc_value, what.exc_traceback)

    def _kept(self, text: str) -> str:
        """Write the trace down; where it is, for people."""
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self._log.exists() or self._log.stat().st_size > _LOG_BYTES
            with self._log.open("w" if fresh else "a", encoding="utf-8") as file:
                file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{text}\n")
        except OSError:
            return ""
        return f" The trace is in {escape(str(self._log))}."


def sentence(fault: BaseException) -> str:
    """An exception for people (rich text)."""
    if isinstance(fault, HandStudioError):
        return f"{escape(str(fault))}."
    what = escape(f"{type(fault).__name__}: {fault}")
    return (
        f"<b>Something went wrong that was not foreseen</b> ({what}). What was decided is stored: go on, or "
        "close the window and open the project again."
    )


def log_path() -> Path:
    """Where the window's log is."""
    import platformdirs

    return Path(platformdirs.user_log_dir("HandStudio", appauthor=False)) / "window.log"
