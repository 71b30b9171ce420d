"""One command from its first word to its exit code, the same for a person, a program and the window.

A person sees bars and a short report; a program (``--json``) gets one JSON object as the last line of
standard output; the window (``HANDSTUDIO_EVENTS=1``) gets events. In the last two cases standard output is
kept for that alone: whatever else is printed, by whatever library, goes to standard error.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from handstudio.errors import HandStudioError
from handstudio.progress import CancelledError, Progress

from .events import EVENTS_VARIABLE, LOG_VARIABLE, Failed, Finished, Started, to_json
from .progress import Events, Quiet, Recorded, Terminal
from .stopping import CANCELLED, StopRequest, listen_to_window, listening_to_signals

if TYPE_CHECKING:
    from rich.console import Console

    from handstudio.project import Project

EXIT_FAILED = 1
EXIT_CANCELLED = 130

NICENESS = 10
"""How far a job of the window steps back behind it."""

Result = dict[str, Any]
_log = logging.getLogger("handstudio")


class Work:
    """What a command has at hand while it works: where to show progress and whether to stop."""

    def __init__(self, shown: Quiet, console: Console | None) -> None:
        self.shown = shown
        self.stop = shown.stop
        self._console = console

    def say(self, message: str) -> None:
        """Tells a line that is meant to be read, beside the progress."""
        _log.info("%s", message)
        if isinstance(self.shown, Events):
            self.shown.say(message)
        elif self._console is not None:
            self._console.print(message, soft_wrap=True)

    def started(self, run_id: int | None) -> None:
        """Tells the run's number to the window."""
        if isinstance(self.shown, Events):
            self.shown.emit(Started(run_id))

    def noted(
        self,
        project: Project,
        kind: str,
        params: Mapping[str, Any],
        do: Callable[[Progress, int | None], Result],
    ) -> Result:
        """Does a piece of work that only reads the project: as a run of it where it can be written."""
        if project.read_only:
            return do(self.shown, None)
        return self.in_run(project, kind, params, do)

    def in_run(
        self,
        project: Project,
        kind: str,
        params: Mapping[str, Any],
        do: Callable[[Progress, int], Result],
        resume: int | None = None,
    ) -> Result:
        """Does a piece of work as a run of the project: its row, its log, its end.

        Args:
            project: where the run belongs.
            kind: the command's name.
            params: what it was asked for.
            do: the work; gets where to show progress, and the run's id.
            resume: the run to go on with, instead of a new one.
        """
        if resume is None:
            run_id = project.start_run(kind, sys.argv[1:], dict(params))
        else:
            run_id = resume
            project.update_run(run_id, state="running")
        log_path = os.environ.get(LOG_VARIABLE)
        with _logging_to(None if log_path else project.run_folder(run_id) / "log.txt") as own_log:
            project.update_run(run_id, log_path=log_path or str(own_log))
            self.started(run_id)
            progress = Recorded(self.shown, lambda told: project.update_run(run_id, progress=told))
            try:
                result = do(progress, run_id)
            except BaseException as error:
                if not isinstance(error, CancelledError):
                    _log.error("%s", traceback.format_exc())
                stopped = self.stop() or isinstance(error, KeyboardInterrupt)
                # where the row cannot be written either, what went wrong first is what people must read
                with suppress(HandStudioError):
                    project.finish_run(run_id, (self.stop.reason or CANCELLED) if stopped else "failed")
                raise
            project.finish_run(run_id, (self.stop.reason or CANCELLED) if self.stop() else "finished", result)
        return result


def perform(
    do: Callable[[Work], Result],
    json: bool = False,
    show: Callable[[Console, Result], None] | None = None,
) -> int:
    """Does a command's work, shows its result, returns its exit code."""
    as_events = os.environ.get(EVENTS_VARIABLE) == "1"
    stop = StopRequest()
    if as_events or json:
        with _reserved_stdout() as stdout, listening_to_signals(stop):
            if as_events:
                _become_background()
                listen_to_window(stop)
                return _perform_for_window(do, Events(stdout, stop))
            return _perform_for_program(do, stdout, stop)
    with listening_to_signals(stop):
        return _perform_for_person(do, show, stop)


