"""What the resident worker says about one hand: where it is kept, and what is told of it."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.jobs.worker import ProposedPose
from handstudio.project.records import State


@pytest.fixture
def answer(window):
    """Takes a worker's answer for a hand: the pose that was proposed before, with another mask."""

    def take(hand_id: int, mask: float = 0.9) -> None:
        proposal = window.session.bundle(1).proposal
        found = ProposedPose(
            proposal.pose,
            proposal.perturbed,
            proposal.corrected,
            0.1,
            0.1,
            np.full(21, 2.0, np.float32),
            np.full((64, 64), mask, np.float32),
            0.02,
        )
        window.work._store(window.session.project.hand(hand_id), None, found)

    return take


def test_its_mask_is_kept_on_the_scale_of_the_others(window, answer):
    project = window.session.project
    answer(1, mask=0.5)
    one, other = project.dense("mask", 1), project.dense("mask", 2)
    assert one.dtype == other.dtype == np.uint8
    assert int(one.max()) == 128
    assert int(other.max()) == 255


def test_a_decided_hand_gets_it_beside_its_label(window, answer):
    session, project = window.session, window.session.project
    session.accept()
    hand_id = session.hand_id
    label, before = project.label_of(hand_id), project.proposal_of(hand_id)
    answer(hand_id)
    assert project.proposal_of(hand_id).id != before.id
    assert project.hand(hand_id).state == State.ACCEPTED
    assert project.label_of(hand_id).pose == label.pose
    assert window.status.message.full_text.endswith("the label stays")


def test_a_hand_that_was_removed_meanwhile_gets_none_and_it_is_said(window, answer):
    hand_id = window.session.hand_id
    window.session.remove_hand()
    answer(hand_id)
    assert "was removed" in window.status.message.full_text


def test_the_counts_follow_it(window, answer):
    session = window.session
    session.add_hand(Box(10, 10, 80, 80))
    before = session.progress()[State.PROPOSED]
    answer(session.hand_id)
    assert session.progress()[State.PROPOSED] == before + 1


def test_of_a_box_that_was_moved_meanwhile_no_mask_is_shown(window):
    session = window.session
    record = session.bundle(session.hand_id).record
    proposal = session.bundle(record.id).proposal
    session.set_box(Box(record.box.x + 30, record.box.y, record.box.width / 2, record.box.height / 2))
    mask = np.ones((64, 64), np.float32)
    found = ProposedPose(
        proposal.pose, None, proposal.corrected, 0.1, 0.1, np.full(21, 2.0, np.float32), mask, 0.02
    )
    window.work._store(record, None, found)
    assert session.hand_view(record.id).mask is None
