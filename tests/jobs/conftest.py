"""Runners and waiting for what jobs tell, without sleeping."""

from __future__ import annotations

import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handstudio.jobs.events import Event
from handstudio.jobs.process import Job, JobRunner, child_environment

SMALL_PROGRAM = Path(__file__).with_name("small_program.py")
PATIENCE_S = 90.0


class Heard:
    """What a job has told, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Event] = queue.Queue()
        self.events: list[Event] = []

    def __call__(self, job: Job, event: Event) -> None:
        self._queue.put(event)

    def wait_for(self, kind: type[Event]) -> Event:
        """The next event of a kind."""
        while True:
            event = self._queue.get(timeout=PATIENCE_S)
            self.events.append(event)
            if isinstance(event, kind):
                return event

    def all(self) -> list[Event]:
        """Everything told so far."""
        while not self._queue.empty():
            self.events.append(self._queue.get())
        return self.events


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[JobRunner]:
    """Starts jobs of the small program."""
    with JobRunner(tmp_path / "project", program=(sys.executable, str(SMALL_PROGRAM))) as runner:
        yield runner


@pytest.fixture
def small() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command of the small program as a person at a shell would."""

    def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(SMALL_PROGRAM), *words],
            env=child_environment({}),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            **options,
        )

    return run
