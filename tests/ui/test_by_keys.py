"""What the mouse does on the canvas, by keys: a crosshair that arrows move and that Enter acts with."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from handstudio.hand.skeleton import WRIST

from .conftest import Hand
from .keyboard import arrows_to
from .test_magnifier import point

Key, Mod = Qt.Key, Qt.KeyboardModifier
TIP = 8


class Keys(Hand):
    """A person who points by keys."""

    @property
    def cursor(self):
        return self.window.canvas.keys

    @property
    def at(self) -> QPointF:
        return self.cursor.screen

    def press(self, key: Key, keys: Mod = Mod.NoModifier, times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(self.view, key, keys)

    def go(self, u: float, v: float) -> None:
        """Bring the crosshair to a place of the frame."""
        arrows_to(self.window.canvas, self.press, u, v)


@pytest.fixture
def keys(window) -> Keys:
    return Keys(window)


def pose(window):
    return window.session.hand_view(window.session.hand_id).pose


def test_arrows_move_the_crosshair_by_1_10_and_100_px_and_not_the_frames(window, keys):
    frame = window.session.frame_index
    keys.press(Key.Key_F2)
    assert keys.cursor.shown
    start = keys.at
    keys.press(Key.Key_Right)
    keys.press(Key.Key_Down, Mod.ShiftModifier)
    keys.press(Key.Key_Left, Mod.ControlModifier)
    away = keys.at - start
    assert (away.x(), away.y()) == pytest.approx((-99, 10), abs=0.01)
    assert window.session.frame_index == frame
    keys.press(Key.Key_Escape)
    assert not keys.cursor.shown
    assert not window.services.actions["key_cursor"].isChecked()
    keys.press(Key.Key_Right)
    assert window.session.frame_index == frame + 1


def test_the_crosshair_is_seen_and_its_ring_says_that_it_holds(window, keys):
    keys.press(Key.Key_F2)
    keys.go(40, 40)

    def picture() -> QImage:
        middle, reach = keys.at.toPoint(), QPoint(24, 24)
        return keys.view.grab().toImage().copy(middle.x() - 24, middle.y() - 24, 2 * reach.x(), 48)

    accent = window.services.theme.colour("accent")

    def accents() -> int:
        image = picture()
        return sum(
            image.pixelColor(x, y) == accent for x in range(image.width()) for y in range(image.height())
        )

    arms = accents()
    assert arms >= 40
    keys.press(Key.Key_Return)
    assert accents() > arms
    keys.press(Key.Key_Escape)
    assert not keys.cursor.holds


def test_b_arrows_and_enter_draw_a_box(window, keys):
    keys.press(Key.Key_B)
    assert not keys.cursor.shown
    keys.go(40, 300)
    keys.press(Key.Key_Return)
    assert keys.cursor.holds
    keys.go(140, 420)
    keys.press(Key.Key_Return)
    hands = window.session.hands()
    assert len(hands) == 2
    box = window.session.project.hand(window.session.hand_id).box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((40, 300, 100, 120), abs=2.5)
    assert not window.services.actions["draw_box"].isChecked()
    assert not keys.cursor.shown


def test_escape_puts_the_box_tool_away_also_with_a_corner_set(window, keys):
    keys.press(Key.Key_B)
    keys.go(40, 300)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Right, Mod.ControlModifier)
    keys.press(Key.Key_Escape)
    assert not window.services.actions["draw_box"].isChecked()
    assert not keys.cursor.holds
    assert window.canvas.boxes.drawn is None
    assert len(window.session.hands()) == 1


def test_all_joints_are_placed_by_keys(window, keys):
    placing, truth = window.session.placing, window.session.bundle(window.session.hand_id).truth.pose
    keys.press(Key.Key_G)
    keys.go(*truth.uv[WRIST].tolist())
    for joint in range(20):
        assert placing.joint == joint
        keys.go(*truth.uv[joint].tolist())
        keys.press(Key.Key_Enter)
    keys.press(Key.Key_Backspace)
    assert placing.joint == 19
    keys.press(Key.Key_Return)
    keys.press(Key.Key_V)
    assert placing.joint is None
    found = window.session.project.label_of(window.session.hand_id).pose
    assert np.abs(found.uv[:19] - truth.uv[:19]).max() < 2.0
    assert not keys.cursor.shown


def test_tab_brings_the_crosshair_to_a_joint_and_enter_drags_its_finger_as_one_step(window, keys):
    before = pose(window)
    keys.press(Key.Key_F2)
    keys.press(Key.Key_Tab)
    (joint,) = window.session.joints
    place = keys.view.viewportTransform().map(QPointF(*map(float, before.uv[joint])))
    assert (keys.at - place).manhattanLength() < 0.01
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Up)
    assert window.session.edit is not None, "what keys move does not tremble"
    keys.press(Key.Key_Up, Mod.ShiftModifier)
    keys.press(Key.Key_BracketRight)
    keys.press(Key.Key_Return)
    assert window.session.edit is None
    after = pose(window)
    assert after.uv[joint, 1] < before.uv[joint, 1] - 2
    assert after.depth[joint] != before.depth[joint]
    keys.press(Key.Key_Z, Mod.ControlModifier)
    assert pose(window) == before


def test_escape_gives_the_joint_back_and_a_second_one_puts_the_crosshair_away(window, keys):
    before = pose(window)
    keys.press(Key.Key_F2)
    keys.press(Key.Key_Tab)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Down, Mod.ShiftModifier, times=2)
    keys.press(Key.Key_Escape)
    assert pose(window) == before
    assert keys.cursor.shown
    keys.press(Key.Key_Escape)
    assert not keys.cursor.shown
    assert window.session.joints


def test_page_keys_go_to_corners_and_the_ring_which_are_taken_hold_of_as_well(window, keys):
    box = window.session.project.hand(window.session.hand_id).box
    keys.press(Key.Key_F2)
    keys.press(Key.Key_PageDown)
    assert "corner of the box" in window.status.message.full_text
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Left, Mod.ShiftModifier)
    keys.press(Key.Key_Return)
    wider = window.session.project.hand(window.session.hand_id).box
    assert wider.x < box.x - 2
    assert wider.x + wider.width == pytest.approx(box.x + box.width, abs=0.1)
    for _ in range(12):
        keys.press(Key.Key_PageUp)
        if "Ring" in window.status.message.full_text:
            break
    before = pose(window)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Down, Mod.ShiftModifier, times=2)
    keys.press(Key.Key_Return)
    turned = pose(window)
    np.testing.assert_allclose(turned.uv[WRIST], before.uv[WRIST], atol=0.01)
    assert np.abs(turned.uv[TIP] - before.uv[TIP]).max() > 4


def test_a_band_by_keys_selects_the_joints_in_it(window, keys):
    uv = pose(window).uv
    low, high = uv.min(axis=0) - 40, uv.max(axis=0) + 12
    keys.press(Key.Key_F2)
    keys.go(float(low[0]), float(low[1]))
    keys.press(Key.Key_Return)
    keys.go(float(high[0]), float(high[1]))
    keys.press(Key.Key_Return)
    assert len(window.session.joints) == 21


def test_control_and_enter_add_a_joint_to_those_that_are_selected(window, keys):
    uv = pose(window).uv
    keys.press(Key.Key_F2)
    for joint, held in ((8, Mod.NoModifier), (20, Mod.ControlModifier)):
        keys.go(*map(float, uv[joint]))
        keys.press(Key.Key_Return, held)
        if keys.cursor.holds:
            keys.press(Key.Key_Return)
    assert window.session.joints == {8, 20}


def test_the_view_follows_the_crosshair_and_pans_and_zooms_by_keys(window, keys):
    keys.press(Key.Key_Z)
    window.canvas.view.zoom_by(3.0)
    keys.press(Key.Key_F2)
    before = keys.view.to_frame(QPointF(0, 0))
    keys.press(Key.Key_Left, Mod.ControlModifier, times=8)
    assert keys.view.to_frame(QPointF(0, 0)).x() < before.x()
    assert keys.view.viewport().rect().contains(keys.at.toPoint())
    fixed, zoom = keys.view.to_frame(keys.at), keys.view.zoom
    keys.press(Key.Key_Plus)
    assert keys.view.zoom > zoom
    assert (keys.view.to_frame(keys.at) - fixed).manhattanLength() < 2
    keys.press(Key.Key_Escape)
    corner = keys.view.to_frame(QPointF(0, 0))
    keys.press(Key.Key_Right, Mod.ControlModifier | Mod.ShiftModifier)
    keys.press(Key.Key_Down, Mod.ControlModifier | Mod.ShiftModifier)
    moved = keys.view.to_frame(QPointF(0, 0)) - corner
    assert moved.x() > 1
    assert moved.y() > 1


def test_the_lens_follows_the_crosshair_and_makes_its_steps_finer(window, keys):
    lens = window.canvas.magnifier.lens
    keys.press(Key.Key_F2)
    keys.press(Key.Key_F3, Mod.ShiftModifier)
    assert lens.isVisible()
    keys.press(Key.Key_Right, Mod.ShiftModifier)
    assert (QPointF(lens.geometry().center()) - keys.at).manhattanLength() <= 3
    keys.press(Key.Key_F3, Mod.ShiftModifier)
    QTest.keyPress(keys.view, Key.Key_F3)
    power = lens.power
    keys.press(Key.Key_Plus)
    assert lens.power == power + 1
    start = keys.at
    keys.press(Key.Key_Right)
    assert keys.at.x() - start.x() == pytest.approx(1 / lens.power, abs=0.01)
    QTest.keyRelease(keys.view, Key.Key_F3)
    assert lens.isHidden()


def test_the_lens_shows_the_selected_joint_where_no_mouse_is(window, keys):
    window.canvas.magnifier.mouse_left()
    keys.press(Key.Key_Tab)
    QTest.keyPress(keys.view, Key.Key_F3)
    lens, (joint,) = window.canvas.magnifier.lens, window.session.joints
    if lens.isVisible() and window.canvas.magnifier._pointed is None:
        place = lens.transform().map(QPointF(*map(float, pose(window).uv[joint])))
        assert (place.x(), place.y()) == pytest.approx((88, 88), abs=1.0)
    QTest.keyRelease(keys.view, Key.Key_F3)


def test_a_mouse_that_is_moved_takes_over_and_a_press_lets_go_of_what_keys_hold(window, keys):
    keys.press(Key.Key_F2)
    keys.press(Key.Key_Tab)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Up, Mod.ShiftModifier)
    point(keys.view, keys.place(60, 60))
    assert keys.cursor.holds, "only a press takes over"
    keys.click(30, 30)
    assert not keys.cursor.holds
    assert window.session.project.label_of(window.session.hand_id) is not None
    assert not keys.cursor.shown
    keys.press(Key.Key_Right)
    assert keys.cursor.shown
    point(keys.view, keys.place(200, 60))
    assert not keys.cursor.shown


def test_another_hand_ends_what_the_keys_hold(window, keys):
    keys.press(Key.Key_F2)
    keys.press(Key.Key_Tab)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Up, Mod.ShiftModifier)
    keys.press(Key.Key_N)
    assert not keys.cursor.holds
    before = pose(window)
    keys.press(Key.Key_Up, Mod.ShiftModifier)
    keys.press(Key.Key_Return)
    assert pose(window) == before
