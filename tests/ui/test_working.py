"""Jobs in the status line, and what a change of models means for the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest

from handstudio.jobs.events import Progressed
from handstudio.methods.computing import Computing
from handstudio.project.records import Change
from handstudio.ui.desk import Desk
from handstudio.ui.job_board import JobBoard

from .conftest import close_all


@dataclass
class Job:
    """Stands for a process."""

    kind: str
    state: str = "running"
    progress: Progressed | None = None
    result: dict[str, object] = field(default_factory=dict)
    error: str | None = None
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class Runner:
    """Starts nothing."""

    def __init__(self) -> None:
        self.running: tuple[Job, ...] = ()

    def start(self, kind, argv, on_event, on_end):
        job = Job(kind)
        self.running = (*self.running, job)
        return job

    def close(self) -> None:
        self.running = ()


class Worker:
    """Answers every question for heatmaps at once."""

    computing = Computing("cpu", "A processor", 2, "fp32, channels last", {"fp32, channels last": 150.0})

    def __init__(self) -> None:
        self.asked = 0

    def use_model(self, _path) -> None: ...
    def warm_up(self, ready) -> None:
        ready(None)

    def close(self) -> None: ...

    def heatmaps(self, _address, _box, _side, told):
        self.asked += 1
        told(np.random.default_rng(self.asked).random((21, 16, 16), np.float32))
        return SimpleNamespace(cancel=lambda: None)


@pytest.fixture
def runner() -> Runner:
    return Runner()


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def busy(qapp, settings, project, runner, worker, monkeypatch, qtbot):
    """A window with these two in place of processes."""
    own = Desk._services

    def lent(desk, *what):
        return replace(own(desk, *what), board=JobBoard(runner), worker=worker)

    monkeypatch.setattr(Desk, "_services", lent)
    desk = Desk(settings, jobs=False, docks=False)
    window = desk.open(project)
    qtbot.waitUntil(lambda: window.canvas.frame is not None)
    yield window
    close_all(desk)


def tell(window, job: Job, done: float) -> None:
    job.progress = Progressed(done, 100, "steps", 2.0, 40.0)
    window.services.board.told.emit(job, job.progress)


def test_of_two_jobs_the_latest_is_shown_which_is_the_one_that_is_cancelled(busy, runner):
    strip = busy.status.job
    busy.work.propose()
    busy.work.finetune()
    first, second = runner.running
    tell(busy, second, 12)
    tell(busy, first, 50)
    assert strip.text.full_text == "Finetuning (and Proposing) · 12 of 100 steps · 2.0/s · 40 s left"
    busy.services.actions["cancel_job"].trigger()
    assert (first.cancelled, second.cancelled) == (False, True)
    assert busy.status.message.full_text.startswith("Finetuning is being cancelled")
    runner.running, second.state = (first,), "cancelled"
    busy.services.board.ended.emit(second)
    assert strip.text.full_text.startswith("Proposing · 50 of 100 steps")
    runner.running, first.state = (), "finished"
    busy.services.board.ended.emit(first)
    assert strip.isHidden()


def test_heatmaps_are_asked_anew_of_the_model_that_is_adopted(busy, worker, qtbot):
    session = busy.session
    session.select_joints({8})
    busy.services.actions["layer_heatmap"].setChecked(True)
    qtbot.waitUntil(lambda: "heatmap" in busy.canvas.hands.current.maps)
    before = busy.canvas.hands.current.maps["heatmap"][0].copy()
    session.project.add_model("m", "M", "semihand", "lite", source="pretrain", path="/m", adopted=True)
    session.changed.emit(Change(models=True))
    qtbot.waitUntil(lambda: worker.asked == 2)
    qtbot.waitUntil(lambda: "heatmap" in busy.canvas.hands.current.maps)
    assert busy.canvas.hands.current.maps["heatmap"][0] != before


def test_the_status_line_says_what_computes_once_the_worker_has_told(busy):
    computing = busy.status.computing
    busy.status.show_computing(None)
    assert computing.isHidden()
    busy.work.warm_up()
    assert not computing.isHidden()
    assert computing.full_text == "CPU · 2 cores · fp32, channels last"
    assert "A processor" in computing.toolTip()
    assert "150" in computing.toolTip()
