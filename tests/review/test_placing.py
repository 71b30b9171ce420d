"""A hand placed joint by joint."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.hand.lift import project_scale_free
from handstudio.hand.template import TEMPLATE_MM
from handstudio.project.begun import read_begun
from handstudio.project.records import State
from handstudio.review.session import ReviewSession

UV = project_scale_free(TEMPLATE_MM / np.float32(44.0), 12.0, np.float32((60.0, 60.0)))[0]


def place(session, joints):
    for joint in joints:
        session.placing.place(*UV[joint].tolist())


def test_the_last_joint_stores_the_hand_as_one_step(session, heard):
    hand_id = session.hand_id
    before = session.bundle(hand_id)
    assert session.placing.begin()
    place(session, range(20))
    assert session.bundle(hand_id) is before
    place(session, [20])
    label = session.bundle(hand_id).label
    np.testing.assert_allclose(label.pose.uv, UV, atol=1e-3)
    assert label.origin == "placed"
    assert session.bundle(hand_id).record.state is State.FIXED
    assert session.placing.joint is None
    assert read_begun(session.project.path, hand_id) == []
    session.undo()
    assert session.bundle(hand_id).label is None


def test_a_hidden_joint_is_guessed_and_marked(session):
    session.placing.begin()
    place(session, range(7))
    session.placing.guess()
    uv, guessed = session.placing.so_far
    assert guessed.tolist() == [False] * 7 + [True] + [False] * 13
    assert np.isfinite(uv[7]).all()
    place(session, range(8, 21))
    pose = session.bundle(session.hand_id).label.pose
    assert pose.visibility.tolist() == [0] * 7 + [1] + [0] * 13
    assert np.linalg.norm(pose.uv[7] - UV[7]) < 8.0


def test_joints_are_taken_back_also_by_undo(session):
    session.placing.begin()
    place(session, range(3))
    session.placing.back()
    assert session.placing.joint == 2
    assert session.can_undo
    session.undo()
    assert session.placing.joint == 1
    session.placing.back()
    session.placing.back()
    assert session.placing.joint == 0


def test_who_leaves_goes_on_there_also_in_another_window(session):
    hand_id = session.hand_id
    session.placing.begin()
    place(session, range(5))
    session.placing.leave()
    session.placing.begin()
    assert session.placing.joint == 5
    other = ReviewSession(session.project, "ben")
    other.go_to_hand(hand_id)
    assert other.placing.begin()
    assert other.placing.joint == 5


def test_another_hand_ends_it_and_keeps_what_was_placed(session):
    first = session.hand_id
    session.placing.begin()
    place(session, range(4))
    session.step(1)
    assert session.placing.joint is None
    assert len(read_begun(session.project.path, first)) == 4


def test_a_hand_of_guesses_is_not_stored(session, heard):
    session.placing.begin()
    place(session, range(3))
    for _ in range(18):
        session.placing.guess()
    assert session.placing.joint == 20
    assert session.bundle(session.hand_id).label is None
    assert "at least" in heard.messages[-1]


def test_joints_beyond_the_frame_are_outside(session):
    session.placing.begin()
    place(session, range(20))
    session.placing.place(-5.0, 20.0)
    assert session.bundle(session.hand_id).label.pose.visibility[20] == 2


@pytest.mark.parametrize("point", [(np.nan, 2.0), (np.inf, 2.0)])
def test_what_is_no_place_is_none(session, point):
    session.placing.begin()
    session.placing.place(*point)
    assert session.placing.joint == 0


def test_without_a_hand_there_is_nothing_to_place(session, heard):
    session.hand_id = None
    assert not session.placing.begin()
    assert "draw a box" in heard.messages[-1]
