"""The layer that shows where joints were and will be."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from handstudio.hand.skeleton import FINGERS
from handstudio.project.commands import SetLabel
from handstudio.project.project import Project
from handstudio.project.records import Pose, State
from handstudio.ui.canvas.motion import TIPS
from handstudio.ui.canvas.trail_layer import OPACITIES, mark

from .conftest import Hand
from .made_project import make_project
from .person import wait_until
from .test_canvas import pixels, show_only

Key, Mod = Qt.Key, Qt.KeyboardModifier
TIP = 16


@pytest.fixture
def walking(window) -> Hand:
    """At frame 6 of 12, nothing shown but trails."""
    window.services.actions["inset"].setChecked(False)
    show_only(window, "trail")
    window.session.go_to_frame(1, 6)
    window.canvas.boxes.setVisible(False)
    canvas, session = window.canvas, window.session
    wait_until(
        lambda: canvas.hands.current is not None and canvas.hands.current.hand_id == session.hand_id,
        "frame 6 is on the canvas",
        10.0,
    )
    return Hand(window)


def shown(window):
    """The trail of the current hand, once its frame is there."""
    wait_until(lambda: window.canvas.hands.current is not None, "the frame is shown", 10.0)
    return window.canvas.hands.current.trail


def poses(window):
    project = window.session.project
    return {record.frame_index: project.proposal_of(record.id).pose for record in project.hands()}


def like(picture, colour: QColor, tolerance: int = 50) -> np.ndarray:
    return np.abs(picture.astype(int) - colour.getRgb()[:3]).max(axis=2) <= tolerance


def around(window, places, u, v, reach=4) -> np.ndarray:
    at = window.canvas.view.viewportTransform().map(QPointF(float(u), float(v))).toPoint()
    return places[at.y() - reach : at.y() + reach + 1, at.x() - reach : at.x() + reach + 1]


def test_its_key_shows_the_fingertips_over_ten_frames_and_back(window, walking):
    trail = shown(window)
    assert trail.joints == TIPS == tuple(finger[-1] for finger in FINGERS)
    assert trail.reach == 10
    assert trail.trail.frames.tolist() == list(range(12))
    walking.key(Key.Key_K)
    assert shown(window) is None
    walking.key(Key.Key_K)
    assert shown(window) is not None


def test_marks_lie_where_the_joint_is_in_the_other_frames_in_its_colour(window, walking):
    window.session.select_joints({TIP})
    window.canvas.view.zoom_by(2.0)
    window.canvas.view.centerOn(*map(float, poses(window)[6].uv[TIP]))
    before = pixels(window.canvas.view.viewport())
    places = like(before, window.services.theme.joint_colour(TIP))
    for frame in (4, 5, 7, 8):
        assert around(window, places, *poses(window)[frame].uv[TIP]).any()
    assert shown(window).joints == (TIP,)
    window.services.actions["hide_overlays"].setChecked(True)
    bare = like(pixels(window.canvas.view.viewport()), window.services.theme.joint_colour(TIP))
    assert bare.sum() < places.sum() / 4


def test_marks_of_labels_are_filled_those_of_proposals_hollow():
    filled, hollow = (mark(QColor(250, 120, 30), decided, 1.0) for decided in (True, False))
    middle = filled.width() // 2
    assert filled.pixelColor(middle, middle).alpha() > 200
    assert hollow.pixelColor(middle, middle).alpha() < 120


def test_a_decision_in_this_or_another_frame_is_seen_at_once(window, walking):
    assert not shown(window).trail.decided.any()
    window.services.actions["go_on"].setChecked(False)
    walking.key(Key.Key_Space)
    assert np.flatnonzero(shown(window).trail.decided).tolist() == [6]
    walking.key(Key.Key_Right)
    assert np.flatnonzero(shown(window).trail.decided).tolist() == [6]
    assert shown(window).frame == 7
    walking.key(Key.Key_Z, Mod.ControlModifier)
    assert not shown(window).trail.decided.any()


def test_what_a_job_proposes_is_seen(window, walking, project):
    hand_id = window.session.hand_id
    moved = Pose(poses(window)[8].uv + 5.0, poses(window)[8].depth)
    with Project.open(project, writer="job") as other:
        later = next(record.id for record in other.hands() if record.frame_index == 8)
        other.history.apply(SetLabel(later, moved, State.FIXED, "dragged"), "job")
    window.session.poll()
    assert window.session.hand_id == hand_id
    assert shown(window).trail.decided[8]
    np.testing.assert_allclose(shown(window).trail.uv[8], moved.uv)


def test_the_trail_goes_through_the_joint_while_it_is_dragged(window, walking):
    window.services.actions["layer_proposal"].setChecked(True)
    window.services.actions["layer_label"].setChecked(True)
    window.session.select_joints({TIP})
    u, v = walking.joint(TIP)
    walking.drag((u, v), (u - 14, v + 8), let_go=False)
    assert shown(window) is not None
    assert shown(window).frame == 6
    edited = window.session.edit.uv[TIP]
    assert np.hypot(*(edited - (u - 14, v + 8))) < 6.0
    near = like(pixels(window.canvas.view.viewport()), window.services.theme.joint_colour(TIP))
    before = poses(window)[5].uv[TIP]
    assert around(window, near, *((edited + before) / 2), reach=3).any()
    walking.key(Key.Key_Escape)


def test_farther_frames_are_fainter(window, walking):
    levels = shown(window).levels().tolist()
    assert levels[5] == levels[7] == 0
    assert levels[:6] == sorted(levels[:6], reverse=True)
    assert levels[7:] == sorted(levels[7:])
    assert list(OPACITIES) == sorted(OPACITIES, reverse=True)
    strong, weak = (mark(QColor(250, 120, 30), True, 1.0, opacity) for opacity in (1.0, OPACITIES[-1]))
    middle = strong.width() // 2
    assert weak.pixelColor(middle, middle).alpha() < 0.4 * strong.pixelColor(middle, middle).alpha()


def test_another_length_is_chosen_by_key_and_remembered(open_window, project, window, walking):
    walking.key(Key.Key_K, Mod.ShiftModifier)
    assert shown(window).reach == 20
    assert "20 frames before this one and 20 after" in window.status.message.full_text
    for expected in (40, 5):
        walking.key(Key.Key_K, Mod.ShiftModifier)
        assert shown(window).reach == expected
    assert shown(window).trail.frames.tolist() == list(range(1, 12))
    window.close_and_wait()
    again = open_window(project)
    assert again.services.actions["layer_trail"].isChecked()
    assert shown(again).reach == 5


def test_a_hand_without_any_pose_says_why_nothing_is_shown(open_window, tmp_path):
    bare = open_window(make_project(tmp_path / "bare", count=3, proposed=False))
    Hand(bare).key(Key.Key_K)
    assert "no frame near this one" in bare.status.message.full_text
