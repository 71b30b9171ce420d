"""Every decision can be undone and redone, also tomorrow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.angles import LIMITS
from handstudio.hand.box import Box
from handstudio.hand.shape import PersonalTemplate, limits_to_json
from handstudio.hand.template import relative_bone_lengths
from handstudio.project import Project
from handstudio.project.annotate_commands import Annotate
from handstudio.project.commands import (
    AddHand,
    AdoptModel,
    Bulk,
    ClearLabel,
    Command,
    RemoveHand,
    SetBox,
    SetFitted,
    SetHoldOut,
    SetLabel,
    SetNote,
    SetSide,
    SetState,
    from_json,
)
from handstudio.project.fitted import NOBODY
from handstudio.project.mark_commands import SetMark
from handstudio.project.records import Pose, State
from handstudio.project.second_commands import PutVerification, SendBack, SetSetting, Verify

from .made import batch, everything, hand_pose

BONES = PersonalTemplate(relative_bone_lengths() * 1.1, 42.0, 8)


def accept(project: Project, hand_id: int) -> SetLabel:
    found = project.proposal_of(hand_id)
    assert found is not None
    return SetLabel(hand_id, found.pose, State.ACCEPTED, "proposal", found.id)


def all_kinds(project: Project) -> list[Command]:
    if not project.models():
        project.add_model("a", "A", "semihand", "lite", source="finetune")
        project.add_model("b", "B", "semihand", "lite", source="finetune")
    return [
        accept(project, 1),
        SetLabel(2, hand_pose(5.0), State.FIXED, "dragged"),
        SetLabel(1, hand_pose(3.0), State.FIXED, "dragged", 1),
        SetState(3, State.REJECTED),
        SetState(4, State.REJECTED),
        SetState(1, State.AUTO_ACCEPTED),
        ClearLabel(2),
        SetState(3, State.NONE),
        SetSide(5, "left"),
        SetBox(5, Box(1.5, 2.5, 30.0, 40.0)),
        SetNote(5, "blurred"),
        SetMark(2, "blurred"),
        SetMark(2, "cut off"),
        SetMark(2, None),
        SetMark(3, "unclear"),
        AddHand(2, "left", Box(0.0, 0.0, 50.0, 50.0)),
        RemoveHand(6),
        SetHoldOut(1, True),
        SetFitted("template", "walk", BONES.to_json()),
        SetFitted("template", "walk", replace(BONES, hands=9).to_json()),
        SetFitted("limits", NOBODY, limits_to_json(LIMITS * 0.5)),
        SetFitted("template", "walk", None),
        AdoptModel("a"),
        AdoptModel("b"),
        AdoptModel(None),
        Annotate(2, State.FIXED, hand_pose(1.0), "dragged", 1),
        Annotate(2, State.REJECTED),
        Annotate(2, None),
        Annotate(3, State.SKIPPED),
        SetSetting("verify_own", True),
        Verify(1),
        SetSide(1, "left"),
        Verify(1),
        SendBack(1, "thumb is off"),
        SetLabel(1, hand_pose(4.0), State.FIXED, "dragged", 1),
        SendBack(1, "still off"),
        SetState(1, State.NONE),
        Verify(4, "ben", 5.0),
        PutVerification(4),
        SetSetting("verify_own", None),
        Bulk((SetState(4, State.REJECTED), SetSide(4, "left"), SetNote(4, "both")), "Two things"),
    ]


def test_undoing_all_brings_back_the_start_and_redoing_all_the_end(project: Project) -> None:
    commands = all_kinds(project)
    moments = [everything(project)]
    for command in commands:
        project.history.apply(command, "me")
        moments.append(everything(project))
    for moment in reversed(moments[:-1]):
        assert project.history.undo() is not None
        assert everything(project) == moment
    assert project.history.undo() is None
    for moment in moments[1:]:
        assert project.history.redo() is not None
        assert everything(project) == moment
    assert project.history.redo() is None


def test_undo_and_redo_survive_a_restart(project: Project) -> None:
    commands = all_kinds(project)[:5]
    start = everything(project)
    for command in commands:
        project.history.apply(command, "me")
    end = everything(project)
    project.history.undo()
    project.close()
    with Project.open(project.path) as again:
        assert again.history.can_redo
        again.history.redo()
        assert everything(again) == end
        for _ in range(5):
            again.history.undo()
    with Project.open(project.path) as once_more:
        assert everything(once_more) == start
        assert not once_more.history.can_undo
        for _ in range(5):
            once_more.history.redo()
        assert everything(once_more) == end


def test_a_new_decision_ends_what_could_be_redone(project: Project) -> None:
    project.history.apply(accept(project, 1), "me")
    project.history.undo()
    project.history.apply(SetState(2, State.SKIPPED), "me")
    assert not project.history.can_redo
    assert project.history.redo() is None


def test_the_audit_trail_keeps_who_did_and_undid_what(project: Project) -> None:
    project.history.apply(accept(project, 1), "ann", seconds=1.5)
    project.history.undo("ben")
    project.history.apply(SetState(2, State.SKIPPED), "ann")
    trail = [(entry.who, entry.action, entry.title, entry.hands) for entry in project.history.entries()]
    assert trail == [
        ("ann", "apply", "Skip", (2,)),
        ("ben", "undo", "Accept", (1,)),
        ("ann", "apply", "Accept", (1,)),
    ]
    assert project.history.entries()[-1].seconds == 1.5


def test_a_label_says_who_decided_it_from_which_proposal(project: Project) -> None:
    change = project.history.apply(accept(project, 3), "ann")
    label = project.label_of(3)
    assert label is not None
    assert (label.decided_by, label.origin, label.proposal_id) == ("ann", "proposal", 3)
    assert change.hands == {3}
    assert change.frames == {3}
    assert change.sequences == {1}
    hand = project.hand(3)
    assert (hand.state, hand.has_label, hand.decided_by) == (State.ACCEPTED, True, "ann")


def test_a_pose_comes_back_to_the_last_bit(project: Project) -> None:
    rng = np.random.default_rng(1)
    pose = Pose(rng.normal(size=(21, 2)) * 1e3, rng.normal(size=21), rng.integers(0, 3, 21))
    project.history.apply(SetLabel(1, pose, State.FIXED, "dragged"), "me")
    project.history.undo()
    project.history.redo()
    label = project.label_of(1)
    assert label is not None
    assert label.pose == pose


def test_every_command_survives_its_json(project: Project) -> None:
    for command in all_kinds(project):
        assert from_json(command.to_json()) == command


def test_a_command_that_does_not_fit_changes_nothing(project: Project) -> None:
    before = everything(project)
    for command in (
        SetState(99, State.REJECTED),
        SetState(1, State.ACCEPTED),
        AddHand(99, "left", Box(0.0, 0.0, 1.0, 1.0)),
        SetHoldOut(99, True),
        SetMark(99, "blurred"),
        Verify(1),
        SendBack(1, "off"),
        AdoptModel("nobody"),
        Bulk((accept(project, 1), SetState(99, State.REJECTED))),
    ):
        with pytest.raises(HandStudioError):
            project.history.apply(command, "me")
    assert everything(project) == before
    assert not project.history.can_undo
    with pytest.raises(ValueError, match="cannot have the state"):
        SetLabel(1, hand_pose(), State.REJECTED, "x")


def test_a_removed_hand_is_gone_and_comes_back_with_all_it_had(project: Project) -> None:
    project.history.apply(accept(project, 2), "me")
    before = everything(project)
    project.history.apply(RemoveHand(2), "me")
    assert 2 not in project.hand_ids()
    assert project.hands_of_frame(2) == []
    assert len(project.poses("label")) == 0
    with pytest.raises(HandStudioError, match="was removed"):
        project.history.apply(SetState(2, State.SKIPPED), "me")
    project.history.undo()
    assert everything(project) == before


def test_added_hands_take_free_tracks_and_keep_their_ids_when_redone(project: Project) -> None:
    box = Box(0.0, 0.0, 9.0, 9.0)
    first = max(project.history.apply(AddHand(1, "left", box), "me").hands)
    assert [hand.track for hand in project.hands_of_frame(1)] == [0, 1]
    project.history.undo()
    second = max(project.history.apply(AddHand(2, "left", box), "me").hands)
    project.history.undo()
    project.history.redo()
    assert [hand.id for hand in project.hands_of_frame(2)] == [2, second]
    assert second != first


def test_undo_after_a_newer_proposal_leaves_the_hand_proposed(project: Project, tmp_path: Path) -> None:
    project.history.apply(SetLabel(1, hand_pose(), State.FIXED, "dragged"), "me")
    project.store_proposals(None, None, batch([1], [7.0], shift=9.0), include_decided=True)
    project.history.undo()
    hand = project.hand(1)
    assert hand.state is State.PROPOSED
    assert hand.confidence == pytest.approx(7.0)
    assert project.label_of(1) is None
