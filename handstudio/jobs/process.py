"""Jobs as processes of their own, watched by one thread each.

A job is the command that a person could type, started as a child that speaks events (see
:mod:`handstudio.jobs.events`). Its standard error goes to a log file. It is asked to stop by a line on its
standard input, then told to by a signal, then made to; and it stops by itself, at a safe point, when the
process that started it dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import handstudio
from handstudio.errors import HandStudioError

from .events import EVENTS_VARIABLE, LOG_VARIABLE, Event, Failed, Finished, Progressed, Started, decode

JobState = Literal["running", "finished", "failed", "cancelled", "interrupted"]
EventHandler = Callable[["Job", Event], None]

GRACE_S = 30.0
"""How long a job may take to reach a safe point before it is terminated."""
TERMINATE_S = 5.0
"""How long after that before it is killed."""

EXIT_CANCELLED = 130
_LOG_LINES = 12


class Job:
    """One running command. Made by :meth:`JobRunner.start`.

    Attributes:
        kind: the command's first word, such as ``propose``.
        argv: the words after ``handstudio``.
        state: ``running`` until the process has ended.
        progress: the last progress told.
        result: the object that ``--json`` would have printed, once finished.
        error: what, where, what to do, once failed.
        run_id: the run's row in the project, as soon as it is known.
        log_path: what the job wrote to standard error.
    """

    def __init__(
        self,
        kind: str,
        argv: Sequence[str],
        log_path: Path,
        on_event: EventHandler | None,
        on_end: Callable[[Job], None],
        program: Sequence[str],
    ) -> None:
        self.kind = kind
        self.argv = tuple(argv)
        self.log_path = log_path
        self.state: JobState = "running"
        self.progress: Progressed | None = None
        self.result: dict[str, Any] | None = None
        self.error: str | None = None
        self.run_id: int | None = None
        self.started_at = time.time()
        self._on_event = on_event
        self._on_end = on_end
        self._asked: JobState | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._timer: threading.Timer | None = None
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [*program, *self.argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=child_environment({EVENTS_VARIABLE: "1", LOG_VARIABLE: str(log_path)}),
                start_new_session=True,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        self.pid = self._process.pid
        self._watcher = threading.Thread(target=self._watch, name=f"job {kind} {self.pid}", daemon=True)
        self._watcher.start()

    def cancel(self, grace_s: float = GRACE_S) -> None:
        """Asks the job to stop at a safe point; ends it when it does not. Returns at once."""
        self._stop("cancelled", grace_s)

    def interrupt(self, grace_s: float = GRACE_S) -> None:
        """As :meth:`cancel`, but the run counts as interrupted: it is there to be resumed."""
        self._stop("interrupted", grace_s)

    def kill(self) -> None:
        """Ends the job and its own children at once."""
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; false when ``timeout`` seconds passed before it."""
        return self._ended.wait(timeout)

    def join(self) -> None:
        """Waits for the end and for the watching thread; not to be called by an event handler."""
        self._watcher.join()

    def log_tail(self, lines: int = _LOG_LINES) -> str:
        """The last lines of the log."""
        try:
            text = self.log_path.read_text("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _stop(self, state: JobState, grace_s: float) -> None:
        with self._lock:
            if self._asked is not None or self._process.poll() is not None:
                return
            self._asked = state
            stdin = self._process.stdin
            assert stdin is not None
            try:
                if state == "cancelled":
                    stdin.write("cancel\n")
                    stdin.flush()
                else:
                    stdin.close()
            except (BrokenPipeError, OSError):
                pass
            self._arm(grace_s, self._terminate)

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)
        with self._lock:
            if self._process.poll() is None:
                self._arm(TERMINATE_S, self.kill)

    def _arm(self, seconds: float, action: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, action)
        self._timer.daemon = True
        self._timer.start()

    def _signal(self, number: int) -> None:
        if self._process.poll() is not None:
            return
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.pid, number)
            else:
                self._process.terminate()
        except (ProcessLookupError, PermissionError):
            pass

    def _watch(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            for line in stdout:
                event = decode(line)
                self._take(event)
                self._tell(event)
        code = self._process.wait()
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()
        self._close_stdin()
        self._settle(code)
        try:
            self._on_end(self)
        except Exception:
            _report_fault()
        finally:
            self._ended.set()

    def _close_stdin(self) -> None:
        with self._lock:
            try:
                if self._process.stdin is not None:
                    self._process.stdin.close()
            except OSError:
                pass

    def _take(self, event: Event) -> None:
        if isinstance(event, Progressed):
            self.progress = event
        elif isinstance(event, Started):
            self.run_id = event.run
        elif isinstance(event, Finished):
            self.result = dict(event.result)
        elif isinstance(event, Failed):
            self.error = event.message

    def _settle(self, code: int) -> None:
        if code == 0 and self.result is not None:
            self.state = "finished"
        elif self._asked is not None or code == EXIT_CANCELLED:
            self.state = self._asked or "cancelled"
        else:
            self.state = "failed"
            if self.error is None:
                end = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
                self.error = f"{self.kind} {end}: {self.log_path}\n{self.log_tail()}".rstrip()
                self._tell(Failed(self.error))

    def _tell(self, event: Event) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(self, event)
        except Exception:
            _report_fault()


class JobRunner:
    """Starts jobs for one project and leaves none behind.

    Args:
        project_path: the project folder; logs go to its ``runs`` folder.
        program: the words that start HandStudio's command line.
    """

    def __init__(self, project_path: Path | str, program: Sequence[str] | None = None) -> None:
        self.project_path = Path(project_path)
        self._program = tuple(program or (sys.executable, "-m", "handstudio"))
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self._closed = False
        self._count = 0

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job started here, oldest first."""
        return tuple(self._jobs)

    @property
    def running(self) -> tuple[Job, ...]:
        """The jobs that have not ended."""
        return tuple(job for job in self._jobs if job.state == "running")

    def start(
        self,
        kind: str,
        argv: Sequence[str | Path],
        on_event: EventHandler | None = None,
        on_end: Callable[[Job], None] | None = None,
    ) -> Job:
        """Starts ``handstudio kind argv...`` (``argv`` may repeat ``kind`` as its first word).

        ``on_event(job, event)`` and ``on_end(job)`` are called on the job's watching thread.

        Raises:
            HandStudioError: when the system has no room for its log or its process.
        """
        words = [str(word) for word in argv]
        if not words or words[0] != kind:
            words.insert(0, kind)
        with self._lock:
            if self._closed:
                raise RuntimeError("the runner is closed")
            self._count += 1
            folder = self.project_path / "runs"
            stamp = time.strftime("%Y%m%d-%H%M%S")
            log_path = folder / f"{stamp}-{os.getpid()}-{self._count}-{kind}.log"

            def ended(job: Job) -> None:
                if job.state in ("failed", "interrupted"):
                    # a project that is busy or gone must not keep the end from being told; whoever opens it
                    # next settles the row
                    with contextlib.suppress(HandStudioError):
                        self._settle_row(job)
                if on_end is not None:
                    on_end(job)

            try:
                folder.mkdir(parents=True, exist_ok=True)
                job = Job(kind, words, log_path, on_event, ended, self._program)
            except OSError as error:
                raise HandStudioError(
                    f"The job could not be started ({error.strerror or error})",
                    folder,
                    "Make room, or close other programs, and start it again",
                ) from error
            self._jobs.append(job)
        return job

    def close(self, grace_s: float = 10.0) -> None:
        """Interrupts what still runs (to be resumed later) and waits until no process and thread is left."""
        with self._lock:
            self._closed = True
        for job in self.running:
            job.interrupt(grace_s)
        for job in self._jobs:
            job.join()

    def __enter__(self) -> JobRunner:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _settle_row(self, job: Job) -> None:
        """A job that was killed could not finish its own row."""
        if job.run_id is None:
            return
        from handstudio.project import Project

        with Project.open(self.project_path, writer="job") as project:
            project.mark_interrupted_runs()


def _report_fault() -> None:
    """Tell of an exception in somebody's handler without ending the watching thread."""
    threading.excepthook(threading.ExceptHookArgs([*sys.exc_info(), threading.current_thread()]))


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that is to import this very package, installed or not."""
    environment = dict(os.environ)
    root = str(Path(handstudio.__file__).resolve().parents[1])
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    environment["PYTHONPATH"] = os.pathsep.join([root, *[path for path in paths if path != root]])
    environment["PYTHONUNBUFFERED"] = "1"
    environment.update(extra)
    return environment
