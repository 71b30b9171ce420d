"""What the demonstration decides by itself: its folder, its hold-out, and what it says when it cannot run."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs import demo
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.progress import CancelledError
from handstudio.project import Project
from handstudio.project.records import FrameImport, SequenceImport


def add(project: Project, name: str, recording: str | None, subject: str | None = None) -> None:
    frames = [FrameImport("0", 10, 10)]
    project.add_sequence(
        SequenceImport(name, "recording", f"/x/{name}", frames, recording=recording, subject=subject)
    )


@pytest.mark.parametrize(
    ("sequences", "held"),
    [
        ([("ada", "a"), ("ben", "b")], ["ben"]),
        ([("ada/cam0", "a"), ("ben/cam0", "b"), ("ben/cam1", "b")], ["ben/cam0", "ben/cam1"]),
        ([("ada/cam0", "a"), ("ada/cam1", "a")], ["ada/cam1"]),
        ([("photos", None), ("more", None)], ["more"]),
        ([("photos", None)], []),
    ],
)
def test_the_last_recording_is_held_out_with_all_its_views(
    tmp_path: Path, sequences: list[tuple[str, str | None]], held: list[str]
) -> None:
    with Project.create(tmp_path / "P") as project:
        for name, recording in sequences:
            add(project, name, recording)
        assert [each.name for each in demo._hold_out(project)] == held
        assert [each.name for each in project.sequences() if each.hold_out] == held


def test_where_each_person_was_filmed_twice_the_second_time_is_held_out(tmp_path: Path) -> None:
    with Project.create(tmp_path / "P") as project:
        for name in ("ada1/cam0", "ben1/cam0", "ada2/cam0", "ada2/cam1", "ben2/cam0"):
            add(project, name, name.split("/")[0], name[:3])
        assert [each.name for each in demo._hold_out(project)] == ["ada2/cam0", "ada2/cam1", "ben2/cam0"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(HandStudioError, match="The folder is not empty"):
        demo.run(Work(Quiet(StopRequest()), None), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_example_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EXAMPLE", tmp_path / "nowhere")
    with pytest.raises(HandStudioError, match="The bundled example is missing"):
        demo.run(Work(Quiet(StopRequest()), None), out=tmp_path / "out", screenshots=False)


def test_a_stop_in_the_middle_of_a_step_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = StopRequest()

    def stopped(*_: object, **__: object) -> dict[str, object]:
        stop.request()
        return {"hands": 0, "problems": []}

    footage = tmp_path / "example"
    footage.mkdir()
    assert cv2.imwrite(str(footage / "0.png"), np.zeros((20, 20, 3), np.uint8))
    monkeypatch.setattr(demo, "EXAMPLE", footage)
    monkeypatch.setattr(demo.proposing, "run", stopped)
    monkeypatch.setattr(demo, "_truth", lambda project: None)
    with pytest.raises(CancelledError):
        demo.run(Work(Quiet(stop), None), out=tmp_path / "out", screenshots=False)
    assert "Propose" not in (tmp_path / "out" / "report.md").read_text("utf-8")
