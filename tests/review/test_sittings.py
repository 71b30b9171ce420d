"""Sittings: what was decided in each, and how long it took."""

from __future__ import annotations

import pytest

from handstudio.project.bulk_commands import ManyAction
from handstudio.project.records import HistoryEntry
from handstudio.review.bulk import decide_all
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


def test_hands_decided_in_bulk_are_counted_apart_and_cost_no_time_each() -> None:
    many = HistoryEntry(3, 9.0, "ann", "apply", "Accept 1\u202f150 hands", 3, tuple(range(1, 1151)), None)
    (sitting,) = sittings(
        [
            entry(1, 0.0, "Fix", 1, 30.0),
            entry(2, 5.0, "Reject", 2000, 4.0),
            many,
            entry(4, 12.0, "Fix", 7, 6.0),
        ]
    )
    assert (sitting.hands, sitting.hands_in_bulk, sitting.in_bulk["Accept"]) == (2, 1149, 1149)
    assert (sitting.counts["Accept"], sitting.counts["Reject"], sitting.counts["Fix"]) == (0, 1, 1)
    assert (sitting.seconds_per_hand, sitting.seconds_per_fixed) == (5.0, 6.0)


@pytest.mark.parametrize(
    ("action", "kind"),
    [("accept", "Accept"), ("take-correction", "Accept"), ("reject", "Reject"), ("skip", "Skip")],
)
def test_decisions_about_a_whole_filter_make_a_session(
    session: ReviewSession, action: ManyAction, kind: str
) -> None:
    decide_all(session.project, action, session.query, "ann")
    (sitting,) = sittings(session.project.history.entries())
    assert (sitting.hands, sitting.in_bulk[kind], sitting.seconds_per_hand) == (0, 6, None)
    session.undo()
    (sitting,) = sittings(session.project.history.entries())
    assert sitting.hands_in_bulk == 0


def test_the_trail_of_a_real_review_is_read(session: ReviewSession) -> None:
    session.accept()
    session.next_undecided()
    session.reject()
    (sitting,) = sittings(session.project.history.entries())
    assert (sitting.who, sitting.counts["Accept"], sitting.counts["Reject"]) == ("ann", 1, 1)
    assert sitting.seconds_per_hand is not None
