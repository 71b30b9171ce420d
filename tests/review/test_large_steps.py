"""Steps about very many hands go on beside the session; nothing overtakes them, and they are whole or not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handstudio.errors import HandStudioError
from handstudio.progress import CancelledError, Progress, Silent
from handstudio.project import Project, many
from handstudio.project.bulk_commands import ManyAction
from handstudio.project.records import Change, HandQuery, State
from handstudio.review import storing
from handstudio.review.bulk import decide_all
from handstudio.review.expected_error import ExpectedError
from handstudio.review.large_steps import LargeSteps
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .promised import TERMS, badly, many_hands, review

HANDS = 60


class Later:
    """Carries a step out when the test says so, on a thread as a window does."""

    def __init__(self) -> None:
        self.begun: list[tuple[Callable[[Progress], Any], Any, Any]] = []
        self.progress: Progress = Silent()

    def __call__(self, work: Callable[[Progress], Any], done: Any, failed: Any) -> None:
        self.begun.append((work, done, failed))

    def go_on(self) -> None:
        (work, done, failed), self.begun = self.begun[0], self.begun[1:]
        outcome: list[Callable[[], object]] = []

        def run() -> None:
            try:
                result = work(self.progress)
            except Exception as problem:
                outcome.append(lambda problem=problem: failed(problem))  # type: ignore[misc]
            else:
                outcome.append(lambda: done(result))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        outcome[0]()


class StopAfter(Silent):
    """Is asked to stop after some parts."""

    def __init__(self, parts: int) -> None:
        self.told: list[tuple[float, float | None]] = []
        self.parts = parts

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        self.told.append((done, total))

    def cancelled(self) -> bool:
        return len(self.told) > self.parts


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with many_hands(tmp_path / "project", hands=HANDS) as project:
        yield project


@pytest.fixture(autouse=True)
def _forty_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts of seven."""
    monkeypatch.setattr(storing, "LARGE", 40)
    monkeypatch.setattr(many, "AT_ONCE", 7)


@pytest.fixture
def session(project: Project) -> ReviewSession:
    session = ReviewSession(project, "ann")
    session.open()
    return session


@pytest.fixture
def later(session: ReviewSession) -> Later:
    session.large.run_by = later = Later()
    return later


@pytest.fixture
def heard(session: ReviewSession) -> Heard:
    return Heard(session)


def decide(session: ReviewSession, action: ManyAction = "accept", query: HandQuery | None = None) -> None:
    decide_all(session.project, action, query or HandQuery(), "ann")
    session.decided_many()


def all_of(project: Project) -> list[object]:
    """What can be read of every hand, and what could be undone or redone."""
    hands = [(project.hand(number), project.label_of(number)) for number in range(1, HANDS + 1)]
    return [*hands, project.history.undo_title, project.history.redo_title, len(project.history.entries())]


def count(session: ReviewSession, state: State) -> int:
    return session.progress()[state]


def test_a_small_step_is_undone_at_once(session: ReviewSession, later: Later) -> None:
    session.accept()
    assert session.undo() is not None
    assert session.redo() is not None
    assert later.begun == []


def test_a_large_step_is_undone_and_redone_beside_the_session(
    session: ReviewSession, later: Later, heard: Heard
) -> None:
    decide(session)
    assert session.undo() is None
    assert session.large.doing == f"Undoing: Accept {HANDS} hands"
    assert count(session, State.ACCEPTED) == HANDS
    later.go_on()
    assert session.large.doing is None
    assert count(session, State.PROPOSED) == HANDS
    assert heard.messages[-1] == f"Undid: Accept {HANDS} hands"
    assert heard.told[-3:].count("changed") == 1
    session.redo()
    later.go_on()
    assert count(session, State.ACCEPTED) == HANDS
    assert heard.messages[-1] == f"Redid: Accept {HANDS} hands"


def test_without_a_window_a_large_step_is_undone_at_once(session: ReviewSession) -> None:
    decide(session)
    change = session.undo()
    assert change is not None
    assert len(change.hands) == HANDS
    assert count(session, State.PROPOSED) == HANDS


