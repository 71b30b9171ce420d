"""Decisions about all joints at once: fingers exchanged, poses copied, gaps filled; one step of undo each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from handstudio.hand.skeleton import FINGERS
from handstudio.project.records import Pose, State
from handstudio.review.interpolating import gap_about
from handstudio.review.session import ReviewSession
from handstudio.review.whole_hand import joints_of_fingers

from .conftest import Heard


def pose_of(session: ReviewSession, hand_id: int) -> Pose:
    label = session.project.label_of(hand_id)
    assert label is not None
    return label.pose


def proposed(session: ReviewSession, hand_id: int) -> Pose:
    proposal = session.project.proposal_of(hand_id)
    assert proposal is not None
    return proposal.pose


def test_the_pose_of_the_frame_before_or_after_is_copied(session: ReviewSession, heard: Heard) -> None:
    session.whole.copy_from(-1)
    assert "no pose" in heard.messages[-1]
    session.begin_edit()
    session.move_joint(8, uv=(300.0, 100.0), free=True)
    session.commit_edit()
    session.go_to_hand(2)
    session.whole.copy_from(-1)
    assert pose_of(session, 2) == pose_of(session, 1)
    session.go_to_hand(1)
    session.undo()
    session.undo()
    session.go_to_hand(1)
    session.whole.copy_from(1)
    assert pose_of(session, 1) == proposed(session, 2)
    label = session.project.label_of(1)
    assert label is not None
    assert label.origin == "copied"


def test_two_fingers_are_exchanged_and_the_others_stay(session: ReviewSession, heard: Heard) -> None:
    before = proposed(session, 1)
    session.select_joints({8})
    session.whole.swap_fingers()
    assert "two fingers" in heard.messages[-1]
    session.select_joints({8, 10, 0})
    session.whole.swap_fingers()
    after = pose_of(session, 1)
    index, middle = list(FINGERS[1]), list(FINGERS[2])
    np.testing.assert_array_equal(after.uv[index], before.uv[middle])
    np.testing.assert_array_equal(after.depth[middle], before.depth[index])
    rest = [0, *FINGERS[0], *FINGERS[3], *FINGERS[4]]
    np.testing.assert_array_equal(after.uv[rest], before.uv[rest])
    session.undo()
    assert session.project.label_of(1) is None


@pytest.mark.parametrize("times", [5, 2])
def test_fingers_shifted_five_times_or_reversed_twice_are_as_before(
    session: ReviewSession, times: int
) -> None:
    before = proposed(session, 1)
    for _ in range(times):
        _ = session.whole.shift_fingers(1) if times == 5 else session.whole.reverse_fingers()
    assert np.array_equal(pose_of(session, 1).uv, before.uv)
    assert sorted(joints_of_fingers((1, 2, 3, 4, 0)).tolist()) == list(range(21))


def test_a_gap_between_two_decided_hands_is_filled_as_one_step(session: ReviewSession, heard: Heard) -> None:
    session.go_to_hand(3)
    session.whole.interpolate()
    assert "both sides" in heard.messages[-1]
    session.go_to_hand(1)
    session.accept()
    session.go_to_hand(5)
    session.begin_edit()
    session.put_pose(Pose(proposed(session, 1).uv + 40.0, proposed(session, 1).depth))
    session.commit_edit()
    session.go_to_hand(4)
    session.reject()
    session.go_to_hand(3)
    session.whole.interpolate()
    first, last = pose_of(session, 1), pose_of(session, 5)
    np.testing.assert_allclose(pose_of(session, 3).uv, 0.5 * (first.uv + last.uv), atol=0.05)
    np.testing.assert_allclose(pose_of(session, 2).uv, 0.75 * first.uv + 0.25 * last.uv, atol=0.05)
    records = {record.id: record.state for record in session.project.hands(range(1, 7))}
    assert (records[2], records[3], records[4]) == (State.AUTO_ACCEPTED, State.AUTO_ACCEPTED, State.REJECTED)
    session.undo()
    assert session.project.label_of(2) is None
    assert session.project.label_of(3) is None
    assert session.project.label_of(5) is not None


def test_a_gap_is_one_of_the_same_track_and_side(session: ReviewSession) -> None:
    for hand_id in (1, 6):
        session.go_to_hand(hand_id)
        session.accept()
    project = session.project
    of = project.bundle(3)
    gap = gap_about(project, of)
    assert gap is not None
    assert (gap.before.id, gap.after.id) == (1, 6)
    assert [hand.id for hand in gap.within] == [2, 3, 4, 5]
    assert gap_about(project, replace(of, record=replace(of.record, side="left"))) is None
    other_track = replace(of.record, track=of.record.track + 1)
    assert gap_about(project, replace(of, record=other_track)) is None


def fixed(session: ReviewSession, hand_id: int, by: float) -> Pose:
    session.go_to_hand(hand_id)
    session.begin_edit()
    session.put_pose(Pose(proposed(session, hand_id).uv + by, proposed(session, hand_id).depth))
    session.commit_edit()
    return pose_of(session, hand_id)


def states(session: ReviewSession) -> list[State]:
    return [record.state for record in session.project.hands(range(1, 7))]


def test_on_a_hand_just_fixed_those_behind_it_are_filled_and_it_stays(
    session: ReviewSession, heard: Heard
) -> None:
    fixed(session, 1, 3.0)
    fixed(session, 6, 50.0)
    last = fixed(session, 4, 20.0)
    assert session.whole.interpolate() is not None
    assert pose_of(session, 4) == last
    auto, own = State.AUTO_ACCEPTED, State.FIXED
    assert states(session) == [own, auto, auto, own, State.PROPOSED, own]
    assert heard.messages[-1] == "Filled 2 hands between frames 1 and 4"
    session.whole.interpolate()
    assert states(session) == [own, auto, auto, own, auto, own]
    assert heard.messages[-1] == "Filled 1 hand between frames 4 and 6"
    assert pose_of(session, 4) == last
    assert session.whole.interpolate() is None
    assert heard.messages[-1] == "No hand is undecided between frames 1 and 4"


def test_on_the_first_decided_hand_those_ahead_are_filled(session: ReviewSession) -> None:
    fixed(session, 4, 20.0)
    first = fixed(session, 2, 3.0)
    session.whole.interpolate()
    assert pose_of(session, 2) == first
    assert states(session)[2] is State.AUTO_ACCEPTED
    assert states(session)[0] is State.PROPOSED


def test_a_rejected_hand_stays_and_one_that_was_filled_in_is_filled_anew(session: ReviewSession) -> None:
    fixed(session, 1, 1.0)
    fixed(session, 5, 40.0)
    session.go_to_hand(3)
    session.reject()
    session.whole.interpolate()
    assert states(session)[1:4] == [State.AUTO_ACCEPTED, State.REJECTED, State.AUTO_ACCEPTED]
    fixed(session, 5, 80.0)
    before = pose_of(session, 4)
    session.go_to_hand(2)
    first = pose_of(session, 2).uv[0]
    session.whole.interpolate()
    assert np.linalg.norm(pose_of(session, 2).uv[0] - first) > 5.0
    assert pose_of(session, 4) == before
