"""Drags go on refitting whatever came in between: depths, corrections, exchanged fingers, a busy job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from handstudio.project import Project
from handstudio.project.dense import MapsBusyError
from handstudio.project.records import State
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import batch
from .unsure import AWAY, DIP, PIP, RIGHT, TIP, drag, off, shown, unsure_session

INDEX, PINKY = [5, 6, 7, 8], [17, 18, 19, 20]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    """Six hands whose index finger is off; the first is current."""
    with unsure_session(tmp_path / "project") as session:
        yield session


def depth(session: ReviewSession) -> np.ndarray:
    pose = session.hand_view(session.hand_id or 0).pose
    assert pose is not None
    return pose.depth


def by_wheel(session: ReviewSession) -> None:
    session.begin_edit()
    session.move_together(PINKY, (0.0, 0.0), 0.6)
    session.commit_edit()


def by_keys(session: ReviewSession) -> None:
    session.select_joints(PINKY)
    for _ in range(6):
        session.nudge_selected(0.0, 0.0, 0.1)


def one_by_one(session: ReviewSession) -> None:
    for joint in PINKY:
        session.begin_edit()
        session.move_joint(joint, depth=float(depth(session)[joint]) + 0.6, free=True)
        session.commit_edit()


@pytest.mark.parametrize("give", [by_wheel, by_keys, one_by_one])
def test_a_depth_that_joints_were_given_stays(
    session: ReviewSession, give: Callable[[ReviewSession], None]
) -> None:
    before = depth(session)
    give(session)
    drag(session, TIP, RIGHT[TIP])
    np.testing.assert_allclose(depth(session)[PINKY] - before[PINKY], 0.6, atol=1e-5)
    drag(session, 20, shown(session)[20] + 1.0)
    drag(session, 16, shown(session)[16] + 3.0)
    np.testing.assert_allclose((depth(session) - before)[PINKY[:3]], 0.6, atol=1e-5)
    assert depth(session)[20] - before[20] > 0.3, "its tip was dragged: it came nearer as the finger bent"


def test_a_depth_that_was_undone_holds_nothing(session: ReviewSession) -> None:
    before = depth(session)
    by_wheel(session)
    session.undo()
    drag(session, TIP, RIGHT[TIP])
    assert np.abs(depth(session) - before)[PINKY].max() < 0.2


def test_a_group_with_the_root_brings_the_others_nearer_and_they_stay_there(session: ReviewSession) -> None:
    before = depth(session)
    session.begin_edit()
    session.move_together([9, 10, 11, 12], (0.0, 0.0), 0.5)
    session.commit_edit()
    drag(session, 20, shown(session)[20] + 1.0)
    moved = depth(session) - before
    assert np.abs(moved[[9, 10, 11, 12]]).max() < 1e-5
    np.testing.assert_allclose(moved[[0, 13, 14]], -0.5, atol=0.15)


def test_after_some_joints_of_the_correction_drags_go_on_and_these_stay(
    session: ReviewSession, heard: Heard
) -> None:
    session.take_correction([16])
    taken = shown(session)[16].copy()
    after = drag(session, TIP, RIGHT[TIP])
    assert off(after)[[DIP, TIP]].max() < 3.0
    np.testing.assert_array_equal(after[16], taken)
    assert heard.messages[-1].startswith("Refit: ")
    session.undo()
    session.undo()
    assert off(drag(session, TIP, RIGHT[TIP]))[16] < 2.0, "what was undone holds nothing"


def test_after_fingers_were_exchanged_drags_go_on_from_there(session: ReviewSession, heard: Heard) -> None:
    """The model took the index finger for the ring finger: its heatmaps are those of the other finger too."""
    before = shown(session)
    session.select_joints({8, 16})
    session.whole.swap_fingers()
    swapped = shown(session)
    np.testing.assert_array_equal(swapped[[5, 6, 7, 8]], before[[13, 14, 15, 16]])
    after = drag(session, 16, RIGHT[8])
    assert heard.messages[-1].startswith("Refit: ")
    assert np.linalg.norm(after[15] - RIGHT[7]) < 3.0, "the finger goes to where its heatmaps know it"
    others = [joint for joint in range(21) if joint not in (13, 14, 15, 16)]
    assert np.linalg.norm((after - swapped)[others], axis=1).max() < 4.0


def test_what_was_placed_before_an_exchange_stays_with_its_finger(session: ReviewSession) -> None:
    drag(session, TIP, RIGHT[TIP] + 2.0)
    session.select_joints({8, 16})
    session.whole.swap_fingers()
    np.testing.assert_array_equal(drag(session, 20, shown(session)[20] + 1.0)[16], RIGHT[TIP] + 2.0)


def test_a_copied_pose_moves_by_the_drag_alone_and_that_is_said(session: ReviewSession, heard: Heard) -> None:
    drag(session, TIP, RIGHT[TIP])
    session.go_to_hand(2)
    session.whole.copy_from(-1)
    before = shown(session)
    after = drag(session, TIP, RIGHT[TIP])
    np.testing.assert_allclose(after[9:], before[9:], atol=0.05)
    assert heard.messages[-1].startswith("Not refitted: a label that was copied")


@contextmanager
def held_by_a_job(session: ReviewSession) -> Iterator[None]:
    """A job is writing dense maps meanwhile."""
    with Project.open(session.project.path, "job") as job, job._dense._between_processes(exclusive=True):
        yield


@pytest.fixture
def writing(session: ReviewSession) -> Iterator[Callable[[], None]]:
    """A job that holds the dense maps until it is called."""
    with ExitStack() as stack:
        stack.enter_context(held_by_a_job(session))
        yield stack.close


def test_peaks_that_could_be_read_when_the_drag_began_are_there_when_it_ends(
    session: ReviewSession, tmp_path: Path
) -> None:
    session.begin_edit()
    session.move_joint(TIP, RIGHT[TIP] + 1.0)
    with held_by_a_job(session):
        session.commit_edit()
    assert off(shown(session))[[DIP, TIP]].max() < 3.0


def test_peaks_are_asked_for_again_while_the_mouse_moves(
    session: ReviewSession, writing: Callable[[], None]
) -> None:
    session.begin_edit()
    session.move_joint(TIP, RIGHT[TIP] + AWAY)
    writing()
    session.move_joint(TIP, RIGHT[TIP] + 1.0)
    with held_by_a_job(session):
        session.commit_edit()
    assert off(shown(session))[[DIP, TIP]].max() < 3.0


def test_a_drag_that_no_peaks_can_be_had_for_says_so_and_the_next_one_takes_it_in(
    session: ReviewSession, heard: Heard, writing: Callable[[], None]
) -> None:
    before = shown(session)
    goal = RIGHT[TIP] + 1.0
    after = drag(session, TIP, goal)
    assert heard.messages == [
        "Not refitted: heatmaps are being written just now; the next drag takes this one in"
    ]
    np.testing.assert_allclose(after[9:], before[9:], atol=0.05)
    with pytest.raises(MapsBusyError):
        session.peaks(session.hand_id or 0)
    writing()
    last = drag(session, 20, RIGHT[20] + 1.0)
    np.testing.assert_array_equal(last[TIP], goal)
    assert heard.messages[-1].startswith("Refit: ")
    assert off(last)[[DIP, TIP]].max() < 3.0


def test_a_new_proposal_has_peaks_of_its_own(session: ReviewSession) -> None:
    assert session.peaks(1) is not None
    with Project.open(session.project.path, "job") as job:
        job.store_proposals(None, None, batch([1], shift=30.0))
    session.poll()
    assert session.peaks(1) is None


def test_an_edit_in_hand_is_stored_before_what_is_done_to_the_hand(session: ReviewSession) -> None:
    def edited() -> np.ndarray:
        session.begin_edit()
        session.move_joint(4, RIGHT[4] + np.float32((12.0, -9.0)), free=True)
        assert session.edit is not None
        return session.edit.uv.copy()

    acts: list[Callable[[], object]] = [
        session.whole.swap_fingers,
        session.flip_side,
        lambda: session.whole.copy_from(-1),
        lambda: session.take_correction([12]),
        lambda: session.set_visibility(3, 1),
        session.reject,
    ]
    session.go_to_hand(2)
    session.select_joints({8, 12})
    for act in acts:
        wanted = edited()
        assert act() is not None
        assert session.edit is None
        session.undo()
        np.testing.assert_array_equal(shown(session), wanted)
        assert session.project.hand(2).state is State.FIXED
        session.undo()
        assert session.project.label_of(2) is None


def test_fingers_of_the_edited_hand_are_exchanged(session: ReviewSession) -> None:
    session.begin_edit()
    session.move_joint(TIP, RIGHT[TIP] + AWAY, free=True)
    session.select_joints({8, 16})
    session.whole.swap_fingers()
    np.testing.assert_array_equal(shown(session)[16], RIGHT[TIP] + AWAY)


def test_what_cannot_be_done_leaves_the_edit_in_hand(session: ReviewSession, heard: Heard) -> None:
    session.begin_edit()
    edited = session.move_joint(TIP, RIGHT[TIP] + AWAY, free=True)
    assert session.whole.copy_from(-1) is None
    assert "no pose" in heard.messages[-1]
    assert session.edit == edited


def test_keys_drag_a_joint_as_the_mouse_does(session: ReviewSession) -> None:
    wanted = drag(session, TIP, shown(session)[TIP] + np.float32((5.0, 0.0)))
    session.undo()
    session.select_joints({TIP})
    for _ in range(5):
        session.drag_selected(1.0, 0.0)
    assert session.project.label_of(1) is None
    session.commit_edit()
    np.testing.assert_allclose(shown(session), wanted, atol=0.5)
    session.undo()
    assert session.project.label_of(1) is None


def test_pips_that_were_placed_stay_while_keys_drag_the_tip(session: ReviewSession) -> None:
    drag(session, PIP, RIGHT[PIP])
    session.select_joints({TIP})
    session.drag_selected(0.0, 3.0)
    assert session.edit is not None
    np.testing.assert_allclose(session.edit.uv[PIP], RIGHT[PIP], atol=0.1)
    session.commit_edit()
    np.testing.assert_array_equal(shown(session)[PIP], RIGHT[PIP])
