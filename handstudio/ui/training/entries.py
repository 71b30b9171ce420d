"""The runs to show: those of the project, and the jobs of this window as long as they run."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from handstudio.ui.job_words import NAMES, count_words, duration, rate_words

if TYPE_CHECKING:
    from handstudio.jobs.events import Event
    from handstudio.jobs.process import Job
    from handstudio.project.records import RunRecord

TRAINS: Final = ("finetune", "pretrain")
RESUMABLE: Final = ("interrupted", "cancelled", "failed")
LOG_NAME: Final = "losses.csv"
LOG_TAIL_BYTES: Final = 64 * 1024

Curves = dict[str, tuple[list[float], list[float]]]
"""Steps and values by name."""


@dataclass
class Entry:
    """One run as the monitor shows it.

    Attributes:
        kind: the command's first word.
        run_id: its row in the project, once known.
        state: as in ``RunRecord``.
        job: the process, where this window started it.
        record: what the project says of it.
        curves: figures told so far.
    """

    kind: str
    run_id: int | None = None
    state: str = "running"
    job: Job | None = None
    record: RunRecord | None = None
    started_at: float = 0.0
    ended_at: float | None = None
    error: str | None = None
    curves: Curves = field(default_factory=dict)
    curves_read: bool = False
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    rate: float | None = None
    eta_s: float | None = None
    message: str = ""

    @property
    def title(self) -> str:
        """What it does, for people."""
        return NAMES.get(self.kind, self.kind)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.state in ("running", "queued")

    @property
    def trains(self) -> bool:
        """Whether there are curves to be expected."""
        return self.kind in TRAINS

    @property
    def resumable(self) -> bool:
        """Whether it can be gone on with."""
        return self.kind == "finetune" and self.run_id is not None and self.state in RESUMABLE

    @property
    def log_path(self) -> Path | None:
        """Where its log is."""
        if self.job is not None:
            return Path(self.job.log_path)
        return Path(self.record.log_path) if self.record is not None and self.record.log_path else None

    @property
    def model(self) -> str | None:
        """The model that came out of it."""
        result = self.job.result if self.job is not None else self.record.result if self.record else None
        found = (result or {}).get("model")
        return str(found) if found is not None else None

    def take_record(self, record: RunRecord) -> None:
        """Take over what the project says."""
        self.record, self.run_id = record, record.id
        self.started_at, self.ended_at = record.started_at, record.ended_at
        if self.job is None or self.job.state != "running":
            self.state = record.state
        if self.job is None:
            self._take_progress(record.progress)

    def take_event(self, event: Event) -> None:
        """Take over what the job told."""
        if event.kind == "started":
            self.run_id = event.run
        elif event.kind == "progress":
            self.done, self.total, self.unit = event.done, event.total, event.unit
            self.rate, self.eta_s, self.message = event.rate, event.eta_s, event.message
        elif event.kind == "values":
            add_values(self.curves, event.step, event.values)
        elif event.kind == "error":
            self.error = event.message

    def take_end(self, job: Job) -> None:
        """The job is over."""
        self.state, self.error = job.state, job.error or self.error
        self.ended_at = time.time()

    def progress_text(self) -> str:
        """How far, how fast, how long still."""
        parts = [count_words(self.done, self.total, self.unit)]
        if self.rate and self.running:
            parts.append(rate_words(self.rate, self.unit))
        if self.eta_s is not None and self.running:
            parts.append(f"{duration(self.eta_s)} left")
        elif self.ended_at is not None and self.started_at:
            parts.append(f"took {duration(self.ended_at - self.started_at)}")
        return " · ".join(part for part in parts if part)

    def _take_progress(self, told: Mapping[str, object]) -> None:
        done, total, rate, eta = (_number(told.get(key)) for key in ("done", "total", "rate", "eta_s"))
        self.done, self.total, self.rate, self.eta_s = done or 0.0, total, rate, eta
        self.unit, self.message = str(told.get("unit") or ""), str(told.get("message") or "")


def add_values(curves: Curves, step: float, values: Mapping[str, float]) -> None:
    """Add one step's figures; what is not a number is left out."""
    for name, value in values.items():
        if isinstance(value, (int, float)) and math.isfinite(value):
            steps, figures = curves.setdefault(name, ([], []))
            if not steps or step > steps[-1]:
                steps.append(float(step))
                figures.append(float(value))


def read_curves(path: Path) -> Curves:
    """The curves of a log of losses; none where there is no log."""
    curves: Curves = {}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                step = float(row.pop("step"))
                add_values(
                    curves, step, {name: float(value) for name, value in row.items() if name and value}
                )
    except (OSError, ValueError, KeyError, TypeError):
        return curves
    return curves


def read_log(path: Path) -> str:
    """The end of a log."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(size - LOG_TAIL_BYTES, 0))
            text = stream.read().decode("utf-8", "replace")
    except OSError as problem:
        return f"The log cannot be read: {problem.strerror or problem}: {path}"
    return text if size <= LOG_TAIL_BYTES else text.partition("\n")[2]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
