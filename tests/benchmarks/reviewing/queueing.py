"""Section 3: what to look at next: orders, filters, the same problem again, all hands at once."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from handstudio.project.records import State
from handstudio.ui.queue.bulk_dialog import BulkDialog
from handstudio.ui.queue.orders import ORDERS
from tests.benchmarks.reviewing.reviewer import CTRL, NONE, SHIFT, Key, Reviewer
from tests.ui.person import wait_until

PICTURED = ("worst", "mismatch", "jump", "apart", "useful", "random", "recent")
"""The others look like the first of these."""


def walk(one: Reviewer) -> None:
    """Orders first."""
    for _ in range(3):
        one.press(Key.Key_Space)
    _orders(one)
    _problem(one)
    _typed(one)
    _clicked(one)
    _bulk(one)


def _choose(one: Reviewer, name: str) -> None:
    place = [order.name for order in ORDERS].index(name)
    one.press(Key.Key_M, CTRL)
    box = one.dock("queue").controls.order
    wait_until(lambda: box.view().isVisible(), "the orders are listed")
    one.press(Key.Key_Home)
    one.press(Key.Key_Down, times=place)
    if name == ORDERS[1].name:
        one.stage("orders", "Space three times; Ctrl+M, Home, Down", "Ten orders; the chosen one is marked.")
    one.press(Key.Key_Return)
    wait_until(lambda: one.session.query.order == name, f"the order is {name}")
    assert one.canvas.view.hasFocus(), "the keys are not the frame's again"
    one._wait_for_jobs()


def _orders(one: Reviewer) -> None:
    for order in ORDERS:
        _choose(one, order.name)
        if order.name in PICTURED:
            first = one.session.queue.position <= 3
            assert first or order.name == "useful", f"{order.name}: what comes first is not shown"
            one.stage(
                f"order-{order.name}",
                f"Ctrl+M, “{order.title}”, Return",
                f"{order.meaning}: what comes first is there, and the order's figure where it has one.",
            )


def _problem(one: Reviewer) -> None:
    _choose(one, "jump")
    before = one.session.hand_id
    one.press(Key.Key_J)
    wait_until(lambda: one.said.startswith(("Next with", "No other hand")), "J says where it went")
    assert one.said.startswith("No other") or one.session.hand_id != before
    one.stage("same-problem", "Ctrl+M, largest jump, J", f"The status line: “{one.said}”.")


def _typed(one: Reviewer) -> None:
    field = one.dock("queue").controls.text
    one.press(Key.Key_F, CTRL)
    one.type("state:p")
    wait_until(field.choices.isVisible, "what could come next is offered")
    one.stage("filter-completion", "Ctrl+F, “state:p”", "What could be typed next, with what it means.")
    one.press(Key.Key_Return)
    one.type("err")
    one.press(Key.Key_Tab)
    one.type(">0.5")
    one.press(Key.Key_Return)
    wait_until(lambda: len(one.session.query.where) == 2, "both terms are in force")
    assert all(hand.state is State.PROPOSED for hand in one.session.records(one.session.queue.ids.tolist()))
    one.stage(
        "filtered",
        "Return, “err”, Tab, “>0.5”, Return",
        "Fewer hands; the keys belong to the frame again.",
    )
    one.filter("stat:proposed")
    wait_until(one.dock("queue").controls.error.isVisible, "the mistake is explained")
    one.stage(
        "filter-mistake",
        "Ctrl+F, “stat:proposed”, Return",
        "What is wrong is underlined and said, with a remedy.",
    )
    one.filter("state:fixed")
    wait_until(lambda: not len(one.session.queue), "nothing fits")
    one.stage("filter-empty", "Ctrl+F, “state:fixed”, Return", "No hand fits, and a button shows all again.")
    one.filter("")


def _clicked(one: Reviewer) -> None:
    popup = one.dock("queue").controls.popup
    one.press(Key.Key_F, CTRL | SHIFT)
    wait_until(lambda: popup.isVisible() and popup.errors.counts.sum() > 0, "the popup has its figures")
    one.press(Key.Key_Tab)
    one.press(Key.Key_Space)
    wait_until(lambda: bool(one.session.query.where), "a click filters")
    one.tab_to(popup.errors)
    one.press(Key.Key_Right, times=2)
    one.stage(
        "filter-by-clicks",
        "Ctrl+Shift+F, Tab, Space, Tab to the expected error, Right twice",
        "States, sides, second looks, the spread of errors, sequences; the field says the same.",
    )
    one.press(Key.Key_Escape)
    wait_until(lambda: QApplication.activePopupWidget() is None, "the popup is closed")


def _bulk(one: Reviewer) -> None:
    one.filter("state:proposed seq:ben")
    wait_until(lambda: len(one.session.query.where) == 2, "the filter is in force")
    count = len(one.session.queue)
    accepted = one.kept().count(State.ACCEPTED)
    one.press(Key.Key_B, CTRL | SHIFT)

    def decide() -> None:
        dialog = one._front()
        wait_until(dialog.go.isEnabled, "the hands are counted")
        one.stage(
            "bulk-dialog",
            "Ctrl+F “state:proposed seq:ben”, Ctrl+Shift+B",
            "How many hands, and what can be done.",
        )
        one.press(Key.Key_Down, times=2)
        one.stage("bulk-reject", "Down twice", "The button and the sentence say what would be done.")
        one.press(Key.Key_Up, times=2)
        one.press(Key.Key_Return)

    one.in_dialog(BulkDialog, decide)
    assert one.kept().count(State.ACCEPTED) == accepted + count
    one.stage(
        "bulk-done", "Up twice, Return", f"{count} hands are accepted; the queue of proposed ones is empty."
    )
    one.press(Key.Key_F4, NONE)
    one.undo()
    wait_until(lambda: one.kept().count(State.ACCEPTED) == accepted, "one undo takes it back")
    wait_until(lambda: len(one.session.queue) == count, "the queue holds the hands again")
    one.stage("bulk-undone", "F4, Ctrl+Z", "One undo took all of it back; the queue holds the hands again.")
