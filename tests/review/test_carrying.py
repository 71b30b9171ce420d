"""A label carried forward through the frames that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.peaks import KEPT, Peaks
from handstudio.methods.peaks import store_peaks
from handstudio.project import Project
from handstudio.project.records import State
from handstudio.review import decisions
from handstudio.review.session import ReviewSession

from .made import batch, hand_pose, new_project

FINGER = [6, 7, 8]
LOOK = Box(50.0, 50.0, 300.0, 300.0)
AWAY = np.float32((-16.0, 6.0))
STEP = np.float32((5.0, 3.0))
RIGHT = hand_pose().uv


def propose(project: Project, ids: list[int], lost: int = 99) -> None:
    """A hand that moves on frame by frame; its index finger is proposed beside it.

    From a frame on the heatmaps see nothing of the hand.
    """
    found = batch(ids)
    right = RIGHT + np.arange(len(ids), dtype=np.float32)[:, None, None] * STEP
    wrong = right.copy()
    wrong[:, FINGER] += AWAY
    found.uv[:] = wrong
    object.__setattr__(found, "joint_doubt", np.full((len(ids), 21), 12.0, np.float32))
    project.store_proposals(None, None, found)
    uv = np.zeros((len(ids), 21, KEPT, 2), np.float32)
    share = np.zeros((len(ids), 21, KEPT), np.float32)
    uv[:, :, 0], uv[:, :, 1], share[:, :, 0], share[:, :, 1] = wrong, right, 0.3, 0.6
    uv[lost:, :, :2] += 90.0
    store_peaks(project, ids, wrong, [LOOK] * len(ids), Peaks(uv, share, np.full_like(share, 4.0)))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path / "project", proposed=False) as project:
        yield project


def fixed(project: Project, lost: int = 99) -> ReviewSession:
    """A session whose first hand was put right."""
    propose(project, project.hand_ids().tolist(), lost)
    session = ReviewSession(project, "ann")
    session.open()
    session.decide(lambda hand: decisions.fix(hand, hand_pose()))
    return session


def off(session: ReviewSession, place: int) -> np.ndarray:
    label = session.project.label_of(session.project.hand_ids().tolist()[place])
    return np.linalg.norm(label.pose.uv - RIGHT - place * STEP, axis=1)


def test_the_fix_follows_the_hand_to_the_end_in_one_step_of_undo(project):
    session = fixed(project)
    told: list[str] = []
    session.message.connect(told.append)
    change = session.whole.carry_forward()
    ids = project.hand_ids().tolist()
    assert change.hands == set(ids[1:])
    assert max(off(session, place).max() for place in range(1, len(ids))) < 6.0
    label = project.label_of(ids[3])
    assert label.origin == "carried"
    assert project.hand(ids[3]).state is State.AUTO_ACCEPTED
    assert told[-1] == "Carried 5 frames forward, to frame 6: the sequence ends"
    session.undo()
    assert all(project.label_of(hand_id) is None for hand_id in ids[1:])
    assert project.label_of(ids[0]) is not None


def test_it_stops_where_the_picture_does_not_bear_it_out(project):
    session = fixed(project, lost=3)
    session.whole.carry_forward()
    labelled = [project.label_of(hand_id) is not None for hand_id in project.hand_ids().tolist()]
    assert labelled == [True, True, True, False, False, False]


def test_what_somebody_decided_is_never_carried_over(project):
    session = fixed(project)
    ids = project.hand_ids().tolist()
    session.go_to_hand(ids[2])
    session.reject()
    session.go_to_hand(ids[0])
    told: list[str] = []
    session.message.connect(told.append)
    session.whole.carry_forward()
    assert "decided already" in told[-1]
    assert project.label_of(ids[1]) is not None
    assert project.hand(ids[2]).state is State.REJECTED
    assert project.label_of(ids[3]) is None


def test_an_edit_in_hand_is_stored_and_carried(project):
    propose(project, project.hand_ids().tolist())
    session = ReviewSession(project, "ann")
    session.open()
    session.begin_edit()
    session.put_pose(hand_pose())
    session.whole.carry_forward()
    assert off(session, 2).max() < 6.0


def test_without_a_label_or_peaks_nothing_is_carried_and_it_is_said_why(project):
    ids = project.hand_ids().tolist()
    project.store_proposals(None, None, batch(ids))
    session = ReviewSession(project, "ann")
    session.open()
    told: list[str] = []
    session.message.connect(told.append)
    assert session.whole.carry_forward() is None
    assert "Only a label" in told[-1]
    session.accept()
    assert session.whole.carry_forward() is None
    assert "no heatmaps" in told[-1]
