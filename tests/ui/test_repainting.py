"""The canvas repaints what changed and no more: nothing of what was is left on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from .conftest import Hand, mouse_move

Key, Mod, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
TIP = 8


class Repainted(QObject):
    """Which share of a viewport each paint was about."""

    def __init__(self, viewport) -> None:
        super().__init__(viewport)
        self.shares: list[float] = []
        viewport.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            area = sum(rect.width() * rect.height() for rect in event.region())
            self.shares.append(area / (watched.width() * watched.height()))
        return False


@pytest.fixture
def on_screen(window):
    if QApplication.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no screen to look at")
    window.raise_()
    QTest.qWaitForWindowExposed(window)
    return Hand(window)


def settled() -> None:
    for _ in range(4):
        QApplication.processEvents()


def screen_of(view) -> np.ndarray:
    """(H, W, 3) of what the screen shows of a view."""
    settled()
    viewport = view.viewport()
    at = viewport.mapToGlobal(QPoint(0, 0))
    picture = view.screen().grabWindow(0, at.x(), at.y(), viewport.width(), viewport.height())
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def assert_nothing_is_left_over(view) -> None:
    seen = screen_of(view)
    view.viewport().update()
    wrong = np.abs(seen.astype(int) - screen_of(view)).max(axis=2) > 2
    assert not wrong.any(), f"{wrong.sum()} pixels, rows and columns {np.argwhere(wrong).min(0)}"


def move(view, at: QPoint, buttons=Button.NoButton) -> None:
    QApplication.sendEvent(view.viewport(), mouse_move(view.viewport(), at, buttons, Mod.NoModifier))
    settled()


def test_a_drag_repaints_the_hand_and_not_the_whole_canvas(window, hand):
    hand.view.zoom_by(0.6)
    settled()
    repainted = Repainted(hand.view.viewport())
    start = hand.place(*hand.joint(TIP))
    QTest.mousePress(hand.view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    move(hand.view, start + QPoint(6, 4), Button.LeftButton)
    repainted.shares.clear()
    for step in range(8):
        move(hand.view, start + QPoint(8 + step, 4), Button.LeftButton)
    QTest.mouseRelease(hand.view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    assert repainted.shares
    assert max(repainted.shares[:7]) < 0.5


def test_the_crosshair_repaints_little(window, hand):
    QTest.keyClick(hand.view, Key.Key_F2)
    QTest.keyClick(hand.view, Key.Key_Up, Mod.ControlModifier)
    settled()
    repainted = Repainted(hand.view.viewport())
    for _ in range(6):
        QTest.keyClick(hand.view, Key.Key_Up)
        settled()
    assert max(repainted.shares) < 0.1


@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_what_moves_on_the_canvas_leaves_nothing_behind(window, on_screen, angle):
    view, actions = on_screen.view, window.services.actions
    view.turn_to(angle)
    view.zoom_by(0.8)
    for name in ("perturbed", "circles", "mask", "truth"):
        actions[f"layer_{name}"].setChecked(True)
    assert_nothing_is_left_over(view)
    for joint in (4, 8, 12, 20, 0):
        move(view, on_screen.place(*on_screen.joint(joint)))
        assert_nothing_is_left_over(view)
    start = on_screen.place(*on_screen.joint(TIP))
    QTest.mousePress(view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    for away in ((-20, -12), (40, 30), (160, -60), (-200, 90)):
        move(view, start + QPoint(*away), Button.LeftButton)
        assert_nothing_is_left_over(view)
    QTest.mouseRelease(view.viewport(), Button.LeftButton, Mod.NoModifier, start)
    assert_nothing_is_left_over(view)
    for key, keys in (
        (Key.Key_Tab, Mod.NoModifier),
        (Key.Key_Right, Mod.ShiftModifier),
        (Key.Key_L, Mod.NoModifier),
        (Key.Key_V, Mod.NoModifier),
        (Key.Key_Escape, Mod.NoModifier),
        (Key.Key_F2, Mod.NoModifier),
        (Key.Key_Down, Mod.ShiftModifier),
        (Key.Key_Left, Mod.ControlModifier),
        (Key.Key_PageDown, Mod.NoModifier),
        (Key.Key_Right, Mod.ControlModifier | Mod.ShiftModifier),
        (Key.Key_Plus, Mod.NoModifier),
        (Key.Key_Escape, Mod.NoModifier),
        (Key.Key_R, Mod.NoModifier),
        (Key.Key_Z, Mod.ControlModifier),
        (Key.Key_K, Mod.NoModifier),
        (Key.Key_O, Mod.NoModifier),
        (Key.Key_O, Mod.NoModifier),
        (Key.Key_F6, Mod.NoModifier),
        (Key.Key_F4, Mod.NoModifier),
    ):
        QTest.keyClick(window.focusWidget() or view, key, keys)
        assert_nothing_is_left_over(view)


def test_a_box_and_joints_by_keys_leave_nothing_behind(window, on_screen):
    view = on_screen.view
    for key, keys in (
        (Key.Key_B, Mod.NoModifier),
        (Key.Key_Left, Mod.ControlModifier),
        (Key.Key_Return, Mod.NoModifier),
        (Key.Key_Down, Mod.ControlModifier),
        (Key.Key_Right, Mod.ShiftModifier),
        (Key.Key_Escape, Mod.NoModifier),
        (Key.Key_G, Mod.NoModifier),
        (Key.Key_Up, Mod.ShiftModifier),
        (Key.Key_Return, Mod.NoModifier),
        (Key.Key_Up, Mod.ControlModifier),
        (Key.Key_Return, Mod.NoModifier),
        (Key.Key_Escape, Mod.NoModifier),
    ):
        QTest.keyClick(view, key, keys)
        assert_nothing_is_left_over(view)
