"""Every way to change a hand counts for the promise that it is part of: removal, bulk, undo, redo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.project import Project
from handstudio.project.commands import Bulk, Command, RemoveHand, SetHoldOut, SetState
from handstudio.project.records import HandQuery, State
from handstudio.review.bulk import decide_all
from handstudio.review.session import ReviewSession

from .promised import accept, accepted, doubts, drawn, is_bad, look, many_hands, put_right, review


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three hundred proposed hands, the fifth of them with the largest doubt far off."""
    with many_hands(tmp_path / "project") as project:
        yield project


@pytest.fixture
def session(project: Project) -> ReviewSession:
    """A reviewer after the machine has accepted."""
    drawn(project)
    accept(project)
    return ReviewSession(project, "ann")


def states(project: Project) -> list[str]:
    return [made.state for made in project.promises()]


def remove(session: ReviewSession, hand_id: int) -> None:
    session.go_to_hand(hand_id)
    assert session.remove_hand() is not None


def rejected(hand_ids: list[int]) -> Command:
    return Bulk(tuple(SetState(number, State.REJECTED) for number in hand_ids), "Reject some")


def test_a_removed_hand_of_the_sample_is_reviewed_and_counts_as_wrong(project: Project) -> None:
    sample = drawn(project, reviewed=False)
    session = ReviewSession(project, "ann")
    good = sample.hands[~is_bad(300, 0.2)[sample.hands - 1]]
    one = int(good[np.argmax(doubts(300)[good - 1])])
    review(project, [number for number in sample.hands.tolist() if number != one])
    wrong = look(project).positions[-1].wrong
    remove(session, one)
    found = look(project)
    assert (found.stage, found.reviewed) == ("holds", found.size)
    assert found.positions[-1].wrong == wrong + 1
    session.undo()
    assert (look(project).stage, look(project).reviewed) == ("reviewing", found.size - 1)


def test_what_is_no_hand_is_not_promised_to_be_one(project: Project) -> None:
    """Of the others, which nobody looks at, as many are none: with these left out they would be accepted."""
    sample = drawn(project, reviewed=False)
    gone = sample.hands[::4].tolist()
    review(project, [number for number in sample.hands.tolist() if number not in gone])
    project.history.apply(Bulk(tuple(RemoveHand(number) for number in gone)), "ann")
    assert (look(project).stage, look(project).best) == ("refused", None)


def test_a_removed_check_failed_and_those_after_it_count(session: ReviewSession) -> None:
    pending = session.acceptance.draw_checks(20).tolist()
    remove(session, pending[0])
    checks = session.acceptance.standing()[-1]
    assert (checks.checked, checks.failed) == (1, 1)
    assert checks.pending.tolist() == pending[1:]
    session.undo()
    assert session.acceptance.standing()[-1].checked == 0
    session.redo()
    for hand_id in pending[1:]:
        if states(session.project) == ["withdrawn"]:
            break
        session.go_to_hand(hand_id)
        put_right(session)
    assert states(session.project) == ["withdrawn"]


def _in_bulk(session: ReviewSession, pending: list[int]) -> None:
    session.set_query(HandQuery(only=tuple(pending)))
    decide_all(session.project, "reject", session.query, session.who)
    session.decided_many()


def _as_a_large_step(session: ReviewSession, pending: list[int]) -> None:
    session.apply_many("Rejecting", lambda: rejected(pending), lambda _change: None)


def _as_a_command(session: ReviewSession, pending: list[int]) -> None:
    session.apply(rejected(pending))


def _by_removal(session: ReviewSession, pending: list[int]) -> None:
    for number in pending:
        if states(session.project) == ["standing"]:
            remove(session, number)


def _by_a_mark_on_a_joint(session: ReviewSession, pending: list[int]) -> None:
    """The first check is decided last, by saying that a joint is hidden."""
    session.apply(rejected(pending[1:]))
    assert states(session.project) == ["standing"]
    session.go_to_hand(pending[0])
    session.set_visibility(3, 1)


