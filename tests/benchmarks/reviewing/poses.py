"""Section 2: other ways to a right pose than drags: corrections, fingers, other frames, placing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint

from handstudio.hand.skeleton import FINGERS, JOINT_NAMES, OCCLUDED, OUTSIDE
from handstudio.project.records import State
from tests.benchmarks.reviewing.reviewer import CTRL, NONE, SHIFT, Key, Reviewer
from tests.ui.person import wait_until


def walk(one: Reviewer) -> None:
    """Each on a frame of its own."""
    one.stay_after_decisions()
    one.go_to_frame(6)
    one.press(Key.Key_Z)
    _corrections(one)
    one.next_frame()
    _fingers(one)
    one.next_frame()
    _visibility(one)
    _from_other_frames(one)
    _placing(one)
    _box(one)


def _corrections(one: Reviewer) -> None:
    worst = one.session.hand_view(one.session.hand_id).worst_first
    joint = next(j for j in worst if j and one._can_grasp(j))
    one.click_joint(joint)
    one.press(Key.Key_C)
    label = one.label()
    assert label is not None
    assert one.record().state is State.FIXED
    one.stage(
        "correction-of-a-joint",
        f"Ctrl+G 6, Z, click on {JOINT_NAMES[joint]}, C",
        "The label takes the corrected place of that joint; all others are the proposal's.",
    )
    one.undo()
    finger = next(f for f in FINGERS if joint in f)
    one.press(Key.Key_Escape)
    for each in finger:
        one.click_joint(each, CTRL)
    assert one.session.joints == set(finger)
    one.press(Key.Key_C)
    one.stage(
        "correction-of-a-finger",
        "Ctrl+Z, Ctrl+click on the four joints of its finger, C",
        "The finger is the corrected one.",
    )
    one.undo()
    one.press(Key.Key_Escape)
    one.press(Key.Key_C)
    assert one.record().state in (State.ACCEPTED, State.FIXED)
    one.stage("correction-of-the-hand", "Ctrl+Z, Esc, C", "The whole corrected pose is the label.")
    one.undo()


def _fingers(one: Reviewer) -> None:
    side = one.record().side
    one.press(Key.Key_F)
    assert one.record().side != side
    one.stage("side-flipped", "Right, F", "The inspector and the status line say the other side.")
    one.undo()
    assert one.record().side == side

    before = one.pose().uv.copy()
    first, second = FINGERS[1], FINGERS[2]
    one.click_joint(one.graspable(first[1:]))
    one.click_joint(one.graspable(second[1:]), CTRL)
    one.press(Key.Key_W)
    np.testing.assert_allclose(one.label().pose.uv[list(first)], before[list(second)])
    one.stage(
        "fingers-swapped", "Click a joint of the index finger, Ctrl+click one of the middle, W",
        "The two fingers have exchanged places and colours.",
    )  # fmt: skip
    one.undo()
    one.press(Key.Key_Escape)
    one.press(Key.Key_W, SHIFT)
    np.testing.assert_allclose(one.label().pose.uv[list(FINGERS[0])], before[list(FINGERS[1])])
    one.stage("fingers-shifted", "Ctrl+Z, Esc, Shift+W", "Each finger is where the next one was.")
    one.undo()
    one.press(Key.Key_R, CTRL)
    np.testing.assert_allclose(one.label().pose.uv[list(FINGERS[0])], before[list(FINGERS[4])])
    one.stage("fingers-reversed", "Ctrl+Z, Ctrl+R", "The fingers stand in the opposite order.")
    one.undo()
    assert one.label() is None


def _visibility(one: Reviewer) -> None:
    joints = [
        joint for joint in (*FINGERS[3][1:], *FINGERS[4][1:], *FINGERS[1][1:]) if one._can_grasp(joint)
    ][:2]
    one.click_joint(joints[0])
    one.press(Key.Key_V)
    assert one.label().pose.visibility[joints[0]] == OCCLUDED
    one.click_joint(joints[1])
    one.press(Key.Key_V, times=2)
    assert one.label().pose.visibility[joints[1]] == OUTSIDE
    one.stage(
        "visibility",
        f"Right; click on {JOINT_NAMES[joints[0]]}, V; click on {JOINT_NAMES[joints[1]]}, V twice",
        "One joint is hollow (occluded), one is outside; the inspector's eye says the same.",
    )
    one.undo(3)
    one.press(Key.Key_Escape)


def _from_other_frames(one: Reviewer) -> None:
    before = one.pose().uv.copy()
    one.next_frame()
    one.press(Key.Key_D, CTRL)
    label = one.label()
    assert label.origin == "copied"
    np.testing.assert_allclose(label.pose.uv, before)
    one.stage("copied", "Right, Ctrl+D", "The pose of the frame before is the label here.")
    one.undo()

    first = one.session.frame_index + 1
    one.press(Key.Key_Space)
    one.go_to_frame(first + 5)
    one.press(Key.Key_Space)
    one.go_to_frame(first + 2)
    one.press(Key.Key_B, CTRL)
    kept = one.kept()
    assert kept.count(State.AUTO_ACCEPTED) == 4
    one.stage(
        "interpolated",
        f"Space, Ctrl+G {first + 5}, Space, Ctrl+G {first + 2}, Ctrl+B",
        "The four hands between the two accepted ones are filled in, accepted by the machine.",
    )
    one.undo()
    assert one.kept().count(State.AUTO_ACCEPTED) == 0

    one.go_to_frame(first)
    tip = one.graspable((8, 12, 16, 20, 7, 11, 15, 19))
    one.drag_joint(tip, QPoint(18, 14))
    one.press(Key.Key_D, SHIFT)
    wait_until(lambda: one.said.startswith(("Carried", "Not carried")), "the label is carried, or not")
    one.stage(
        "carried-forward",
        f"Ctrl+Z, Ctrl+G {first}, a drag of {JOINT_NAMES[tip]}, Shift+D",
        f"The status line says how far the label was carried and why no further: “{one.said}”.",
    )


def _placing(one: Reviewer) -> None:
    one.go_to_frame(20)
    uv = one.pose().uv.copy()
    one.press(Key.Key_G)
    placing = one.session.placing
    assert placing.joint == 0
    one.stage("placing-begun", "Ctrl+G 20, G", "The strip asks for the wrist, ringed on the drawing.")
    for joint in range(10):
        one.person.click(one.viewport, one.on_canvas(*map(float, uv[joint])))
    one.press(Key.Key_V)
    assert placing.joint == 11
    one.person.point(one.viewport, one.on_canvas(*map(float, uv[11])))
    one.stage(
        "placing-half-way",
        "Ten joints clicked, V for the eleventh, the mouse at the twelfth",
        "What is placed stands on the frame, the guessed joint is hollow; the strip asks for the next one.",
    )
    for joint in range(11, 21):
        one.person.click(one.viewport, one.on_canvas(*map(float, uv[joint])))
    assert placing.joint is None
    assert one.record().state is State.FIXED
    one.stage("placing-done", "The other ten clicked", "The hand is fixed; it can be dragged at once.")


def _box(one: Reviewer) -> None:
    one.next_frame()
    hands = len(one.session.hands())
    one.press(Key.Key_0, NONE)
    one.press(Key.Key_B)
    rect = one.canvas.frame_rect
    side = 0.3 * rect.width()
    start, end = one.on_canvas(4, 4), one.on_canvas(4 + side, 4 + side)
    one.person.hold(one.viewport, start)
    one.person.pull_to(end)
    one.stage(
        "box-held",
        "Right, 0, B, a box drawn in a corner, the button still down",
        "The box follows the mouse.",
    )
    one.person.let_go()
    wait_until(lambda: len(one.session.hands()) == hands + 1, "there is another hand")
    wait_until(lambda: one.pose() is not None, "the model has proposed a pose for it")
    one.stage(
        "box-proposed", "Let go", "A second hand, with a proposal, though there is no hand in that box."
    )
    one.press(Key.Key_Delete)
    assert len(one.session.hands()) == hands
