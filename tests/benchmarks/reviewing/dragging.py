"""Section 1: joints and the whole hand, held by the mouse on the frame and in the 3D view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint

from handstudio.hand.skeleton import FINGERS, JOINT_NAMES, WRIST
from handstudio.project.records import State
from tests.benchmarks.reviewing.reviewer import ALT, SHIFT, Key, Reviewer
from tests.ui.person import wait_until

TIPS = tuple(finger[-1] for finger in FINGERS)[1:]
INDEX = FINGERS[1]
WAYS = tuple(
    QPoint(round(150 * np.cos(turn)), round(150 * np.sin(turn))) for turn in np.arange(0, 2 * np.pi, 0.5)
)
"""In which a fingertip may be pulled until a joint cannot bend any more, px of the screen."""


def walk(one: Reviewer) -> None:
    """Drags, each held for a picture before it is let go."""
    one.stay_after_decisions()
    one.go_to_frame(3)
    _worst_joint(one)
    _joint(one)
    one.next_frame()
    _alone(one)
    _whole_hand(one)
    one.next_frame()
    _pinned(one)
    _depth(one)
    one.next_frame()
    _in_space(one)


def _worst_joint(one: Reviewer) -> None:
    one.press(Key.Key_Z)
    one.press(Key.Key_Tab)
    worst = one.session.hand_view(one.session.hand_id).worst_first[0]
    assert one.session.joints == {worst}
    one.stage(
        "worst-joint",
        "Ctrl+G 3 Return, Z, Tab",
        f"The hand fills the canvas; the joint with the largest expected error ({JOINT_NAMES[worst]}) is "
        "ringed, chosen in the inspector and in 3D.",
    )


def _joint(one: Reviewer) -> None:
    tip = one.graspable(TIPS)
    start = one.hold_joint(tip)
    markers = one.canvas.hands.overlay.markers
    for way in WAYS:
        one.person.pull_to(start + way)
        if markers.limited:
            break
    assert markers.limited, "no joint of the finger reached its limit"
    assert one.label() is None, "nothing is stored before the button is let go"
    one.stage(
        "joint-held",
        f"Mouse down on {JOINT_NAMES[tip]}, pulled far, still down",
        "The finger follows as a finger; bones whose joint is at its limit are red, with a bar across.",
    )
    one.person.pull_to(start + QPoint(-24, 18))
    before = one.pose().uv.copy()
    one.person.let_go()
    wait_until(lambda: one.label() is not None, "the drag is stored")
    assert one.record().state is State.FIXED
    moved = np.abs(one.label().pose.uv - before).max(axis=1)
    rest = [joint for joint in range(21) if joint not in next(f for f in FINGERS if tip in f)]
    assert moved[rest].max() > 0.0, "the rest of the hand was not refitted"
    one.stage(
        "joint-let-go",
        "Pulled back to near its place, and let go",
        "The hand is fixed; the rest of it moved to what the model sees of the frame.",
    )


def _alone(one: Reviewer) -> None:
    tip = one.graspable(TIPS)
    before = one.pose().uv.copy()
    start = one.hold_joint(tip, SHIFT)
    one.person.pull_to(start + QPoint(70, -50), SHIFT)
    one.stage(
        "joint-alone-held",
        f"Right; Shift and mouse down on {JOINT_NAMES[tip]}, pulled",
        "That joint alone moves; its last bone grows longer.",
    )
    one.person.let_go(SHIFT)
    moved = np.abs(one.label().pose.uv - before).max(axis=1)
    assert moved[tip] > 1.0
    assert np.delete(moved, tip).max() < 1e-3
    one.undo()
    assert one.label() is None


def _whole_hand(one: Reviewer) -> None:
    before = one.pose().uv.copy()
    one.hold_joint(WRIST)
    one.person.pull_to(one.place(WRIST) + QPoint(60, -40))
    assert np.abs(one.pose().uv - before).max(axis=1).min() > 1.0
    one.stage("wrist-held", "Mouse down on the wrist, pulled", "The whole hand moves with its wrist.")
    one.press(Key.Key_Escape)
    one.person.let_go()
    assert one.label() is None

    at = one.on_ring()
    one.person.point(one.viewport, at)
    one.stage(
        "ring-pointed-at",
        "Escape; the mouse over the ring about the wrist",
        "Ring and corners of the hand's frame are there; the ring is in the accent colour.",
    )
    wrist = one.place(WRIST)
    arm = at - wrist
    one.person.hold(one.viewport, at)
    one.person.pull_to(wrist + QPoint(-arm.y(), arm.x()))
    one.stage(
        "ring-held", "Mouse down on the ring, pulled a quarter round", "The hand is turned about its wrist."
    )
    one.press(Key.Key_Escape)
    one.person.let_go()

    corner = one.corner()
    one.person.point(one.viewport, corner)
    middle = one.viewport.rect().center()
    one.person.hold(one.viewport, corner)
    one.person.pull_to(corner + (middle - corner) * 0.25)
    size = np.ptp(before, axis=0)
    assert (np.ptp(one.pose().uv, axis=0) < size).all()
    one.stage(
        "corner-held",
        "Mouse down on a corner, pulled inwards",
        "The hand is smaller; the opposite corner stays.",
    )
    one.person.let_go()
    assert one.record().state is State.FIXED
    one.undo()


def _pinned(one: Reviewer) -> None:
    pinned = one.graspable((TIPS[1], *TIPS))
    before = one.pose().uv[pinned].copy()
    one.click_joint(pinned, right=True)
    assert one.session.pins.of(one.session.hand_id) == {pinned}
    one.hold_joint(WRIST)
    one.person.pull_to(one.place(WRIST) + QPoint(-50, 25))
    np.testing.assert_allclose(one.pose().uv[pinned], before, atol=0.6)
    one.stage(
        "pinned",
        f"Right click on {JOINT_NAMES[pinned]}; then the wrist is dragged",
        "A square stands about the pinned joint, which stays while the hand goes.",
    )
    one.press(Key.Key_Escape)
    one.person.let_go()
    one.click_joint(pinned, right=True)
    assert not one.session.pins.of(one.session.hand_id)


def _depth(one: Reviewer) -> None:
    tip = one.graspable(TIPS)
    one.click_joint(tip)
    before = float(one.pose().depth[tip])
    one.press(Key.Key_BracketLeft, times=8)
    assert float(one.pose().depth[tip]) < before - 0.2
    one.stage(
        "depth-by-keys",
        f"Click on {JOINT_NAMES[tip]}, [ eight times",
        "The fingertip is nearer to the camera: seen in 3D, and in the status line as fixed.",
    )
    one.press(Key.Key_Escape)


def _in_space(one: Reviewer) -> None:
    stage = one.dock("view3d").stage
    tip = _graspable_in_space(stage)
    start = _in_3d(stage, tip)
    one.person.hold(stage, start)
    one.person.pull_to(start + QPoint(-40, 20))
    assert one.session.edit is not None
    one.stage(
        "3d-held",
        f"Right; mouse down on {JOINT_NAMES[tip]} in the 3D view, pulled",
        "The finger follows in 3D and on the frame; the joint is named.",
    )
    before = one.pose().depth.copy()
    one.person.wheel(stage, start + QPoint(-40, 20), 5)
    assert np.abs(one.pose().depth - before).max() > 0.02
    one.stage("3d-wheel", "The wheel five steps, the button still down", "The joint moves along the view.")
    one.person.let_go()
    assert one.record().state is State.FIXED
    one.click_joint(INDEX[1])
    deep = float(one.pose().depth[INDEX[1]])
    one.person.wheel(one.viewport, one.place(INDEX[1]), 3, ALT)
    assert float(one.pose().depth[INDEX[1]]) != deep
    one.press(Key.Key_Escape)
    one.undo(4)


def _in_3d(stage, joint: int) -> QPoint:
    at, _ = stage.orbit.to_screen(stage._joints[joint], stage.extent)
    return QPoint(round(at[0]), round(at[1]))


def _graspable_in_space(stage) -> int:
    from PySide6.QtCore import QPointF

    inside = stage.rect().adjusted(60, 60, -60, -60)
    return next(
        joint
        for joint in (*TIPS, *INDEX[1:])
        if inside.contains(_in_3d(stage, joint)) and stage.joint_at(QPointF(_in_3d(stage, joint))) == joint
    )
