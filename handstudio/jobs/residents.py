"""A child that stays: it answers one request after the other, and is started again when it was killed."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from handstudio.errors import HandStudioError

from .messages import Message, read_message, write_message
from .process import child_environment

Answered = Callable[[Message | HandStudioError], None]

ANSWER_LIMIT_S = 60.0
"""A child that takes longer than this for one answer hangs, and is ended."""
START_LIMIT_S = 240.0
"""The same for its first answer, for which it loads its libraries and a model."""


class Ticket:
    """A request on its way; one that has not been sent can be taken back."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """The answer is no longer wanted: it will not be told."""
        self.cancelled = True


class Resident:
    """Keeps one child running and asks it things, in order, from a thread of its own.

    The child is started by the first request. Nothing here waits for it except :meth:`close`.

    Args:
        words: what starts the child, behind ``python``.
        name: of the thread, and of the child in errors.
        limit_s: seconds that an answer may take.
        start_limit_s: seconds that the first answer of a child may take.
    """

    def __init__(
        self,
        words: Sequence[str],
        name: str,
        limit_s: float = ANSWER_LIMIT_S,
        start_limit_s: float = START_LIMIT_S,
    ) -> None:
        self._words = list(words)
        self._name = name
        self._limit_s = limit_s
        self._start_limit_s = start_limit_s
        self._requests: queue.SimpleQueue[tuple[Message, Answered, Ticket] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: BinaryIO | None = None
        self._outdated = False
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, message: Message, answered: Answered) -> Ticket:
        """Queues a request; ``answered`` is called on the resident's thread, with an answer or an error.

        What is asked after :meth:`close`, as by a timer that was on its way, is not answered.
        """
        ticket = Ticket()
        with self._lock:
            if self._closed:
                ticket.cancel()
                return ticket
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
        self._requests.put((message, answered, ticket))
        return ticket

    def replace(self, words: Sequence[str]) -> None:
        """The next request goes to a new child, started with other words."""
        with self._lock:
            self._outdated = self._outdated or list(words) != self._words
            self._words = list(words)

    def close(self) -> None:
        """Ends the child and the thread; requests under way are not answered."""
        with self._lock:
            self._closed = True
            self._kill()
        self._requests.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while (request := self._requests.get()) is not None:
            message, answered, ticket = request
            if ticket.cancelled or self._closed:
                continue
            try:
                answer = self._answer(message)
            except Exception as error:
                # this thread serves all requests: whatever one of them does, the next is answered
                self._end()
                fault = f"{type(error).__name__}: {error}"
                answer = HandStudioError(f"The {self._name} could not be asked ({fault})", None, "Try again")
            if ticket.cancelled or self._closed:
                continue
            try:
                answered(answer)
            except Exception:
                threading.excepthook(threading.ExceptHookArgs([*sys.exc_info(), threading.current_thread()]))
        self._end()

    def _answer(self, message: Message) -> Message | HandStudioError:
        last = ""
        for _ in range(2):
            hung = threading.Event()
            limit_s = self._limit_s if self.pid is not None and not self._outdated else self._start_limit_s
            timer = threading.Timer(limit_s, self._give_up, args=(hung,))
            timer.daemon = True
            timer.start()
            try:
                answer = self._exchange(message)
            except (OSError, EOFError, ValueError):
                if self._closed:
                    break
            else:
                if (problem := answer.values.get("error")) is not None:
                    return HandStudioError(str(problem))
                return answer
            finally:
                timer.cancel()
                timer.join()
            if hung.is_set():
                self._end()
                return HandStudioError(f"The {self._name} did not answer and was ended", None, "Try again")
            last = self._last_words()
            self._end()
        return HandStudioError(f"The {self._name} ended twice without an answer", None, last or None)

    def _give_up(self, hung: threading.Event) -> None:
        hung.set()
        self._kill()

    def _exchange(self, message: Message) -> Message:
        process = self._running()
        write_message(cast(BinaryIO, process.stdin), message)
        answer = read_message(cast(BinaryIO, process.stdout))
        if answer is None:
            raise EOFError
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            outdated, self._outdated = self._outdated, False
        if outdated or (self._process is not None and self._process.poll() is not None):
            self._end()
        with self._lock:
            if self._closed:
                raise EOFError
            if self._process is None:
                self._errors = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
                self._process = subprocess.Popen(
                    [sys.executable, *self._words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    env=child_environment({}),
                    start_new_session=True,
                )
            return self._process

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        return "\n".join(self._errors.read().decode("utf-8", "replace").splitlines()[-3:])

    def _kill(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()

    def _end(self) -> None:
        self._kill()
        process, self._process = self._process, None
        errors, self._errors = self._errors, None
        if process is not None:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        if errors is not None:
            errors.close()