def test_one_is_shown_a_hand_that_was_undone(session: ReviewSession, later: Later) -> None:
    session.go_to_hand(5)
    decide(session, "skip", HandQuery(only=tuple(range(11, 55))))
    session.undo()
    later.go_on()
    assert session.hand_id == 11


def test_nothing_overtakes_a_large_step_and_what_was_not_done_is_said(
    session: ReviewSession, later: Later, heard: Heard
) -> None:
    session.reject()
    decide(session, "skip")
    session.undo()
    before = all_of(session.project)
    commands: list[Callable[[], object]] = [
        session.accept,
        session.undo,
        session.redo,
        session.begin_edit,
        session.flip_side,
        session.marks.toggle,
        lambda: session.nudge(3, 2.0, 0.0),
        lambda: session.move_joint(3, (10.0, 10.0)),
        session.blind.begin,
        session.may_decide_many,
    ]
    for number, command in enumerate(commands, 1):
        assert not command()
        assert len(heard.messages) == number
        assert heard.messages[-1].startswith(f"Not done, since this comes first: Undoing: Skip {HANDS} hands")
    assert all_of(session.project) == before
    later.go_on()
    assert session.project.hand(1).state is State.REJECTED
    session.undo()
    assert session.project.hand(1).state is State.PROPOSED


def test_one_looks_at_hands_while_a_large_step_goes_on(session: ReviewSession, later: Later) -> None:
    decide(session)
    session.undo()
    session.go_to_hand(9)
    assert session.next_in_queue()
    assert session.hand_view(session.hand_id or 0).label is not None
    later.go_on()
    assert session.hand_view(session.hand_id or 0).label is None


def test_what_can_wait_is_done_after_it_in_its_order(session: ReviewSession, later: Later) -> None:
    done: list[str] = []
    session.large.then(lambda: done.append("at once"))
    decide(session)
    session.undo()
    session.large.then(lambda: done.append(f"{session.accept() is not None}"))
    session.large.then(lambda: done.append("last"))
    assert done == ["at once"]
    later.go_on()
    assert done == ["at once", "True", "last"]


@pytest.mark.parametrize("parts", [0, 1, 4, 6])
@pytest.mark.parametrize("action", ["accept", "take-correction", "reject", "reset", "flip-side", "verify"])
def test_cancelled_anywhere_all_is_as_it_was(
    session: ReviewSession, later: Later, heard: Heard, action: ManyAction, parts: int
) -> None:
    decide_all(session.project, "accept", HandQuery(only=tuple(range(1, 50))), "ben")
    decide(session, action)
    for again in (session.undo, session.redo):
        before = all_of(session.project)
        later.progress = StopAfter(parts)
        again()
        later.go_on()
        assert heard.messages[-1].startswith("Cancelled, nothing of it is done: ")
        assert all_of(session.project) == before
        later.progress = Silent()
        again()
        later.go_on()
        assert all_of(session.project) != before


def test_progress_tells_how_many_hands_are_done(session: ReviewSession, later: Later) -> None:
    decide(session)
    later.progress = told = StopAfter(HANDS)
    session.undo()
    later.go_on()
    assert told.told[:2] == [(0, HANDS), (7, HANDS)]
    assert told.told[-1] == (HANDS, HANDS)


