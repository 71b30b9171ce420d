"""The acceptance dock: from a sample to a promise, by mouse and keys, and back when checks fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QDoubleSpinBox

from handstudio.errors import HandStudioError
from handstudio.progress import Silent
from handstudio.project.commands import Bulk, SetState
from handstudio.project.records import State
from handstudio.review import decisions
from handstudio.ui.acceptance import Acceptance

COUNT = 60


@pytest.fixture
def bench(make_bench):
    """Sixty proposed hands."""
    return make_bench(count=COUNT, size=(160, 120))


@pytest.fixture
def dock(bench, qtbot):
    dock = bench.show(Acceptance, 380, 520)
    seen(dock, qtbot)
    return dock


def seen(dock, qtbot) -> None:
    qtbot.waitUntil(lambda: not dock.busy, timeout=20_000)


def click(button, qtbot, dock) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    seen(dock, qtbot)


def promise_little(dock, qtbot) -> None:
    """Terms that few reviews reach: at most 40 % worse than 150 px, at 70 % confidence."""
    for field, value in zip(dock.sheet.terms.fields, (40.0, 150.0, 70.0), strict=True):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, f"{value:g}")
        QTest.keyClick(field, Qt.Key.Key_Return)
    seen(dock, qtbot)


def review_all(dock, qtbot) -> None:
    """Accept what is to be reviewed of the sample."""
    session = dock._session
    open_hands = [
        hand for hand in session.project.hands(session.queue.ids.tolist()) if not hand.state.decided
    ]
    made = tuple(decisions.accept(session.bundle(hand.id)) for hand in open_hands)
    session.apply(Bulk(made))
    seen(dock, qtbot)


def accepted(bench) -> int:
    return bench.project.state_counts()[State.AUTO_ACCEPTED]


@pytest.fixture
def promised(dock, qtbot):
    """The dock with a sample that was reviewed."""
    promise_little(dock, qtbot)
    click(dock.sheet.draw, qtbot, dock)
    review_all(dock, qtbot)
    return dock


def test_without_a_sample_it_says_why_nothing_is_promised_and_how_many_to_draw(dock):
    sheet, found = dock.sheet, dock.seen.survey
    assert dock.pages.state == "content"
    assert "no random sample" in sheet.promise.text.text()
    assert f"Draw a sample of {found.suggested} hands" in sheet.next.text.text()
    assert sheet.draw.text() == f"Draw {found.suggested} hands"
    assert not sheet.accept.isEnabled()
    assert not sheet.review.isEnabled()
    assert sheet.count.text() == str(COUNT)


def test_terms_that_are_typed_change_how_many_hands_are_to_be_drawn(dock, qtbot):
    before = dock.seen.survey.suggested
    promise_little(dock, qtbot)
    assert dock.seen.survey.terms.share == pytest.approx(0.4)
    assert dock.seen.survey.suggested < before


def test_drawing_leads_into_the_sample_and_fixes_what_is_promised(dock, qtbot, bench):
    promise_little(dock, qtbot)
    click(dock.sheet.draw, qtbot, dock)
    sample = bench.project.latest_sample()
    assert bench.session.queue.ids.tolist() == sample.hands.tolist()
    assert bench.session.hand_id == sample.hands[0]
    assert dock.sheet.review.isChecked()
    assert not any(field.isEnabled() for field in dock.sheet.terms.fields)
    assert dock.sheet.sample.text() == f"0 of {len(sample.hands)} reviewed"
    assert "still to be reviewed" in dock.sheet.promise.text.text()
    click(dock.sheet.review, qtbot, dock)
    assert len(bench.session.queue) == COUNT
    assert not dock.sheet.review.isChecked()


def test_decisions_count_in_the_dock_by_themselves(dock, qtbot, bench):
    promise_little(dock, qtbot)
    click(dock.sheet.draw, qtbot, dock)
    bench.session.accept()
    qtbot.waitUntil(lambda: dock.sheet.sample.text().startswith("1 of"), timeout=10_000)


def test_a_reviewed_sample_gives_a_promise_and_accepting_is_one_step_of_undo(promised, qtbot, bench):
    sheet, found = promised.sheet, promised.seen.survey
    position = found.positions[found.best]
    assert "at most 40 % of the accepted hands are worse than 150 px" in sheet.promise.text.text()
    assert sheet.accept.text() == f"Accept {position.count} hands"
    click(sheet.accept, qtbot, promised)
    assert accepted(bench) == position.count
    assert f"{position.count} hands accepted" in sheet.standing.text.text()
    assert sheet.check.isEnabled()
    bench.session.undo()
    seen(promised, qtbot)
    assert accepted(bench) == 0
    assert sheet.accept.isEnabled()


def test_while_hands_are_being_accepted_nothing_else_is_done(promised, qtbot, bench):
    steps, said = [], []
    bench.session.large.run_by = lambda *step: steps.append(step)
    bench.session.message.connect(said.append)
    count = promised.sheet.accept.text().removeprefix("Accept ")
    click(promised.sheet.accept, qtbot, promised)
    assert bench.session.large.doing == f"Accepting {count}"
    assert not promised.sheet.accept.isEnabled()
    for name in ("auto_accept", "draw_sample", "spot_check"):
        bench.services.actions[name].trigger()
        assert said.pop().startswith(f"Not done, since this comes first: Accepting {count}")
    assert accepted(bench) == 0
    ((work, done, _failed),) = steps
    done(work(Silent()))
    seen(promised, qtbot)
    assert f"{accepted(bench)} hands" == count
    assert promised.sheet.check.isEnabled()


def test_the_slider_is_moved_by_keys_and_says_what_each_position_means(promised, qtbot):
    sheet = promised.sheet
    sheet.slider.setFocus()
    counts = [int(sheet.count.text())]
    while sheet.accept.isEnabled():
        QTest.keyClick(sheet.slider, Qt.Key.Key_Left)
        counts.append(int(sheet.count.text()))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert "No promise for" in sheet.promise.text.text()
    assert "It holds up to an expected error of" in sheet.next.text.text()
    QTest.keyClick(sheet.slider, Qt.Key.Key_Right)
    assert sheet.accept.isEnabled()


def test_spot_checks_fill_the_queue_and_failed_ones_withdraw_the_promise(promised, qtbot, bench):
    click(promised.sheet.accept, qtbot, promised)
    click(promised.sheet.check, qtbot, promised)
    session = bench.session
    drawn = session.queue.ids.tolist()
    assert promised.sheet.check.isChecked()
    assert all(bench.project.hand(number).state is State.AUTO_ACCEPTED for number in drawn)
    heard: list[str] = []
    session.message.connect(heard.append)
    for _ in drawn:
        if accepted(bench) == 0:
            break
        session.reject()
        session.next_undecided()
    seen(promised, qtbot)
    assert accepted(bench) == 0
    assert any("withdrawn" in text for text in heard)
    assert not promised.sheet.standing.isVisible()


def test_a_blind_pass_has_the_queue_to_itself(promised, qtbot, bench):
    session, sheet, said = bench.session, promised.sheet, []
    session.message.connect(said.append)
    assert sheet.review.isChecked()
    session.who = "Ben"
    assert session.blind.begin()
    seen(promised, qtbot)
    drawn = session.query.only
    assert not sheet.review.isChecked()
    for button in (sheet.review, sheet.check):
        if button.isEnabled():
            click(button, qtbot, promised)
            assert "end the blind pass first" in said[-1]
        assert not button.isChecked()
    assert session.query.only == drawn
    session.blind.end()
    seen(promised, qtbot)
    assert sheet.review.isChecked()


def test_every_promise_that_stands_is_listed_with_its_checks(promised, qtbot, bench):
    click(promised.sheet.accept, qtbot, promised)
    click(promised.sheet.check, qtbot, promised)
    bench.session.remove_hand()
    seen(promised, qtbot)
    assert "1 of 1 spot checks failed" in promised.sheet.standing.text.text()


def test_every_act_has_a_key_and_is_in_the_palette(dock, bench, qtbot):
    names = ("draw_sample", "review_sample", "auto_accept", "spot_check", "show_acceptance")
    assert all(bench.services.actions.keys(name) for name in names)
    assert bench.services.actions.conflicts() == []
    promise_little(dock, qtbot)
    bench.services.actions["draw_sample"].trigger()
    seen(dock, qtbot)
    assert bench.project.latest_sample() is not None


def test_every_control_has_a_name(dock):
    for kind in (QAbstractButton, QAbstractSlider, QDoubleSpinBox):
        for control in dock.sheet.widget().findChildren(kind):
            text = control.text() if isinstance(control, QAbstractButton) else ""
            assert control.accessibleName() or text, control
            assert control.toolTip(), control


def test_nothing_to_accept_is_said_with_what_to_do(make_bench, qtbot):
    bench = make_bench(proposed=False)
    dock = bench.show(Acceptance)
    seen(dock, qtbot)
    assert dock.pages.state == "empty"
    assert dock.pages.notice.button.text() == "Propose"


def test_what_cannot_be_read_is_said_and_tried_again(dock, bench, qtbot, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise HandStudioError("The disk failed", bench.project.path, "Check the drive")

    works: Callable[..., object] = bench.session.acceptance.survey
    monkeypatch.setattr(bench.session.acceptance, "survey", fail)
    dock.refresh()
    seen(dock, qtbot)
    assert dock.pages.state == "failed"
    assert "The disk failed" in dock.pages.notice.text.text()
    monkeypatch.setattr(bench.session.acceptance, "survey", works)
    click(dock.pages.notice.button, qtbot, dock)
    assert dock.pages.state == "content"


def test_while_it_looks_it_says_so(bench, qtbot, monkeypatch: pytest.MonkeyPatch):
    import threading

    go_on = threading.Event()
    works = bench.session.acceptance.survey
    monkeypatch.setattr(bench.session.acceptance, "survey", lambda *how: go_on.wait(10) and works(*how))
    dock = bench.show(Acceptance)
    qtbot.waitUntil(lambda: dock.pages.state == "loading", timeout=5_000)
    go_on.set()
    seen(dock, qtbot)
    assert dock.pages.state == "content"


def test_hands_decided_elsewhere_are_not_accepted_again(promised, qtbot, bench):
    before = int(promised.sheet.count.text())
    one = int(promised.seen.survey.ids(promised.seen.survey.best)[0])
    bench.project.history.apply(SetState(one, State.REJECTED), "bob")
    click(promised.sheet.accept, qtbot, promised)
    assert accepted(bench) <= before - 1
    assert bench.project.hand(one).state is State.REJECTED
