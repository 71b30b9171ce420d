"""Section 6: how the frame is looked at: playing, trails, light, depth, lens, turned view, several joints."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from handstudio.hand.skeleton import FINGERS
from tests.benchmarks.reviewing.reviewer import ALT, CTRL, NONE, SHIFT, Key, Reviewer
from tests.ui.person import wait_until


def walk(one: Reviewer) -> None:
    """One after the other on the same sequence."""
    _playing(one)
    _trails(one)
    _light(one)
    _layers(one)
    _lens(one)
    _turned(one)
    _several(one)
    _marks(one)
    _number(one)


def _playing(one: Reviewer) -> None:
    playback = one.window.player.playback
    one.press(Key.Key_L, CTRL)
    one.press(Key.Key_Less, times=2)
    one.press(Key.Key_Y)
    began = one.session.frame_index
    wait_until(lambda: one.session.frame_index >= began + 4, "frames go by")
    one.album.take(
        one.window, "playing", "Ctrl+L, < twice and Y, four frames later",
        "A pause button, a quarter of the speed, loop is on; the mark runs through the timeline.",
    )  # fmt: skip
    one.press(Key.Key_Space)
    wait_until(lambda: not playback.playing, "a key that decides pauses it")
    assert "Paused" in one.said
    assert one.label() is None
    one.stage(
        "paused-by-space", "Space while it plays", f"It stays at the frame, nothing is decided: “{one.said}”."
    )
    one.press(Key.Key_Greater, times=2)
    one.press(Key.Key_L, CTRL)


def _trails(one: Reviewer) -> None:
    one.go_to_frame(12)
    one.press(Key.Key_Z)
    one.press(Key.Key_K)
    one.stage(
        "trails", "Ctrl+G 12, Z, K", "The way of the five fingertips, before as a line and after broken."
    )
    one.press(Key.Key_Tab)
    one.press(Key.Key_K, SHIFT, times=2)
    one.stage(
        "trail-of-a-joint",
        "Tab, Shift+K twice",
        f"The way of that joint alone, over more frames: “{one.said}”.",
    )
    one.press(Key.Key_K)
    one.press(Key.Key_Escape)


def _light(one: Reviewer) -> None:
    strip = one.canvas.exposure
    one.press(Key.Key_X)
    wait_until(strip.isVisible, "the strip is there")
    one.stage("exposure", "K, Esc, X", "Histogram with a straight curve, three sliders at the middle.")
    one.press(Key.Key_F6)
    one.tab_to(strip.brightness)
    one.press(Key.Key_Right, times=20)
    one.tab_to(strip.gamma)
    one.press(Key.Key_Right, times=30)
    assert strip.exposure().gamma > 1.0
    one.stage(
        "brighter",
        "F6, Right 20 times; Tab to gamma, Right 30 times",
        "The frame is brighter, the curve bent.",
    )
    one.tab_to(strip.reset)
    one.press(Key.Key_Space)
    assert strip.positions() == (0, 0, 0)
    one.press(Key.Key_F4)
    one.press(Key.Key_X)


def _layers(one: Reviewer) -> None:
    actions = one.window.services.actions
    one.press(Key.Key_7)
    assert actions["layer_depth"].isChecked()
    u, v = one.pose().uv[9].tolist()
    one.person.point(one.viewport, one.on_canvas(u, v))
    one.stage(
        "depth",
        "X; 7, the mouse over the palm",
        "Depth in false colours over the hand; mm below and on the scale.",
    )
    one.press(Key.Key_7, CTRL)
    one.press(Key.Key_A, CTRL)
    one.type("430")
    one.press(Key.Key_Return)
    one.stage("depth-range", "Ctrl+7, 430, Return", "Another range: Auto is off.")
    one.press(Key.Key_F4)
    one.press(Key.Key_7)
    for key in (Key.Key_2, Key.Key_5, Key.Key_6, Key.Key_8):
        one.press(key)
    one.stage("layers", "F4, 7; 2, 5, 6, 8", "Perturbed prediction, circles, mask and truth as well.")
    for key in (Key.Key_2, Key.Key_5, Key.Key_6, Key.Key_8):
        one.press(key)
    one.press(Key.Key_Tab)
    one.press(Key.Key_9)
    wait_until(lambda: "heatmap" in one.canvas.hands.current.maps, "the heatmap is there")
    one.stage("heatmap", "The same keys; Tab, 9", "Where the model expects the chosen joint.")
    one.press(Key.Key_9)
    one.press(Key.Key_Escape)
    one.press(Key.Key_A)
    wait_until(lambda: "map" in one.canvas.hands.current.maps, "the map is there")
    one.stage("map", "9, Esc, A", "One of the model's maps over the hand, and what its colours mean.")
    one.press(Key.Key_A)


def _lens(one: Reviewer) -> None:
    tip = one.graspable((8, 12, 16, 20, 4))
    at = one.place(tip)
    one.person.point(one.viewport, at)
    handle = one.window.windowHandle()
    QTest.keyPress(handle, Key.Key_F3)
    lens = one.canvas.magnifier.lens
    assert lens.isVisible()
    one.person.hold(one.viewport, at)
    one.person.pull_to(at + QPoint(20, 12))
    one.album.take(
        one.window, "lens-held", "F3 held at a fingertip, which is pulled by 20 px",
        "The lens enlarges four times and names the place; the joint moved a quarter as far.",
    )  # fmt: skip
    one.press(Key.Key_Escape)
    one.person.let_go()
    QTest.keyRelease(handle, Key.Key_F3)
    assert not lens.isVisible()


def _turned(one: Reviewer) -> None:
    one.press(Key.Key_BracketRight, ALT, times=4)
    assert one.canvas.view.angle == 60.0
    one.stage(
        "turned",
        "F3 let go; Alt+] four times",
        "The view is turned by 60°, in the bar and in the status line.",
    )
    one.press(Key.Key_0, CTRL | ALT)
    wait_until(lambda: one.canvas.turn.menu().isVisible(), "the angle can be typed")
    one.stage("turn-menu", "Ctrl+Alt+0", "A slider, the angle in figures, and the keys.")
    one.press(Key.Key_Escape)
    one.press(Key.Key_0, ALT)
    assert one.canvas.view.angle == 0.0


def _several(one: Reviewer) -> None:
    finger = next(f for f in FINGERS[1:] if all(one._can_grasp(joint) for joint in f[1:]))
    start, end = one.around(finger[1:])
    one.person.hold(one.viewport, start, CTRL)
    one.person.pull_to(end, CTRL)
    one.stage("marquee", "Ctrl and mouse down beside a finger, pulled over it", "A band about the joints.")
    one.person.let_go(CTRL)
    assert one.session.joints >= set(finger[1:])
    one.stage("several-chosen", "Let go", "The joints in the band are ringed, and chosen in the inspector.")
    before = one.pose().uv.copy()
    chosen = sorted(one.session.joints)
    at = one.hold_joint(finger[-1])
    one.person.pull_to(at + QPoint(40, -30))
    moved = one.pose().uv - before
    np.testing.assert_allclose(moved[chosen], moved[[finger[-1]] * len(chosen)], atol=1e-2)
    one.stage("several-held", "Mouse down on the tip, pulled", "They move together, as they are.")
    one.person.let_go()
    one.undo()
    one.press(Key.Key_Escape)


def _marks(one: Reviewer) -> None:
    one.press(Key.Key_U)
    assert one.session.marks.current == "blurred"
    one.stage(
        "marked", "Ctrl+Z, Esc, U", "A flag in the timeline and in the queue; the status line says the mark."
    )
    one.next_frame()
    one.press(Key.Key_U, SHIFT)
    one.dialog(QInputDialog)
    one.stage("mark-as", "Right, Shift+U", "Kinds to choose from; one's own word can be typed.")
    one.press(Key.Key_A, CTRL)
    one.type("glove")
    one.press(Key.Key_Return)
    wait_until(lambda: one.session.marks.current == "glove", "the frame is marked")
    one.to_window()
    here = one.session.frame_index
    one.press(Key.Key_U, CTRL | SHIFT)
    assert one.session.frame_index == here - 1
    one.stage("marks", "“glove”, Return; Ctrl+Shift+U", "Two flags; the one before was gone to.")


def _number(one: Reviewer) -> None:
    one.press(Key.Key_G, CTRL)
    field = one.dock("timeline").number.field
    wait_until(field.hasFocus, "the number can be typed")
    one.type("20")
    one.stage("go-to-frame", "Ctrl+G, 20", "The number in the timeline's head is being typed.")
    one.press(Key.Key_Return, NONE)
    wait_until(lambda: one.session.frame_index == 19, "frame 20 is gone to")
