"""The lens over the canvas: there while its key is held, exact, and a drag under it is fine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.ui.canvas.lens import RADIUS

from .conftest import Hand, mouse_move, turn_wheel
from .made_project import make_project
from .person import Person
from .test_canvas import pixels, show_only

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
TIP = 8


def label(window):
    return window.session.project.label_of(window.session.hand_id)


def point(view, at, buttons=Button.NoButton):
    QApplication.sendEvent(view.viewport(), mouse_move(view.viewport(), at, buttons, Mod.NoModifier))


def test_the_lens_is_there_while_its_key_is_held_and_the_cursor_is_not(window, hand):
    lens, view = window.canvas.magnifier.lens, hand.view
    at = hand.place(300, 200)
    point(view, at)
    assert lens.isHidden()
    QTest.keyPress(view, Key.Key_F3)
    assert lens.isVisible()
    assert lens.geometry().center() == at - QPoint(1, 1)
    assert QGuiApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor
    point(view, at + QPoint(40, 20))
    assert lens.geometry().center() == at + QPoint(39, 19)
    QTest.keyRelease(view, Key.Key_F3)
    assert lens.isHidden()
    assert QGuiApplication.overrideCursor() is None


def test_a_switch_keeps_the_lens_until_the_mouse_leaves_the_canvas(window, hand):
    lens, view = window.canvas.magnifier.lens, hand.view
    hand.key(Key.Key_F3, Mod.ShiftModifier)
    assert window.services.actions["magnifier"].isChecked()
    point(view, hand.place(300, 200))
    assert lens.isVisible()
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert lens.isHidden()
    assert QGuiApplication.overrideCursor() is None
    point(view, hand.place(310, 200))
    assert lens.isVisible()
    hand.key(Key.Key_F3, Mod.ShiftModifier)
    assert lens.isHidden()


def test_its_key_can_be_changed(window, hand):
    window.services.actions.set_keys("hold_magnifier", ["E"])
    point(hand.view, hand.place(300, 200))
    QTest.keyPress(hand.view, Key.Key_F3)
    assert window.canvas.magnifier.lens.isHidden()
    QTest.keyRelease(hand.view, Key.Key_F3)
    QTest.keyPress(hand.view, Key.Key_E)
    assert window.canvas.magnifier.lens.isVisible()
    QTest.keyRelease(hand.view, Key.Key_E)


def test_the_wheel_enlarges_from_2_to_10_times_with_the_key_held_and_zooms_without(window, hand, settings):
    lens, view, at = window.canvas.magnifier.lens, hand.view, hand.place(300, 200)
    point(view, at)
    zoom = view.zoom
    QTest.keyPress(view, Key.Key_F3)
    assert lens.power == 4
    for _ in range(9):
        turn_wheel(view, at, 1)
    assert lens.power == 10
    for _ in range(12):
        turn_wheel(view, at, -1)
    assert lens.power == 2
    assert view.zoom == zoom
    assert settings.value("canvas/magnifier", 0, int) == 2
    QTest.keyRelease(view, Key.Key_F3)
    turn_wheel(view, at, 1)
    assert view.zoom > zoom
    assert lens.power == 2


@pytest.mark.parametrize("angle", [0.0, 40.0])
def test_the_lens_shows_the_frame_under_it_enlarged_about_the_mouse(window, hand, angle):
    show_only(window)
    window.canvas.view.turn_to(angle)
    rgb = np.zeros_like(window.canvas.frame.rgb)
    rgb[200:210, 300:310] = (250, 20, 20)
    window.canvas.frame_item.set_frame(rgb)
    lens = window.canvas.magnifier.lens
    point(hand.view, hand.place(305, 205))
    QTest.keyPress(hand.view, Key.Key_F3)
    picture = pixels(lens)
    place = lens.transform().map(QPointF(305, 205))
    assert (place.x(), place.y()) == pytest.approx((RADIUS, RADIUS), abs=4.0)
    red = picture[..., 0].astype(int) - picture[..., 1] > 120
    rows, columns = np.nonzero(red)
    square = lens.transform().mapRect(QRectF(300, 200, 10, 10))
    assert square.width() > 30
    assert (columns.min(), rows.min()) == pytest.approx((square.left(), square.top()), abs=3)
    assert (columns.max() + 1, rows.max() + 1) == pytest.approx((square.right(), square.bottom()), abs=3)
    QTest.keyRelease(hand.view, Key.Key_F3)


def test_the_lens_shows_joints_as_rings_about_their_places(window, hand):
    lens = window.canvas.magnifier.lens
    point(hand.view, hand.place(*hand.joint(TIP)))
    QTest.keyPress(hand.view, Key.Key_F3)
    colour = np.array(window.services.theme.joint_colour(TIP).getRgb()[:3])
    place = lens.transform().map(QPointF(*map(float, window.canvas.hands.current.uv[TIP])))
    picture = pixels(lens).astype(int)
    close = np.abs(picture - colour).max(axis=2) < 40
    rows, columns = np.nonzero(close)
    distance = np.hypot(columns + 0.5 - place.x(), rows + 0.5 - place.y())
    assert (np.abs(distance - 7.0) < 2.0).sum() > 20
    assert (distance < 2.5).any()
    QTest.keyRelease(hand.view, Key.Key_F3)


def test_a_drag_with_the_key_held_moves_as_many_times_more_slowly_as_the_lens_enlarges(window, hand):
    view = hand.view
    before = window.session.hand_view(window.session.hand_id).pose.uv[TIP]
    start = hand.place(*hand.joint(TIP))
    point(view, start)
    QTest.keyPress(view, Key.Key_F3)
    viewport, left = view.viewport(), Button.LeftButton
    QTest.mousePress(viewport, left, Mod.ShiftModifier, start)
    end = start + QPoint(5, -4)
    for at in (start + QPoint(3, -2), end):
        QApplication.sendEvent(viewport, mouse_move(viewport, at, left, Mod.ShiftModifier))
    assert window.canvas.magnifier.lens.isVisible()
    QTest.mouseRelease(viewport, left, Mod.ShiftModifier, end)
    QTest.keyRelease(view, Key.Key_F3)
    moved = (label(window).pose.uv[TIP] - before) * view.zoom
    assert moved == pytest.approx((5 / 4, -4 / 4), abs=1e-3)


def test_what_was_moved_finely_does_not_jump_when_the_key_is_let_go_before_the_button(window, hand):
    view = hand.view
    before = window.session.hand_view(window.session.hand_id).pose.uv[TIP]
    start = hand.place(*hand.joint(TIP))
    viewport, left = view.viewport(), Button.LeftButton
    QTest.keyPress(view, Key.Key_F3)
    QTest.mousePress(viewport, left, Mod.ShiftModifier, start)
    slow, fast = start + QPoint(20, 0), start + QPoint(26, 0)
    QApplication.sendEvent(viewport, mouse_move(viewport, slow, left, Mod.ShiftModifier))
    QTest.keyRelease(view, Key.Key_F3)
    QApplication.sendEvent(viewport, mouse_move(viewport, fast, left, Mod.ShiftModifier))
    QTest.mouseRelease(viewport, left, Mod.ShiftModifier, fast)
    moved = (label(window).pose.uv[TIP] - before) * view.zoom
    assert moved == pytest.approx((20 / 4 + 6, 0), abs=1e-3)


def test_a_joint_is_placed_where_the_crosshair_is(open_window, tmp_path):
    window = open_window(make_project(tmp_path / "bare", count=2, proposed=False))
    hand = Hand(window)
    hand.key(Key.Key_G)
    viewport, left, start = hand.view.viewport(), Button.LeftButton, hand.place(300, 300)
    QTest.keyPress(hand.view, Key.Key_F3)
    QTest.mousePress(viewport, left, Mod.NoModifier, start)
    end = start + QPoint(10, 2)
    QApplication.sendEvent(viewport, mouse_move(viewport, end, left, Mod.NoModifier))
    lens = window.canvas.magnifier.lens
    inverse, _ = lens.transform().inverted()
    wanted = inverse.map(QPointF(RADIUS, RADIUS))
    QTest.mouseRelease(viewport, left, Mod.NoModifier, end)
    QTest.keyRelease(hand.view, Key.Key_F3)
    assert window.session.placing.so_far[0][0] == pytest.approx((wanted.x(), wanted.y()), abs=1e-3)


def test_the_inset_is_magnified_as_well(window, hand):
    window.canvas.view.zoom_by(0.5)
    inset, lens = window.canvas.inset, window.canvas.magnifier.lens
    assert inset.isVisible()
    middle = inset.viewport().rect().center()
    point(inset, middle)
    QTest.keyPress(hand.view, Key.Key_F3)
    assert lens.isVisible()
    assert lens.view is inset
    assert lens.geometry().center() == inset.mapToParent(middle) - QPoint(1, 1)
    QTest.keyRelease(hand.view, Key.Key_F3)


def test_another_window_in_front_ends_the_holding(window, hand):
    point(hand.view, hand.place(300, 200))
    QTest.keyPress(hand.view, Key.Key_F3)
    hand.view.clearFocus()
    assert window.canvas.magnifier.lens.isHidden()
    assert hand.view.slowness == 1.0


@pytest.mark.parametrize("keys", [Mod.ShiftModifier, Mod.NoModifier], ids=["free", "finger"])
@pytest.mark.parametrize("angle", [30.0, -90.0, 165.0])
def test_a_drag_under_the_lens_in_a_turned_view_puts_the_joint_where_the_crosshair_shows_it(
    window, hand, angle, keys
):
    view, lens = hand.view, window.canvas.magnifier.lens
    view.turn_to(angle)
    start = hand.place(*hand.joint(TIP)) + QPoint(4, -3)  # a press beside the joint takes it as well
    viewport, left = view.viewport(), Button.LeftButton
    point(view, start)
    QTest.keyPress(view, Key.Key_F3)
    QTest.mousePress(viewport, left, keys, start)
    held = lens.transform().map(QPointF(*hand.joint(TIP)))
    assert (held.x(), held.y()) == pytest.approx((RADIUS, RADIUS), abs=1e-3)
    end = start + QPoint(14, 9)
    for at in (start + QPoint(6, 4), end):
        QApplication.sendEvent(viewport, mouse_move(viewport, at, left, keys))
    crosshair = lens.transform().inverted()[0].map(QPointF(RADIUS, RADIUS))
    colour = np.array(window.services.theme.joint_colour(TIP).getRgb()[:3])
    seen = np.abs(pixels(lens).astype(int) - colour).max(axis=2) < 40
    rows, columns = np.nonzero(seen[RADIUS - 30 : RADIUS + 30, RADIUS - 30 : RADIUS + 30])
    assert len(rows) > 20, "its ring is seen"
    ring = QPointF((columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2)
    shown = lens.transform().inverted()[0].map(ring + QPointF(RADIUS - 30, RADIUS - 30))
    QTest.mouseRelease(viewport, left, keys, end)
    QTest.keyRelease(view, Key.Key_F3)
    u, v = label(window).pose.uv[TIP].tolist()
    assert (u, v) == pytest.approx((shown.x(), shown.y()), abs=1.5 / (lens.power * view.zoom))
    if keys == Mod.ShiftModifier:  # a finger goes there as far as its bones reach
        assert (u, v) == pytest.approx((crosshair.x(), crosshair.y()), abs=1e-3)


def test_a_pinned_joint_is_not_brought_under_the_crosshair(window, hand):
    window.session.toggle_pins({TIP})
    start = hand.place(*hand.joint(TIP)) + QPoint(4, -3)
    point(hand.view, start)
    QTest.keyPress(hand.view, Key.Key_F3)
    QTest.mousePress(hand.view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    assert window.canvas.magnifier.lens.at == QPointF(start)
    QTest.mouseRelease(hand.view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    QTest.keyRelease(hand.view, Key.Key_F3)


def test_shift_that_is_held_for_a_free_joint_means_nothing_to_its_key(window, hand):
    view, start = hand.view, hand.place(*hand.joint(TIP))
    viewport, left = view.viewport(), Button.LeftButton
    point(view, start)
    QTest.mousePress(viewport, left, Mod.ShiftModifier, start)
    QTest.keyPress(view, Key.Key_F3, Mod.ShiftModifier)
    assert window.canvas.magnifier.held
    assert not window.services.actions["magnifier"].isChecked()
    QTest.keyRelease(view, Key.Key_F3, Mod.ShiftModifier)
    assert not window.canvas.magnifier.held
    QTest.mouseRelease(viewport, left, Mod.ShiftModifier, start)
    QTest.keyPress(view, Key.Key_F3)
    QTest.keyPress(view, Key.Key_F3, Mod.ShiftModifier)
    assert not window.services.actions["magnifier"].isChecked()
    QTest.keyRelease(view, Key.Key_F3)


def test_what_floats_over_the_canvas_is_used_with_a_cursor_and_without_the_lens(window, hand):
    person, lens = Person(window), window.canvas.magnifier.lens
    hand.key(Key.Key_X)
    hand.key(Key.Key_F3, Mod.ShiftModifier)
    QApplication.processEvents()
    move_to(person, hand.view.viewport(), hand.place(300, 200))
    assert lens.isVisible()
    slider = window.canvas.exposure.contrast
    move_to(person, slider, slider.rect().center())
    assert lens.isHidden()
    assert QGuiApplication.overrideCursor() is None
    move_to(person, hand.view.viewport(), hand.place(300, 200))
    assert lens.isVisible()


def move_to(person, widget, at):
    QTest.mouseMove(person.window.windowHandle(), widget.mapTo(person.window, at))
    QApplication.processEvents()


def test_the_cursor_comes_back_where_the_joint_was_let_go(window, hand):
    view, start = hand.view, hand.place(*hand.joint(TIP))
    viewport, left = view.viewport(), Button.LeftButton
    far = start + QPoint(24, -16)
    point(view, start)
    QTest.keyPress(view, Key.Key_F3)
    QTest.mousePress(viewport, left, Mod.ShiftModifier, start)
    QApplication.sendEvent(viewport, mouse_move(viewport, far, left, Mod.ShiftModifier))
    QCursor.setPos(viewport.mapToGlobal(far))
    QTest.mouseRelease(viewport, left, Mod.ShiftModifier, far)
    there = viewport.mapFromGlobal(QCursor.pos())
    QTest.keyRelease(view, Key.Key_F3)
    assert (there - (start + QPoint(6, -4))).manhattanLength() <= 2


def test_near_the_lower_border_its_words_stand_above(window, hand):
    lens, view = window.canvas.magnifier.lens, hand.view
    QTest.keyPress(view, Key.Key_F3)
    seen = []
    for y in (view.height() // 2, view.height() - 6):
        point(view, QPoint(view.width() // 2, y))
        picture = pixels(lens).astype(int)
        for rows in (picture[14:44], picture[-44:-14]):
            written = rows[:, RADIUS - 30 : RADIUS + 30].min(axis=2) > 200
            written[:, 26:34] = False  # the crosshair
            seen.append(written.sum() > 40)
    assert seen == [False, True, True, False]
    QTest.keyRelease(view, Key.Key_F3)


def test_the_lens_goes_with_the_inset_that_it_looks_at(window, hand):
    window.canvas.view.zoom_by(0.5)
    inset, magnifier = window.canvas.inset, window.canvas.magnifier
    point(inset, inset.viewport().rect().center())
    hand.key(Key.Key_F3, Mod.ShiftModifier)
    assert magnifier.lens.view is inset
    QCursor.setPos(window.mapToGlobal(QPoint(0, 0)))
    hand.key(Key.Key_I)
    assert inset.isHidden()
    assert magnifier.lens.isHidden()
    assert QGuiApplication.overrideCursor() is None
