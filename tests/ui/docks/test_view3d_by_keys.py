"""The 3D view without a mouse: turned, shifted, zoomed, and a joint moved in it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest

from handstudio.project.records import State

from .conftest import mouse
from .test_view3d import TIP, opengl, place, shown  # noqa: F401

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def view(opengl, bench, qtbot):  # noqa: F811
    return shown(bench, qtbot)


def press(view, key: Key, keys: Mod = Mod.NoModifier, times: int = 1) -> None:
    for _ in range(times):
        QTest.keyClick(view.stage, key, keys)


def pose(bench):
    return bench.session.hand_view(bench.session.hand_id).pose


def test_arrows_turn_shift_and_arrows_move_plus_and_minus_zoom_and_0_shows_all(view):
    stage = view.stage
    first = stage.orbit
    press(view, Key.Key_Right, times=3)
    press(view, Key.Key_Up)
    assert stage.orbit.yaw > first.yaw
    assert stage.orbit.pitch > first.pitch
    press(view, Key.Key_Left, times=3)
    press(view, Key.Key_Down)
    assert stage.orbit.yaw == pytest.approx(first.yaw)
    assert stage.orbit.pitch == pytest.approx(first.pitch)
    at = place(view, TIP)
    press(view, Key.Key_Left, Mod.ShiftModifier)
    assert place(view, TIP).x() > at.x() + 10, "more is seen of what lies at the left"
    distance = stage.orbit.distance
    press(view, Key.Key_Plus, Mod.ShiftModifier)
    assert stage.orbit.distance < distance
    press(view, Key.Key_Minus)
    assert stage.orbit.distance == pytest.approx(distance)
    press(view, Key.Key_0)
    assert (place(view, TIP) - at).manhattanLength() < 1


def test_enter_takes_the_selected_joint_arrows_and_brackets_move_it_enter_lets_go(view, bench):
    before = pose(bench)
    bench.session.select_joints({TIP})
    start = place(view, TIP)
    press(view, Key.Key_Return)
    press(view, Key.Key_Right, Mod.ShiftModifier, times=2)
    press(view, Key.Key_Down)
    press(view, Key.Key_BracketRight)
    assert bench.session.edit is not None
    assert place(view, TIP).x() > start.x() + 8
    press(view, Key.Key_Return)
    assert bench.session.edit is None
    assert bench.project.hand(bench.session.hand_id).state == State.FIXED
    moved = np.linalg.norm(pose(bench).uv - before.uv, axis=-1)
    assert moved[TIP - 1] > 0.5, "its finger came along"
    bench.session.undo()
    assert pose(bench) == before


def test_shift_and_enter_take_it_alone_and_escape_gives_it_back(view, bench):
    before = pose(bench)
    bench.session.select_joints({TIP})
    press(view, Key.Key_Return, Mod.ShiftModifier)
    press(view, Key.Key_Left, Mod.ShiftModifier, times=2)
    moved = np.linalg.norm(bench.session.edit.uv - before.uv, axis=-1)
    assert np.delete(moved, TIP).max() < 0.2 * moved[TIP]
    press(view, Key.Key_Escape)
    assert bench.session.edit is None
    assert pose(bench) == before


def test_without_one_selected_joint_it_says_what_to_do(view, bench):
    said = []
    bench.session.message.connect(said.append)
    press(view, Key.Key_Return)
    bench.session.select_joints({4, 8})
    press(view, Key.Key_Return)
    assert len(said) == 2
    assert "Tab" in said[0]
    assert bench.session.edit is None


def test_what_keys_hold_stays_when_the_mouse_presses_or_the_keys_go_elsewhere(view, bench):
    bench.session.select_joints({TIP})
    press(view, Key.Key_Return)
    press(view, Key.Key_Right, Mod.ShiftModifier)
    mouse(view.stage, QEvent.Type.MouseMove, place(view, 4))
    assert bench.session.edit is not None
    mouse(view.stage, QEvent.Type.MouseButtonPress, place(view, 4))
    assert bench.session.edit is None
    mouse(view.stage, QEvent.Type.MouseButtonRelease, place(view, 4))
    assert bench.project.label_of(bench.session.hand_id) is not None


def test_a_pinned_joint_is_not_moved(view, bench):
    bench.session.select_joints({TIP})
    bench.session.toggle_pins({TIP})
    before = pose(bench)
    press(view, Key.Key_Return)
    press(view, Key.Key_Right, Mod.ShiftModifier, times=2)
    assert not view.stage.grip.by_keys
    assert pose(bench) == before
