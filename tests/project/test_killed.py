"""What was acknowledged is on disk: a killed process loses no decision."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from handstudio.project import Project, runs
from handstudio.project.bulk_commands import DecideMany
from handstudio.project.packing import ids_to_text
from handstudio.project.process import ProcessIdentity
from handstudio.project.records import HandQuery, State

from .made import new_project

MANY = 30_000

_DECIDE = """
import sys
from handstudio.project import Project, runs
from handstudio.project.process import ProcessIdentity
from handstudio.project.commands import SetLabel
from handstudio.project.records import State
project = Project.open(sys.argv[1], "window")
print("open", flush=True)
for hand_id in project.hand_ids().tolist():
    found = project.proposal_of(hand_id)
    project.history.apply(SetLabel(hand_id, found.pose, State.ACCEPTED, "proposal", found.id), "me")
    print(hand_id, flush=True)
"""

_RUN = """
import sys
from handstudio.project import Project, runs
from handstudio.project.process import ProcessIdentity
project = Project.open(sys.argv[1], "job")
print(project.start_run("finetune", ["finetune"], {"epochs": 3}), flush=True)
sys.stdin.read()
"""

_UNDO_MANY = """
import sys
from handstudio.progress import Silent
from handstudio.project import Project
class Told(Silent):
    def report(self, done, total, unit, message=""):
        print(done, flush=True)
project = Project.open(sys.argv[1], "window")
getattr(project.history, sys.argv[2])("me", Told())
print("stored", flush=True)
"""


def start(program: str, folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("acknowledged", [1, 7, 23])
def test_a_killed_window_loses_no_acknowledged_decision(tmp_path: Path, acknowledged: int) -> None:
    new_project(tmp_path / "p", frames=40, writer="cli").close()
    with start(_DECIDE, tmp_path / "p") as window:
        assert window.stdout is not None
        for _ in range(acknowledged + 1):
            last = window.stdout.readline().strip()
        window.send_signal(signal.SIGKILL)
        told = [last, *window.stdout.read().split()]
    seen = max(int(line) for line in told)
    with Project.open(tmp_path / "p", "window") as project:
        assert not project.read_only
        accepted = project.hand_ids(HandQuery(states=(State.ACCEPTED,))).tolist()
        assert accepted[:seen] == list(range(1, seen + 1))
        assert len(accepted) <= seen + 1
        assert len(project.history.entries()) == len(accepted)
        for _ in accepted:
            assert project.history.undo() is not None
        assert project.state_counts()[State.PROPOSED] == 40


@pytest.fixture(scope="module")
def decided_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty thousand hands that were accepted in one step."""
    folder = tmp_path_factory.mktemp("many") / "p"
    with new_project(folder, frames=MANY, writer="cli") as project:
        command = DecideMany("accept", ids_to_text(project.hand_ids()))
        project.history.apply(command, "me")
    return folder


@pytest.mark.parametrize("action", ["undo", "redo"])
@pytest.mark.parametrize("parts", [1, 3, 7])
def test_a_kill_in_the_middle_of_a_large_undo_or_redo_leaves_all_or_nothing(
    decided_many: Path, tmp_path: Path, action: str, parts: int
) -> None:
    copytree(decided_many, tmp_path / "p")
    old, new = State.ACCEPTED, State.PROPOSED
    if action == "redo":
        with Project.open(tmp_path / "p") as project:
            project.history.undo()
        old, new = new, old
    with start(_UNDO_MANY, tmp_path / "p", action) as window:
        assert window.stdout is not None
        for _ in range(parts):
            window.stdout.readline()
        window.send_signal(signal.SIGKILL)
        told = window.stdout.read()
    with Project.open(tmp_path / "p", "window") as project:
        assert not project.read_only
        counts = project.state_counts()
        is_new = counts[new] == MANY
        assert is_new or counts[old] == MANY
        assert is_new or "stored" not in told
        assert len(project.history.entries()) == 1 + (action == "redo") + is_new
        step = project.history.next("redo" if (action == "undo") is is_new else "undo")
        assert step is not None
        assert step.hands == MANY
        assert is_new is (getattr(project.history, action)("me") is None)
        assert project.state_counts()[new] == MANY


def test_the_run_of_a_killed_job_is_found_and_marked_interrupted(tmp_path: Path) -> None:
    new_project(tmp_path / "p", writer="cli").close()
    with start(_RUN, tmp_path / "p") as job:
        assert job.stdout is not None
        run_id = int(job.stdout.readline())
        with Project.open(tmp_path / "p", "window") as project:
            assert project.run(run_id).state == "running"
        job.send_signal(signal.SIGKILL)
        job.wait()
    with Project.open(tmp_path / "p", "window") as project:
        run = project.run(run_id)
        assert run.state == "interrupted"
        assert run.ended_at is not None
        assert run.params == {"epochs": 3}


def test_a_run_that_is_taken_up_again_is_not_marked_interrupted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = project.start_run("finetune", ["finetune"], {})

    def taken_up_meanwhile(process: ProcessIdentity) -> bool:
        project.update_run(run_id, state="running")
        return False

    with project._store.writing() as connection:
        connection.exec_driver_sql("UPDATE run SET process = 'the one before', pid = 1")
    monkeypatch.setattr(runs, "is_alive", taken_up_meanwhile)
    assert project.mark_interrupted_runs() == []
    assert project.run(run_id).state == "running"


def test_the_lock_of_a_killed_window_is_taken_over(tmp_path: Path) -> None:
    new_project(tmp_path / "p", writer="cli").close()
    with start(_DECIDE, tmp_path / "p") as window:
        assert window.stdout is not None
        window.stdout.readline()
        with Project.open(tmp_path / "p", "window") as second:
            assert second.read_only
            holder = second.hold()
            assert holder is not None
            assert holder.process.pid == window.pid
            assert any(str(window.pid) in message for message in second.messages)
        window.send_signal(signal.SIGKILL)
        window.wait()
    with Project.open(tmp_path / "p", "window") as third:
        assert not third.read_only
        assert third.held_by_me
