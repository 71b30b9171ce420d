"""Sessions of reviewers in the window, and the reminder to rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.project.records import UNDECIDED, HandQuery
from handstudio.review.bulk import decide_all
from handstudio.ui.rest import REST_S, WORK_S, RestReminder
from handstudio.ui.sittings import COLUMNS


def undecided(session) -> HandQuery:
    return replace(session.query, states=UNDECIDED)


def cells(table, row: int) -> dict[str, str]:
    return {name: table.item(row, column).text() for column, name in enumerate(COLUMNS)}


def test_a_session_is_counted_while_it_goes_on(window, qtbot):
    window.services.actions["sessions"].trigger()
    shown = window.beside.sittings
    qtbot.waitUntil(lambda: "Nobody" in shown.note.text(), timeout=5_000)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_R):
        QTest.keyClick(window.canvas.view, key)
        window.session.step(1)
    qtbot.waitUntil(lambda: shown.table.rowCount() == 1, timeout=5_000)
    qtbot.waitUntil(lambda: cells(shown.table, 0)["Hands"] == "2", timeout=5_000)
    row = cells(shown.table, 0)
    assert (row["Accepted"], row["Rejected"], row["Fixed"]) == ("1", "1", "0")
    assert row["Reviewer"] == window.session.who
    assert row["s per fixed hand"] == "–"
    assert row["In bulk"] == "0"
    rest = window.session.project.count_hands(undecided(window.session))
    assert rest > 0
    decide_all(window.session.project, "accept", undecided(window.session), window.session.who)
    window.session.decided_many()
    qtbot.waitUntil(lambda: cells(shown.table, 0)["In bulk"] == str(rest), timeout=5_000)
    assert cells(shown.table, 0)["Hands"] == "2"
    assert shown.table.item(0, COLUMNS.index("In bulk")).toolTip() == f"Accept: {rest}"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def reminder(window):
    window.rest.close()
    clock = Clock()
    reminder = RestReminder(window.session, window.services, window.banner, clock)
    reminder.clock = clock
    yield reminder
    reminder.close()


def work(window, clock: Clock, minutes: int, every_s: float = 60.0) -> bool:
    """Go from hand to hand; whether the reminder was seen."""
    seen = False
    for number in range(int(minutes * 60 / every_s)):
        clock.now += every_s
        window.session.step(1 if number % 2 else -1)
        window.session.step(-1 if number % 2 else 1)
        seen = seen or (window.banner.isVisible() and window.banner.name == "rest")
    return seen


def test_nobody_is_reminded_who_did_not_wish_it(window, reminder):
    assert not window.services.actions["rest_reminder"].isChecked()
    assert not work(window, reminder.clock, 120)


def test_after_fifty_minutes_a_rest_is_offered_and_a_break_begins_anew(window, reminder):
    window.services.actions["rest_reminder"].setChecked(True)
    assert not work(window, reminder.clock, int(WORK_S / 60) - 2)
    reminder.clock.now += REST_S + 1.0
    assert not work(window, reminder.clock, int(WORK_S / 60) - 2)
    assert work(window, reminder.clock, 5)
