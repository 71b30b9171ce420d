"""Jobs run beside the window, tell how far they are, can be stopped, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.events import EVENTS_VARIABLE, Failed, Finished, Measured, Progressed
from handstudio.jobs.process import Job, JobRunner, child_environment

from .conftest import PATIENCE_S, SMALL_PROGRAM, Heard


def test_a_job_tells_its_progress_its_figures_and_its_result(runner: JobRunner, heard: Heard) -> None:
    job = runner.start("count", ["5"], heard)
    assert job.wait(PATIENCE_S)
    told = heard.all()
    assert job.state == "finished"
    assert job.result == {"count": 5}
    assert job.progress == [event for event in told if isinstance(event, Progressed)][-1]
    assert (job.progress.done, job.progress.total, job.progress.unit) == (5, 5, "things")
    assert [event.step for event in told if isinstance(event, Measured)] == [0, 1, 2, 3, 4, 5]
    assert isinstance(told[-1], Finished)


def test_what_a_library_prints_lands_in_the_log_and_not_among_the_events(
    runner: JobRunner, heard: Heard
) -> None:
    job = runner.start("count", ["1"], heard)
    assert job.wait(PATIENCE_S)
    assert "a library prints what it likes" in job.log_tail()
    assert job.log_path.parent == runner.project_path / "runs"


def test_a_cancelled_job_reaches_its_safe_point(runner: JobRunner, heard: Heard, tmp_path: Path) -> None:
    note = tmp_path / "note"
    job = runner.start("patient", [note], heard)
    heard.wait_for(Progressed)
    job.cancel()
    job.cancel()
    assert job.wait(PATIENCE_S)
    assert job.state == "cancelled"
    assert note.read_text("utf-8") == "cancelled"


@pytest.mark.parametrize("how", ["polite", "stubborn"])
def test_a_job_that_does_not_listen_is_ended(
    runner: JobRunner, heard: Heard, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handstudio.jobs.process.TERMINATE_S", 0.1)
    job = runner.start("deaf", [how], heard)
    heard.wait_for(Progressed)
    job.cancel(grace_s=0.1)
    assert job.wait(PATIENCE_S)
    assert job.state == "cancelled"


def test_a_job_takes_its_own_children_with_it(runner: JobRunner, heard: Heard, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    job = runner.start("family", [note], heard)
    heard.wait_for(Progressed)
    child = psutil.Process(int(note.read_text("utf-8")))
    job.kill()
    assert job.wait(PATIENCE_S)
    psutil.wait_procs([child], timeout=PATIENCE_S)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_bad_input_fails_with_what_where_and_what_to_do(runner: JobRunner, heard: Heard) -> None:
    job = runner.start("fail", [], heard)
    assert job.wait(PATIENCE_S)
    assert job.state == "failed"
    assert job.error == "The file is damaged: /somewhere/a.jpg. Take it out of the folder"
    assert isinstance(heard.all()[-1], Failed)


def test_a_fault_of_the_program_leaves_its_traceback_in_the_log(runner: JobRunner, heard: Heard) -> None:
    job = runner.start("crash", [], heard)
    assert job.wait(PATIENCE_S)
    assert job.state == "failed"
    assert job.error is not None
    assert "ZeroDivisionError" in job.error
    assert "Traceback" in job.log_tail(100)


def test_a_killed_job_has_failed_and_says_so(runner: JobRunner, heard: Heard) -> None:
    job = runner.start("die", [], heard)
    assert job.wait(PATIENCE_S)
    assert job.state == "failed"
    assert job.error is not None
    assert "signal 9" in job.error
    assert "last words" in job.error
    assert isinstance(heard.all()[-1], Failed)


def test_a_fault_of_a_listener_does_not_stop_the_job(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("threading.excepthook", lambda details: seen.append(details.exc_type))

    def listener(job: object, event: object) -> None:
        raise LookupError

    job = runner.start("count", ["1"], listener)
    assert job.wait(PATIENCE_S)
    assert job.state == "finished"
    assert set(seen) == {LookupError}


def test_a_job_that_cannot_be_started_is_a_clear_error(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", refuse)
        with pytest.raises(HandStudioError, match="No space left"):
            runner.start("count", ["1"])
    assert runner.jobs == ()
    assert runner.start("count", ["1"]).wait(PATIENCE_S)


def test_a_fault_of_who_waits_for_the_end_does_not_hide_the_end(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("threading.excepthook", lambda details: seen.append(details.exc_type))

    def ended(job: object) -> None:
        raise LookupError

    assert runner.start("count", ["1"], on_end=ended).wait(PATIENCE_S)
    assert seen == [LookupError]


def test_the_end_is_told_although_the_row_cannot_be_settled(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: JobRunner, job: Job) -> None:
        raise HandStudioError("Another process keeps the project busy")

    monkeypatch.setattr(JobRunner, "_settle_row", refuse)
    ended: list[Job] = []
    job = runner.start("die", [], on_end=ended.append)
    assert job.wait(PATIENCE_S)
    assert ended == [job]


def test_closing_interrupts_what_runs_and_leaves_no_process(tmp_path: Path, heard: Heard) -> None:
    note = tmp_path / "note"
    ended = []
    runner = JobRunner(tmp_path / "project", program=(sys.executable, str(SMALL_PROGRAM)))
    job = runner.start("patient", [note], heard, on_end=ended.append)
    heard.wait_for(Progressed)
    assert runner.running == (job,)
    runner.close()
    assert ended == [job]
    assert job.state == "interrupted"
    assert note.read_text("utf-8") == "interrupted"
    assert not psutil.pid_exists(job.pid)
    with pytest.raises(RuntimeError):
        runner.start("count", ["1"])


def test_a_job_whose_window_was_killed_stops_at_a_safe_point(tmp_path: Path) -> None:
    note = tmp_path / "note"
    window = (
        "import subprocess, sys, threading\n"
        f"job = subprocess.Popen([sys.executable, {str(SMALL_PROGRAM)!r}, 'patient', {str(note)!r}],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)\n"
        "print(job.pid, job.stdout.readline(), flush=True)\n"
        "threading.Event().wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", window],
        stdout=subprocess.PIPE,
        env=child_environment({EVENTS_VARIABLE: "1"}),
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        job = psutil.Process(int(process.stdout.readline().split()[0]))
        process.send_signal(signal.SIGKILL)
        process.wait()
    psutil.wait_procs([job], timeout=PATIENCE_S)
    assert note.read_text("utf-8") == "interrupted"


def test_the_child_imports_this_very_package() -> None:
    root = str(Path(__file__).parents[2])
    assert child_environment({})["PYTHONPATH"].split(os.pathsep)[0] == root
