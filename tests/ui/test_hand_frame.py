"""The ring and corners about the current hand, pins and limits, with real events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from .conftest import mouse_move

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


def pose(window):
    return window.session.hand_view(window.session.hand_id).pose


def right_click(hand, joint):
    QTest.mouseClick(hand.view.viewport(), Button.RightButton, Mod.NoModifier, hand.place(*hand.joint(joint)))


def in_frame(window, screen):
    inverse, _ = window.canvas.view.viewportTransform().inverted()
    at = inverse.map(screen)
    return at.x(), at.y()


def on_ring(window, hand, degrees):
    u, v = hand.joint(0)
    radius = 30.0 / window.canvas.view.zoom
    return u + radius * np.cos(np.radians(degrees)), v + radius * np.sin(np.radians(degrees))


def point_at(window, place, hand):
    viewport = hand.view.viewport()
    QApplication.sendEvent(
        viewport, mouse_move(viewport, hand.place(*place), Button.NoButton, Mod.NoModifier)
    )


def test_the_ring_turns_the_hand_about_its_wrist(window, hand):
    before = pose(window)
    point_at(window, on_ring(window, hand, 20), hand)
    assert hand.view.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    hand.drag(on_ring(window, hand, 20), on_ring(window, hand, 50))
    after = pose(window)
    np.testing.assert_allclose(after.uv[0], before.uv[0], atol=1e-3)
    first, last = before.uv[9] - before.uv[0], after.uv[9] - after.uv[0]
    turned = np.degrees(np.arctan2(last[1], last[0]) - np.arctan2(first[1], first[0]))
    assert turned == pytest.approx(30.0, abs=4.0)
    hand.key(Key.Key_Z, Mod.ControlModifier)
    assert pose(window) == before


def test_the_frame_is_there_only_near_the_mouse(window, hand):
    frame = window.canvas.hands.overlay.frame
    u, v = hand.joint(9)
    point_at(window, (u, v), hand)
    assert frame._near
    point_at(window, (2.0, 2.0), hand)
    assert not frame._near
    point_at(window, (u, v), hand)
    QApplication.sendEvent(hand.view, QEvent(QEvent.Type.Leave))
    assert not frame._near


def test_a_corner_scales_the_hand_and_escape_takes_it_back(window, hand):
    before = pose(window)
    frame = window.canvas.hands.overlay.frame
    corner = frame.corners(window.canvas.view.viewportTransform(), window.canvas.hands.current)[2]
    u, v = in_frame(window, corner)
    hand.drag((u, v), (u + 30, v + 30), let_go=False)
    assert (np.ptp(window.session.edit.uv, axis=0) > 1.05 * np.ptp(before.uv, axis=0)).all()
    hand.key(Key.Key_Escape)
    assert pose(window) == before
    hand.drag((u, v), (u + 30, v + 30))
    after = pose(window)
    np.testing.assert_allclose(after.uv.min(axis=0), before.uv.min(axis=0), atol=1e-2)


def test_a_pin_by_the_right_button_or_its_key_holds_a_joint(window, hand):
    right_click(hand, 12)
    assert window.session.pins.of(window.session.hand_id) == {12}
    assert window.canvas.hands.overlay.markers.pinned == {12}
    before = pose(window)
    u, v = hand.joint(0)
    hand.drag((u, v), (u - 12, v + 5))
    np.testing.assert_allclose(pose(window).uv[12], before.uv[12], atol=0.6)
    assert np.abs(pose(window).uv[0] - before.uv[0]).max() > 4.0
    u, v = hand.joint(12)
    hand.drag((u, v), (u + 30, v))
    assert "pinned" in window.status.message.full_text
    np.testing.assert_allclose(pose(window).uv[12], before.uv[12], atol=0.6)
    hand.key(Key.Key_L)
    assert not window.session.pins.of(window.session.hand_id)


def test_bones_are_marked_while_a_limit_is_reached(window, hand):
    markers = window.canvas.hands.overlay.markers
    u, v = hand.joint(8)
    hand.drag((u, v), (u - 120, v + 30), let_go=False)
    assert markers.limited
    assert markers.limited <= {5, 6, 7}
    QTest.mouseRelease(hand.view.viewport(), Button.LeftButton, Mod.NoModifier, hand.place(u - 120, v + 30))
    assert not markers.limited


def test_keys_turn_and_scale_the_hand(window, hand):
    before = pose(window)
    hand.key(Key.Key_BracketRight, Mod.ControlModifier)
    turned = pose(window)
    assert np.abs(turned.uv[12] - before.uv[12]).max() > 1.0
    hand.key(Key.Key_Minus, Mod.ControlModifier)
    assert np.ptp(pose(window).uv[:, 1]) < np.ptp(turned.uv[:, 1])
    assert not window.services.actions.conflicts()
