"""A second reviewer at the real window: keys, what is shown of it, who reviews."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit

from handstudio.errors import HandStudioError
from handstudio.project.project import Project
from handstudio.project.records import State
from handstudio.review.filter_text import to_text
from handstudio.review.session import ReviewSession
from handstudio.ui.sittings import COLUMNS

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def project(project, settings):
    """Ann decided three hands; Ben sits at the window."""
    with Project.open(project) as opened:
        ann = ReviewSession(opened, "ann")
        ann.open()
        for decision in (ann.accept, ann.reject, ann.take_correction):
            decision()
            ann.next_undecided()
    settings.setValue("review/who", "Ben")
    return project


def press(window, key: Qt.Key, keys: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, keys)


def type_into(dialog: QInputDialog, text: str) -> None:
    field = dialog.findChild(QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(dialog, Key.Key_Return)


def test_three_hands_are_looked_at_by_keys_alone(full, qtbot):
    press(full, Key.Key_V, Mod.ControlModifier | Mod.ShiftModifier)
    session = full.session
    assert session.queue.ids.tolist() == [1, 2, 3]
    assert "verified:no" in to_text(session.query.where)
    full.canvas.view.setFocus()
    press(full, Key.Key_Q)
    assert session.project.hand(1).verified
    assert session.hand_id == 2
    press(full, Key.Key_Q, Mod.ShiftModifier)
    dialog = full.findChild(QInputDialog)
    assert "for ann to read" in dialog.labelText()
    qtbot.waitUntil(dialog.isVisible)
    type_into(dialog, "there is a hand")
    qtbot.waitUntil(lambda: session.project.hand(2).state is State.SENT_BACK)
    assert session.hand_id == 3
    press(full, Key.Key_Q)
    assert session.verified() == 2
    counts = full.docks.widgets["queue"].counts
    qtbot.waitUntil(lambda: counts._verified[1].text() == "2", timeout=5_000)
    for _ in range(3):
        press(full, Key.Key_Z, Mod.ControlModifier)
    assert session.verified() == 0
    assert session.project.hand(2).state is State.REJECTED


def test_the_reason_stands_where_the_first_reviewer_looks(full, qtbot):
    full.session.go_to_hand(1)
    full.session.second.send_back("the thumb is a finger")
    assert full.canvas.hands.current.note == "the thumb is a finger"
    header = full.docks.widgets["inspector"].header
    qtbot.waitUntil(lambda: header.sent_back.isVisible(), timeout=5_000)
    assert header.sent_back.text() == "Ben sent it back: the thumb is a finger"
    assert header.shown.text() == "Earlier label"
    qtbot.waitUntil(lambda: "sent back" in full.status.hand.full_text, timeout=5_000)
    press(full, Key.Key_Space)
    assert full.session.project.hand(1).state is State.ACCEPTED
    full.session.go_to_hand(1)
    qtbot.waitUntil(lambda: not header.sent_back.isVisible(), timeout=5_000)
    assert header.decided.text().startswith("by Ben, ")


def test_ones_own_decision_is_refused_and_can_be_allowed(full, qtbot):
    full.session.go_to_hand(5)
    full.services.actions["go_on"].setChecked(False)
    press(full, Key.Key_Space)
    press(full, Key.Key_Q)
    assert "somebody else has to verify it" in full.status.message.full_text
    full.services.actions["verify_own"].trigger()
    assert full.session.second.allows_own
    press(full, Key.Key_Q)
    assert full.session.project.hand(5).verified
    full.session.undo()
    full.session.undo()
    assert not full.services.actions["verify_own"].isChecked()


def test_who_reviews_is_said_and_remembered(full, qtbot):
    press(full, Key.Key_U, Mod.ControlModifier | Mod.AltModifier)
    dialog = full.findChild(QInputDialog)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.comboBoxItems() == ["Ben", "ann"]
    type_into(dialog, "cora")
    qtbot.waitUntil(lambda: full.session.who == "cora")
    assert full.services.settings.value("review/who") == "cora"


def test_looks_are_counted_in_the_sessions(full, qtbot):
    full.session.go_to_hand(1)
    press(full, Key.Key_Q)
    full.services.actions["sessions"].trigger()
    table = full.beside.sittings.table
    qtbot.waitUntil(lambda: table.rowCount() == 2, timeout=5_000)
    row = {name: table.item(0, column).text() for column, name in enumerate(COLUMNS)}
    assert (row["Reviewer"], row["Verified"], row["Sent back"], row["Accepted"]) == ("Ben", "1", "0", "0")


def test_the_reason_belongs_to_the_hand_that_was_asked_about(full, qtbot):
    full.session.go_to_hand(2)
    press(full, Key.Key_Q, Mod.ShiftModifier)
    dialog = full.findChild(QInputDialog)
    qtbot.waitUntil(dialog.isVisible)
    full.session.go_to_hand(7)
    type_into(dialog, "there is a hand")
    qtbot.waitUntil(lambda: full.session.project.hand(2).state is State.SENT_BACK)
    assert full.session.hand_id == 7
    assert full.session.project.hand(7).state is State.PROPOSED
    assert "Hand 2 was sent back" in full.status.message.full_text


def test_a_name_in_other_capitals_is_the_person_that_is_known(full, qtbot):
    full.services.actions["reviewer"].trigger()
    dialog = full.findChild(QInputDialog)
    qtbot.waitUntil(dialog.isVisible)
    type_into(dialog, "ANN")
    qtbot.waitUntil(lambda: full.session.who == "ann")


def test_what_could_not_be_allowed_is_not_shown_as_allowed(full, monkeypatch):
    def fail(*_what):
        raise HandStudioError("the disk is full")

    monkeypatch.setattr(full.session.project.history, "apply", fail)
    full.services.actions["verify_own"].trigger()
    assert not full.services.actions["verify_own"].isChecked()
    assert "the disk is full" in full.status.message.full_text


def test_a_long_reason_cuts_nothing_of_the_zoom_off(full, qtbot):
    full.session.who = "Professor Aleksandra Konstantinopolskaya of the evening shift"
    full.session.go_to_hand(1)
    full.session.second.send_back("the thumb is bent the wrong way, and the tip lies on the cup " * 2)
    status = full.status
    qtbot.waitUntil(lambda: "sent back" in status.hand.full_text, timeout=5_000)
    full.services.actions["turn_view_right"].trigger()
    full.resize(900, 600)
    qtbot.waitUntil(lambda: full.width() <= 1000, timeout=5_000)
    assert status.zoom.width() >= status.zoom.sizeHint().width()
    assert len(status.hand.full_text) < 130
