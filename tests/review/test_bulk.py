"""One decision about all hands of a filter is one step of undo, whatever was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from handstudio.progress import Silent
from handstudio.project import Project, many
from handstudio.project.commands import SetLabel, SetState
from handstudio.project.records import HandQuery, State
from handstudio.review import bulk
from handstudio.review.filter_text import parse

from .made import add_sequence, hand_pose, new_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Hands 1-6 proposed, 2 fixed, 4 rejected, 5 accepted; 7 and 8 without a proposal."""
    project = new_project(tmp_path / "p")
    add_sequence(project, 2, "Table top")
    project.history.apply(SetLabel(2, hand_pose(7.0), State.FIXED, "dragged", 2), "me")
    project.history.apply(SetState(4, State.REJECTED), "me")
    project.history.apply(SetLabel(5, hand_pose(), State.ACCEPTED, "proposal", 5), "me")
    yield project
    project.close()


def everything(project: Project) -> list[object]:
    return [(project.hand(number), project.label_of(number)) for number in range(1, 9)]


@pytest.mark.parametrize("action", ["accept", "take-correction", "reject", "skip", "reset", "flip-side"])
@pytest.mark.parametrize("at_once", [3, 100])
@pytest.mark.parametrize("filter_text", ["", "state:undecided"])
def test_undo_and_redo_are_exact(
    project: Project, monkeypatch: pytest.MonkeyPatch, action: str, at_once: int, filter_text: str
) -> None:
    monkeypatch.setattr(bulk, "_AT_ONCE", at_once)
    monkeypatch.setattr(many, "AT_ONCE", at_once - 1)
    before = everything(project)
    query = HandQuery(where=parse(filter_text))
    bulk.decide_all(project, action, query, "ann")  # type: ignore[arg-type]
    after = everything(project)
    if after == before:
        assert (action, project.history.undo_title) == ("reset", "Accept")
        return
    project.history.undo()
    assert everything(project) == before
    project.history.redo()
    assert everything(project) == after
    project.history.undo()
    assert everything(project) == before
    title = project.history.undo_title
    assert title == "Accept"


def test_what_is_done_is_what_keys_do(project: Project) -> None:
    assert bulk.decide_all(project, "accept", HandQuery(where=parse("state:undecided")), "ann") == 3
    assert project.hand(1).state is State.ACCEPTED
    label = project.label_of(1)
    proposal = project.proposal_of(1)
    assert label is not None
    assert proposal is not None
    assert (label.pose, label.origin, label.proposal_id) == (proposal.pose, "proposal", proposal.id)
    assert label.decided_by == "ann"
    assert project.hand(7).state is State.NONE
    assert project.history.undo_title == "Accept 3 hands"
    assert bulk.decide_all(project, "take-correction", HandQuery(), "ann") == 6
    corrected = project.label_of(2)
    assert corrected is not None
    assert corrected.origin == "correction"
    assert bulk.decide_all(project, "reject", HandQuery(), "ann") == 8
    assert project.label_of(2) is None
    bulk.decide_all(project, "reset", HandQuery(), "ann")
    assert [project.hand(number).state for number in (1, 8)] == [State.PROPOSED, State.NONE]


def test_stopped_it_leaves_one_step(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class After(Silent):
        asked = 0

        def cancelled(self) -> bool:
            self.asked += 1
            return self.asked > 2

    monkeypatch.setattr(bulk, "_AT_ONCE", 2)
    before = everything(project)
    assert bulk.decide_all(project, "skip", HandQuery(), "ann", After()) == 4
    project.history.undo()
    assert everything(project) == before


def test_what_others_decide_meanwhile_stays_a_step_of_its_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Meanwhile(Silent):
        def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
            if done == 4:
                project.history.apply(SetState(8, State.SKIPPED), "bob")

    monkeypatch.setattr(bulk, "_AT_ONCE", 4)
    before = everything(project)
    bulk.decide_all(project, "reject", HandQuery(), "ann", Meanwhile())
    for _ in range(3):
        project.history.undo()
    assert everything(project) == before
