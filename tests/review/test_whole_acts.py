"""What was done to a hand as a whole stays through the drags that follow, and so does what was placed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.peaks import Peaks
from handstudio.hand.refit import Placed
from handstudio.project.records import Pose
from handstudio.review.editing import Edit
from handstudio.review.session import ReviewSession
from handstudio.review.whole_acts import Moved, Reordered
from handstudio.review.whole_hand import joints_of_fingers

from .made import hand_pose
from .unsure import AWAY, RIGHT, TIP, drag, shown, unsure_session

PINKY_TIP = 20
NUDGED = np.float32((1.4, -1.4))
FAR_PX = 4.0
"""A drag of a joint by 2 px moves no other one by more."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    """Six hands whose index finger is off; the first is current."""
    with unsure_session(tmp_path / "project") as session:
        yield session


def turn(session: ReviewSession, turn: float = np.radians(20.0), scale: float = 1.15) -> np.ndarray:
    session.begin_edit()
    session.transform_hand(turn, scale, shown(session)[0])
    session.commit_edit()
    return shown(session)


def drag_pinky(session: ReviewSession) -> np.ndarray:
    return drag(session, PINKY_TIP, shown(session)[PINKY_TIP] + NUDGED)


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.linalg.norm(one - other, axis=-1)


def test_a_turned_and_scaled_hand_stays_through_the_next_drag(session: ReviewSession) -> None:
    before = turn(session)
    assert apart(before, RIGHT).max() > 40.0
    assert apart(drag_pinky(session), before).max() < FAR_PX


def test_joints_that_were_placed_are_carried_along_and_stay(session: ReviewSession) -> None:
    drag(session, TIP, RIGHT[TIP])
    drag(session, 16, RIGHT[16] + 5.0)
    before = turn(session)
    after = drag_pinky(session)
    np.testing.assert_array_equal(after[[TIP, 16]], before[[TIP, 16]])
    assert apart(after, before).max() < FAR_PX


def test_the_wrist_moves_the_hand_and_it_stays_where_it_was_let_go(session: ReviewSession) -> None:
    drag(session, TIP, RIGHT[TIP])
    before = shown(session)
    said: list[str] = []
    session.message.connect(said.append)
    moved = drag(session, 0, before[0] + np.float32((18.0, -11.0)))
    assert said == ["The hand moved with its wrist; Shift+drag moves the wrist alone"]
    np.testing.assert_allclose(moved - before, np.tile((18.0, -11.0), (21, 1)), atol=0.5)
    after = drag_pinky(session)
    np.testing.assert_array_equal(after[[0, TIP]], moved[[0, TIP]])
    assert apart(after, moved).max() < FAR_PX


def test_shift_moves_the_wrist_alone_and_the_rest_follows_the_next_drag(session: ReviewSession) -> None:
    goal = RIGHT[0] + np.float32((6.0, 6.0))
    drag(session, 0, goal, free=True)
    after = drag(session, TIP, RIGHT[TIP])
    np.testing.assert_array_equal(after[0], goal)
    assert apart(after, RIGHT)[[7, 8]].max() < 3.0


def test_all_joints_moved_together_are_the_hand_as_a_whole(session: ReviewSession) -> None:
    away = np.float32((25.0, 4.0))
    session.begin_edit()
    session.move_together(range(21), away)
    session.commit_edit()
    before = shown(session)
    after = drag(session, TIP, RIGHT[TIP] + away)
    assert apart(after, before)[9:].max() < FAR_PX
    assert apart(after, RIGHT + away)[TIP] < 0.01
    assert apart(after, before)[7] > 5.0, "the finger follows its tip as it does where the hand was"


def test_acts_in_a_row_with_undo_and_redo(session: ReviewSession) -> None:
    poses = [shown(session), drag(session, TIP, RIGHT[TIP]), turn(session), turn(session, -0.1, 0.9)]
    poses.append(drag(session, 0, poses[-1][0] + 9.0))
    poses.append(drag_pinky(session))
    assert apart(poses[-1], poses[-2]).max() < FAR_PX
    for pose in poses[-2::-1]:
        session.undo()
        np.testing.assert_array_equal(shown(session), pose)
    for pose in poses[1:4]:
        session.redo()
        np.testing.assert_array_equal(shown(session), pose)
    after = drag_pinky(session)
    np.testing.assert_array_equal(after[TIP], poses[3][TIP])
    assert apart(after, poses[3]).max() < FAR_PX
    session.undo()
    session.undo()
    session.undo()
    after = drag_pinky(session)
    assert apart(after, poses[1]).max() < FAR_PX


def test_a_turn_that_was_undone_turns_nothing(session: ReviewSession) -> None:
    turn(session)
    session.undo()
    assert apart(drag(session, TIP, RIGHT[TIP]), RIGHT)[[7, 8]].max() < 3.0


def test_the_picture_still_helps_a_hand_that_was_moved(session: ReviewSession) -> None:
    """The hand is moved by little, so the other choice of its heatmaps is where it was in the picture."""
    drag(session, 0, shown(session)[0] + 2.0)
    after = drag(session, TIP, RIGHT[TIP])
    assert apart(after, RIGHT)[7] < 3.0


@given(
    angle=st.floats(-3.0, 3.0, width=32),
    scale=st.floats(0.5, 2.0, width=32),
    shift=st.tuples(*[st.floats(-200.0, 200.0, width=32)] * 2),
)
def test_an_act_moves_every_other_pose_alike(angle: float, scale: float, shift: tuple[float, float]) -> None:
    start, other = (
        hand_pose(),
        Pose(hand_pose().uv + np.random.default_rng(0).normal(0, 9, (21, 2)), [0.3] * 21),
    )
    c, s = scale * np.cos(angle), scale * np.sin(angle)

    def moved(uv: np.ndarray) -> np.ndarray:
        return uv @ np.array(((c, s), (-s, c))) + shift

    act = Moved(start, Pose(moved(start.uv), start.depth))
    np.testing.assert_allclose(act.pose(other).uv, moved(other.uv), atol=0.02)
    np.testing.assert_array_equal(act.pose(other).depth, other.depth)
    np.testing.assert_array_equal(act.pose(start).uv[TIP], act.placed({TIP: Placed(start.uv[TIP])})[TIP].uv)
    np.testing.assert_allclose(act.doubt(np.full(21, 3.0, np.float32)), 3.0 * scale, rtol=1e-3)
    far = np.stack([start.uv, start.uv + 40.0], axis=1)
    one = np.ones((21, 2), np.float32)
    peaks = act.peaks(Peaks(far, one, 4.0 * one))
    np.testing.assert_allclose(peaks.uv[:, 0], moved(start.uv), atol=0.02)
    np.testing.assert_array_equal(peaks.uv[:, 1], far[:, 1])


def test_fingers_that_change_places_take_what_was_believed_of_them_along() -> None:
    order = joints_of_fingers((0, 2, 1, 3, 4))
    act = Reordered(order)
    np.testing.assert_array_equal(act.pose(hand_pose()).uv[8], hand_pose().uv[12])
    assert set(act.placed({8: Placed(RIGHT[8]), 0: Placed(RIGHT[0])})) == {12, 0}
    assert act.doubt(np.arange(21, dtype=np.float32))[8] == 12.0


def test_an_edit_that_drags_and_then_turns_keeps_what_it_placed() -> None:
    edit = Edit(hand_pose(), "right")
    edit.move(TIP, RIGHT[TIP] + AWAY)
    edit.transform(0.3, 1.2, RIGHT[0])
    pose = edit.transform(0.5, 1.2, RIGHT[0])
    assert len(edit.moves) == 1
    np.testing.assert_array_equal(edit.placed[TIP].uv, pose.uv[TIP])
    assert not edit.as_hand
