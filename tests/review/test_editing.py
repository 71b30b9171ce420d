"""Dragging: a finger moves as a finger, a joint alone with Shift; nothing is stored until it is let go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import BONES
from handstudio.project import Project
from handstudio.project.commands import RemoveHand
from handstudio.project.records import Pose, State
from handstudio.review.editing import Edit
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import hand_pose, new_project

TIP, DIP, PIP, MCP = 8, 7, 6, 5


@pytest.fixture(params=[False, True], ids=["without a camera", "with a camera"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewSession]:
    with new_project(tmp_path / "p", camera=request.param) as project:
        session = ReviewSession(project, "ann")
        session.open()
        yield session


def bone_lengths(session: ReviewSession) -> np.ndarray:
    xyz = session.hand_view(session.hand_id or 0).xyz
    assert xyz is not None
    lengths = np.array([np.linalg.norm(xyz[child] - xyz[parent]) for parent, child in BONES])
    return lengths / lengths[9]


def test_a_dragged_tip_goes_under_the_mouse_and_its_bones_keep_their_lengths(either: ReviewSession) -> None:
    before, lengths = either.begin_edit(), bone_lengths(either)
    assert before is not None
    target = before.uv[TIP] + np.array((-6.0, 25.0), np.float32)
    pose = either.move_joint(TIP, uv=target)
    assert pose is not None
    np.testing.assert_allclose(pose.uv[TIP], target, atol=0.7)
    others = [joint for joint in range(21) if joint not in (TIP, DIP, PIP, MCP)]
    np.testing.assert_allclose(pose.uv[others], before.uv[others], atol=0.05)
    np.testing.assert_allclose(bone_lengths(either), lengths, rtol=0.05)


def test_the_wrist_carries_the_whole_hand(either: ReviewSession) -> None:
    before = either.begin_edit()
    assert before is not None
    pose = either.move_joint(0, uv=before.uv[0] + np.array((10.0, -4.0), np.float32))
    assert pose is not None
    moved = pose.uv - before.uv
    assert np.abs(moved - np.array((10.0, -4.0))).max() < 2.0


def test_a_joint_brought_back_leaves_the_hand_as_it_was(either: ReviewSession) -> None:
    before = either.begin_edit()
    assert before is not None
    for step in range(8):
        either.move_joint(TIP, uv=before.uv[TIP] + np.float32(5.0 * step))
    pose = either.move_joint(TIP, uv=before.uv[TIP])
    assert pose is not None
    np.testing.assert_allclose(pose.uv, before.uv, atol=0.5)


def test_shift_moves_one_joint_and_nothing_else(session: ReviewSession) -> None:
    before = session.begin_edit()
    assert before is not None
    pose = session.move_joint(TIP, uv=(11.0, 12.0), free=True)
    assert pose is not None
    assert pose.uv[TIP].tolist() == [11.0, 12.0]
    others = [joint for joint in range(21) if joint != TIP]
    np.testing.assert_array_equal(pose.uv[others], before.uv[others])
    np.testing.assert_array_equal(pose.depth, before.depth)


def test_nothing_is_stored_before_it_is_let_go(session: ReviewSession, heard: Heard) -> None:
    session.begin_edit()
    session.move_joint(TIP, uv=(250.0, 120.0))
    assert heard.told == ["edited 1"]
    assert session.project.label_of(1) is None
    assert session.hand_view(1).shown == "edit"
    edited = session.edit
    session.commit_edit()
    label = session.project.label_of(1)
    assert label is not None
    assert (label.pose, label.origin) == (edited, "dragged")
    assert session.project.hand(1).state is State.FIXED
    assert session.edit is None
    session.undo()
    assert session.project.label_of(1) is None


def test_a_cancelled_or_unchanged_edit_stores_nothing(session: ReviewSession) -> None:
    session.begin_edit()
    session.move_joint(TIP, uv=(250.0, 120.0))
    session.cancel_edit()
    assert session.hand_view(1).shown == "proposal"
    session.begin_edit()
    assert session.commit_edit() is None
    assert not session.can_undo


def test_undo_during_an_edit_takes_back_the_edit_alone(session: ReviewSession) -> None:
    session.accept()
    session.begin_edit()
    session.move_joint(TIP, uv=(250.0, 120.0))
    session.undo()
    assert session.edit is None
    assert session.project.hand(1).state is State.ACCEPTED


def test_going_on_with_an_edit_in_hand_stores_it(session: ReviewSession) -> None:
    session.begin_edit()
    session.move_joint(TIP, uv=(250.0, 120.0))
    edited = session.edit
    session.go_to_hand(3)
    label = session.project.label_of(1)
    assert label is not None
    assert label.pose == edited
    assert session.edit is None


@contextmanager
def a_full_disk(session: ReviewSession) -> Iterator[None]:
    """While it lasts, nothing can be stored."""

    def refuse(*arguments: object) -> None:
        raise HandStudioError("The disk is full")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session.project.history, "apply", refuse)
        yield


def test_one_stays_at_an_edit_that_cannot_be_stored(session: ReviewSession, heard: Heard) -> None:
    edited = session.move_joint(TIP, uv=(250.0, 120.0))
    with a_full_disk(session):
        session.go_to_hand(3)
    assert heard.messages[-1] == "The disk is full"
    assert session.hand_id == 1
    assert session.edit == edited
    session.go_to_hand(3)
    assert session.hand_id == 3
    label = session.project.label_of(1)
    assert label is not None
    assert label.pose == edited


def test_one_goes_on_from_an_edit_whose_hand_is_gone(session: ReviewSession) -> None:
    session.move_joint(TIP, uv=(250.0, 120.0))
    with Project.open(session.project.path) as other:
        other.history.apply(RemoveHand(1), "bob")
    session.poll()
    assert session.hand_id != 1
    assert session.edit is None


def test_a_decision_that_cannot_be_stored_leaves_the_edit_in_hand(session: ReviewSession) -> None:
    edited = session.move_joint(TIP, uv=(250.0, 120.0))
    with a_full_disk(session):
        assert session.reject() is None
    assert session.edit == edited
    assert session.hand_view(1).shown == "edit"
    session.reject()
    assert session.edit is None


def test_accepting_an_edit_stores_it_as_fixed(session: ReviewSession) -> None:
    session.begin_edit()
    session.move_joint(TIP, uv=(250.0, 120.0))
    session.accept()
    assert session.project.hand(1).state is State.FIXED


def test_keys_move_a_joint_and_are_stored_at_once(session: ReviewSession) -> None:
    before = session.hand_view(1).pose
    assert before is not None
    session.select_joints([TIP])
    session.nudge_selected(0.0, 5.0)
    label = session.project.label_of(1)
    assert label is not None
    np.testing.assert_allclose(label.pose.uv[TIP], before.uv[TIP] + (0.0, 5.0), atol=0.5)
    session.select_joints([4, 8])
    session.nudge_selected(2.0, 0.0)
    label_after = session.project.label_of(1)
    assert label_after is not None
    moved = np.flatnonzero(np.abs(label_after.pose.uv - label.pose.uv).max(axis=1) > 0)
    assert moved.tolist() == [4, 8]


def test_the_wheel_moves_a_joint_in_depth(either: ReviewSession) -> None:
    before = either.hand_view(1).pose
    assert before is not None
    pose = either.nudge(TIP, 0.0, 0.0, -0.3)
    assert pose is not None
    assert pose.depth[TIP] < before.depth[TIP] - 0.1


def test_keys_move_a_joint_by_exactly_a_pixel_where_its_finger_cannot_follow() -> None:
    start = hand_pose()
    out = (start.uv[TIP] - start.uv[DIP]) / np.linalg.norm(start.uv[TIP] - start.uv[DIP])
    for far in (1.0, 2.0):
        edit = Edit(start, "right")
        exact = edit.move(TIP, start.uv[TIP] + far * out, exact=True)
        np.testing.assert_allclose(exact.uv[TIP], start.uv[TIP] + far * out, atol=1e-4)
    edit = Edit(start, "right")
    reached = edit.move(TIP, start.uv[TIP] + 40.0 * out, exact=True)
    assert np.linalg.norm(reached.uv[TIP] - start.uv[TIP]) < 20.0, "a finger is not pulled apart"
    np.testing.assert_allclose(edit.goal(TIP), start.uv[TIP] + 40.0 * out, atol=1e-4)


def test_impossible_targets_leave_the_pose_alone(session: ReviewSession) -> None:
    before = session.begin_edit()
    assert session.move_joint(TIP, uv=(float("nan"), 1.0)) == before
    assert session.move_joint(TIP, depth=float("inf")) == before


def test_a_pose_with_unknown_joints_can_still_be_moved_joint_by_joint() -> None:
    uv = hand_pose().uv.copy()
    uv[3] = np.nan
    edit = Edit(Pose(uv, hand_pose().depth), "right")
    pose = edit.move(3, (5.0, 6.0))
    assert pose.uv[3].tolist() == [5.0, 6.0]


def test_a_left_hand_bends_like_a_mirrored_right_one() -> None:
    right = hand_pose()
    mirror = np.array((-1.0, 1.0), np.float32)
    left = Pose(right.uv * mirror, right.depth)
    target = right.uv[TIP] + np.array((-6.0, 30.0), np.float32)
    bent = Edit(right, "right").move(TIP, target)
    mirrored = Edit(left, "left").move(TIP, target * mirror)
    np.testing.assert_allclose(mirrored.uv * mirror, bent.uv, atol=0.05)
    np.testing.assert_allclose(mirrored.depth, bent.depth, atol=0.01)


def test_edits_survive_a_restart(tmp_path: Path) -> None:
    with new_project(tmp_path / "p") as project:
        session = ReviewSession(project, "ann")
        session.open()
        edited = session.move_joint(TIP, uv=(250.0, 120.0))
        session.commit_edit()
    with Project.open(tmp_path / "p", "window") as project:
        label = project.label_of(1)
        assert label is not None
        assert label.pose == edited


def test_a_depth_given_while_dragging_is_kept_by_the_moves_that_follow() -> None:
    edit = Edit(hand_pose(), "right")
    edit.move(TIP, uv=edit.pose.uv[TIP] + (4.0, 0.0))
    edit.move(TIP, uv=edit.pose.uv[TIP], depth=float(edit.pose.depth[TIP]) + 0.3)
    deep = float(edit.pose.depth[TIP])
    edit.move(TIP, uv=edit.pose.uv[TIP] + (1.0, 0.0))
    assert float(edit.pose.depth[TIP]) == pytest.approx(deep, abs=0.02)


def test_an_edit_whose_hand_cannot_be_read_stays_in_hand(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.begin_edit()
    moved = session.nudge(TIP, 9.0, 0.0)

    def fail(_hand_id: int) -> None:
        raise HandStudioError("The database is busy")

    with monkeypatch.context() as busy:
        busy.setattr(session._editing, "_bundle", fail)
        with pytest.raises(HandStudioError, match="busy"):
            session.commit_edit()
    assert session.edit == moved
    assert session.commit_edit() is not None
