"""Decisions for many hands from the shell are one step of undo."""

from __future__ import annotations

import pytest

from handstudio.errors import HandStudioError
from handstudio.project.records import HandQuery, State
from handstudio.review import batch
from handstudio.review.session import ReviewSession

from .made import add_sequence


def test_the_queue_is_listed_worst_first(session: ReviewSession) -> None:
    rows = batch.list_queue(session.project, HandQuery(order="worst"), limit=2)
    assert [row.hand_id for row in rows] == [6, 5]
    assert (rows[0].frame, rows[0].sequence, rows[0].state) == ("005.jpg", "walk", "proposed")
    assert rows[0].expected_error_px is not None
    assert rows[0].to_json()["confidence"] == pytest.approx(0.6)


def test_many_hands_are_accepted_and_undone_at_once(session: ReviewSession) -> None:
    project = session.project
    add_sequence(project, 1, "bare")
    result = batch.decide(project, "accept", [1, 2, 2, 7, 99], "ann")
    assert result.hands == (1, 2)
    assert set(result.passed_over) == {7, 99}
    assert "no proposal" in result.passed_over[7]
    assert project.state_counts()[State.ACCEPTED] == 2
    undone = project.history.undo("ann")
    assert undone is not None
    assert undone.title == "Accept 2 hands"
    assert not project.history.can_undo
    assert project.state_counts()[State.ACCEPTED] == 0
    assert project.history.redo("ann") is not None
    assert project.state_counts()[State.ACCEPTED] == 2


@pytest.mark.parametrize(
    ("action", "expected"),
    [("reject", State.REJECTED), ("skip", State.SKIPPED), ("take-correction", State.ACCEPTED)],
)
def test_every_decision_is_there(session: ReviewSession, action: str, expected: State) -> None:
    batch.decide(session.project, action, [3], "ann")
    assert session.project.hand(3).state is expected
    batch.decide(session.project, "reset", [3], "ann")
    assert session.project.hand(3).state is State.PROPOSED


def test_an_unknown_decision_names_those_that_exist(session: ReviewSession) -> None:
    with pytest.raises(HandStudioError, match="take-correction"):
        batch.decide(session.project, "burn", [1], "ann")


def test_nothing_to_do_is_no_step_of_undo(session: ReviewSession) -> None:
    assert batch.decide(session.project, "accept", [99], "ann").change is None
    assert not session.can_undo
