"""What else a review asks for, without a mouse: queue, correction, fingers, a new hand, a promise, 3D."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from handstudio.project.project import Project
from handstudio.project.records import State
from handstudio.ui.desk import Desk

from .conftest import close_all
from .keyboard import Keyboard
from .made_project import make_project
from .person import Person, wait_until

Key, Mod = Qt.Key, Qt.KeyboardModifier
HANDS = 60


@pytest.fixture
def walk(qapp, settings: QSettings, tmp_path, monkeypatch):
    """A person without a mouse at a window with its docks and sixty proposed hands."""
    for act in ("click", "click_tab", "drag", "drop", "hold", "point", "wheel"):
        monkeypatch.delattr(Person, act)
    desk = Desk(settings, jobs=False)
    walk = Keyboard(desk, make_project(tmp_path / "made", count=HANDS, size=(320, 240)))
    walk.open()
    wait_until(walk._shows_a_frame, "a frame is shown")
    walk.press(Key.Key_F4)
    yield walk
    close_all(desk)


def pose(walk):
    return walk.window.session.hand_view(walk.window.session.hand_id).pose


def test_the_queue_is_sorted_and_filtered(walk: Keyboard) -> None:
    session = walk.window.session
    before = session.query.order
    walk.press(Key.Key_M, Mod.ControlModifier)
    walk.press(Key.Key_Down)
    walk.press(Key.Key_Return)
    assert session.query.order != before
    wait_until(walk.window.canvas.view.hasFocus, "the keys are with the frame again")
    walk.filter("error:>3")
    wait_until(lambda: 0 < len(session.queue.ids) < HANDS, "the queue is filtered")
    walk.press(Key.Key_F, Mod.ControlModifier | Mod.ShiftModifier)
    popup = walk.window.docks.widgets["queue"].controls.popup
    wait_until(popup.isVisible, "filters by clicks are shown")
    walk.tab_to(popup.sides["left"])
    walk.press(Key.Key_Space)
    wait_until(lambda: not len(session.queue.ids), "there is no left hand")
    walk.press(Key.Key_Space)
    walk.press(Key.Key_Escape)
    walk.filter("")
    wait_until(lambda: len(session.queue.ids) == HANDS, "the queue holds all hands")


def test_a_joint_takes_its_correction_and_two_fingers_are_swapped(walk: Keyboard) -> None:
    session = walk.window.session
    view, hand = session.hand_view(session.hand_id), session.hand_id
    walk.press(Key.Key_F2)
    walk.press(Key.Key_Tab)
    (joint,) = session.joints
    walk.press(Key.Key_C)
    assert session.hand_id == hand
    np.testing.assert_allclose(pose(walk).uv[joint], view.corrected.uv[joint], atol=0.01)
    assert session.project.hand(hand).state == State.FIXED
    before = pose(walk)
    for tip, keys in ((8, Mod.NoModifier), (20, Mod.ControlModifier)):
        walk.point_to(*map(float, before.uv[tip]))
        walk.press(Key.Key_Return, keys)
        if walk.window.canvas.keys.holds:
            walk.press(Key.Key_Return)
    assert session.joints == {8, 20}
    walk.press(Key.Key_W)
    np.testing.assert_allclose(pose(walk).uv[[8, 20]], before.uv[[20, 8]], atol=0.01)


def test_a_new_hand_gets_its_box_and_its_joints(walk: Keyboard) -> None:
    session = walk.window.session
    truth = session.bundle(session.hand_id).truth.pose
    walk.press(Key.Key_Delete)
    assert session.hands() == []
    low, high = truth.uv.min(axis=0) - 8, truth.uv.max(axis=0) + 8
    walk.press(Key.Key_B)
    for corner in (low, high):
        walk.point_to(*map(float, corner))
        walk.press(Key.Key_Return)
    assert len(session.hands()) == 1
    walk.press(Key.Key_G)
    for joint in range(20):
        walk.point_to(*map(float, truth.uv[joint]))
        walk.press(Key.Key_Return)
    walk.press(Key.Key_V)
    with Project.open(walk.path, read_only=True) as project:
        label = project.label_of(session.hand_id)
    assert np.abs(label.pose.uv[:20] - truth.uv[:20]).max() < 2


@pytest.mark.timeout(300)
def test_hands_are_accepted_with_a_promise(walk: Keyboard) -> None:
    session, dock = walk.window.session, walk.window.docks.widgets["acceptance"]
    walk.press(Key.Key_P, Mod.ControlModifier | Mod.ShiftModifier)
    wait_until(lambda: dock.seen is not None and not dock.busy, "the dock has looked")
    for field, value in zip(dock.sheet.terms.fields, ("40", "150", "70"), strict=True):
        walk.tab_to(field)
        walk.press(Key.Key_A, Mod.ControlModifier)
        walk.type(value)
        walk.press(Key.Key_Return)
    wait_until(lambda: dock.seen.survey.terms.share == pytest.approx(0.4) and not dock.busy, "the terms")
    walk.tab_to(dock.sheet.draw)
    walk.press(Key.Key_Space)
    wait_until(lambda: session.project.latest_sample() is not None and not dock.busy, "a sample is drawn")
    sample = len(session.project.latest_sample().hands)
    walk.press(Key.Key_F4)
    for number in range(1, sample + 1):
        wait_until(walk._shows_a_frame, "the hand is shown")
        walk.press(Key.Key_Space)
        wait_until(lambda number=number: walk.kept().count(State.ACCEPTED) == number, "it is accepted")
    wait_until(lambda: dock.sheet.accept.isEnabled() and not dock.busy, "a promise can be made")
    walk.pane(dock)
    walk.tab_to(dock.sheet.slider)
    reach = int(dock.sheet.count.text())
    walk.press(Key.Key_Left, times=8)
    assert int(dock.sheet.count.text()) < reach
    walk.press(Key.Key_Right, times=8)
    assert int(dock.sheet.count.text()) == reach
    walk.tab_to(dock.sheet.accept)
    walk.press(Key.Key_Space)
    wait_until(lambda: walk.kept().count(State.AUTO_ACCEPTED) > 0 and not dock.busy, "hands are accepted")
    walk.press(Key.Key_Z, Mod.ControlModifier)
    wait_until(lambda: walk.kept().count(State.AUTO_ACCEPTED) == 0, "that is undone")


def test_the_3d_view_is_turned_and_a_joint_moved_in_it(walk: Keyboard) -> None:
    session, view = walk.window.session, walk.window.docks.widgets["view3d"]
    if QApplication.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no OpenGL")
    wait_until(lambda: view.stage.shows_hand, "the hand is seen in space")
    walk.pane(view.stage)
    frame, yaw = session.frame_index, view.stage.orbit.yaw
    walk.press(Key.Key_Right, times=3)
    walk.press(Key.Key_Plus)
    assert view.stage.orbit.yaw > yaw
    assert session.frame_index == frame
    walk.press(Key.Key_Tab)
    (joint,) = session.joints
    before = pose(walk)
    walk.press(Key.Key_Return, Mod.ShiftModifier)
    walk.press(Key.Key_Up, Mod.ShiftModifier)
    walk.press(Key.Key_Return)
    assert np.abs(pose(walk).uv[joint] - before.uv[joint]).max() > 0.5
    assert walk.kept().count(State.FIXED) == 1
    walk.press(Key.Key_F4)
    walk.press(Key.Key_Z, Mod.ControlModifier)
    assert pose(walk) == before
