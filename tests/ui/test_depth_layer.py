"""Depth in false colours: which colours where, over which range, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.hand.box import Box
from handstudio.hand.surface import range_mm
from handstudio.ui.canvas.depth_item import FARTHEST, HOLE, NEAREST, colours, indexed

from .conftest import Hand, mouse_move
from .made_project import make_recording
from .test_canvas import pixels, show_only

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


@pytest.fixture
def recorded(open_window, tmp_path) -> Hand:
    """A person before a recording with depth, only the layer of depth shown."""
    window = open_window(make_recording(tmp_path / "recording", 3))
    show_only(window, "depth")
    window.services.actions["inset"].setChecked(False)
    window.canvas.boxes.setVisible(False)
    QApplication.processEvents()
    return Hand(window)


def point(hand, u, v):
    viewport = hand.view.viewport()
    QApplication.sendEvent(viewport, mouse_move(viewport, hand.place(u, v), Button.NoButton, Mod.NoModifier))


def depth_of(hand) -> np.ndarray:
    return hand.window.canvas.frame.depth_mm


def a_hole(depth) -> tuple[int, int]:
    """Row and column in the middle of 9 x 9 px that were not measured."""
    rows, columns = np.nonzero(depth == 0.0)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        part = depth[row - 4 : row + 5, column - 4 : column + 5]
        if part.shape == (9, 9) and not part.any():
            return row, column
    raise AssertionError("everything was measured")


@given(
    near=st.floats(100, 900),
    span=st.floats(20, 600),
    values=st.lists(st.floats(1, 3000), min_size=2, max_size=30),
)
def test_colours_go_evenly_from_near_to_far_and_holes_have_none(near, span, values):
    depth = np.array([[*values, 0.0, np.nan, np.inf]], np.float32)
    places = indexed(depth, near, near + span)[0]
    assert (places[-3:] == HOLE).all()
    order = np.argsort(depth[0, :-3], kind="stable")
    assert (np.diff(places[:-3][order].astype(int)) <= 0).all()
    for value, place in zip(depth[0, :-3].tolist(), places[:-3].tolist(), strict=True):
        share = np.clip((near + span - value) / span, 0, 1)
        assert place == pytest.approx(FARTHEST + share * (NEAREST - FARTHEST), abs=1.0)


def test_the_colours_grow_lighter_all_the_way_for_every_eye():
    """Lightness alone tells near from far, so that no kind of colour blindness takes anything away."""
    bgra = colours().view(np.uint8).reshape(256, 4).astype(float)[FARTHEST:]
    linear = ((bgra[:, 2::-1] / bgra[:, 3:]).clip(0, 1)) ** 2.2
    light = (linear @ (0.2126, 0.7152, 0.0722)) ** (1 / 3)
    assert (np.diff(light) > -0.004).all()
    steps = light[32::32] - light[:-32:32]
    assert steps.max() < 2.0 * steps.min()


def test_its_key_colours_the_whole_frame_by_depth_and_hatches_holes(recorded):
    window, depth = recorded.window, depth_of(recorded)
    item, scale = window.canvas.depth.item, window.canvas.depth.scale
    near, far = scale.near.value(), scale.far.value()
    picture = pixels(window.canvas.view.viewport()).astype(float)
    rgb = window.canvas.frame.rgb.astype(float)
    table = colours().view(np.uint8).reshape(256, 4)[:, 2::-1].astype(float)
    rows, columns = np.nonzero(depth > 0)
    for row, column in list(zip(rows.tolist(), columns.tolist(), strict=True))[:: len(rows) // 12]:
        at = recorded.place(column + 0.5, row + 0.5)
        index = indexed(depth[row : row + 1, column : column + 1], near, far)[0, 0]
        around = rgb[row - 1 : row + 2, column - 1 : column + 2].mean(axis=(0, 1))
        expected = table[index] + 0.25 * around
        assert picture[at.y(), at.x()] == pytest.approx(expected, abs=14)
    row, column = a_hole(depth)
    at = recorded.place(column + 0.5, row + 0.5)
    hole = picture[at.y() - 6 : at.y() + 7, at.x() - 6 : at.x() + 7].mean(axis=2)
    assert hole.min() < 0.75 * rgb[row, column].mean()
    assert hole.max() == pytest.approx(rgb[row, column].mean(), abs=12)
    recorded.key(Key.Key_7)
    assert item.boundingRect().isEmpty()
    assert scale.isHidden()


def test_the_range_follows_the_hand_until_an_end_is_set_and_auto_follows_it_again(recorded):
    window = recorded.window
    scale, session = window.canvas.depth.scale, window.session
    hand = window.canvas.hands.current
    box = Box(hand.box.x(), hand.box.y(), hand.box.width(), hand.box.height())
    assert (scale.near.value(), scale.far.value()) == range_mm(
        depth_of(recorded), box, window.canvas.frame.mask
    )
    before = pixels(window.canvas.view.viewport())
    scale.far.setFocus()
    scale.far.selectAll()
    QTest.keyClicks(scale.far, "900")
    QTest.keyClick(scale.far, Key.Key_Return)
    assert not scale.auto.isChecked()
    assert window.services.actions["layer_mask"].isChecked() is False, "figures are no keys of layers here"
    assert (pixels(window.canvas.view.viewport()) != before).any()
    near = scale.near.value()
    session.step(1)
    assert (scale.near.value(), scale.far.value()) == (near, 900)
    scale.auto.click()
    assert scale.far.value() < 900


def test_the_range_is_set_by_keys_alone(recorded):
    window = recorded.window
    scale = window.canvas.depth.scale
    recorded.key(Key.Key_7)
    assert scale.isHidden()
    recorded.key(Key.Key_7, Mod.ControlModifier)
    assert window.services.actions["layer_depth"].isChecked()
    for text, leaving in (("420", Key.Key_Tab), ("610", Key.Key_Return)):
        QTest.keyClicks(QApplication.focusWidget(), text)
        QTest.keyClick(QApplication.focusWidget(), leaving)
    assert scale.ends() == (420.0, 610.0)


def test_ends_do_not_cross(recorded):
    scale = recorded.window.canvas.depth.scale
    scale.near.setValue(700)
    scale.far.setValue(650)
    assert scale.near.value() == 640
    assert scale.far.value() == 650
    assert scale.ends() == (640.0, 650.0)


def test_the_status_line_says_the_depth_under_the_mouse(recorded):
    window, depth = recorded.window, depth_of(recorded)
    rows, columns = np.nonzero(depth > 0)
    row, column = int(rows[len(rows) // 2]), int(columns[len(rows) // 2])
    point(recorded, column + 0.5, row + 0.5)
    assert window.status.depth.text() == f"{depth[row, column]:.0f} mm"
    assert window.canvas.depth.scale.bar._value == pytest.approx(float(depth[row, column]))
    row, column = a_hole(depth)
    point(recorded, column + 0.5, row + 0.5)
    assert window.status.depth.text() == "no depth"
    point(recorded, -10.0, -10.0)
    assert window.status.depth.isHidden()
    point(recorded, column + 0.5, row + 0.5)
    QApplication.sendEvent(recorded.view, QEvent(QEvent.Type.Leave))
    assert window.status.depth.isHidden()


def test_it_is_right_in_a_turned_view(recorded):
    window, depth = recorded.window, depth_of(recorded)
    window.canvas.view.turn_to(40.0)
    rows, columns = np.nonzero(depth > 0)
    row, column = int(rows[len(rows) // 2]), int(columns[len(rows) // 2])
    point(recorded, column + 0.5, row + 0.5)
    assert window.status.depth.text() == f"{depth[row, column]:.0f} mm"
    scale = window.canvas.depth.scale
    picture = pixels(window.canvas.view.viewport()).astype(float)
    table = colours().view(np.uint8).reshape(256, 4)[:, 2::-1].astype(float)
    index = indexed(depth[row : row + 1, column : column + 1], scale.near.value(), scale.far.value())[0, 0]
    at = window.canvas.view.viewportTransform().map(QPointF(column + 0.5, row + 0.5)).toPoint()
    rgb = window.canvas.frame.rgb[row, column].astype(float)
    assert picture[at.y(), at.x()] == pytest.approx(table[index] + 0.25 * rgb, abs=16)
    outside = window.canvas.view.viewportTransform().map(QPointF(-6, 128)).toPoint()
    assert picture[outside.y(), outside.x()].tolist() == [0x2E] * 3


def test_a_frame_without_a_hand_has_the_range_of_all_that_it_shows(recorded):
    window = recorded.window
    window.session.remove_hand()
    scale = window.canvas.depth.scale
    assert scale.isVisible()
    assert (scale.near.value(), scale.far.value()) == range_mm(depth_of(recorded))


def test_what_floats_keeps_apart(recorded):
    canvas = recorded.window.canvas
    recorded.key(Key.Key_X)
    assert canvas.exposure.isVisible()
    assert canvas.depth.scale.isVisible()
    assert not canvas.depth.scale.geometry().intersects(canvas.exposure.geometry())
    assert canvas.view.rect().contains(canvas.depth.scale.geometry())


def test_panels_are_one_column_and_go_to_the_corner_where_they_hide_fewer_joints(recorded):
    canvas = recorded.window.canvas
    view, strip, scale = canvas.view, canvas.exposure, canvas.depth.scale
    recorded.key(Key.Key_X)
    assert (strip.x(), strip.width()) == (scale.x(), scale.width())
    assert scale.geometry().bottom() < strip.y()
    recorded.key(Key.Key_X)
    canvas.services.actions["inset"].setChecked(False)
    u, v = canvas.hands.current.uv.mean(axis=0).tolist()
    for at_left in (True, False):
        corner = view.rect().bottomLeft() if at_left else view.rect().bottomRight()
        inwards = QPointF(60, -20) if at_left else QPointF(-60, -20)
        view._bring(QPointF(u, v), QPointF(corner) + inwards)
        recorded.key(Key.Key_X)
        assert (strip.geometry().center().x() > view.width() / 2) is at_left
        recorded.key(Key.Key_X)