def _perform_for_window(do: Callable[[Work], Result], events: Events) -> int:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        result = do(Work(events, None))
    except BaseException as error:
        code, message = _explain(error, events.stop)
        events.emit(Failed(message))
        return code
    events.emit(Finished(result))
    return EXIT_CANCELLED if events.stop() else 0


def _perform_for_program(do: Callable[[Work], Result], stdout: TextIO, stop: StopRequest) -> int:
    console = _console_on_stderr()
    shown = Terminal(console, stop) if console.is_terminal else Quiet(stop)
    try:
        result = do(Work(shown, console))
        code = EXIT_CANCELLED if stop() else 0
    except BaseException as error:
        code, message = _explain(error, stop)
        result = {"error": message}
        _print_error(console, message)
    finally:
        shown.close()
    print(to_json(result), file=stdout, flush=True)
    return code


def _perform_for_person(
    do: Callable[[Work], Result], show: Callable[[Console, Result], None] | None, stop: StopRequest
) -> int:
    console = _console_on_stderr()
    shown = Terminal(console, stop) if console.is_terminal else Quiet(stop)
    try:
        result = do(Work(shown, console))
    except BaseException as error:
        shown.close()
        code, message = _explain(error, stop)
        _print_error(console, message)
        return code
    finally:
        shown.close()
    if show is not None:
        show(_console_on_stdout(), result)
    if stop():
        console.print("Stopped. What was done so far is kept.")
        return EXIT_CANCELLED
    return 0


def _explain(error: BaseException, stop: StopRequest) -> tuple[int, str]:
    if isinstance(error, KeyboardInterrupt | CancelledError) or (
        stop() and not isinstance(error, HandStudioError)
    ):
        return EXIT_CANCELLED, "Cancelled."
    if isinstance(error, HandStudioError):
        return EXIT_FAILED, str(error)
    if isinstance(error, OSError) and error.strerror:
        return EXIT_FAILED, str(_refused(error))
    if isinstance(error, UnicodeEncodeError) and "surrogates" in error.reason:
        return EXIT_FAILED, str(_no_utf8(error))
    if isinstance(error, SystemExit):
        return int(error.code or 0), "Ended."
    traceback.print_exception(error, file=sys.stderr)
    return EXIT_FAILED, f"{type(error).__name__}: {error}. This is a fault of the program; the log says where"


def _refused(error: OSError) -> HandStudioError:
    """The system's refusal (no space, no right, no such folder), which is no fault of the program."""
    return HandStudioError(
        f"The system refused a step ({error.strerror})",
        error.filename,
        "Check the place, its rights and the free space",
    )


def _no_utf8(error: UnicodeEncodeError) -> HandStudioError:
    """A file's name of bytes that are no text, which can be opened but not stored."""
    return HandStudioError("This name is not valid UTF-8", error.object, "Rename the file or folder")


def _print_error(console: Console, message: str) -> None:
    console.print(f"Error: {message}", style="red", soft_wrap=True)


def _console_on_stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def _console_on_stdout() -> Console:
    """Where results are printed as they are; what cannot be encoded is escaped, as on standard error."""
    from rich.console import Console

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(highlight=False, markup=False, emoji=False)


def _become_background() -> None:
    """Lets the window go first while a job uses every core."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


@contextmanager
def _reserved_stdout() -> Iterator[TextIO]:
    """Keeps the real standard output for one writer; everything printed meanwhile goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    python_stdout = sys.stdout
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    stream = os.fdopen(os.dup(kept), "w", encoding="utf-8")
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()
        sys.stdout = python_stdout
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _logging_to(path: Path | None) -> Iterator[Path | None]:
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
