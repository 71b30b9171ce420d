"""21 joints by click, with real events in the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.project import Project
from handstudio.project.records import State

from .conftest import Hand, close_all
from .made_project import make_project

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def project(tmp_path):
    """Three frames with a hand each that nothing was proposed for."""
    return make_project(tmp_path / "made", count=3, proposed=False)


def truth(window):
    return window.session.bundle(window.session.hand_id).truth.pose


def label(window):
    return window.session.project.label_of(window.session.hand_id)


def click_joints(window, hand, joints):
    for joint in joints:
        hand.click(*truth(window).uv[joint].tolist())


def test_the_strip_asks_for_joint_after_joint_and_the_last_click_makes_the_label(window, hand):
    strip, session = window.canvas.placing.strip, window.session
    assert not strip.isVisible()
    hand.key(Key.Key_G)
    for joint in range(21):
        assert strip.isVisible()
        assert JOINT_NAMES[joint] in strip.title.text()
        assert JOINT_NAMES[joint] in strip.drawing.accessibleName()
        hand.click(*truth(window).uv[joint].tolist())
    assert not strip.isVisible()
    assert session.project.hand(session.hand_id).state is State.FIXED
    assert np.abs(label(window).pose.uv - truth(window).uv).max() < 2.0
    assert np.abs(label(window).pose.depth - truth(window).depth).mean() < 0.35
    assert window.canvas.hands.overlay.markers.isVisible()
    hand.key(Key.Key_Z, Mod.ControlModifier)
    assert label(window) is None


def test_backspace_goes_back_v_and_the_right_button_guess_and_escape_leaves(window, hand):
    placing = window.session.placing
    hand.key(Key.Key_G)
    click_joints(window, hand, range(6))
    hand.key(Key.Key_Backspace)
    assert placing.joint == 5
    hand.key(Key.Key_V)
    QTest.mouseClick(hand.view.viewport(), Qt.MouseButton.RightButton, Mod.NoModifier, hand.place(300, 200))
    assert placing.joint == 7
    assert placing.so_far[1].tolist()[5:7] == [True, True]
    hand.key(Key.Key_Escape)
    assert placing.joint is None
    assert not window.canvas.placing.item.isVisible()
    assert label(window) is None


def test_a_closed_window_keeps_the_joints_and_the_next_one_goes_on(desk, open_window, project):
    window = open_window(project)
    hand = Hand(window)
    hand.key(Key.Key_G)
    click_joints(window, hand, range(8))
    close_all(desk)
    with Project.open(project) as stored:
        assert stored.label_of(int(stored.hand_ids()[0])) is None
    again = open_window(project)
    Hand(again).key(Key.Key_G)
    assert again.session.placing.joint == 8


def test_where_there_is_no_hand_a_box_is_drawn_first(window, hand):
    window.session.remove_hand()
    assert window.session.hand_id is None
    hand.key(Key.Key_G)
    assert window.services.actions["draw_box"].isChecked()
    hand.drag((120, 60), (420, 400))
    assert window.session.hand_id is not None
    assert window.session.placing.joint == 0
    assert window.canvas.view.tool is window.canvas.placing.tool
    hand.click(200, 300)
    assert window.session.placing.joint == 1


def test_keys_of_the_mode_mean_what_they_mean_elsewhere_once_it_is_over(window, hand):
    hand.key(Key.Key_G)
    hand.key(Key.Key_G)
    assert window.session.placing.joint is None
    assert not window.canvas.view.own_keys
    assert window.canvas.view.tool is window.canvas.in_hand.select
