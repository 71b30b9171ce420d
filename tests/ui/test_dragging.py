"""Moving joints with the mouse and with keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.project import Project
from handstudio.project.records import State

from .conftest import Hand, mouse_move
from .made_project import make_project

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


def test_an_arrow_drags_the_joint_as_a_finger_and_with_alt_moves_it_alone(window, hand):
    hand.click(*hand.joint(TIP))
    before = window.session.hand_view(window.session.hand_id).pose.uv.copy()
    hand.key(Key.Key_Left, Mod.ShiftModifier)
    moved = np.hypot(*(label(window).pose.uv - before).T)
    assert moved[TIP] == pytest.approx(5.0, abs=1e-3)
    assert moved[7] > 0.5
    hand.key(Key.Key_Z, Mod.ControlModifier)
    hand.key(Key.Key_Left, Mod.AltModifier)
    moved = np.hypot(*(label(window).pose.uv - before).T)
    assert moved[TIP] == pytest.approx(1.0, abs=1e-3)
    assert np.delete(moved, TIP).max() == 0.0


def press(window, key, repeats=0):
    view = window.canvas.view
    for again in range(repeats + 1):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Mod.NoModifier, "", again > 0)
        QApplication.sendEvent(view, event)


def let_go(window, key):
    QApplication.sendEvent(window.canvas.view, QKeyEvent(QEvent.Type.KeyRelease, key, Mod.NoModifier))


def test_an_arrow_that_is_held_is_one_drag_until_it_is_let_go(window, hand):
    u, v = hand.joint(TIP)
    hand.click(u, v)
    press(window, Key.Key_Left, repeats=7)
    press(window, Key.Key_Down)
    assert label(window) is None
    assert window.canvas.hands.current.uv[TIP] == pytest.approx((u - 8, v + 1), abs=1e-3)
    let_go(window, Key.Key_Left)
    assert label(window) is None
    let_go(window, Key.Key_Down)
    assert label(window).pose.uv[TIP] == pytest.approx((u - 8, v + 1), abs=1e-3)
    hand.key(Key.Key_Z, Mod.ControlModifier)
    assert label(window) is None


def test_an_arrow_that_is_let_go_where_nobody_hears_of_it_is_stored_too(window, hand):
    hand.click(*hand.joint(TIP))
    press(window, Key.Key_Left, repeats=3)
    window.canvas.view.clearFocus()
    assert label(window) is not None
    assert window.session.edit is None


def test_an_arrow_pressed_during_a_drag_leaves_it_to_the_mouse_to_let_go(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10), let_go=False)
    hand.key(Key.Key_Left)
    assert label(window) is None
    QTest.mouseRelease(
        hand.view.viewport(), Qt.MouseButton.LeftButton, Mod.NoModifier, hand.place(u - 14, v + 10)
    )
    assert label(window) is not None


def test_brackets_move_the_selected_joint_in_depth(window, hand):
    hand.click(*hand.joint(TIP))
    before = window.session.hand_view(window.session.hand_id).pose.depth[TIP]
    hand.key(Key.Key_BracketRight)
    assert label(window).pose.depth[TIP] > before


def test_tab_walks_through_the_joints_from_the_worst(window, hand):
    view = window.session.hand_view(window.session.hand_id)
    errors = [row.expected_error_px for row in view.joints]
    assert [errors[joint] for joint in view.worst_first] == sorted(errors, reverse=True)
    for joint in view.worst_first[:3]:
        hand.key(Key.Key_Tab)
        assert window.session.joints == {joint}
    hand.key(Key.Key_Tab, Mod.ShiftModifier)
    assert window.session.joints == {view.worst_first[1]}


def test_a_joint_can_be_dragged_in_the_inset(window, hand):
    window.canvas.view.zoom_by(0.5)  # the frame showed the hand as large as the inset
    hand.view = window.canvas.inset
    assert hand.view.isVisible()
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 10, v + 8))
    assert np.hypot(*(label(window).pose.uv[TIP] - (u - 10, v + 8))) < 6.0


@pytest.fixture
def two_hands(open_window, tmp_path):
    """A window on frames with two hands each."""
    return open_window(make_project(tmp_path / "two", count=4, hands=2))


def move(view, at, buttons=Qt.MouseButton.LeftButton):
    QApplication.sendEvent(view.viewport(), mouse_move(view.viewport(), at, buttons, Mod.NoModifier))


@pytest.mark.parametrize("key", [Key.Key_H, Key.Key_Space])
def test_a_drag_ends_with_its_hand_and_does_not_move_the_next_one(two_hands, key):
    hand, session = Hand(two_hands), two_hands.session
    first = session.hand_id
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u + 12, v), let_go=False)
    hand.key(key)
    other = session.hand_id
    assert other != first
    before = session.hand_view(other).pose.uv.copy()
    at = hand.place(u + 30, v + 5)
    move(hand.view, at)
    QTest.mouseRelease(hand.view.viewport(), Qt.MouseButton.LeftButton, Mod.NoModifier, at)
    assert session.project.label_of(first) is not None
    assert session.project.label_of(other) is None
    assert np.array_equal(session.hand_view(other).pose.uv, before)


def test_a_decision_ends_the_drag_also_where_its_hand_stays_current(window, hand):
    window.services.actions["go_on"].setChecked(False)
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u + 12, v), let_go=False)
    hand.key(Key.Key_R)
    at = hand.place(u + 30, v + 5)
    move(hand.view, at)
    QTest.mouseRelease(hand.view.viewport(), Qt.MouseButton.LeftButton, Mod.NoModifier, at)
    assert window.session.project.hand(window.session.hand_id).state == State.REJECTED


def test_another_button_pressed_meanwhile_leaves_the_drag_alone(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10), let_go=False)
    viewport, at = hand.view.viewport(), hand.place(u - 14, v + 10)
    QTest.mousePress(viewport, Qt.MouseButton.MiddleButton, Mod.NoModifier, at)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Mod.NoModifier, at)
    assert label(window) is not None
    QTest.mouseRelease(viewport, Qt.MouseButton.MiddleButton, Mod.NoModifier, at)
    stored = label(window)
    move(hand.view, at + (at - hand.place(u, v)), Qt.MouseButton.NoButton)
    assert window.session.edit is None
    assert label(window).pose == stored.pose


def test_a_button_let_go_where_nobody_heard_of_it_ends_the_drag(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10), let_go=False)
    move(hand.view, hand.place(u + 40, v + 40), Qt.MouseButton.NoButton)
    assert window.session.edit is None
    assert np.hypot(*(label(window).pose.uv[TIP] - (u - 14, v + 10))) < 6.0


def test_closing_the_window_stores_what_was_dragged(window, hand, project):
    hand_id = window.session.hand_id
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u - 14, v + 10), let_go=False)
    window.close()
    with Project.open(project) as stored:
        assert stored.label_of(hand_id) is not None


def test_depth_by_the_wheel_outlasts_the_rest_of_the_drag(window, hand):
    u, v = hand.joint(TIP)
    hand.drag((u, v), (u + 6, v), let_go=False)
    viewport, at = hand.view.viewport(), hand.place(u + 6, v)
    for _ in range(6):
        turn = QWheelEvent(
            QPointF(at),
            QPointF(viewport.mapToGlobal(at)),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.LeftButton,
            Mod.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, turn)
    deep = float(window.session.edit.depth[TIP])
    move(hand.view, at + QPoint(1, 0))
    assert float(window.session.edit.depth[TIP]) == pytest.approx(deep, abs=0.02)
    hand.key(Key.Key_Escape)
