"""Section 5: the timeline, and the way through the frames."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF

from tests.benchmarks.reviewing.reviewer import CTRL, NONE, SHIFT, Key, Reviewer
from tests.ui.person import wait_until


def walk(one: Reviewer) -> None:
    """Steps, the timeline by mouse, the other measure."""
    timeline = one.dock("timeline")
    one.press(Key.Key_Space)
    one.press(Key.Key_R)
    one.press(Key.Key_S)
    one.go_to_frame(1)
    wait_until(lambda: timeline.pages.state == "content", "the timeline is read")
    one.stage(
        "timeline",
        "Space, R, S, Ctrl+G 1",
        "Expected error by frame, states below: accepted, rejected, skipped.",
    )
    last = one.session.sequence(one.session.sequence_id).frame_count - 1
    for keys, at, name in (
        ((Key.Key_Right, NONE), 1, "one-frame"),
        ((Key.Key_Right, SHIFT), 11, "ten-frames"),
        ((Key.Key_Right, CTRL), last, "a-hundred-frames"),
    ):
        one.press(*keys)
        wait_until(lambda at=at: one.session.frame_index == at, f"frame {at + 1} is there")
        one.frame_is_there()
        one.stage(
            name, f"{name.replace('-', ' ')} on", "The mark in the timeline, the number and the status line."
        )
    one.press(Key.Key_Left, CTRL)
    assert one.session.frame_index == 0
    plot = timeline.plot
    one.person.click(plot.viewport(), _at(plot, 15))
    wait_until(lambda: one.session.frame_index == 15, "a click goes to the frame")
    one.person.hold(plot.viewport(), _at(plot, 15))
    one.person.pull_to(_at(plot, 18))
    wait_until(lambda: one.session.frame_index == 18, "a pull goes through the frames")
    one.stage(
        "timeline-held",
        "Ctrl+Left; a click in the timeline at 16, then pulled to 19",
        "The frame follows the mouse.",
    )
    one.person.let_go()
    one.act("The method's C")
    wait_until(lambda: plot.by_c, "C is drawn")
    one.stage(
        "timeline-c",
        "Ctrl+K “The method's C” Return",
        "C by frame, with the line of tau and what is trusted.",
    )
    one.pane_to(plot)
    before = timeline.tau
    one.press(Key.Key_Up, times=5)
    assert timeline.tau > before
    one.stage("tau-moved", "F6 and Tab to the timeline, Up five times", "Tau is higher; more is trusted.")


def _at(plot, frame: int) -> QPoint:
    low, high = plot.box.viewRange()[1]
    place = plot.box.mapViewToScene(QPointF(frame, (low + high) / 2))
    return plot.mapFromScene(place)
