"""A run's row tells how the job ended, also when the job itself no longer could."""

from __future__ import annotations

from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.command import Work
from handstudio.jobs.events import Progressed, Started
from handstudio.jobs.process import Job, JobRunner
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.records import RunRecord

from .conftest import PATIENCE_S, Heard


@pytest.fixture
def project_path(runner: JobRunner) -> Path:
    Project.create(runner.project_path).close()
    return runner.project_path


def only_run(path: Path) -> RunRecord:
    with Project.open(path) as project:
        (run,) = project.runs()
    return run


def ended(job: Job) -> Job:
    assert job.wait(PATIENCE_S)
    return job


def test_a_finished_run_keeps_its_result_and_its_log(
    runner: JobRunner, project_path: Path, heard: Heard
) -> None:
    job = ended(runner.start("run", [project_path, "count", "3"], heard))
    run = only_run(project_path)
    assert (run.state, run.result, run.params) == ("finished", {"count": 3}, {"how": "count"})
    assert run.ended_at is not None
    assert run.log_path == str(job.log_path)
    assert job.run_id == run.id
    assert [event.run for event in heard.all() if isinstance(event, Started)] == [run.id]


def test_a_run_that_meets_bad_input_has_failed(runner: JobRunner, project_path: Path) -> None:
    job = ended(runner.start("run", [project_path, "fail"]))
    assert only_run(project_path).state == "failed"
    assert "The file is damaged" in job.log_tail(100)


def test_what_went_wrong_is_told_although_the_row_cannot_be_written(
    runner: JobRunner, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Project, *arguments: object) -> None:
        raise HandStudioError("The disk is full")

    def fail(progress: object, run_id: int) -> dict[str, object]:
        raise HandStudioError("The footage is gone")

    monkeypatch.setattr(Project, "finish_run", refuse)
    with (
        Project.open(project_path, "job") as project,
        pytest.raises(HandStudioError, match="footage is gone"),
    ):
        Work(Quiet(StopRequest()), None).in_run(project, "propose", {}, fail)


def test_a_killed_run_is_interrupted_at_once(runner: JobRunner, project_path: Path) -> None:
    job = ended(runner.start("run", [project_path, "die"]))
    assert job.state == "failed"
    with Project.open(project_path, read_only=True) as project:
        assert [run.state for run in project.runs()] == ["interrupted"]


def test_a_cancelled_run_is_cancelled(runner: JobRunner, project_path: Path, heard: Heard) -> None:
    job = runner.start("run", [project_path, "patient"], heard)
    heard.wait_for(Progressed)
    job.cancel()
    ended(job)
    assert only_run(project_path).state == job.state == "cancelled"


def test_a_run_of_a_closed_window_is_interrupted(runner: JobRunner, project_path: Path, heard: Heard) -> None:
    job = runner.start("run", [project_path, "patient"], heard)
    heard.wait_for(Progressed)
    runner.close()
    assert only_run(project_path).state == job.state == "interrupted"
