"""The rest of the hand follows a drag in the real window, as long as its action is checked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from handstudio.hand.box import Box
from handstudio.hand.peaks import KEPT, Peaks
from handstudio.methods.peaks import store_peaks
from handstudio.project import Project
from handstudio.project.records import ProposalBatch

Key, Mod = Qt.Key, Qt.KeyboardModifier
TIP, FINGER = 8, [6, 7, 8]


@pytest.fixture
def project(project):
    """The first hand's index finger may be elsewhere as well: its heatmaps have a second choice there."""
    with Project.open(project) as opened:
        hand_id = int(opened.hand_ids()[0])
        proposal, box = opened.proposal_of(hand_id), opened.hand(hand_id).box
        unsure = np.full((1, 21), 2.0, np.float32)
        unsure[:, FINGER] = 15.0
        opened.store_proposals(None, None, again(hand_id, proposal, unsure))
        uv = np.zeros((1, 21, KEPT, 2), np.float32)
        share = np.zeros((1, 21, KEPT), np.float32)
        uv[:, :, 0], share[:, :, 0] = proposal.pose.uv, 0.6
        uv[0, FINGER, 1], share[0, FINGER, 1] = proposal.pose.uv[FINGER] + (-18.0, 8.0), 0.35
        spread = np.full((1, 21, KEPT), 4.0, np.float32)
        look = Box(box.x, box.y, box.side, box.side)
        store_peaks(opened, [hand_id], proposal.pose.uv[None], [look], Peaks(uv, share, spread))
    return project


def again(hand_id, proposal, doubt):
    """The same proposal with another doubt."""
    return ProposalBatch(
        [hand_id],
        proposal.pose.uv[None],
        proposal.pose.depth[None],
        proposal.corrected.uv[None],
        proposal.corrected.depth[None],
        [proposal.c_stability],
        [proposal.c_plausibility],
        joint_doubt=doubt,
    )


def pose(window):
    return window.session.hand_view(window.session.hand_id).pose.uv


def test_a_finger_goes_over_to_its_other_place_and_one_undo_brings_it_back(window, hand):
    before = pose(window).copy()
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 18, v + 8))
    moved = pose(window) - before
    assert np.hypot(*(moved[TIP] - (-18, 8))) < 3.0
    assert np.hypot(*(moved[7] - (-18, 8))) < 5.0
    assert np.hypot(*np.delete(moved, [5, 6, 7, 8], axis=0).T).max() < 4.0
    assert window.status.message.full_text.startswith("Refit: ")
    hand.key(Key.Key_Z, Mod.ControlModifier)
    np.testing.assert_array_equal(pose(window), before)


def test_an_arrow_that_is_let_go_refits_too_and_with_alt_it_does_not(window, hand):
    before = pose(window).copy()
    hand.click(*hand.joint(TIP))
    hand.key(Key.Key_Left, Mod.AltModifier)
    assert np.abs(np.delete(pose(window) - before, TIP, axis=0)).max() == 0.0
    assert "fit" not in window.status.message.full_text
    for key in (Key.Key_Left, Key.Key_Left, Key.Key_Left, Key.Key_Down):
        hand.key(key, Mod.ShiftModifier)
    assert window.status.message.full_text.startswith("Refit: ")
    np.testing.assert_allclose(pose(window)[TIP], before[TIP] + (-16, 5), atol=1e-3)
    assert pose(window)[7, 0] < before[7, 0] - 8.0
    for _ in range(5):
        hand.key(Key.Key_Z, Mod.ControlModifier)
    np.testing.assert_array_equal(pose(window), before)


def test_a_hand_turned_by_keys_stays_turned_through_a_drag(window, hand):

    def moved_by_a_drag():
        start = pose(window).copy()
        u, v = hand.joint(20)
        hand.drag((u, v), (u + 2, v + 2))
        assert window.status.message.full_text.startswith("Refit: ")
        return np.hypot(*(pose(window) - start).T)

    wanted = moved_by_a_drag()
    hand.key(Key.Key_Z, Mod.ControlModifier)
    for _ in range(5):
        hand.key(Key.Key_BracketRight, Mod.ControlModifier)
    np.testing.assert_allclose(moved_by_a_drag(), wanted, atol=2.0)


def test_its_key_switches_it_off_and_the_next_window_remembers(window, hand, settings):
    assert window.services.actions["refit"].isChecked()
    hand.key(Key.Key_R, Mod.ShiftModifier)
    assert not window.session.refitting.on
    assert "stays" in window.status.message.full_text
    assert settings.value("review/refit", True, bool) is False
    before = pose(window).copy()
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 18, v + 8))
    np.testing.assert_allclose(pose(window)[9:], before[9:], atol=0.5)
    hand.key(Key.Key_R, Mod.ShiftModifier)
    assert window.session.refitting.on


def test_the_action_stands_in_the_menu_and_says_what_it_does(window):
    action = window.services.actions["refit"]
    assert "Shift+R" in action.toolTip()
    assert "stay" in action.toolTip()
    assert not window.services.actions.conflicts()


def test_shift_d_carries_a_label_forward_or_says_why_not(window, hand):
    hand.key(Key.Key_D, Mod.ShiftModifier)
    assert "Only a label can be carried" in window.status.message.full_text
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 18, v + 8))
    hand.key(Key.Key_D, Mod.ShiftModifier)
    assert window.status.message.full_text.startswith("Not carried: the next frame has no heatmaps")
