"""After a drag the rest of the hand follows what the model sees; what a person placed stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.project.records import State
from handstudio.review.session import ReviewSession

from .made import new_project
from .unsure import DIP, PIP, RIGHT, TIP, drag, off, propose, shown, unsure_session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    """Six hands whose index finger is off; the first is current."""
    with unsure_session(tmp_path / "project") as session:
        yield session


def test_one_drag_of_the_tip_brings_the_finger_to_where_the_heatmaps_know_it(session: ReviewSession) -> None:
    assert (off(shown(session))[[PIP, DIP, TIP]] > 15.0).all()
    after = off(drag(session, TIP, RIGHT[TIP] + 1.0))
    assert after[[DIP, TIP]].max() < 3.0
    assert after[PIP] < 8.0
    assert np.delete(after, [PIP, DIP, TIP]).max() < 4.0


def test_a_placed_joint_is_exactly_where_the_mouse_let_it_go(session: ReviewSession) -> None:
    goal = RIGHT[TIP] + np.float32((3.0, -2.0))
    np.testing.assert_array_equal(drag(session, TIP, goal)[TIP], goal)


def test_what_was_dragged_before_stays_through_the_next_drags(session: ReviewSession) -> None:
    goals = {0: RIGHT[0] - 4.0, TIP: RIGHT[TIP] + 2.0, PIP: RIGHT[PIP] + 1.0, 12: RIGHT[12] - 3.0}
    for joint, goal in goals.items():
        uv = drag(session, joint, goal)
    for joint, goal in goals.items():
        np.testing.assert_array_equal(uv[joint], goal.astype(np.float32))


def test_one_undo_takes_back_the_drag_and_its_refit(session: ReviewSession) -> None:
    before = shown(session)
    first = drag(session, TIP, RIGHT[TIP])
    drag(session, 16, RIGHT[16] + 12.0)
    session.undo()
    np.testing.assert_array_equal(shown(session), first)
    session.undo()
    np.testing.assert_array_equal(shown(session), before)
    assert session.project.label_of(session.hand_id or 0) is None


def test_a_drag_that_was_undone_holds_no_joint(session: ReviewSession) -> None:
    drag(session, 16, RIGHT[16] + 30.0)
    session.undo()
    once = drag(session, TIP, RIGHT[TIP])
    assert off(once)[16] < 4.0


def test_the_order_of_drags_and_going_away_in_between_change_nothing(session: ReviewSession) -> None:
    drag(session, TIP, RIGHT[TIP])
    session.next_in_queue()
    session.previous_in_queue()
    one = drag(session, 16, RIGHT[16] + 3.0)
    session.next_in_queue()
    drag(session, 16, RIGHT[16] + 3.0)
    other = drag(session, TIP, RIGHT[TIP])
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_switched_off_a_drag_moves_its_finger_alone(session: ReviewSession) -> None:
    session.refitting.on = False
    before = shown(session)
    after = drag(session, TIP, RIGHT[TIP])
    others = [joint for joint in range(21) if joint not in (5, PIP, DIP, TIP)]
    np.testing.assert_allclose(after[others], before[others], atol=0.05)


def test_shift_moves_one_joint_alone_and_the_next_drag_keeps_it(session: ReviewSession) -> None:
    before = shown(session)
    goal = before[12] + np.float32((9.0, 3.0))
    after = drag(session, 12, goal, free=True)
    np.testing.assert_array_equal(np.delete(after, 12, axis=0), np.delete(before, 12, axis=0))
    np.testing.assert_array_equal(drag(session, TIP, RIGHT[TIP])[12], goal)


def test_keys_that_nudge_move_nothing_else(session: ReviewSession) -> None:
    before = shown(session)
    session.nudge(12, 1.0, 0.0, free=True)
    np.testing.assert_array_equal(np.delete(shown(session), 12, axis=0), np.delete(before, 12, axis=0))


def test_a_label_of_another_day_is_moved_by_the_drag_alone(session: ReviewSession) -> None:
    placed = drag(session, TIP, RIGHT[TIP])
    again = ReviewSession(session.project, "ben")
    again.open()
    again.go_to_hand(session.hand_id or 0)
    said: list[str] = []
    again.message.connect(said.append)
    after = drag(again, 20, placed[20] + 4.0)
    np.testing.assert_allclose(after[:17], placed[:17], atol=0.05)
    assert said[0] == "Not refitted: a label that was copied or made before keeps its other joints"


@pytest.mark.parametrize("peaks", [False, True], ids=["no peaks", "no doubt"])
def test_a_proposal_that_lacks_one_of_them_is_dragged_as_before(tmp_path: Path, peaks: bool) -> None:
    with new_project(tmp_path / "project", proposed=peaks) as project:
        if not peaks:
            propose(project, project.hand_ids().tolist(), [PIP, DIP, TIP], peaks=False)
        session = ReviewSession(project, "ann")
        session.open()
        before = shown(session)
        said: list[str] = []
        session.message.connect(said.append)
        after = drag(session, TIP, before[TIP] + np.float32((-6.0, 12.0)))
        np.testing.assert_allclose(after[9:], before[9:], atol=0.05)
        assert said[0].startswith("Not refitted: ")
        assert ("unsure" if peaks else "heatmaps") in said[0]
        assert session.project.hand(session.hand_id or 0).state is State.FIXED
