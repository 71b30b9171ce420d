"""The queue's filter by keyboard and mouse: typed, completed, clicked, and explained when it is wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.hand.box import Box
from handstudio.project.records import UNDECIDED, FrameImport, HandImport, HandQuery, SequenceImport
from handstudio.review import queue as queue_of_ids
from handstudio.ui.queue import Queue
from handstudio.ui.queue.error_range import BARS
from handstudio.ui.queue.model import FRAME

from .test_queue import figures, type_filter

Key = Qt.Key


@pytest.fixture
def queue(bench):
    shown = bench.show(Queue, 400, 500)
    shown.activateWindow()
    QTest.qWaitForWindowActive(shown)
    return shown


@pytest.fixture
def field(queue, qtbot):
    """The field with the focus, and with the project's names known."""
    field = queue.controls.text
    field.setFocus()
    qtbot.waitUntil(lambda: field.names.seq == ("wave",), timeout=3_000)
    return field


def test_terms_choose_hands(queue, bench):
    bench.session.go_to_hand(int(bench.session.queue.ids[2]))
    bench.session.reject()
    type_filter(queue, "state:proposed frame:2..4")
    assert figures(queue, FRAME) == ["2", "4"]
    type_filter(queue, "-state:proposed")
    assert figures(queue, FRAME) == ["3"]


def test_what_could_come_next_is_taken_by_keys(queue, field, bench):
    QTest.keyClicks(field, "sta")
    assert field.choices.isVisible()
    QTest.keyClick(field, Key.Key_Tab)
    assert field.text() == "state:"
    QTest.keyClicks(field, "rej")
    QTest.keyClick(field.choices, Key.Key_Down)
    QTest.keyClick(field.choices, Key.Key_Return)
    assert field.text() == "state:rejected "
    assert bench.session.query.where[0].values == ("rejected",)
    assert not field.choices.isVisible()


def test_a_name_of_a_sequence_is_offered_for_a_part_of_it(field):
    QTest.keyClicks(field, "wa")
    assert [choice.text for choice in field._found.choices] == ["seq:wave"]


def test_return_takes_what_is_seen_to_be_chosen_and_leaves_a_filter_as_it_was_typed(field, bench):
    QTest.keyClicks(field, "state:rej")
    assert field.choices.selectionModel().isRowSelected(0)
    QTest.keyClick(field.choices, Key.Key_Return)
    assert field.text() == "state:rejected "
    QTest.keyClicks(field, "seq:wa")
    assert field.choices.isVisible()
    assert not field.choices.selectionModel().hasSelection()
    QTest.keyClick(field.choices, Key.Key_Return)
    assert field.text() == "state:rejected seq:wa"
    assert [one.values for one in bench.session.query.where] == [("rejected",), ("wa",)]


def test_return_without_a_choice_takes_what_was_typed(field, bench):
    QTest.keyClicks(field, "frame_0001")
    QTest.keyClick(field, Key.Key_Return)
    assert field.text() == "frame_0001"
    assert bench.session.query.where[0].field == "name"


def test_a_wrong_term_is_explained_and_mended_by_a_click(queue, field, bench):
    type_filter(queue, "stat:proposed")
    controls = queue.controls
    assert controls.error.isVisible()
    assert "There is no term stat:" in controls.error.text()
    assert bench.session.query.where == ()
    controls.error.linkActivated.emit("better")
    assert field.text() == "state:proposed"
    assert not controls.error.isVisible()
    assert bench.session.query.where[0].values == ("proposed",)


def test_a_term_that_is_still_typed_is_not_called_wrong(queue, field, qtbot):
    QTest.keyClicks(field, "error:>")
    qtbot.waitUntil(lambda: not field._typing.isActive(), timeout=2_000)
    assert not queue.controls.error.isVisible()
    qtbot.waitUntil(queue.controls.error.isVisible, timeout=4_000)


def test_clicks_write_the_same_text(queue, bench, qtbot):
    controls, popup = queue.controls, queue.controls.popup
    QTest.mouseClick(controls.by_clicks, Qt.MouseButton.LeftButton)
    assert popup.isVisible()
    qtbot.waitUntil(lambda: popup.sequences.count() == 1, timeout=3_000)
    qtbot.waitUntil(lambda: popup.errors.counts.sum() == 6, timeout=3_000)
    QTest.keyClick(popup.states["none"], Key.Key_Tab)
    popup.states["proposed"].click()
    popup.sides["right"].click()
    popup.errors.setFocus()
    QTest.keyClick(popup.errors, Key.Key_Right)
    step = popup.errors.top / BARS
    assert controls.text.text() == f"state:proposed side:right error:>{step:g}"
    popup.sequences.item(0).setCheckState(Qt.CheckState.Checked)
    assert controls.text.text().endswith("seq:wave")
    popup.states["proposed"].click()
    assert not controls.text.text().startswith("state")
    QTest.keyClick(popup, Key.Key_Escape)
    assert not popup.isVisible()
    assert {one.field for one in bench.session.query.where} == {"side", "error", "seq"}


