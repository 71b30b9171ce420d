"""Sittings: what was decided in each, and how long it took."""

from __future__ import annotations

import pytest

from handstudio.project.records import HistoryEntry
from handstudio.review.session import ReviewSession
from handstudio.review.sittings import BREAK_S, sittings


def entry(
    number: int,
    at: float,
    title: str,
    hand: int,
    seconds: float | None = 2.0,
    action: str = "apply",
    command: int | None = None,
    who: str = "ann",
) -> HistoryEntry:
    return HistoryEntry(number, at, who, action, title, command or number, (hand,), seconds)  # type: ignore[arg-type]


def test_a_long_break_begins_another_sitting() -> None:
    found = sittings(
        [entry(1, 0.0, "Accept", 1), entry(2, 60.0, "Reject", 2), entry(3, 61.0 + BREAK_S, "Accept", 3)]
    )
    assert [(sitting.began, sitting.ended) for sitting in found] == [(61.0 + BREAK_S,) * 2, (0.0, 60.0)]
    assert {kind for kind, number in found[1].counts.items() if number} == {"Accept", "Reject"}


def test_a_hand_counts_once_however_often_it_was_dragged() -> None:
    (sitting,) = sittings(
        [entry(1, 0.0, "Fix", 1, 3.0), entry(2, 5.0, "Fix", 1, 2.0), entry(3, 6.0, "Accept", 2, 1.0)]
    )
    assert sitting.hands == 2
    assert sitting.counts["Fix"] == 1
    assert sitting.seconds_per_fixed == pytest.approx(5.0)
    assert sitting.seconds_per_hand == pytest.approx(3.0)


def test_what_was_undone_does_not_count_and_what_was_redone_does() -> None:
    (sitting,) = sittings(
        [
            entry(1, 0.0, "Accept", 1),
            entry(2, 1.0, "Reject", 2),
            entry(3, 2.0, "Reject", 2, None, "undo", 2),
            entry(4, 3.0, "Accept", 1, None, "undo", 1),
            entry(5, 4.0, "Accept", 1, None, "redo", 1),
        ]
    )
    assert {kind: number for kind, number in sitting.counts.items() if number} == {"Accept": 1}


def test_pauses_are_no_time_of_a_decision() -> None:
    (sitting,) = sittings([entry(1, 0.0, "Accept", 1, None), entry(2, 1.0, "Skip", 2, 4.0)])
    assert sitting.seconds_per_hand == 4.0
    (unmeasured,) = sittings([entry(1, 0.0, "Accept", 1, None)])
    assert unmeasured.seconds_per_hand is None


def test_people_sit_by_themselves_and_machines_not_at_all() -> None:
    found = sittings(
        [
            entry(1, 0.0, "Accept", 1),
            entry(2, 1.0, "Accept", 2, who="bob"),
            entry(3, 2.0, "Accept automatically", 3),
        ]
    )
    assert {(sitting.who, sitting.hands) for sitting in found} == {("ann", 1), ("bob", 1)}


def test_the_trail_of_a_real_review_is_read(session: ReviewSession) -> None:
    session.accept()
    session.next_undecided()
    session.reject()
    (sitting,) = sittings(session.project.history.entries())
    assert (sitting.who, sitting.counts["Accept"], sitting.counts["Reject"]) == ("ann", 1, 1)
    assert sitting.seconds_per_hand is not None
