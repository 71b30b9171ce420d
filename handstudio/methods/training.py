"""The training loop of every method: steps, checkpoints, a log, cancel and resume at any step."""

from __future__ import annotations

import csv
import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from handstudio.errors import HandStudioError
from handstudio.methods.locking import alone_in
from handstudio.progress import Progress, Silent

CHECKPOINT = "checkpoint.pt"
LOG = "losses.csv"
LOCK = "training.lock"
LEAST_BETWEEN_S = 5.0
"""Seconds between two checkpoints at least."""
SHARE_OF_TIME = 0.02
"""Of a training's time that checkpoints may take: where writing is quick, a kill costs seconds of work."""


class Training(ABC):
    """What a method trains: it does one step at a time and can be frozen between any two.

    Everything random in a step is drawn from the step's number and the training's seed, so that a training
    that was
    interrupted goes on as if it had not been.
    """

    step: int = 0
    """Steps done."""
    unit: str = "steps"

    @property
    @abstractmethod
    def total(self) -> int | None:
        """Steps in all; ``None`` where the end is a time."""

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Whether no step is left."""

    @abstractmethod
    def advance(self) -> Mapping[str, float]:
        """Do one step and count it; returns its losses by name."""

    @abstractmethod
    def model(self) -> nn.Module:
        """The network as it would be handed out now."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Everything that :meth:`load_state_dict` needs to go on; tensors, numbers, strings, lists and
        dicts."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""

    @property
    def epochs_done(self) -> int:
        """Epochs that are done; 0 for a training without epochs."""
        return 0

    def message(self) -> str:
        """What is going on, for a line of progress."""
        return ""

    def close(self) -> None:  # noqa: B027
        """Let go of threads and pools."""


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Attributes:
        finished: ``False`` when it was stopped; it can be resumed from its folder.
        steps: steps done in all.
        seconds: time of this stretch.
        losses: the mean of the last logged losses.
    """

    finished: bool
    steps: int
    seconds: float
    losses: dict[str, float]


def train(
    training: Training,
    folder: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    checkpoint_seconds: float = 60.0,
    log_every: int = 10,
) -> TrainResult:
    """Train until the end or until asked to stop; goes on from a checkpoint in ``folder``.

    Args:
        training: what to train.
        folder: where the checkpoint and the log of losses live.
        progress: told the losses every ``log_every`` steps, asked whether to stop before each step.
        should_stop: asked as well.
        checkpoint_seconds: time between checkpoints at most; they come sooner where writing one is quick, and
            another one is written when the training stops.
        log_every: steps between lines of the log.

    Raises:
        HandStudioError: when the loss is no number (the last checkpoint stays), the checkpoint cannot be
            read, the folder cannot be written, or another process trains in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder / LOCK, "trains"):
        return _train(training, folder, progress or Silent(), should_stop, checkpoint_seconds, log_every)


def _train(
    training: Training,
    folder: Path,
    progress: Progress,
    should_stop: Callable[[], bool] | None,
    checkpoint_seconds: float,
    log_every: int,
) -> TrainResult:
    checkpoint = folder / CHECKPOINT
    if checkpoint.exists():
        training.load_state_dict(read_checkpoint(checkpoint))
    log = LossLog(folder / LOG, training.step)
    begin = saved = time.monotonic()
    pause = min(checkpoint_seconds, LEAST_BETWEEN_S)
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    losses: dict[str, float] = {}
    try:
        while not training.finished:
            if progress.cancelled() or (should_stop is not None and should_stop()):
                break
            values = training.advance()
            if not math.isfinite(values.get("loss", 0.0)):
                raise HandStudioError(
                    f"The training went astray: its loss at step {training.step} is no number",
                    folder,
                    "Resume it from its last checkpoint, or start again with a lower learning rate",
                )
            for name, value in values.items():
                sums[name] = sums.get(name, 0.0) + value
                counts[name] = counts.get(name, 0) + 1
            if training.step % log_every == 0 or training.finished:
                losses = {name: value / counts[name] for name, value in sums.items()}
                sums, counts = {}, {}
                log.write(training.step, losses)
                progress.values(training.step, losses)
            progress.report(training.step, training.total, training.unit, training.message())
            if time.monotonic() - saved >= pause:
                started = time.monotonic()
                write_checkpoint(checkpoint, training.state_dict())
                saved = time.monotonic()
                pause = min(checkpoint_seconds, max(LEAST_BETWEEN_S, (saved - started) / SHARE_OF_TIME))
        write_checkpoint(checkpoint, training.state_dict())
    finally:
        log.close()
    return TrainResult(training.finished, training.step, time.monotonic() - begin, losses)


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint whole or not at all."""
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as stream:
            torch.save(dict(state), stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise HandStudioError(
            f"The checkpoint could not be written ({error})", path, "Free space on the drive"
        ) from None


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is executed."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise HandStudioError(
            f"The checkpoint is damaged ({type(error).__name__})",
            path,
            "Delete it to start this training over",
        ) from None
    if not isinstance(state, dict):
        raise HandStudioError("The checkpoint is damaged", path, "Delete it to start this training over")
    return state


class LossLog:
    """A table of losses by step (CSV); lines beyond ``step`` are from a lost stretch.

    Args:
        path: the file; it is continued where it exists.
        step: the step that the training starts from; later lines are dropped.
    """

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        self._columns: list[str] = []
        self._begin(self._kept(step))

    def _kept(self, step: int) -> list[list[str]]:
        if not self._path.exists():
            return []
        with self._path.open(newline="") as stream:
            rows = list(csv.reader(stream))
        if not rows:
            return []
        self._columns = rows[0]
        width = len(self._columns)
        return [row for row in rows[1:] if len(row) == width and row[0].isdigit() and int(row[0]) <= step]

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Add a line; a name that is new becomes a further column, empty in the lines before."""
        new = [name for name in values if name not in self._columns]
        if new:
            self._widen(new)
        line = [f"{values[name]:.6g}" if name in values else "" for name in self._columns[1:]]
        self._writer.writerow([step, *line])
        self._stream.flush()

    def _widen(self, names: list[str]) -> None:
        self._stream.close()
        with self._path.open(newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        self._columns = [*(self._columns or ["step"]), *names]
        self._begin([row + [""] * len(names) for row in rows])

    def _begin(self, rows: list[list[str]]) -> None:
        self._stream = self._path.open("w", newline="")
        self._writer = csv.writer(self._stream)
        if self._columns:
            self._writer.writerow(self._columns)
            self._writer.writerows(rows)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def read_log(path: Path) -> dict[str, list[float]]:
    """The columns of a log of losses; empty fields are NaN."""
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))
    if not rows:
        return {}
    return {
        name: [float(row[column]) if row[column] else float("nan") for row in rows[1:]]
        for column, name in enumerate(rows[0])
    }