def test_typed_terms_are_checked_in_the_popup(queue, qtbot):
    type_filter(queue, "state:undecided seq:wave")
    queue.controls.open_popup()
    popup = queue.controls.popup
    qtbot.waitUntil(lambda: popup.sequences.count() == 1, timeout=3_000)
    assert [state for state, box in popup.states.items() if box.isChecked()] == [
        *("none", "proposed", "sent_back")
    ]
    assert popup.sequences.item(0).checkState() == Qt.CheckState.Checked
    popup.hide()


def test_a_handle_is_dragged(queue, qtbot):
    queue.controls.open_popup()
    errors = queue.controls.popup.errors
    qtbot.waitUntil(lambda: errors.counts.sum() == 6, timeout=3_000)
    y = int(errors._base())
    QTest.mousePress(errors, Qt.MouseButton.LeftButton, pos=QPoint(int(errors._x(BARS)), y))
    QTest.mouseMove(errors, QPoint(int(errors._x(BARS // 2)), y))
    QApplication.processEvents()
    QTest.mouseRelease(errors, Qt.MouseButton.LeftButton, pos=QPoint(int(errors._x(BARS // 2)), y))
    assert queue.controls.text.text() == f"error:<={errors.top / 2:g}"
    queue.controls.popup.hide()


def test_a_query_from_elsewhere_is_shown_as_text(queue, bench):
    bench.session.set_query(HandQuery(states=UNDECIDED, side="left", order="worst"))
    assert queue.controls.text.text() == "state:undecided side:left"
    assert queue.pages.state == "empty"


def test_a_long_queue_is_read_on_as_it_is_scrolled(make_bench, monkeypatch, qtbot):
    monkeypatch.setattr(queue_of_ids, "PAGE", 40)
    bench = make_bench(count=100, size=(64, 48))
    queue = bench.show(Queue, 400, 300)
    assert queue.model.rowCount() == 40
    qtbot.waitUntil(lambda: queue.place.text().startswith("1 of 100"), timeout=3_000)
    queue.table.scrollToBottom()
    QApplication.processEvents()
    assert queue.model.rowCount() > 40
    assert queue.model.record(queue.model.rowCount() - 1) is not None


def test_the_keys_of_the_filter_reach_it(queue, bench):
    bench.services.actions["filter"].trigger()
    assert queue.controls.text.hasFocus()
    bench.services.actions["filter_by_clicks"].trigger()
    assert queue.controls.popup.isVisible()
    queue.controls.popup.hide()


def test_return_ends_a_filter_that_was_emptied_and_goes_back_to_the_frame(queue, field, bench):
    back = []
    bench.services.actions["to_canvas"].triggered.connect(lambda: back.append(True))
    QTest.keyClicks(field, "side:right")
    QTest.keyClick(field, Key.Key_Return)
    assert bench.session.query.where
    assert len(back) == 1
    field.selectAll()
    QTest.keyClick(field, Key.Key_Delete)
    assert not field.choices.isVisible(), "all hands are wanted, no list before them"
    QTest.keyClick(field, Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert field.choices.isVisible()
    QTest.keyClick(field.choices, Key.Key_Return)
    assert field.text() == ""
    assert not bench.session.query.where
    assert len(back) == 2


def test_return_stays_in_a_filter_that_is_not_understood(queue, field, bench):
    back = []
    bench.services.actions["to_canvas"].triggered.connect(lambda: back.append(True))
    QTest.keyClicks(field, "sied:left")
    QTest.keyClick(field, Key.Key_Return)
    assert back == []
    assert queue.controls.error.isVisible()


def test_what_is_being_typed_stays_while_the_queue_changes(queue, field, bench):
    QTest.keyClicks(field, "side:right ")
    QTest.keyClick(field, Key.Key_Return)
    field.setFocus()
    QTest.keyClicks(field, "sta")
    bench.session.refresh_queue()
    queue.refresh()
    assert field.text() == "side:right sta"
    bench.session.set_query(HandQuery())
    queue.refresh()
    assert field.text() == ""


def test_a_sequence_that_came_after_the_names_were_read_is_found_all_the_same(
    queue, field, bench, qtbot, tmp_path
):
    project = bench.session.project
    project.add_sequence(
        SequenceImport(
            "later",
            "folder",
            str(tmp_path),
            [FrameImport("0.jpg", 64, 64)],
            [HandImport(0, "right", Box(8.0, 8.0, 40.0, 40.0))],
        )
    )
    bench.session.poll()
    assert field.names.seq == ("wave",)
    field.selectAll()
    QTest.keyClicks(field, "seq:later")
    with qtbot.waitSignal(queue.controls.ended, timeout=3_000):
        QTest.keyClick(field, Key.Key_Return)
    assert len(bench.session.queue.ids) == 1
    assert not queue.controls.error.isVisible()
