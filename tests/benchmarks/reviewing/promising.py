"""Section 4: acceptance by a machine, from the refusal to a promise that is withdrawn."""

from __future__ import annotations

from handstudio.project.records import State
from tests.benchmarks.reviewing.reviewer import CTRL, SHIFT, Key, Reviewer
from tests.ui.person import wait_until

TERMS = (25, 8, 80)
"""Percent, px, percent: what a sample of some twenty hands can promise."""


def walk(one: Reviewer) -> None:
    """In the order of the dock."""
    one.press(Key.Key_P, CTRL | SHIFT)
    dock = one.dock("acceptance")
    _seen(one)
    assert not dock.sheet.accept.isEnabled()
    one.stage("no-sample", "Ctrl+Shift+P", "Why nothing is promised yet, and how many hands to draw.")
    for field, value in zip(dock.sheet.terms.fields, TERMS, strict=True):
        one.tab_to(field)
        one.press(Key.Key_A, CTRL)
        one.type(str(value))
        one.press(Key.Key_Return)
        _seen(one)
    one.press(Key.Key_D, CTRL | SHIFT)
    wait_until(lambda: one.session.project.latest_sample() is not None, "a sample is drawn")
    _seen(one)
    hands = one.session.project.latest_sample().hands
    assert one.session.queue.ids.tolist() == hands.tolist()
    one.stage(
        "sample-drawn",
        "The terms typed (25 %, 8 px, 80 %), Ctrl+Shift+D",
        "The queue holds the drawn hands; the terms stand fast; the promise waits for their review.",
    )
    one.press(Key.Key_F4)
    for _ in range(len(hands) // 2):
        one.press(Key.Key_Space)
    _seen(one)
    assert "still to be reviewed" in dock.sheet.promise.text.text()
    assert not dock.sheet.accept.isEnabled()
    one.stage(
        "half-reviewed", f"F4, Space {len(hands) // 2} times",
        f"“{dock.sheet.promise.text.text()}” “{dock.sheet.next.text.text()}”",
    )  # fmt: skip
    while not all(hand.state.decided for hand in one.session.project.hands(hands.tolist())):
        one.press(Key.Key_Space)
        one.settle()
    _seen(one)
    assert dock.seen.survey.stage == "holds", dock.sheet.promise.text.text()
    one.stage(
        "reviewed", "Space for the others", "The promise in a sentence; how many hands would be accepted."
    )
    _slider(one, dock)
    _accepted(one, dock)


def _slider(one: Reviewer, dock) -> None:
    slider = dock.sheet.slider
    one.press(Key.Key_P, CTRL | SHIFT)
    one.tab_to(slider)
    first = int(dock.sheet.count.text())
    one.press(Key.Key_Left, times=8)
    assert int(dock.sheet.count.text()) < first
    one.stage(
        "slider",
        "Ctrl+Shift+P, Tab to the slider, Left eight times",
        "Fewer hands, a smaller error; the promise follows the slider.",
    )
    one.press(Key.Key_End)
    _seen(one)
    if not dock.sheet.accept.isEnabled():
        one.stage(
            "slider-too-far", "End", "There the promise does not hold, and up to where it does is said."
        )
    one.press(Key.Key_Home)
    while not dock.sheet.accept.isEnabled() or int(dock.sheet.count.text()) < first:
        one.press(Key.Key_Right)


def _accepted(one: Reviewer, dock) -> None:
    one.press(Key.Key_A, CTRL | SHIFT)
    wait_until(lambda: one.kept().count(State.AUTO_ACCEPTED) > 0, "hands are accepted")
    _seen(one)
    one.stage(
        "accepted", "Ctrl+Shift+A", "How many hands the standing promise is about; spot checks are offered."
    )
    one.press(Key.Key_C, CTRL | SHIFT)
    _seen(one)
    drawn = one.session.queue.ids.tolist()
    assert dock.sheet.check.isChecked()
    one.stage("spot-check", "Ctrl+Shift+C", "The queue holds hands to be checked, drawn by lot.")
    one.press(Key.Key_F4)
    one.press(Key.Key_Space)
    one.press(Key.Key_R)
    _seen(one)
    one.stage("one-check-failed", "F4, Space, R", "The promise stands; one of its checks failed.")
    for _ in range(len(drawn)):
        if one.kept().count(State.AUTO_ACCEPTED) == 0:
            break
        one.press(Key.Key_R)
        one.settle()
    _seen(one)
    assert one.kept().count(State.AUTO_ACCEPTED) == 0
    assert "withdrawn" in one.said
    assert "withdrawn" in dock.sheet.promise.text.text()
    assert not dock.sheet.accept.isEnabled()
    one.stage("withdrawn", "R for each further check", f"“{one.said}” The dock says so as long as it is so.")


def _seen(one: Reviewer) -> None:
    wait_until(lambda: not one.dock("acceptance").busy, "the dock has looked")
    one.settle()
