"""The queue and the sequences: what is to be done, and going there."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.methods.comparing import compare
from handstudio.project.records import HandQuery, State
from handstudio.review.useful import find_useful
from handstudio.ui.queue import Queue
from handstudio.ui.queue.model import ERROR, FRAME, PAGE, STATE, C
from handstudio.ui.sequences import Sequences
from handstudio.ui.sequences.model import COUNTS_ROLE, PROGRESS, SHARE

from ..made_project import make_project


@pytest.fixture
def queue(bench):
    return bench.show(Queue, 400, 500)


def choose(box, text: str) -> None:
    """Choose an entry as a person does with the keyboard."""
    box.setFocus()
    place = box.findText(text)
    assert place >= 0, [box.itemText(number) for number in range(box.count())]
    while box.currentIndex() != place:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def type_filter(queue, text: str) -> None:
    """Type a filter as a person does, Return at the end."""
    queue.controls.text.setFocus()
    queue.controls.text.selectAll()
    QTest.keyClicks(queue.controls.text, text)
    QTest.keyClick(queue.controls.text, Qt.Key.Key_Return)


def figures(queue, column: int) -> list[str]:
    return [queue.model.index(row, column).data() for row in range(queue.model.rowCount())]


def test_the_queue_is_that_of_the_session(queue, bench):
    assert queue.model.rowCount() == 6
    assert figures(queue, FRAME) == ["1", "2", "3", "4", "5", "6"]
    record = bench.project.hand(int(bench.session.queue.ids[0]))
    assert figures(queue, C)[0] == f"{record.confidence:.2f}"
    assert figures(queue, ERROR)[0].endswith(" px")
    assert queue.place.text().startswith("1 of 6")


def test_a_row_that_is_clicked_is_gone_to(queue, bench):
    place = queue.table.visualRect(queue.model.index(4, FRAME)).center()
    QTest.mouseClick(queue.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.session.frame_index == 4
    assert queue.place.text().startswith("5 of 6")


def test_the_arrow_keys_go_through_the_queue(queue, bench):
    queue.table.setFocus()
    QTest.keyClick(queue.table, Qt.Key.Key_Down)
    QTest.keyClick(queue.table, Qt.Key.Key_Down)
    assert bench.session.frame_index == 2


def test_the_row_follows_the_session(queue, bench):
    bench.session.next_in_queue()
    assert queue.table.currentIndex().row() == 1


def test_the_order_is_chosen_by_key_and_the_largest_expected_errors_come_first(queue, bench):
    choose(queue.controls.order, "Largest expected error first")
    values = [float(text.removesuffix(" px")) for text in figures(queue, ERROR)]
    assert values == sorted(values, reverse=True)
    assert bench.session.query.order == "worst"


def test_the_figure_that_is_sorted_by_is_shown_and_compared_when_it_is_wanted(queue, bench):
    choose(queue.controls.order, "Largest jump in time first")
    assert bench.session.query.order == "jump"
    assert bench.board.asked[-1] == ("compare", [str(bench.project.path)])
    assert queue.model.headerData(C, Qt.Orientation.Horizontal) == "Jump"
    compare(bench.project)
    bench.board.asked.clear()
    bench.session.refresh_queue()
    values = [float(text.removesuffix(" px")) for text in figures(queue, C) if text]
    assert len(values) == 4
    assert values == sorted(values, reverse=True)
    choose(queue.controls.order, "In random order")
    assert [argv for _, argv in bench.board.asked if "--useful" not in argv] == []
    assert queue.model.headerData(C, Qt.Orientation.Horizontal) == "C"


def test_what_is_most_useful_is_looked_for_when_it_is_chosen(queue, bench):
    choose(queue.controls.order, "Most useful for training first")
    assert bench.board.asked[-1] == ("compare", [str(bench.project.path), "--useful"])
    find_useful(bench.project)
    bench.session.refresh_queue()
    record = bench.project.hand(int(bench.session.queue.ids[0]))
    assert record.useful is not None
    assert queue.model.headerData(C, Qt.Orientation.Horizontal) == "Useful"
    assert figures(queue, C)[0] == f"{record.useful:.3f}"


def test_a_filter_of_useful_hands_looks_for_them_once(queue, bench):
    type_filter(queue, "useful:>0.001")
    assert bench.board.asked == [("compare", [str(bench.project.path), "--useful"])]
    find_useful(bench.project)
    type_filter(queue, "useful:>0.001 side:right")
    choose(queue.controls.order, "Most useful for training first")
    assert sum("--useful" in argv for _, argv in bench.board.asked) == 1
    shown = [bench.project.hand(number).useful for number in bench.session.queue.ids.tolist()]
    assert shown
    assert min(shown) > 0.001
    assert shown == sorted(shown, reverse=True)


def test_with_the_other_measure_the_queue_goes_by_c(queue, bench):
    choose(queue.controls.order, "Largest expected error first")
    bench.session.use_measure("C")
    values = [float(text) for text in figures(queue, C)]
    assert values == sorted(values, reverse=True)
    choose(queue.controls.order, "Smallest expected error first")
    assert bench.session.query.measure == "C"
    queue.controls.clear()
    assert bench.session.query.measure == "C"


def test_a_decision_shows_its_icon_at_once_and_the_row_keeps_its_place(queue, bench):
    before = queue.model.index(0, STATE).data(Qt.ItemDataRole.DecorationRole)
    bench.session.accept()
    after = queue.model.index(0, STATE).data(Qt.ItemDataRole.DecorationRole)
    assert after.cacheKey() != before.cacheKey()
    assert "accepted" in queue.model.index(0, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert queue.model.rowCount() == 6


def test_the_counts_say_how_many_hands_are_in_each_state(queue, bench, qtbot):
    bench.session.accept()
    bench.session.next_in_queue()
    bench.session.reject()
    icon, number = queue.counts._labels[State.ACCEPTED]
    qtbot.waitUntil(lambda: number.text() == "1" and number.isVisible(), timeout=3_000)
    assert icon.isVisible()
    assert queue.counts._labels[State.PROPOSED][1].text() == "4"
    assert not queue.counts._labels[State.FIXED][1].isVisible()


def test_a_decision_reads_its_own_page_anew_and_no_other(queue, bench):
    model = queue.model
    last = int(model._ids[-1])
    model._pages[7] = {last: bench.project.hand(last)}
    bench.session.accept()
    assert 7 in model._pages
    assert model.record(0).state == State.ACCEPTED


def test_counting_makes_nobody_wait(queue, bench, qtbot, monkeypatch):
    counting: list[object] = []

    def count(_sequence_id=None):
        counting.append(threading.current_thread())
        return dict.fromkeys(State, 7)

    monkeypatch.setattr(bench.session, "progress", count)
    bench.session.accept()
    number = queue.counts._labels[State.ACCEPTED][1]
    qtbot.waitUntil(lambda: number.text() == "7", timeout=3_000)
    assert threading.main_thread() not in counting


def test_a_filter_that_nothing_fits_says_so_and_can_be_taken_back(queue, bench, qtbot):
    type_filter(queue, "state:fixed")
    assert queue.pages.state == "empty"
    QTest.mouseClick(queue.pages.notice.button, Qt.MouseButton.LeftButton)
    assert queue.pages.state == "content"
    assert bench.session.query.where == ()
    assert queue.controls.text.text() == ""


def test_text_filters_after_a_moment_and_at_once_by_return(queue, bench):
    type_filter(queue, "frame_0003")
    assert figures(queue, FRAME) == ["4"]


def test_only_the_pages_that_are_seen_are_read(bench, monkeypatch):
    bench.session.queue.ids = np.tile(bench.session.queue.ids, 100_000)[:1_000_000]
    asked: list[int] = []
    real = bench.project.hands

    def hands(ids, *more):
        if isinstance(ids, HandQuery):
            return real(ids, *more)
        asked.append(len(ids))
        return real(sorted(set(ids)))

    monkeypatch.setattr(bench.project, "hands", hands)
    queue = bench.show(Queue, 400, 500)
    assert queue.model.rowCount() == len(bench.session.queue.ids)
    queue.table.scrollToBottom()
    queue.table.viewport().grab()
    assert sum(asked) <= 6 * PAGE


def test_a_hidden_queue_catches_up(queue, bench):
    queue.hide()
    bench.session.set_query(HandQuery(order="best"))
    assert not queue._count_later.isActive()
    queue.show()
    values = [float(text) for text in figures(queue, C)]
    assert values == sorted(values)


@pytest.fixture
def sequences(tmp_path, make_bench, qtbot):
    bench = make_bench()
    make_project(tmp_path / "made0", 4, (320, 240), name="kitchen")
    bench.session.poll()
    widget = bench.show(Sequences, 360, 300)
    widget.bench = bench
    qtbot.waitUntil(lambda: widget.pages.state == "content", timeout=5_000)
    return widget


def test_each_sequence_shows_its_hands_by_state(sequences, qtbot):
    sequences.bench.session.accept()

    def counts():
        return sequences.model.index(0, PROGRESS).data(COUNTS_ROLE)

    qtbot.waitUntil(lambda: counts()[State.ACCEPTED] == 1, timeout=3_000)
    assert counts()[State.PROPOSED] == 5
    assert sequences.model.index(0, SHARE).data() == "17 %"
    assert sequences.total.text() == "10 frames · 1 of 10 hands decided"


def test_a_sequence_that_is_chosen_is_gone_to_at_its_first_undecided_hand(sequences):
    session = sequences.bench.session
    first = session.project.hands(HandQuery(sequences=(2,)))[0]
    session.go_to_hand(first.id)
    session.accept()
    session.go_to_frame(1, 3)
    place = sequences.table.visualRect(sequences.model.index(1, 0)).center()
    QTest.mouseClick(sequences.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (session.sequence_id, session.frame_index) == (2, 1)


def test_the_current_sequence_is_marked(sequences):
    sequences.bench.session.go_to_frame(2, 0)
    assert sequences.table.currentIndex().row() == 1


def test_a_hold_out_is_marked_and_said(sequences, qtbot):
    sequences.bench.session.set_hold_out(2, True)
    words = Qt.ItemDataRole.ToolTipRole
    qtbot.waitUntil(lambda: "Hold-out" in sequences.model.index(1, 0).data(words), timeout=3_000)


def test_an_empty_project_offers_to_import(tmp_path, make_bench, qtbot, monkeypatch):
    bench = make_bench()
    monkeypatch.setattr(bench.project, "sequences", list)
    widget = bench.show(Sequences)
    qtbot.waitUntil(lambda: widget.pages.state == "empty", timeout=5_000)
    assert widget.pages.notice.button.text() == "Import folder"


def test_a_project_that_cannot_be_read_says_why(make_bench, qtbot, monkeypatch):
    bench = make_bench()

    def fail():
        raise OSError("the drive is gone")

    monkeypatch.setattr(bench.project, "sequences", fail)
    widget = bench.show(Sequences)
    qtbot.waitUntil(lambda: widget.pages.state == "failed", timeout=5_000)
    assert "the drive is gone" in widget.pages.notice.text.text()


def test_another_order_begins_with_what_it_puts_first_and_as_filmed_one_stays(queue, bench):
    session = bench.session
    choose(queue.controls.order, "Largest expected error first")
    worst = session.hand_id
    assert session.queue.position == 0
    session.accept()
    choose(queue.controls.order, "Smallest expected error first")
    assert session.hand_id == int(session.queue.ids[0]) != worst
    choose(queue.controls.order, "Largest expected error first")
    assert session.hand_id == int(session.queue.ids[1])
    choose(queue.controls.order, "As filmed")
    assert session.hand_id != int(session.queue.ids[0])
    choose(queue.controls.order, "Latest decision first")
    assert session.hand_id == worst


def test_an_order_that_nothing_is_known_for_says_why(queue, bench):
    heard: list[str] = []
    bench.session.message.connect(heard.append)
    choose(queue.controls.order, "Two models disagree")
    assert any("No two models" in text for text in heard)


def test_an_order_chosen_from_the_list_gives_the_keys_back(queue, bench, qtbot):
    order = queue.controls.order
    queue.activateWindow()
    order.setFocus()
    with qtbot.assertNotEmitted(queue.controls.ended):
        QTest.keyClick(order, Qt.Key.Key_Down)
    order.showPopup()
    QTest.keyClick(order.view(), Qt.Key.Key_Down)
    with qtbot.waitSignal(queue.controls.ended, timeout=3_000):
        QTest.keyClick(order.view(), Qt.Key.Key_Return)
