"""The loop of every training: log, checkpoints, cancel, resume."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from handstudio.errors import HandStudioError
from handstudio.methods import training
from handstudio.methods.locking import take
from handstudio.methods.training import CHECKPOINT, LOCK, LOG, LossLog, read_checkpoint, read_log, train
from handstudio.progress import Silent

from .toy import ToyNetwork, ToySettings, ToyTraining


class Stopping(Silent):
    """Cancels after a number of steps and keeps what it was told."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.reports: list[tuple[float, float | None]] = []
        self.losses: dict[int, dict[str, float]] = {}

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        self.reports.append((done, total))

    def values(self, step: int, values: object) -> None:
        self.losses[step] = dict(values)  # type: ignore[call-overload]

    def cancelled(self) -> bool:
        return len(self.reports) >= self.after


def _training(steps: int = 6) -> ToyTraining:
    return ToyTraining(ToyNetwork(), ToySettings(steps=steps))


def test_a_training_runs_to_its_end_and_tells_every_step(tmp_path: Path) -> None:
    progress = Stopping(99)
    result = train(_training(), tmp_path, progress, log_every=2)
    assert result.finished
    assert progress.reports == [(step, 6) for step in range(1, 7)]
    assert list(progress.losses) == [2, 4, 6]
    assert progress.losses[2]["loss"] == pytest.approx((1 + 1 / 2) / 2)


@pytest.mark.parametrize("stop", range(6))
def test_cancelled_at_any_step_it_resumes_to_the_same_end(tmp_path: Path, stop: int) -> None:
    whole = _training()
    train(whole, tmp_path / "whole", log_every=1)
    cancelled = train(_training(), tmp_path / "parts", Stopping(stop), log_every=1)
    assert not cancelled.finished
    assert cancelled.steps == stop
    resumed = _training()
    assert train(resumed, tmp_path / "parts", log_every=1).finished
    assert torch.equal(whole.network.weight, resumed.network.weight)
    assert (tmp_path / "whole" / LOG).read_text() == (tmp_path / "parts" / LOG).read_text()


def test_lines_of_a_lost_stretch_leave_the_log(tmp_path: Path) -> None:
    train(_training(), tmp_path, Stopping(3), log_every=1)
    with (tmp_path / LOG).open("a") as log:
        log.write("4,9,9\n5,9,9\n6,9")
    train(_training(), tmp_path, log_every=1)
    table = read_log(tmp_path / LOG)
    assert table["step"] == [1, 2, 3, 4, 5, 6]
    assert 9.0 not in table["loss"]
    assert math.isnan(table["known"][0])


def test_a_damaged_checkpoint_is_a_message(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"not a checkpoint")
    with pytest.raises(HandStudioError, match="damaged"):
        train(_training(), tmp_path)


def test_a_checkpoint_executes_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("executed",)

    torch.save({"step": 1, "evil": Evil()}, tmp_path / CHECKPOINT)
    with pytest.raises(HandStudioError, match="damaged"):
        read_checkpoint(tmp_path / CHECKPOINT)


def test_no_half_written_checkpoint_stays(tmp_path: Path) -> None:
    train(_training(), tmp_path, checkpoint_seconds=0.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKPOINT, LOG, LOCK]


@pytest.mark.parametrize(("writing_s", "written_at"), [(0.0625, [5, 10, 15]), (0.25, [5, 18])])
def test_checkpoints_come_often_where_writing_them_is_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writing_s: float, written_at: list[int]
) -> None:
    clock = [0.0]
    written: list[int] = []

    class OneSecondAStep(ToyTraining):
        def advance(self) -> dict[str, float]:
            clock[0] += 1.0
            return dict(super().advance())

    def write(_path: Path, state: dict[str, int]) -> None:
        clock[0] += writing_s
        written.append(state["step"])

    monkeypatch.setattr(training.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(training, "write_checkpoint", write)
    train(OneSecondAStep(ToyNetwork(), ToySettings(steps=19)), tmp_path)
    assert written == [*written_at, 19]


def test_two_trainings_never_share_a_folder(tmp_path: Path) -> None:
    train(_training(), tmp_path, Stopping(3), log_every=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with (tmp_path / LOCK).open("a") as held:
        assert take(held)
        with pytest.raises(HandStudioError, match="Another process trains in this folder"):
            train(_training(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert train(_training(), tmp_path).finished


def test_a_loss_that_comes_later_gets_its_own_column(tmp_path: Path) -> None:
    log = LossLog(tmp_path / LOG, 0)
    log.write(1, {"trusted": 0.5})
    log.write(2, {"loss": 3.0})
    log.write(3, {"trusted": 0.6, "loss": 2.0})
    log.close()
    table = read_log(tmp_path / LOG)
    assert table["step"] == [1, 2, 3]
    assert table["loss"][1:] == [3.0, 2.0]
    assert math.isnan(table["loss"][0])
    assert math.isnan(table["trusted"][1])


class _Astray(ToyTraining):
    def advance(self) -> Mapping[str, float]:
        values = dict(super().advance())
        return values | ({"loss": math.nan} if self.step == 5 else {})


def test_a_training_that_goes_astray_stops_and_keeps_its_checkpoint(tmp_path: Path) -> None:
    train(ToyTraining(ToyNetwork(), ToySettings()), tmp_path, Stopping(3))
    with pytest.raises(HandStudioError, match="loss at step 5 is no number"):
        train(_Astray(ToyNetwork(), ToySettings()), tmp_path)
    assert read_checkpoint(tmp_path / CHECKPOINT)["step"] == 3
