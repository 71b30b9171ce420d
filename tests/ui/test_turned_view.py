"""A turned view: everything is done as it is seen, and nothing that is stored knows of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QTransform
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsScene

from handstudio.ui.canvas.framing import Framing
from handstudio.ui.canvas.mapping import corners_of, on_screen
from handstudio.ui.canvas.sampling import turned

from .conftest import Hand, mouse_move
from .made_project import make_project
from .test_canvas import pixels, show_only

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
TIP = 8
ANGLES = st.floats(-180.0, 180.0)


def label(window):
    return window.session.project.label_of(window.session.hand_id)


@pytest.fixture(params=[30.0, -90.0, 165.0])
def askew(window, request) -> Hand:
    """A person before a turned view."""
    window.canvas.view.turn_to(request.param)
    QApplication.processEvents()
    return Hand(window)


@given(angle=ANGLES, zoom=st.floats(0.1, 20.0), u=st.floats(0, 640), v=st.floats(0, 480))
@tried(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_frame_and_screen_are_mapped_onto_each_other(qapp, angle, zoom, u, v):
    scene = QGraphicsScene()
    view = Framing(scene)
    view.resize(500, 400)
    view.set_frame_rect(QRectF(0, 0, 640, 480))
    view.turn_to(angle)
    view.zoom_by(zoom / view.zoom)
    assert view.zoom == pytest.approx(zoom)
    assert -180.0 < view.angle <= 180.0
    assert math.cos(math.radians(view.angle - angle)) == pytest.approx(1.0)
    seen = view.viewportTransform().map(QPointF(u, v))
    back = view.to_frame(seen)
    assert (back.x(), back.y()) == pytest.approx((u, v), abs=1e-6)
    (x, y), *_ = on_screen(np.array([[u, v]]), view.viewportTransform()).tolist()
    assert (x, y) == pytest.approx((seen.x(), seen.y()), abs=1e-6)
    other = view.viewportTransform().map(QPointF(u + 1, v)) - seen
    assert math.hypot(other.x(), other.y()) == pytest.approx(zoom, rel=1e-6)


@given(angle=ANGLES, zoom=st.floats(0.3, 6.0), column=st.integers(8, 52), row=st.integers(8, 32))
@tried(max_examples=60, deadline=None)
def test_a_turned_picture_has_each_pixel_where_the_view_puts_it(angle, zoom, column, row):
    picture = np.zeros((40, 60, 4), np.uint8)
    picture[row - 4 : row + 4, column - 4 : column + 4] = 255
    transform = QTransform.fromTranslate(300, 300).rotate(angle).scale(zoom, zoom).translate(-30, -20)
    shown = turned(picture, (60, 40), transform, (10, 20, 600, 600), smooth=True)
    strength = shown[..., 0].astype(float)
    rows, columns = np.indices(strength.shape)
    centre = np.array([(columns * strength).sum(), (rows * strength).sum()]) / strength.sum() + 0.5
    expected = transform.map(QPointF(column, row))
    assert centre == pytest.approx((expected.x() - 10, expected.y() - 20), abs=0.5)


@given(angle=ANGLES, width=st.floats(20, 900), height=st.floats(20, 900))
@tried(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_turned_frame_that_is_fitted_is_seen_whole(qapp, angle, width, height):
    scene = QGraphicsScene()
    view = Framing(scene)
    view.resize(500, 400)
    view.turn_to(angle)
    view.set_frame_rect(QRectF(0, 0, width, height))
    for corner in corners_of(QRectF(0, 0, width, height), view.viewportTransform()):
        assert -1.0 <= corner.x() <= view.viewport().width() + 1.0
        assert -1.0 <= corner.y() <= view.viewport().height() + 1.0


def test_keys_turn_by_15_degrees_and_one_key_turns_back(window, hand):
    view, status, button = window.canvas.view, window.status, window.canvas.turn
    assert "°" not in status.zoom.text()
    assert button.text() == ""
    hand.key(Key.Key_BracketRight, Mod.AltModifier)
    hand.key(Key.Key_BracketRight, Mod.AltModifier)
    assert view.angle == window.canvas.inset.angle == 30.0
    assert status.zoom.text().endswith("· 30°")
    assert button.text() == "30°"
    button.figure.setValue(37)
    assert view.angle == 37.0
    hand.key(Key.Key_BracketLeft, Mod.AltModifier)
    assert view.angle == 30.0
    hand.key(Key.Key_0, Mod.AltModifier)
    assert view.angle == window.canvas.inset.angle == 0.0
    assert "°" not in status.zoom.text()
    for _ in range(13):
        hand.key(Key.Key_BracketLeft, Mod.AltModifier)
    assert view.angle == 165.0


def test_any_angle_can_be_typed(window, hand, qtbot):
    button = window.canvas.turn
    hand.key(Key.Key_0, Mod.ControlModifier | Mod.AltModifier)
    qtbot.waitUntil(button.menu().isVisible)
    assert QApplication.focusWidget() is button.figure
    QTest.keyClicks(button.figure, "-22")
    QTest.keyClick(button.figure, Key.Key_Return)
    assert window.canvas.view.angle == -22.0
    assert button.slider.value() == -22
    assert button.text() == "−22°"
    button.menu().close()


def test_the_angle_outlasts_frames_and_hands_but_not_the_window(open_window, project, window, hand):
    hand.key(Key.Key_BracketLeft, Mod.AltModifier)
    hand.key(Key.Key_Right)
    assert window.canvas.view.angle == -15.0
    hand.key(Key.Key_Space)
    assert window.canvas.view.angle == -15.0
    window.close_and_wait()
    assert open_window(project).canvas.view.angle == 0.0


def test_what_is_in_the_middle_of_a_zoomed_view_stays_there(window, hand):
    view = window.canvas.view
    hand.key(Key.Key_Z)
    middle = view.viewport().rect().center()
    before = view.mapToScene(middle)
    hand.key(Key.Key_BracketRight, Mod.AltModifier)
    after = view.mapToScene(middle)
    assert math.hypot(after.x() - before.x(), after.y() - before.y()) * view.zoom < 2.0


def test_the_frame_is_seen_turned(window, askew):
    show_only(window)
    window.services.actions["hide_overlays"].setChecked(True)
    window.services.actions["inset"].setChecked(False)
    rgb = window.canvas.frame.rgb
    picture = pixels(window.canvas.view.viewport())
    for u, v in ((320, 40), (40, 240), (600, 400), (300, 300)):
        place = askew.place(u + 0.5, v + 0.5)
        around = picture[place.y() - 1 : place.y() + 2, place.x() - 1 : place.x() + 2].mean(axis=(0, 1))
        wanted = rgb[v - 1 : v + 2, u - 1 : u + 2].mean(axis=(0, 1))
        assert np.abs(around - wanted).max() <= 10


def test_a_fingertip_goes_where_the_mouse_goes(window, askew):
    u, v = askew.joint(TIP)
    askew.drag((u, v), (u - 14, v + 10))
    assert np.hypot(*(label(window).pose.uv[TIP] - (u - 14, v + 10))) < 3.0


def test_arrows_and_nudges_go_as_they_are_seen(window, askew):
    view = window.canvas.view
    askew.click(*askew.joint(TIP))
    before = window.session.hand_view(window.session.hand_id).pose.uv[TIP].copy()
    askew.key(Key.Key_Right, Mod.ShiftModifier)
    askew.key(Key.Key_Down, Mod.AltModifier)
    moved = label(window).pose.uv[TIP] - before
    seen = on_screen(np.array([moved, (0, 0)], np.float64), view.transform())
    assert (seen[0] - seen[1]) / view.zoom == pytest.approx((5.0, 1.0), abs=1e-3)


def test_the_ring_turns_and_a_corner_scales(window, askew):
    before = window.session.hand_view(window.session.hand_id).pose.uv
    u, v = askew.joint(0)
    radius = 30.0 / window.canvas.view.zoom
    angles = np.radians((100.0, 130.0))
    start, end = [(u + radius * np.cos(angle), v + radius * np.sin(angle)) for angle in angles]
    askew.drag(start, end)
    after = label(window).pose.uv
    first, last = before[9] - before[0], after[9] - after[0]
    turn = np.degrees(np.arctan2(*last[::-1]) - np.arctan2(*first[::-1]))
    assert (turn + 180.0) % 360.0 - 180.0 == pytest.approx(30.0, abs=5.0)
    frame, view = window.canvas.hands.overlay.frame, window.canvas.view
    corner = view.to_frame(frame.corners(view.viewportTransform(), window.canvas.hands.current)[2])
    askew.drag((corner.x(), corner.y()), (corner.x() + 30, corner.y() + 30))
    scaled = label(window).pose.uv
    np.testing.assert_allclose(scaled.min(axis=0), after.min(axis=0), atol=1e-2)
    assert (np.ptp(scaled, axis=0) > 1.05 * np.ptp(after, axis=0)).all()


def test_a_corner_of_the_box_is_dragged_and_its_cursor_points_along(window, askew):
    before = window.session.project.hand(window.session.hand_id).box
    right, low = before.x + before.width, before.y + before.height
    viewport = askew.view.viewport()
    QApplication.sendEvent(
        viewport, mouse_move(viewport, askew.place(right, low), Button.NoButton, Mod.NoModifier)
    )
    seen = {30.0: "SizeVerCursor", -90.0: "SizeBDiagCursor", 165.0: "SizeFDiagCursor"}
    assert viewport.cursor().shape().name == seen[window.canvas.view.angle]
    askew.drag((right, low), (right + 20, low + 12))
    after = window.session.project.hand(window.session.hand_id).box
    assert (after.x, after.y) == pytest.approx((before.x, before.y), abs=0.1)
    assert (after.width, after.height) == pytest.approx((before.width + 20, before.height + 12), abs=1.5)


def test_a_box_is_drawn_along_the_frame(window, askew):
    askew.key(Key.Key_B)
    askew.drag((40.0, 300.0), (140.0, 420.0))
    box = window.session.project.hand(window.session.hand_id).box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((40, 300, 100, 120), abs=2.5)


def test_a_band_holds_what_it_is_seen_to_hold(window, askew):
    transform = window.canvas.view.viewportTransform()
    seen = on_screen(np.asarray(window.canvas.hands.current.uv, float), transform)
    empty = seen.max(axis=0) + 60
    low = seen[[11, 12]].min(axis=0) - 9
    viewport, left = askew.view.viewport(), Button.LeftButton
    start, end = QPoint(*map(round, empty.tolist())), QPoint(*map(round, low.tolist()))
    QTest.mousePress(viewport, left, Mod.NoModifier, start)
    QApplication.sendEvent(viewport, mouse_move(viewport, end, left, Mod.NoModifier))
    QTest.mouseRelease(viewport, left, Mod.NoModifier, end)
    inside = {joint for joint, place in enumerate(seen) if (place > low).all()}
    assert {11, 12} <= inside < set(range(21))
    assert window.session.joints == inside


def test_the_inset_is_turned_as_well_and_joints_can_be_dragged_in_it(window, askew):
    window.canvas.view.zoom_by(0.4)
    askew.view = window.canvas.inset
    assert askew.view.isVisible()
    seen = on_screen(np.asarray(window.canvas.hands.current.uv, float), askew.view.viewportTransform())
    assert (seen >= 0).all()
    assert (seen <= askew.view.width()).all()
    u, v = askew.joint(TIP)
    askew.drag((u, v), (u - 10, v + 8))
    assert np.hypot(*(label(window).pose.uv[TIP] - (u - 10, v + 8))) < 3.0


def test_joints_are_placed_by_click(open_window, tmp_path):
    window = open_window(make_project(tmp_path / "bare", count=2, proposed=False))
    window.canvas.view.turn_to(105.0)
    hand = Hand(window)
    truth = window.session.bundle(window.session.hand_id).truth.pose
    hand.key(Key.Key_G)
    for joint in range(21):
        hand.click(*truth.uv[joint].tolist())
    assert np.abs(label(window).pose.uv - truth.uv).max() < 2.0