@pytest.mark.parametrize(
    "decide", [_in_bulk, _as_a_large_step, _as_a_command, _by_removal, _by_a_mark_on_a_joint]
)
def test_whatever_decides_the_checks_withdraws_the_promise(
    session: ReviewSession, decide: Callable[[ReviewSession, list[int]], None]
) -> None:
    heard: list[str] = []
    session.message.connect(heard.append)
    decide(session, session.acceptance.draw_checks(20).tolist())
    assert states(session.project) == ["withdrawn"]
    assert accepted(session.project) == []
    assert any(text.startswith("Promise 1 is withdrawn") for text in heard)


def test_done_again_a_failed_check_withdraws_again_and_what_came_after_can_be_done_again(
    session: ReviewSession,
) -> None:
    pending = session.acceptance.draw_checks(20).tolist()
    session.apply(rejected(pending))
    other = int(session.project.hand_ids(HandQuery(states=(State.PROPOSED,)))[0])
    session.go_to_hand(other)
    session.reject()
    for _ in range(3):
        assert session.undo() is not None
    assert states(session.project) == ["standing"]
    session.redo()
    assert states(session.project) == ["withdrawn"]
    assert session.redo() is not None
    assert session.project.hand(other).state is State.REJECTED


def test_a_promise_that_a_person_lets_stand_again_stands_until_the_next_change_of_a_check(
    session: ReviewSession,
) -> None:
    pending = session.acceptance.draw_checks(20).tolist()
    session.apply(rejected(pending[:-1]))
    session.undo()
    assert states(session.project) == ["standing"]
    session.go_to_hand(pending[-1])
    session.accept()
    assert states(session.project) == ["withdrawn"]


def test_hands_that_were_decided_before_they_are_drawn_speak_at_once(session: ReviewSession) -> None:
    _in_bulk(session, accepted(session.project))
    assert states(session.project) == ["standing"]
    session.acceptance.draw_checks(20)
    session.ask_promises()
    assert states(session.project) == ["withdrawn"]


@pytest.fixture
def twice(project: Project) -> ReviewSession:
    """Two promises stand, on the hands of one sequence each."""
    project.history.apply(SetHoldOut(2, True), "ann")
    drawn(project)
    accept(project)
    project.history.apply(SetHoldOut(2, False), "ann")
    drawn(project, seed=1, size=110)
    accept(project)
    assert states(project) == ["standing"] * 2
    return ReviewSession(project, "ann")


def test_all_promises_that_stand_are_checked_and_a_check_counts_for_that_of_its_hand(
    twice: ReviewSession,
) -> None:
    acceptance = twice.acceptance
    pending = acceptance.draw_checks(20).tolist()
    first, second = acceptance.standing()
    assert len(pending) == 20
    assert (len(first.drawn), len(second.drawn)) == (10, 10)
    assert pending == [*first.drawn, *second.drawn]
    twice.go_to_hand(int(first.drawn[0]))
    twice.reject()
    assert [(one.checked, one.failed) for one in acceptance.standing()] == [(1, 1), (0, 0)]
    twice.apply(rejected(first.drawn[1:].tolist()))
    assert states(twice.project) == ["withdrawn", "standing"]
    assert acceptance.draw_checks(20).tolist()[:10] == second.drawn.tolist()


def test_the_next_checks_are_those_of_the_promise_with_the_fewest(project: Project) -> None:
    project.history.apply(SetHoldOut(2, True), "ann")
    drawn(project)
    accept(project)
    session = ReviewSession(project, "ann")
    review(project, session.acceptance.draw_checks(20).tolist())
    project.history.apply(SetHoldOut(2, False), "ann")
    drawn(project, seed=1, size=110)
    accept(project)
    session.acceptance.draw_checks(20)
    assert [len(one.drawn) for one in session.acceptance.standing()] == [20, 20]
