"""Section 7: who reviews: sessions, rest, a second pair of eyes, notes, a blind pass and agreement."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QInputDialog

from handstudio.project.records import State
from handstudio.ui.agreement.window import AgreementWindow
from handstudio.ui.rest import WORK_S
from handstudio.ui.sittings import Sittings
from tests.benchmarks.reviewing.reviewer import ALT, CTRL, SHIFT, Key, Reviewer
from tests.ui.person import wait_until


def walk(one: Reviewer) -> None:
    """Ann decides, Ben looks at it, then annotates blind."""
    _ann(one)
    _rest(one)
    _ben(one)
    _ann_again(one)
    _blind(one)
    _agreement(one)
    _sessions(one)


def _who(one: Reviewer, name: str) -> None:
    one.press(Key.Key_U, CTRL | ALT)
    one.dialog(QInputDialog)
    one.press(Key.Key_A, CTRL)
    one.type(name)
    if name == "Ben":
        one.stage(
            "reviewer", "Ctrl+Alt+U, “Ben”", "Who reviews from now on is asked; known names can be chosen."
        )
    one.press(Key.Key_Return)
    wait_until(lambda: one.session.who == name, f"{name} reviews")
    one.to_window()


def _ann(one: Reviewer) -> None:
    assert one.session.who == "Ann"
    for key in (Key.Key_Space, Key.Key_Space, Key.Key_C, Key.Key_R, Key.Key_Space, Key.Key_S):
        one.press(key)
    one.press(Key.Key_E)
    field = one.dock("inspector").note.field
    wait_until(field.hasFocus, "a note can be typed")
    one.type("sleeve over the wrist")
    one.stage(
        "note",
        "Space, Space, C, R, Space, S; E, “sleeve over the wrist”",
        "The note is typed in the inspector.",
    )
    one.press(Key.Key_Return)
    assert one.record().note == "sleeve over the wrist"
    one.stage(
        "noted", "Return", "The note stands beside the hand on the canvas; the keys are the frame's again."
    )


def _rest(one: Reviewer) -> None:
    one.act("Remind me to rest")
    assert one.window.services.actions["rest_reminder"].isChecked()
    one.window.rest._began -= WORK_S  # nobody waits for fifty minutes
    one.press(Key.Key_N)
    wait_until(lambda: one.window.banner.name == "rest", "a rest is proposed")
    one.stage(
        "rest",
        "Ctrl+K “Remind me to rest” Return; fifty minutes later, N",
        "A line over the frame, with a cross.",
    )
    one.person.click(one.window.banner.cross)
    assert not one.window.banner.isVisible()


def _ben(one: Reviewer) -> None:
    _who(one, "Ben")
    one.press(Key.Key_V, CTRL | SHIFT)
    wait_until(lambda: "verified" in one.dock("queue").controls.text.text(), "the filter says what waits")
    one.press(Key.Key_F4)
    assert len(one.session.queue) == 5
    first = one.session.hand_id
    one.stage(
        "to-verify", "Return; Ctrl+Shift+V, F4", "The queue holds what Ann decided and nobody verified."
    )
    one.press(Key.Key_Q)
    with_look = one.session.project.hand(first)
    assert with_look.verified
    one.stage("verified", "Q", "The next hand is there; the count of verified hands is below the queue.")
    second = one.session.hand_id
    one.press(Key.Key_Q, SHIFT)
    one.dialog(QInputDialog)
    one.type("the thumb is taken for the index finger")
    one.stage("send-back", "Shift+Q, a reason", "The reason is asked for, and who will read it.")
    one.press(Key.Key_Return)
    wait_until(lambda: one.state_of(second) is State.SENT_BACK, "the hand is sent back")
    one.to_window()


def _ann_again(one: Reviewer) -> None:
    _who(one, "Ann")
    one.filter("state:sent-back")
    wait_until(lambda: len(one.session.queue) == 1, "one hand was sent back")
    one.press(Key.Key_N)
    one.stage(
        "sent-back",
        "Ann again; Ctrl+F “state:sent-back” Return, N",
        "The reason stands beside the hand on the canvas and in the inspector, with the earlier label.",
    )
    one.press(Key.Key_Space)
    one.filter("")


def _blind(one: Reviewer) -> None:
    _who(one, "Cleo")
    one.press(Key.Key_K, CTRL | SHIFT)
    assert one.session.blind.on
    count = len(one.session.queue)
    one.stage(
        "blind",
        "Ctrl+Alt+U “Cleo”; Ctrl+Shift+K",
        "A line says what a blind pass is; nothing of Ann's decisions is seen.",
    )
    tip = one.graspable((8, 12, 16, 20, 7, 11, 15, 19))
    one.drag_joint(tip, QPoint(40, 30))
    one.press(Key.Key_Space)
    for _ in range(count - 2):
        one.press(Key.Key_Space)
    one.press(Key.Key_R)
    wait_until(lambda: "All hands of the pass" in one.said, "the pass is done")
    one.stage("blind-done", f"A joint dragged; Space {count - 1} times, R", f"“{one.said}”")
    one.press(Key.Key_K, CTRL | SHIFT)
    assert not one.session.blind.on


def _agreement(one: Reviewer) -> None:
    one.press(Key.Key_G, CTRL | SHIFT)
    window = one.dialog(AgreementWindow)
    wait_until(lambda: window.found is not None, "the two are compared")
    one.stage(
        "agreement",
        "Ctrl+Shift+K, Ctrl+Shift+G",
        "Who with whom, how far apart, by finger and joint; hands below.",
    )
    for place, name in ((1, "pck"), (2, "states")):
        bar = window.tabs.tabBar()
        one.person.click(bar, bar.tabRect(place).center())
        one.stage(f"agreement-{name}", f"The tab “{bar.tabText(place)}”", "The same two by another figure.")
    window.move(one.window.width() - window.width() - 40, 40)
    one.press(Key.Key_D)
    wait_until(lambda: one.canvas.pair.isVisible(), "both poses are drawn")
    one.frame_is_there()
    one.press(Key.Key_D, times=2)
    one.to_window()
    one.frame_is_there()
    one.press(Key.Key_Z)
    one.stage(
        "disagreement",
        "The window moved aside; D three times; in the main window Z",
        "Both poses, one round and solid, one with diamonds and dashes.",
    )
    one.press(Key.Key_Escape)
    assert not one.canvas.pair.isVisible()
    window.close()
    one.to_window()


def _sessions(one: Reviewer) -> None:
    one.act("Sessions")
    window = one.dialog(Sittings)
    wait_until(lambda: window.table.rowCount() == 3, "three people worked")
    one.stage(
        "sessions", "Esc; Ctrl+K “Sessions” Return", "A row for each sitting: who, how many, how quickly."
    )
    window.close()
    one.to_window()
