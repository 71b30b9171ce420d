"""Agreement from the shell: between people, with another project, with an export."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs import agreeing, exporting
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.showing_people import agreed
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.commands import SetLabel, SetState
from handstudio.project.records import FrameImport, HandImport, Pose, SequenceImport, State


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


def pose(shift: float) -> Pose:
    return Pose(TEMPLATE_MM[:, :2] + (200.0 + shift, 200.0), TEMPLATE_MM[:, 2] / 44.0)


def made(folder: Path, who: str, shift: float) -> Path:
    """Four frames of which a person fixed three hands and rejected one."""
    frames = [FrameImport(f"{index}.png", 640, 480) for index in range(4)]
    hands = [HandImport(index, "right", Box(50.0, 50.0, 300.0, 300.0)) for index in range(4)]
    with Project.create(folder) as project:
        project.add_sequence(SequenceImport("walk", "folder", "/nowhere/walk", frames, hands))
        for hand_id in (1, 2, 3):
            project.history.apply(SetLabel(hand_id, pose(shift * hand_id), State.FIXED, "dragged"), who)
        project.history.apply(SetState(4, State.REJECTED), who)
    return folder


@pytest.fixture
def anns(tmp_path: Path) -> Iterator[Path]:
    return made(tmp_path / "ann" / "P", "ann", 0.0)


@pytest.fixture
def bens(tmp_path: Path) -> Path:
    return made(tmp_path / "ben" / "P", "ben", 2.0)


def test_another_project_is_compared_hand_by_hand(anns: Path, bens: Path, tmp_path: Path) -> None:
    found = agreeing.run(work(), anns, bens, count=2, curves=tmp_path / "drawn")
    assert (found["annotators"], found["hands"], found["blind"]) == (["ann/P", "ben/P"], 4, 4)
    assert found["poses"]["epe_px"] == pytest.approx(4.0)
    assert (found["states"]["table"], found["states"]["kappa"]) == ([[3, 0], [0, 1]], 1.0)
    assert [(row["hand"], row["px"]) for row in found["disagreements"]] == [
        (3, pytest.approx(6.0)),
        (2, pytest.approx(4.0)),
    ]
    assert [Path(path).name for path in found["curves"]] == [
        *("agreement_pck.svg", "agreement_pck_fingers.svg", "agreement_joints.svg")
    ]
    console = Console(file=io.StringIO(), width=100)
    agreed(console, found)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "mean distance" in shown
    assert "4.00 px" in shown
    assert "thumb 4.00 px" in shown


def test_an_export_is_compared_as_well(anns: Path, bens: Path, tmp_path: Path) -> None:
    out = tmp_path / "bens.json"
    exporting.run(work(), bens, "coco", out)
    found = agreeing.run(work(), anns, out)
    assert (found["annotators"][1], found["hands"]) == ("bens.json", 3)
    assert found["poses"]["epe_px"] == pytest.approx(4.0)
    assert found["poses"]["depth_bones"] == pytest.approx(0.0, abs=1e-6)


def test_two_people_of_one_project_are_found(anns: Path) -> None:
    with pytest.raises(HandStudioError, match="No two people"):
        agreeing.run(work(), anns)
    with Project.open(anns) as project:
        project.history.apply(SetLabel(2, pose(5.0), State.FIXED, "dragged"), "ben")
        project.history.apply(SetLabel(4, pose(0.0), State.FIXED, "dragged"), "ben")
    found = agreeing.run(work(), anns)
    assert (found["annotators"], found["hands"]) == (["ann", "ben"], 2)
    assert found["poses"]["epe_px"] == pytest.approx(5.0)
    assert found["disagreements"][0]["states"] == ["rejected", "fixed"]
    assert agreeing.run(work(), anns, between=("ben", "ann"))["annotators"] == ["ben", "ann"]
    with pytest.raises(HandStudioError, match="no hand that both"):
        agreeing.run(work(), anns, blind_only=True)


def test_what_is_neither_project_nor_export_is_refused(anns: Path, tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="no project or export"):
        agreeing.run(work(), anns, tmp_path / "nothing")


def test_people_are_found_whatever_the_capitals_and_strangers_are_told_who_is_there(anns: Path) -> None:
    with Project.open(anns) as project:
        project.history.apply(SetLabel(2, pose(5.0), State.FIXED, "dragged"), "Ben")
    assert agreeing.run(work(), anns, between=("ANN", "ben"))["annotators"] == ["ann", "Ben"]
    with pytest.raises(HandStudioError, match="cora decided nothing") as told:
        agreeing.run(work(), anns, between=("ann", "cora"))
    assert "ann, Ben" in str(told.value)
