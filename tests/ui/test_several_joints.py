"""Several joints with the mouse: selected by a band, moved as one."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
INDEX = {5, 6, 7, 8}


def pose(window):
    return window.session.hand_view(window.session.hand_id).pose


def label(window):
    return window.session.project.label_of(window.session.hand_id)


def about(window, joints):
    uv = window.canvas.hands.current.uv[sorted(joints)]
    return tuple((uv.min(axis=0) - 9).tolist()), tuple((uv.max(axis=0) + 9).tolist())


def test_control_adds_what_a_band_holds_and_takes_single_joints_away_again(window, hand):
    hand.drag(*about(window, {7, 8}))
    first = set(window.session.joints)
    hand.drag(*about(window, {19, 20}), Mod.ControlModifier)
    assert window.session.joints >= first | {19, 20}
    hand.click(*hand.joint(20), Mod.ControlModifier)
    assert 20 not in window.session.joints
    assert window.session.joints >= first | {19}


def test_with_control_a_band_begins_on_the_ring_too_and_turns_nothing(window, hand):
    before = pose(window)
    u, v = hand.joint(0)
    hand.click(*hand.joint(8))
    start = (u + 30.0 / window.canvas.view.zoom, v)
    hand.drag(start, (start[0] + 60, start[1] + 60), Mod.ControlModifier)
    assert pose(window) == before
    assert 8 in window.session.joints


def test_one_of_several_selected_joints_takes_the_others_along(window, hand):
    before = pose(window)
    window.session.select_joints(INDEX)
    u, v = hand.joint(7)
    hand.drag((u, v), (u + 15, v - 9))
    moved = label(window).pose.uv - before.uv
    assert np.ptp(moved[sorted(INDEX)], axis=0).max() < 1e-3
    assert moved[7] == pytest.approx((15, -9), abs=1.0)
    assert np.abs(np.delete(moved, sorted(INDEX), axis=0)).max() == 0.0
    assert window.session.joints == INDEX
    hand.key(Key.Key_Z, Mod.ControlModifier)
    assert label(window) is None


def test_escape_gives_the_group_back(window, hand):
    before = pose(window)
    window.session.select_joints(INDEX)
    u, v = hand.joint(8)
    hand.drag((u, v), (u + 15, v - 9), let_go=False)
    hand.key(Key.Key_Escape)
    assert pose(window) == before
    assert label(window) is None


def test_shift_moves_the_pressed_joint_alone_whatever_is_selected(window, hand):
    before = pose(window)
    window.session.select_joints(INDEX)
    u, v = hand.joint(8)
    hand.drag((u, v), (u + 15, v - 9), Mod.ShiftModifier)
    moved = np.hypot(*(label(window).pose.uv - before.uv).T)
    assert np.delete(moved, 8).max() == 0.0


def test_a_click_on_one_of_them_selects_it_alone(window, hand):
    window.session.select_joints(INDEX)
    hand.click(*hand.joint(6))
    assert window.session.joints == {6}
    assert label(window) is None


def test_the_wheel_moves_the_group_in_depth_and_the_drag_goes_on_from_there(window, hand):
    before = pose(window)
    window.session.select_joints(INDEX)
    u, v = hand.joint(8)
    hand.drag((u, v), (u + 6, v), let_go=False)
    viewport, at = hand.view.viewport(), hand.place(u + 6, v)
    turn = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, -240),
        Button.LeftButton,
        Mod.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, turn)
    QTest.mouseRelease(viewport, Button.LeftButton, Mod.NoModifier, at)
    after = label(window).pose
    np.testing.assert_allclose(after.depth[sorted(INDEX)] - before.depth[sorted(INDEX)], 0.1, atol=1e-5)
    assert after.uv[5, 0] == pytest.approx(before.uv[5, 0] + 6, abs=1.0)


def test_keys_are_for_all_selected_joints_and_one_step_of_undo_each(window, hand):
    before = pose(window)
    window.session.select_joints(INDEX)
    hand.key(Key.Key_Right, Mod.ShiftModifier)
    hand.key(Key.Key_V)
    assert "4 joints: occluded" in window.status.message.full_text
    hand.key(Key.Key_L)
    chosen = sorted(INDEX)
    assert window.session.pins.of(window.session.hand_id) == INDEX
    np.testing.assert_allclose(label(window).pose.uv[chosen], before.uv[chosen] + (5, 0), atol=1e-3)
    assert (label(window).pose.visibility[chosen] == 1).all()
    hand.key(Key.Key_C)
    corrected = window.session.bundle(window.session.hand_id).proposal.corrected
    np.testing.assert_array_equal(label(window).pose.uv[chosen], corrected.uv[chosen])
    for _ in range(3):
        assert label(window) is not None
        hand.key(Key.Key_Z, Mod.ControlModifier)
    assert label(window) is None


def test_all_joints_can_be_moved_as_they_are(window, hand):
    before = pose(window)
    hand.key(Key.Key_A, Mod.ControlModifier)
    u, v = hand.joint(12)
    hand.drag((u, v), (u - 20, v + 30))
    moved = label(window).pose.uv - before.uv
    assert np.ptp(moved, axis=0).max() < 1e-3
    assert moved[0] == pytest.approx((-20, 30), abs=1.0)


def test_a_band_takes_no_joints_that_are_not_to_be_seen(window, hand):
    window.services.actions["hide_overlays"].setChecked(True)
    hand.drag(*about(window, INDEX))
    assert window.session.joints == set()
    window.services.actions["hide_overlays"].setChecked(False)
    hand.drag(*about(window, INDEX))
    assert window.session.joints >= INDEX


def test_all_joints_moved_in_depth_keep_their_depths_to_each_other(window, hand):
    before = pose(window)
    hand.key(Key.Key_A, Mod.ControlModifier)
    hand.key(Key.Key_BracketRight)
    np.testing.assert_allclose(pose(window).depth, before.depth, atol=1e-6)
