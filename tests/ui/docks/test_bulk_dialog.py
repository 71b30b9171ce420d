"""One decision about all hands of the filter, by the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.project.records import State
from handstudio.review import bulk
from handstudio.ui.queue import Queue

from .test_queue import type_filter

Key = Qt.Key


@pytest.fixture
def queue(bench):
    shown = bench.show(Queue, 400, 500)
    shown.activateWindow()
    QTest.qWaitForWindowActive(shown)
    return shown


def opened(queue, bench, qtbot):
    bench.services.actions["bulk"].trigger()
    qtbot.waitUntil(queue.bulk.go.isEnabled, timeout=3_000)
    return queue.bulk


def test_all_hands_of_the_filter_are_decided_and_undone_as_one(queue, bench, qtbot):
    said = []
    bench.session.message.connect(said.append)
    type_filter(queue, "frame:2..4 state:proposed")
    dialog = opened(queue, bench, qtbot)
    assert dialog.what.text() == "3 hands (frame:2..4 state:proposed)"
    assert dialog.go.text() == "Accept 3 hands"
    QTest.keyClick(dialog.choices.button(0), Key.Key_Down)
    QTest.keyClick(dialog.choices.button(1), Key.Key_Down)
    assert dialog.go.text() == "Reject 3 hands"
    QTest.keyClick(dialog, Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=5_000)
    assert said[-1] == "Reject: 3 hands. Ctrl+Z takes it back"
    counts = bench.session.progress()
    assert (counts[State.REJECTED], counts[State.PROPOSED]) == (3, 3)
    assert len(bench.session.queue) == 0
    bench.session.undo()
    assert bench.session.progress()[State.PROPOSED] == 6
    assert len(bench.session.queue) == 3


def test_return_does_it_also_when_the_dialog_is_opened_once_more(queue, bench, qtbot):
    for count in (1, 2):
        type_filter(queue, f"frame:{count}")
        dialog = opened(queue, bench, qtbot)
        QTest.keyClick(dialog.focusWidget(), Key.Key_Return)
        qtbot.waitUntil(queue.bulk.isHidden, timeout=5_000)
        assert bench.session.progress()[State.ACCEPTED] == count


def test_it_is_cancelled_between_parts_and_what_was_done_is_one_step(queue, bench, qtbot, monkeypatch):
    monkeypatch.setattr(bulk, "_AT_ONCE", 2)
    dialog = opened(queue, bench, qtbot)
    real, parts = bench.project.history.apply_part, []

    def part(*what):
        parts.append(what)
        dialog._progress.stop()
        return real(*what)

    monkeypatch.setattr(bench.project.history, "apply_part", part)
    dialog.go.click()
    assert dialog.bar.isVisible()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=5_000)
    assert len(parts) == 1
    assert bench.session.progress()[State.ACCEPTED] == 2


def test_proposing_again_is_a_job_with_the_same_filter(queue, bench, qtbot):
    type_filter(queue, "frame:2..4")
    dialog = opened(queue, bench, qtbot)
    dialog.choices.button(6).click()
    assert dialog.go.text() == "Propose 3 hands again"
    dialog.go.click()
    assert bench.board.asked == [("propose", [str(bench.project.path), "--where", "frame:2..4"])]
    assert not dialog.isVisible()


def test_nothing_can_be_done_to_no_hand(queue, bench, qtbot):
    type_filter(queue, "state:fixed")
    bench.services.actions["bulk"].trigger()
    qtbot.waitUntil(lambda: queue.bulk.what.text().startswith("0 hands"), timeout=3_000)
    assert not queue.bulk.go.isEnabled()
    QTest.keyClick(queue.bulk, Key.Key_Escape)
    assert not queue.bulk.isVisible()
