"""Which places a command writes to and reads from: never over footage or a project; a closed one is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.jobs import evaluating, exporting, listing, modelling, reviewing, synthesising
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.progress import CancelledError
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import FrameImport, HandImport, Pose, SequenceImport, State


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


def test_recordings_are_rendered_into_an_empty_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "sequences").mkdir()
    (tmp_path / "index.json").write_text("mine", "utf-8")
    with pytest.raises(HandStudioError, match=r"The folder is not empty.*Choose another with --out"):
        synthesising.run(work(), count=1, size=16, seed=0, out=tmp_path)
    assert (tmp_path / "index.json").read_text("utf-8") == "mine"
    with pytest.raises(HandStudioError, match="a file, not a folder"):
        synthesising.run(work(), count=1, size=16, seed=0, out=tmp_path / "index.json")


@pytest.mark.parametrize("form", ["coco", "hdf5"])
@pytest.mark.parametrize("out", ["P/project.db", "P", "P/runs/new/labels.json", "Q/project.db"])
def test_an_export_replaces_nothing_in_a_project(tmp_path: Path, form: str, out: str) -> None:
    for name in ("P", "Q"):
        Project.create(tmp_path / name).close()
    before = (tmp_path / "P" / "project.db").read_bytes()
    with pytest.raises(HandStudioError, match="inside a project"):
        exporting.run(work(), tmp_path / "P", form=form, out=tmp_path / out, overwrite=True)
    assert (tmp_path / "P" / "project.db").read_bytes() == before


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a label and truth that may only be read."""
    pose = Pose(np.full((21, 2), 5.0), np.zeros(21))
    hands = [
        HandImport(index, "right", Box(0.0, 0.0, 10.0, 10.0), "dataset", truth=pose) for index in range(2)
    ]
    with Project.create(tmp_path / "P") as project:
        frames = [FrameImport(f"{index}.png", 10, 10) for index in range(2)]
        project.add_sequence(SequenceImport("a", "folder", str(tmp_path / "a"), frames, hands))
        for hand_id in (1, 2):
            project.history.apply(SetLabel(hand_id, pose, State.FIXED, "dragged"), "ann")
    monkeypatch.setattr("handstudio.project.opening._can_write", lambda path: False)
    return tmp_path / "P"


def test_a_project_that_may_only_be_read_is_listed_evaluated_and_exported(
    closed: Path, tmp_path: Path
) -> None:
    assert listing.runs(work(), closed) == {"runs": []}
    assert modelling.run(work(), closed) == {"models": [], "adopted": None}
    assert reviewing.run(work(), closed, reviewing.Wishes(list_hands=True))["states"]["fixed"] == 2
    evaluated = evaluating.run(work(), closed, reference="truth", layer="label")
    assert (evaluated["run"], evaluated["hands"], evaluated["epe_px"]) == (None, 2, 0.0)
    exported = exporting.run(work(), closed, form="coco", out=tmp_path / "labels.json")
    assert (exported["run"], exported["hands"]) == (None, 2)
    assert list((closed / "runs").iterdir()) == []


def test_a_project_that_may_only_be_read_is_not_changed(closed: Path) -> None:
    for change in (
        lambda: reviewing.run(work(), closed, reviewing.Wishes(undo=True)),
        lambda: modelling.run(work(), closed, rollback=True),
    ):
        with pytest.raises(HandStudioError, match="cannot be written"):
            change()


@pytest.mark.parametrize("form", ["coco", "hdf5"])
def test_an_export_tells_how_far_it_is_and_leaves_nothing_when_it_is_stopped(
    closed: Path, tmp_path: Path, form: str
) -> None:
    class Told(Quiet):
        def __init__(self, stops: bool) -> None:
            super().__init__(StopRequest())
            self.told: list[tuple[float, float | None]] = []
            self.stops = stops

        def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
            self.told.append((done, total))
            if self.stops:
                self.stop.request()

    whole = Told(stops=False)
    exporting.run(Work(whole, None), closed, form=form, out=tmp_path / "out" / "labels")
    assert whole.told == [(0, 2), (1, 2), (2, 2)]
    (tmp_path / "out" / "labels").unlink()
    with pytest.raises(CancelledError):
        exporting.run(Work(Told(stops=True), None), closed, form=form, out=tmp_path / "out" / "labels")
    assert list((tmp_path / "out").iterdir()) == []
