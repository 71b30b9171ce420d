"""A second look from the shell: the same commands and rules as in the window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs import exporting, reviewing, trail, verifying
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.jobs.verifying import Wishes
from handstudio.project import Project
from handstudio.project.commands import SetLabel, SetState
from handstudio.project.records import FrameImport, HandImport, Pose, SequenceImport, State

POSE = Pose(TEMPLATE_MM[:, :2] + 200.0, TEMPLATE_MM[:, 2] / 44.0)


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Ann fixed 1 to 3 and rejected 4; 5 is open."""
    frames = [FrameImport(f"{index}.png", 640, 480) for index in range(5)]
    hands = [HandImport(index, "right", Box(0.0, 0.0, 400.0, 400.0)) for index in range(5)]
    with Project.create(tmp_path / "P") as project:
        project.add_sequence(SequenceImport("walk", "folder", "/nowhere", frames, hands))
        for hand_id in (1, 2, 3):
            project.history.apply(SetLabel(hand_id, POSE, State.FIXED, "dragged"), "ann")
        project.history.apply(SetState(4, State.REJECTED), "ann")
    return tmp_path / "P"


def test_what_waits_is_listed_for_others_alone(folder: Path) -> None:
    found = verifying.run(work(), folder, Wishes(who="ben"))
    assert ([row["hand"] for row in found["listed"]], found["waiting"]) == ([1, 2, 3, 4], 4)
    assert found["listed"][0]["decided_by"] == "ann"
    assert verifying.run(work(), folder, Wishes(who="ann"))["waiting"] == 0


def test_hands_are_verified_and_sent_back(folder: Path) -> None:
    found = verifying.run(work(), folder, Wishes("1,5", send_back="2", reason="thumb", who="ben"))
    assert (found["hands"], found["verified"], found["sent_back"]) == ([2, 1], 1, 1)
    assert found["passed_over"][0]["hand"] == 5
    assert found["done"] == ["Send back 1 hand", "Verify 1 hand"]
    with pytest.raises(HandStudioError, match="somebody else"):
        verifying.run(work(), folder, Wishes("3", who="ann"))
    with pytest.raises(HandStudioError, match="Say what is wrong"):
        verifying.run(work(), folder, Wishes(send_back="3", who="ben"))
    assert verifying.run(work(), folder, Wishes("3", own=True, who="ann"))["hands"] == [3]
    reviewing.run(work(), folder, reviewing.Wishes(undo=True))
    assert verifying.run(work(), folder, Wishes(who="ben"))["verified"] == 1


def test_the_trail_says_who_did_what_to_a_hand(folder: Path) -> None:
    verifying.run(work(), folder, Wishes("1,2", who="ben"))
    reviewing.run(work(), folder, reviewing.Wishes(undo=True, who="ann"))
    entries = trail.run(work(), folder, hand=1)["entries"]
    assert [(row["who"], row["action"], row["title"]) for row in entries] == [
        ("ann", "undo", "Verify 2 hands"),
        ("ben", "apply", "Verify 2 hands"),
        ("ann", "apply", "Fix"),
    ]
    assert [row["title"] for row in trail.run(work(), folder, who="Ben")["entries"]] == ["Verify 2 hands"]
    assert len(trail.run(work(), folder, count=3)["entries"]) == 3


def test_all_of_a_filter_are_verified_as_one_step(folder: Path) -> None:
    found = verifying.run(work(), folder, Wishes(everything=True, where="state:fixed", who="ben"))
    assert (found["done"], found["waiting"], found["verified"]) == (["Verify 3 hands"], 1, 3)
    reviewing.run(work(), folder, reviewing.Wishes(undo=True))
    assert verifying.run(work(), folder, Wishes(who="ben"))["verified"] == 0


def test_an_export_can_hold_verified_hands_alone(folder: Path, tmp_path: Path) -> None:
    verifying.run(work(), folder, Wishes("2", who="ben"))
    out = tmp_path / "verified.json"
    found = exporting.run(work(), folder, "coco", out, verified=True)
    assert (found["hands"], found["skipped"]) == (1, 0)
    (written,) = json.loads(out.read_text())["annotations"]
    assert written["handstudio"]["verified_by"] == "ben"
    found = exporting.run(work(), folder, "coco", tmp_path / "others.json", where="-verified:yes state:fixed")
    assert found["hands"] == 2


def test_notes_and_marks_are_written_from_the_shell(folder: Path) -> None:
    wishes = reviewing.Wishes(note=("1,2", "wet"), mark=("2-3", "blurred"), who="ann")
    assert reviewing.run(work(), folder, wishes)["done"] == ["Write a note on 2 hands", "Mark 2 frames"]
    listed = reviewing.run(work(), folder, reviewing.Wishes(where="mark:blurred note:wet"))["listed"]
    assert [(row["hand"], row["mark"], row["note"]) for row in listed] == [(2, "blurred", "wet")]
    reviewing.run(work(), folder, reviewing.Wishes(mark=("2", "")))
    assert reviewing.run(work(), folder, reviewing.Wishes(where="mark:any"))["listed"][0]["hand"] == 3
    with pytest.raises(HandStudioError, match="no hand 99"):
        reviewing.run(work(), folder, reviewing.Wishes(note=("1,99", "x")))
    with pytest.raises(HandStudioError, match="cannot be a mark"):
        reviewing.run(work(), folder, reviewing.Wishes(mark=("1", "a,b")))
