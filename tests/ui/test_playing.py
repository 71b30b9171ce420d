"""Playing in the window: keys, buttons, the number of the frame."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest

from handstudio.project.records import State
from handstudio.ui.desk import Desk
from handstudio.ui.window import MainWindow

from .conftest import close_all

PLAIN = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(qapp, settings: QSettings) -> Iterator[Desk]:
    """Opens windows with their docks."""
    desk = Desk(settings, jobs=False, docks=True)
    yield desk
    close_all(desk)


@pytest.fixture
def playing(window: MainWindow, qtbot) -> MainWindow:
    qtbot.waitUntil(lambda: "timeline" in window.docks.widgets, timeout=20_000)
    timeline = window.docks.widgets["timeline"]
    qtbot.waitUntil(lambda: timeline.pages.state == "content", timeout=10_000)
    return window


def press(
    window: MainWindow, key: Qt.Key | str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window.focusWidget() or window, key, keys)


def test_y_plays_to_the_end(playing, qtbot):
    press(playing, ">")
    press(playing, ">")
    press(playing, Qt.Key.Key_Y)
    seen = []
    playing.services.bridge.frame_changed.connect(lambda _frame: seen.append(playing.session.frame_index))
    assert playing.player.playback.playing
    qtbot.waitUntil(lambda: not playing.player.playback.playing, timeout=20_000)
    assert playing.session.frame_index == 11
    assert seen == sorted(seen)
    assert not playing.services.actions["play"].isChecked()


def test_a_key_that_would_decide_pauses_and_decides_nothing(playing, qtbot):
    accept, session = playing.services.actions["accept"], playing.session
    press(playing, Qt.Key.Key_L, CTRL)
    press(playing, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: session.frame_index >= 2 and accept.isEnabled(), timeout=20_000)
    press(playing, Qt.Key.Key_Space)
    assert not playing.player.playback.playing
    assert session.progress()[State.ACCEPTED] == 0
    qtbot.waitUntil(accept.isEnabled, timeout=5_000)
    press(playing, Qt.Key.Key_Space)
    assert session.progress()[State.ACCEPTED] == 1


def test_speed_and_loop_are_shown_and_remembered(playing, settings):
    transport = playing.docks.widgets["timeline"].transport
    assert transport.speed.text() == "1×"
    press(playing, "<")
    press(playing, Qt.Key.Key_L, CTRL)
    assert transport.speed.text() == "0.5×"
    assert [action.text() for action in transport.speed.menu().actions() if action.isChecked()] == ["0.5×"]
    assert settings.value("playback/speed", 0.0, float) == 0.5
    assert settings.value("playback/loop", False, bool)


def test_a_typed_number_goes_to_that_frame(playing, qtbot):
    number = playing.docks.widgets["timeline"].number
    press(playing, Qt.Key.Key_G, CTRL)
    assert number.field.hasFocus()
    QTest.keyClicks(number.field, "9")
    QTest.keyClick(number.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: playing.session.frame_index == 8, timeout=5_000)
    assert playing.canvas.view.hasFocus()
    press(playing, Qt.Key.Key_Right)
    assert playing.session.frame_index == 9
    qtbot.waitUntil(lambda: number.field.text() == "10", timeout=5_000)
    press(playing, Qt.Key.Key_Tab)
    assert playing.session.joints


def test_a_number_that_is_too_large_is_the_last_frame_and_escape_goes_nowhere(playing, qtbot):
    number = playing.docks.widgets["timeline"].number
    press(playing, Qt.Key.Key_G, CTRL)
    QTest.keyClicks(number.field, "7")
    QTest.keyClick(number.field, Qt.Key.Key_Escape)
    assert playing.session.frame_index == 0
    assert number.field.text() == "1"
    press(playing, Qt.Key.Key_Right, CTRL)
    assert playing.session.frame_index == 11
