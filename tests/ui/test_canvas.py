"""What the canvas shows: the frame's own pixels, each layer in its colour, boxes, zoom and pan."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.hand.skeleton import BONES
from handstudio.ui.canvas.sampling import resample
from handstudio.ui.colours import LAYER_KEYS, LAYERS

from .conftest import mouse_move

Key, Mod = Qt.Key, Qt.KeyboardModifier


def pixels(widget) -> np.ndarray:
    """(H, W, 3) of what a widget shows, in its own (unscaled) pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def show_only(window, *names):
    for name in LAYERS:
        window.services.actions[f"layer_{name}"].setChecked(name in names)


def near(picture: np.ndarray, colour: str, tolerance: int = 40) -> np.ndarray:
    wanted = np.array(QColor(colour).getRgb()[:3])
    return np.abs(picture.astype(int) - wanted).max(axis=2) <= tolerance


def along_bones(window, uv) -> np.ndarray:
    """Places on the screen at the middle of each bone."""
    transform = window.canvas.view.viewportTransform()
    middles = [(uv[a] + uv[b]) / 2 for a, b in BONES]
    return np.array([transform.map(QPointF(*map(float, middle))).toTuple() for middle in middles])


@pytest.mark.parametrize(
    ("layer", "pose"), [("proposal", "proposal"), ("correction", "corrected"), ("truth", "truth")]
)
def test_a_layer_is_drawn_in_its_colour_where_its_pose_is(window, layer, pose):
    window.services.actions["inset"].setChecked(False)
    show_only(window, layer)
    picture = pixels(window.canvas.view.viewport())
    there = near(picture, LAYERS[layer].colour)
    view = window.session.hand_view(window.session.hand_id)
    hits = 0
    for x, y in along_bones(window, getattr(view, pose).uv):
        around = there[int(y) - 5 : int(y) + 6, int(x) - 5 : int(x) + 6]
        hits += bool(around.any())
    assert hits >= 16
    window.services.actions["hide_overlays"].setChecked(True)
    assert not near(pixels(window.canvas.view.viewport()), LAYERS[layer].colour, 12).any()


def test_each_layers_own_key_switches_it(window, hand):
    for name in LAYERS:
        action = window.services.actions[f"layer_{name}"]
        before = action.isChecked()
        hand.key(Key(ord(LAYER_KEYS[name])))
        assert action.isChecked() != before


def test_the_frame_lies_pixel_on_pixel_at_whole_zooms(window):
    show_only(window)
    window.services.actions["hide_overlays"].setChecked(True)
    window.services.actions["inset"].setChecked(False)
    view = window.canvas.view
    view.zoom_by(2.0 / view.zoom)
    ratio = view.devicePixelRatioF()
    assert ratio == 1.0
    rgb = window.canvas.frame.rgb
    picture = pixels(view.viewport())
    corner = view.viewportTransform().map(QPointF(0, 0))
    for u, v in ((300, 200), (321, 240), (350, 260)):
        x, y = corner.x() + 2 * u, corner.y() + 2 * v
        shown = picture[round(y) : round(y) + 2, round(x) : round(x) + 2].astype(int).mean(axis=(0, 1))
        assert np.abs(shown - rgb[v, u]).max() <= 14


def test_resampling_keeps_the_places_of_pixels():
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[10:20, 30:40] = 255
    for scale in (0.4, 1.0, 2.5, 7.0):
        width, height = round(60 * scale), round(40 * scale)
        shown, x, y = resample(rgb, scale, 5.0, 3.0, (5, 3, 5 + width, 3 + height))
        bright = np.argwhere(shown[..., 0] > 127)
        centre = bright.mean(axis=0) + 0.5 + (y, x)
        assert centre == pytest.approx((3 + 15 * scale, 5 + 35 * scale), abs=0.75)


def test_brightness_and_contrast_leave_the_middle_and_the_data_alone(window):
    before = window.canvas.frame.rgb.copy()
    shown = pixels(window.canvas.view.viewport())
    window.canvas.exposure.brightness.setValue(40)
    QApplication.processEvents()
    brighter = pixels(window.canvas.view.viewport())
    assert brighter.mean() > shown.mean() + 20
    assert np.array_equal(window.canvas.frame.rgb, before)


def test_the_wheel_zooms_about_the_cursor(window, hand):
    view = window.canvas.view
    at = hand.place(400.0, 150.0)
    before, under = view.zoom, view.mapToScene(at)
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Mod.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)
    assert view.zoom > before
    now = view.mapToScene(at)
    assert np.hypot(now.x() - under.x(), now.y() - under.y()) * view.zoom <= 2.0


def test_the_middle_button_and_space_pan_and_a_space_that_panned_accepts_nothing(window, hand):
    view = window.canvas.view
    hand.key(Key.Key_Plus)
    start = view.mapToScene(QPoint(200, 200))
    QTest.keyPress(view, Key.Key_Space)
    hand.drag((300.0, 200.0), (330.0, 220.0))
    QTest.keyRelease(view, Key.Key_Space)
    moved = view.mapToScene(QPoint(200, 200))
    assert start.x() - moved.x() == pytest.approx(30, abs=3)
    assert window.session.project.state_counts()["accepted"] == 0
    assert not window.session.joints


def test_zero_fits_the_frame(window, hand):
    hand.key(Key.Key_Plus)
    hand.key(Key.Key_0)
    shown = window.canvas.view.viewportTransform().mapRect(window.canvas.frame_rect)
    assert window.canvas.view.viewport().rect().contains(shown.toAlignedRect())


def test_dragging_over_nothing_selects_the_joints_inside(window, hand):
    uv = window.canvas.hands.current.uv
    low, high = uv[[7, 8]].min(axis=0) - 9, uv[[7, 8]].max(axis=0) + 9
    hand.drag(tuple(low.tolist()), tuple(high.tolist()))
    assert {7, 8} <= window.session.joints
    assert 0 not in window.session.joints


def test_a_joint_that_was_pointed_at_is_not_named_on_the_next_hand(window, hand):
    at = hand.place(*hand.joint(8))
    viewport = hand.view.viewport()
    QApplication.sendEvent(viewport, mouse_move(viewport, at, Qt.MouseButton.NoButton, Mod.NoModifier))
    assert window.canvas.hands.overlay.markers.hovered == 8
    hand.key(Key.Key_Right)
    assert window.canvas.hands.overlay.markers.hovered is None