def test_a_step_that_cannot_be_stored_is_said_and_others_may_begin(
    session: ReviewSession, later: Later, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(session)
    before = all_of(session.project)

    def fail(*_what: object) -> None:
        raise HandStudioError("The disk is full; nothing was saved by this step")

    with monkeypatch.context() as full:
        full.setattr(session.project.history, "undo", fail)
        session.undo()
    later.go_on()
    assert "disk is full" in heard.messages[-1]
    assert all_of(session.project) == before
    session.undo()
    later.go_on()
    assert count(session, State.PROPOSED) == HANDS


def test_a_fault_of_the_program_is_not_taken_for_a_refusal(session: ReviewSession, later: Later) -> None:
    def fail(_progress: Progress) -> None:
        raise ZeroDivisionError

    session.large.run("Dividing", fail, lambda _nothing: None)
    with pytest.raises(ZeroDivisionError):
        later.go_on()
    assert session.large.doing is None


def test_an_edit_in_hand_stays_until_it_can_be_stored(session: ReviewSession, later: Later) -> None:
    decide(session)
    session.go_to_hand(7)
    session.begin_edit()
    session.redo()
    session.undo()
    session.move_joint(8, (90.0, 90.0))
    assert session.commit_edit() is None
    assert session.edit is not None
    later.go_on()
    assert session.commit_edit() is not None
    assert session.project.hand(7).state is State.FIXED


def test_somebody_elses_step_in_between_is_the_one_that_is_undone(
    session: ReviewSession, later: Later, heard: Heard
) -> None:
    decide(session)
    session.undo()
    with Project.open(session.project.path) as other:
        decide_all(other, "reject", HandQuery(only=(3,)), "ben")
    later.go_on()
    assert heard.messages[-1] == "Undid: Reject 1 hands"
    assert session.project.hand(3).state is State.ACCEPTED


@pytest.fixture
def promised(tmp_path: Path) -> Iterator[ReviewSession]:
    """A session of three hundred hands of which the machine accepted all that its promise covers."""
    with many_hands(tmp_path / "promised") as project:
        session, plain = ReviewSession(project, "ann"), ExpectedError()
        session.large.run_by = later = Later()
        acceptance = session.acceptance
        sample = acceptance.draw(TERMS, None, 0, plain, "ann")
        review(project, sample.hands.tolist())
        done: list[Change] = []
        session.apply_many("Accepting", lambda: acceptance.command(acceptance.survey(plain)), done.append)
        assert session.large.doing == "Accepting"
        later.go_on()
        assert len(done[0].hands) == count(session, State.AUTO_ACCEPTED)
        yield session


def test_acceptance_and_its_undo_are_large_steps(promised: ReviewSession) -> None:
    later = promised.large.run_by
    assert isinstance(later, Later)
    accepted = count(promised, State.AUTO_ACCEPTED)
    for again, left in ((promised.undo, 0), (promised.redo, accepted)):
        before = all_of(promised.project)
        later.progress = StopAfter(1)
        again()
        later.go_on()
        assert all_of(promised.project) == before
        later.progress = Silent()
        again()
        later.go_on()
        assert count(promised, State.AUTO_ACCEPTED) == left
        assert len(promised.acceptance.standing()) == (1 if left else 0)


def test_a_failed_spot_check_withdraws_many_hands_beside_the_session(promised: ReviewSession) -> None:
    later, heard = promised.large.run_by, Heard(promised)
    assert isinstance(later, Later)
    for hand_id in promised.acceptance.draw_checks(20).tolist():
        promised.apply(badly(promised.project, hand_id))
        promised.go_to_hand(hand_id)
        promised.accept()
        if later.begun:
            break
    assert promised.large.doing == "Withdrawing a promise"
    assert count(promised, State.AUTO_ACCEPTED) > 0
    later.go_on()
    assert count(promised, State.AUTO_ACCEPTED) == 0
    assert any("withdrawn" in text for text in heard.messages)


def test_a_stopped_step_leaves_the_transaction(project: Project) -> None:
    decide_all(project, "accept", HandQuery(), "ann")
    before = all_of(project)
    with pytest.raises(CancelledError):
        project.history.undo("ann", StopAfter(0))
    assert all_of(project) == before
    assert project.history.undo("ann") is not None


def test_what_waits_for_a_step_waits_for_one_that_its_end_begins() -> None:
    """As a promise is withdrawn that a decision about many hands has broken."""
    ends: list[Callable[[Any], object]] = []
    large, done = LargeSteps(lambda _text: None), list[str]()
    large.run_by = lambda _work, end, _failed: ends.append(end)
    large.run("first", lambda _progress: None, lambda _: large.run("second", lambda _p: None, done.append))
    large.then(lambda: done.append("waited"))
    ends[0](None)
    assert (large.doing, done) == ("second", [])
    ends[1]("second")
    assert done == ["second", "waited"]
