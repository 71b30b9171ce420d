"""Moving joints with the mouse and with keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from handstudio.project.records import State

Key, Mod = Qt.Key, Qt.KeyboardModifier
TIP = 8


def label(window):
    return window.session.project.label_of(window.session.hand_id)


def test_a_dragged_fingertip_ends_under_the_mouse_and_is_stored_as_fixed(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10))
    stored = label(window)
    assert window.session.project.hand(window.session.hand_id).state == State.FIXED
    assert np.hypot(*(stored.pose.uv[TIP] - (u - 14, v + 10))) < 6.0


def test_a_drag_moves_the_finger_and_leaves_the_other_fingers(window, hand):
    before = window.session.hand_view(window.session.hand_id).pose
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10))
    moved = np.hypot(*(label(window).pose.uv - before.uv).T)
    assert moved[TIP] > 5
    assert moved[7] > 0.5
    assert moved[17:].max() < 0.5


def test_shift_moves_one_joint_alone(window, hand):
    before = window.session.hand_view(window.session.hand_id).pose
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u + 20, v + 12), Mod.ShiftModifier)
    moved = np.hypot(*(label(window).pose.uv - before.uv).T)
    assert moved[TIP] == pytest.approx(np.hypot(20, 12), abs=1.0)
    assert np.delete(moved, TIP).max() < 1e-3


def test_nothing_is_stored_while_the_button_is_down_and_escape_takes_the_drag_back(window, hand):
    before = window.session.hand_view(window.session.hand_id).pose
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 20, v + 10), let_go=False)
    assert label(window) is None
    assert window.session.edit is not None
    hand.key(Key.Key_Escape)
    assert window.session.edit is None
    assert label(window) is None
    assert np.array_equal(window.canvas.hands.current.uv, before.uv)


def test_one_undo_takes_back_a_whole_drag(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10))
    hand.key(Key.Key_Z, Mod.ControlModifier)
    assert label(window) is None
    hand.key(Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    assert label(window) is not None


def test_arrows_step_frames_until_a_joint_is_selected_and_nudge_it_then(window, hand):
    hand.key(Key.Key_Right)
    assert window.session.frame_index == 1
    u, v = hand.joint(TIP)
    hand.click(u, v)
    hand.key(Key.Key_Right)
    assert window.session.frame_index == 1
    assert label(window).pose.uv[TIP, 0] == pytest.approx(u + 1, abs=0.3)
    hand.key(Key.Key_Escape)
    hand.key(Key.Key_Left)
    assert window.session.frame_index == 0


def test_brackets_move_the_selected_joint_in_depth(window, hand):
    hand.click(*hand.joint(TIP))
    before = window.session.hand_view(window.session.hand_id).pose.depth[TIP]
    hand.key(Key.Key_BracketRight)
    assert label(window).pose.depth[TIP] > before


def test_tab_walks_through_the_joints(window, hand):
    hand.key(Key.Key_Tab)
    hand.key(Key.Key_Tab)
    assert window.session.joints == {1}
    hand.key(Key.Key_Tab, Mod.ShiftModifier)
    assert window.session.joints == {0}


def test_a_joint_can_be_dragged_in_the_inset(window, hand):
    window.canvas.view.zoom_by(0.5)  # the frame showed the hand as large as the inset
    hand.view = window.canvas.inset
    assert hand.view.isVisible()
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 10, v + 8))
    assert np.hypot(*(label(window).pose.uv[TIP] - (u - 10, v + 8))) < 6.0
