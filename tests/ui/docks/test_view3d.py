"""The hand in space: seen, orbited, chosen and dragged."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest

from handstudio.hand.skeleton import ROOT
from handstudio.project.records import State
from handstudio.ui.view3d import View3D, target

from .conftest import drag, mouse

TIP = 8


@pytest.fixture
def opengl(qapp) -> None:
    if qapp.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no OpenGL")


@pytest.fixture
def view(opengl, bench, qtbot):
    return shown(bench, qtbot)


def shown(bench, qtbot) -> View3D:
    view = bench.show(View3D)
    qtbot.waitUntil(lambda: view.studio.scene is not None and not view.notice.isVisible(), timeout=20_000)
    settle(view, qtbot)
    return view


def settle(view, qtbot) -> None:
    """Wait for the picture at rest: the first one of a hand is coarse."""
    qtbot.waitUntil(lambda: not view.stage._stale and not view.stage._rest.isActive(), timeout=10_000)


def place(view, joint: int) -> QPointF:
    at, _ = view.stage.orbit.to_screen(view.stage._joints[joint], view.stage.extent)
    return QPointF(*at)


def colour_at(view, point: QPointF) -> np.ndarray:
    picture = view.stage.grab().toImage()
    ratio = picture.devicePixelRatio()
    return np.array(
        picture.pixelColor(round(point.x() * ratio), round(point.y() * ratio)).getRgb()[:3], float
    )


def test_a_joint_is_seen_in_its_fingers_colour(view):
    seen = colour_at(view, place(view, TIP))
    wanted = np.array(view._theme.joint_colour(TIP).getRgb()[:3], float)
    cosine = seen @ wanted / np.linalg.norm(seen) / np.linalg.norm(wanted)
    assert cosine > 0.97
    assert seen.sum() > 250


def test_the_view_is_made_only_after_it_has_been_painted(bench, qtbot):
    view = View3D(bench.session, bench.services)
    bench.widgets.append(view)
    assert view.studio._target is None
    view.resize(200, 200)
    view.show()
    qtbot.waitUntil(lambda: view.studio._target is not None, timeout=5_000)


def test_without_opengl_the_view_says_what_is_missing(bench, qtbot, monkeypatch):
    def refuse(_self) -> None:
        raise target.NoOpenGLError("no OpenGL context could be made on this display")

    monkeypatch.setattr(target.Target, "start", refuse)
    view = bench.show(View3D)
    qtbot.waitUntil(lambda: "needs OpenGL" in view.notice.text.text(), timeout=5_000)
    assert view.notice.isVisible()
    assert "Everything else works without it" in view.notice.text.text()


def distance(one: QPointF, other: QPointF) -> float:
    return float(np.hypot(one.x() - other.x(), one.y() - other.y()))


def test_a_fingertip_dragged_in_the_view_plane_takes_its_finger_along_and_is_stored_as_fixed(view, bench):
    session = bench.session
    before = view.stage._joints.copy()
    start = place(view, TIP)
    end = start + QPointF(-24, 6)
    drag(view.stage, start, end)
    assert distance(place(view, TIP), end) < 0.6 * distance(start, end)
    moved = np.linalg.norm(view.stage._joints - before, axis=-1)
    assert moved[7] > 1
    assert moved[17:].max() < 0.35 * moved[TIP]
    assert bench.project.hand(session.hand_id).state == State.FIXED


def test_with_shift_a_joint_moves_alone_and_stays_under_the_mouse(view):
    before = view.stage._joints.copy()
    start = place(view, TIP)
    end = start + QPointF(-24, 14)
    drag(view.stage, start, end, keys=Qt.KeyboardModifier.ShiftModifier)
    assert distance(place(view, TIP), end) < 4
    moved = np.linalg.norm(view.stage._joints - before, axis=-1)
    assert np.delete(moved, TIP).max() < 0.2 * moved[TIP]


INDEX = [5, 6, 7, 8]


@pytest.mark.parametrize("with_camera", [True, False])
def test_several_selected_joints_move_together_in_space(opengl, make_bench, qtbot, with_camera):
    bench = make_bench(with_camera=with_camera)
    view, session = shown(bench, qtbot), bench.session
    session.select_joints(INDEX)
    joints, pose = view.stage._joints.copy(), session.hand_view(session.hand_id).pose
    start = place(view, TIP)
    end = start + QPointF(-20, 12)
    drag(view.stage, start, end, let_go=False)
    for _ in range(4):
        QTest.keyClick(view.stage, Qt.Key.Key_BracketRight)
    mouse(view.stage, QEvent.Type.MouseButtonRelease, end)
    assert session.joints == set(INDEX)
    moved = view.stage._joints - joints
    assert distance(place(view, TIP), end) < 4
    assert np.linalg.norm(moved[TIP]) > 5 * view._hand.bone / 44
    assert np.abs(moved[INDEX] - moved[TIP]).max() < 0.15 * np.linalg.norm(moved[TIP]), "bones set the scale"
    others = [joint for joint in range(21) if joint not in INDEX]
    assert np.linalg.norm(moved[others], axis=-1).max() < 0.2 * np.linalg.norm(moved[TIP])
    label = bench.project.label_of(session.hand_id)
    np.testing.assert_array_equal(label.pose.uv[others], pose.uv[others])
    session.undo()
    assert session.hand_view(session.hand_id).pose == pose


def test_with_shift_one_of_several_selected_joints_moves_alone(view, bench):
    bench.session.select_joints(INDEX)
    before = bench.session.hand_view(bench.session.hand_id).pose.uv.copy()
    start = place(view, TIP)
    drag(view.stage, start, start + QPointF(-24, 14), keys=Qt.KeyboardModifier.ShiftModifier)
    moved = np.abs(bench.session.hand_view(bench.session.hand_id).pose.uv - before).max(axis=1)
    assert np.flatnonzero(moved).tolist() == [TIP]


def test_a_click_on_one_of_several_selected_joints_selects_it_alone(view, bench):
    bench.session.select_joints(INDEX)
    QTest.mouseClick(view.stage, Qt.MouseButton.LeftButton, pos=place(view, TIP).toPoint())
    assert bench.session.joints == {TIP}


def test_a_right_click_pins_a_joint_and_drags_leave_it_alone(view, bench):
    session = bench.session
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        mouse(view.stage, kind, place(view, 12), Qt.MouseButton.RightButton)
    assert session.pins.of(session.hand_id) == {12}
    before = session.hand_view(session.hand_id).pose
    drag(view.stage, place(view, 12), place(view, 12) + QPointF(-24, 6))
    assert session.hand_view(session.hand_id).pose == before
    drag(view.stage, place(view, 0), place(view, 0) + QPointF(-16, 8))
    after = session.hand_view(session.hand_id).pose
    np.testing.assert_array_equal(after.uv[12], before.uv[12])
    assert np.abs(after.uv[0] - before.uv[0]).max() > 1.0


@pytest.mark.parametrize("key", [Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight])
def test_brackets_move_a_held_joint_along_the_view_until_it_is_let_go(view, bench, key):
    view.stage.look_through_camera()
    before = bench.session.hand_view(bench.session.hand_id).pose
    start = place(view, TIP)
    drag(view.stage, start, start, let_go=False)
    for _ in range(3):
        QTest.keyClick(view.stage, key)
    assert bench.session.edit is not None
    deeper = bench.session.edit.depth[TIP] - before.depth[TIP]
    assert np.sign(deeper) == (1 if key == Qt.Key.Key_BracketRight else -1)
    mouse(view.stage, QEvent.Type.MouseButtonRelease, start)
    assert bench.project.label_of(bench.session.hand_id) is not None


def test_a_drag_in_3d_is_one_undo(view, bench):
    before = bench.session.hand_view(bench.session.hand_id).pose
    start = place(view, TIP)
    drag(view.stage, start, start + QPointF(-14, 10))
    bench.session.undo()
    assert np.array_equal(bench.session.hand_view(bench.session.hand_id).pose.uv, before.uv)


def test_escape_gives_a_held_joint_back(view, bench):
    before = bench.session.hand_view(bench.session.hand_id).pose
    start = place(view, TIP)
    drag(view.stage, start, start + QPointF(-14, 10), let_go=False)
    assert bench.session.edit is not None
    QTest.keyClick(view.stage, Qt.Key.Key_Escape)
    assert bench.session.edit is None
    assert bench.project.label_of(bench.session.hand_id) is None
    assert np.array_equal(bench.session.hand_view(bench.session.hand_id).pose.uv, before.uv)


def test_another_button_pressed_meanwhile_leaves_the_held_joint_alone(view, bench):
    stage, hand_id = view.stage, bench.session.hand_id
    start = place(view, TIP)
    end = start + QPointF(-14, 10)
    drag(stage, start, end, let_go=False)
    right = Qt.MouseButton.RightButton
    QTest.mousePress(stage, right, pos=end.toPoint())
    QTest.mouseRelease(stage, right, pos=end.toPoint())
    assert bench.session.edit is not None
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=end.toPoint())
    assert bench.session.edit is None
    assert bench.project.label_of(hand_id) is not None


def test_a_held_joint_is_let_go_when_another_hand_is_current(view, bench):
    first = bench.session.hand_id
    start = place(view, TIP)
    end = start + QPointF(-14, 10)
    drag(view.stage, start, end, let_go=False)
    bench.session.next_in_queue()
    other = bench.session.hand_id
    mouse(view.stage, QEvent.Type.MouseMove, end + QPointF(12, 4))
    mouse(view.stage, QEvent.Type.MouseButtonRelease, end + QPointF(12, 4))
    assert bench.project.label_of(first) is not None
    assert other != first
    assert bench.project.label_of(other) is None


def test_a_click_selects_a_joint_control_adds_and_the_empty_space_selects_none(view, bench):
    QTest.mouseClick(view.stage, Qt.MouseButton.LeftButton, pos=place(view, TIP).toPoint())
    assert bench.session.joints == {TIP}
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(view.stage, Qt.MouseButton.LeftButton, control, place(view, 4).toPoint())
    assert bench.session.joints == {TIP, 4}
    QTest.mouseClick(view.stage, Qt.MouseButton.LeftButton, pos=QPointF(6, 200).toPoint())
    assert bench.session.joints == set()
    assert bench.project.label_of(bench.session.hand_id) is None


def test_a_joint_selected_elsewhere_gets_a_ring(view, bench, qtbot):
    accent = view._theme.colour("accent")

    def ring() -> int:
        picture = view.stage.grab().toImage()
        centre = place(view, TIP)
        around = range(-16, 17)
        seen = [
            picture.pixelColor(round(centre.x()) + x, round(centre.y()) + y) for x in around for y in around
        ]
        return sum(
            abs(colour.hslHue() - accent.hslHue()) < 12 and colour.hslSaturation() > 100 for colour in seen
        )

    before = ring()
    bench.session.select_joints({TIP})
    settle(view, qtbot)
    assert ring() > before + 20


def test_the_view_follows_a_2d_edit_in_the_next_paint_without_new_buffers(view, bench, qtbot):
    session, scene = bench.session, view.studio.scene
    kept = scene._joint_buffer, scene._bone_buffer, scene._shell_program
    start = view.stage._joints[TIP].copy()
    session.begin_edit()
    session.move_joint(TIP, session.edit.uv[TIP] + np.array([12, 6]))
    assert view.stage._stale
    view.stage.repaint()
    assert not view.stage._stale
    assert np.linalg.norm(view.stage._joints[TIP] - start) > 1
    assert (scene._joint_buffer, scene._bone_buffer, scene._shell_program) == kept
    session.cancel_edit()
    assert np.allclose(view.stage._joints[TIP], start, atol=1e-4)


def test_the_cameras_view_shows_the_hand_as_the_frame_does(view, bench):
    bench.services.actions["view3d_camera"].trigger()
    pose = bench.session.hand_view(bench.session.hand_id).pose
    at, _ = view.stage.orbit.to_screen(view.stage._joints, view.stage.extent)
    source, goal = pose.uv - pose.uv.mean(0), at - at.mean(0)
    scale = (source * goal).sum() / (source**2).sum()
    assert np.abs(goal - scale * source).max() < 1.0
    assert scale > 0.5


def test_a_hand_without_a_camera_is_shown_scale_free_and_says_so(opengl, make_bench, qtbot):
    bench = make_bench(with_camera=False)
    view = shown(bench, qtbot)
    assert "Scale-free" in view.stage.note
    start = place(view, TIP)
    end = start + QPointF(-12, 8)
    drag(view.stage, start, end, keys=Qt.KeyboardModifier.ShiftModifier)
    assert distance(place(view, TIP), end) < 4


def test_dragging_the_space_turns_it_and_the_hand_stays_in_the_middle(view):
    before = view.stage.orbit
    drag(view.stage, QPointF(20, 220), QPointF(90, 240))
    turned = view.stage.orbit
    assert turned.yaw != before.yaw
    assert np.allclose(turned.centre, before.centre)
    left, _ = before.to_screen([0, 0, -50.0], (400, 400))
    right, _ = turned.to_screen([0, 0, -50.0], (400, 400))
    assert right[0] > left[0]
    assert right[1] > left[1]


def test_a_double_click_frames_the_hand(view):
    view.stage.orbit = view.stage.orbit.zoomed(4.0).moved(150, 60, (400, 400))
    mouse(view.stage, QEvent.Type.MouseButtonDblClick, QPointF(10, 300))
    at, _ = view.stage.orbit.to_screen(view.stage._joints, view.stage.extent)
    assert (at > 0).all()
    assert (at < (view.stage.width(), view.stage.height())).all()


def test_a_hand_without_a_pose_offers_to_propose(opengl, make_bench, qtbot):
    bench = make_bench(proposed=False)
    view = bench.show(View3D)
    qtbot.waitUntil(lambda: view.notice.text.text() == "This hand has no pose yet.", timeout=20_000)
    assert view.notice.button.text() == "Propose"


def test_a_closed_view_leaves_no_context_and_no_timer(opengl, bench, qtbot):
    view = shown(bench, qtbot)
    from vispy.gloo import context

    scene, kept = weakref.ref(view.studio.scene), weakref.ref(view.studio._target)
    assert context.get_current_canvas() is not None
    view.hide()
    assert not view.stage._rest.isActive()
    bench.close()
    gc.collect()
    assert scene() is None
    assert kept() is None
    assert context.get_current_canvas() is None


def test_the_root_keeps_its_place_at_the_origin(view):
    assert np.allclose(view.stage._joints[ROOT], 0)


@pytest.fixture
def pictures(view, monkeypatch) -> list[bool]:
    """One entry for each picture drawn from now on: whether it was one in time."""
    drawn: list[bool] = []
    draw = view.studio.scene.draw

    def noted(*what, thin: bool = False):
        drawn.append(thin)
        return draw(*what, thin=thin)

    monkeypatch.setattr(view.studio.scene, "draw", noted)
    return drawn


def test_an_unchanged_scene_is_not_drawn_again(view, bench, pictures):
    view.refresh()
    view.stage.repaint()
    bench.session.hand_changed.emit(bench.session.hand_id)
    view.stage.repaint()
    assert pictures == []
    bench.session.reject()
    view.stage.repaint()
    assert len(pictures) == 1


def test_of_the_next_hand_there_is_first_a_picture_in_time(view, bench, qtbot, pictures):
    bench.session.step(1)
    view.stage.repaint()
    assert pictures == [True]
    qtbot.waitUntil(lambda: pictures[-1] is False)
