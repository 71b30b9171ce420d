"""Several joints move as one rigid group, each by the rules of a joint that moves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.skeleton import ROOT
from handstudio.project.records import Pose, State
from handstudio.review.editing import Edit
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import hand_pose

FINGER = frozenset({5, 6, 7, 8})
steps = st.floats(-80.0, 80.0, width=32)


@given(
    group=st.frozensets(st.integers(0, 20), min_size=1),
    ways=st.lists(st.tuples(steps, steps, st.floats(-1.0, 1.0, width=32)), min_size=1, max_size=6),
)
def test_a_group_is_rigid_leaves_the_others_and_comes_back_to_where_it_was(
    group: frozenset[int], ways: list[tuple[float, float, float]]
) -> None:
    start = hand_pose()
    edit = Edit(start, "right")
    others = [joint for joint in range(21) if joint not in group]
    chosen = sorted(group)
    for du, dv, dd in ways:
        pose = edit.move_together(group, (du, dv), dd)
        expected = start.uv[chosen] + np.float32((du, dv))
        np.testing.assert_allclose(pose.uv[chosen], expected, atol=1e-4)
        np.testing.assert_array_equal(pose.uv[others], start.uv[others])
        deeper = pose.depth - start.depth
        assert deeper[ROOT] == 0.0, "depths are counted from the root"
        assert np.ptp(deeper[chosen]) < 1e-6
        if ROOT not in group:
            np.testing.assert_array_equal(pose.depth[others], start.depth[others])
        if others:
            assert np.ptp(deeper[others]) < 1e-6
            assert deeper[chosen[0]] - deeper[others[0]] == pytest.approx(dd, abs=1e-6)
    assert edit.move_together(group, (0.0, 0.0)) == start
    assert not edit.changed


@given(first=st.tuples(steps, steps), nudge=st.tuples(steps, steps), last=st.tuples(steps, steps))
def test_a_nudge_in_the_middle_of_a_drag_is_kept(
    first: tuple[float, float], nudge: tuple[float, float], last: tuple[float, float]
) -> None:
    start = hand_pose()
    edit = Edit(start, "right")
    edit.move_together(FINGER, first)
    edit.shift(FINGER, *nudge, 0.0)
    pose = edit.move_together(FINGER, last)
    expected = start.uv[8] + np.float32(nudge) + np.float32(last)
    np.testing.assert_allclose(pose.uv[8], expected, atol=1e-3)


def test_what_is_not_a_number_moves_nothing() -> None:
    edit = Edit(hand_pose(), "right")
    assert edit.move_together(FINGER, (np.nan, 0.0)) == edit.start
    assert edit.move_together(FINGER, (1.0, 0.0), np.inf) == edit.start


def stored(session: ReviewSession) -> Pose:
    assert session.hand_id is not None
    label = session.project.label_of(session.hand_id)
    assert label is not None
    return label.pose


def test_a_group_is_stored_as_one_step_of_undo_and_moves_nothing_else(session: ReviewSession) -> None:
    before = session.begin_edit()
    assert before is not None
    for share in (0.3, 0.7, 1.0):
        session.move_together(FINGER, (12.0 * share, -5.0 * share))
    session.commit_edit()
    moved = stored(session).uv - before.uv
    np.testing.assert_allclose(moved[sorted(FINGER)], np.tile((12.0, -5.0), (4, 1)), atol=1e-4)
    assert np.abs(np.delete(moved, sorted(FINGER), axis=0)).max() == 0.0
    assert session.hand_id is not None
    assert session.project.hand(session.hand_id).state is State.FIXED
    session.undo()
    assert session.project.label_of(session.hand_id) is None
    assert not session.can_undo


def test_pinned_joints_stay_where_the_group_goes_on_without_them(session: ReviewSession) -> None:
    before = session.begin_edit()
    assert before is not None
    session.toggle_pins({8})
    pose = session.move_together(FINGER, (10.0, 0.0))
    assert pose is not None
    assert pose.uv[8].tolist() == before.uv[8].tolist()
    assert pose.uv[7, 0] == pytest.approx(before.uv[7, 0] + 10.0)
    session.toggle_pins(FINGER - {8})
    assert session.move_together(FINGER, (20.0, 0.0)) == pose


def test_keys_mean_all_selected_joints_and_are_one_step_each(session: ReviewSession, heard: Heard) -> None:
    session.select_joints(FINGER)
    before = session.hand_view(session.hand_id or 0).pose
    assert before is not None
    session.nudge_selected(2.0, 1.0, free=True)
    session.set_visibility(FINGER, 1)
    session.take_correction(FINGER)
    assert (stored(session).visibility[sorted(FINGER)] == 1).all()
    corrected = session.bundle(session.hand_id or 0).proposal
    assert corrected is not None
    np.testing.assert_array_equal(stored(session).uv[8], corrected.corrected.uv[8])
    session.undo()
    np.testing.assert_allclose(stored(session).uv[8], before.uv[8] + (2.0, 1.0), atol=1e-4)
    session.undo()
    assert (stored(session).visibility[sorted(FINGER)] == 0).all()
    session.undo()
    assert session.project.label_of(session.hand_id or 0) is None
