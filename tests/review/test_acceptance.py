"""A machine accepts only what a promise covers, and takes it back when spot checks say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import SetHoldOut, SetLabel, SetState
from handstudio.project.promise_records import Terms
from handstudio.project.records import HandQuery, Pose, ProposalBatch, State
from handstudio.review.acceptance import Acceptance
from handstudio.review.advice import refusal, warnings
from handstudio.review.session import ReviewSession

from .promised import (
    PLAIN,
    TERMS,
    accept,
    accepted,
    badly,
    decision_of,
    doubts,
    drawn,
    is_bad,
    look,
    many_hands,
    propose,
    put_right,
    review,
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three hundred proposed hands, the fifth of them with the largest doubt far off."""
    with many_hands(tmp_path / "project") as project:
        yield project


def test_without_a_random_sample_nothing_is_promised_whatever_was_reviewed(project: Project) -> None:
    review(project, project.hand_ids(HandQuery(order="worst"))[:120].tolist())
    found = look(project)
    why = refusal(found)
    assert found.stage == "no sample"
    assert why is not None
    assert why.more == found.suggested > 0
    with pytest.raises(HandStudioError, match="random sample"):
        Acceptance(project).command(found)


def test_reviews_count_only_once_the_whole_sample_is_reviewed(project: Project) -> None:
    sample = drawn(project, reviewed=False)
    review(project, sample.hands[:-1].tolist())
    found = look(project)
    why = refusal(found)
    assert found.stage == "reviewing"
    assert why is not None
    assert why.more == 1
    assert not any(position.holds for position in found.positions)
    review(project, sample.hands[-1:].tolist())
    assert look(project).stage == "holds"


def test_a_sample_is_the_same_for_the_same_seed_and_knows_what_it_was_drawn_from(project: Project) -> None:
    first, again, other = (drawn(project, seed, reviewed=False) for seed in (3, 3, 4))
    assert first.hands.tolist() == again.hands.tolist() != other.hands.tolist()
    assert first.model_id == "first"
    assert first.pool.sum() == first.totals[-1] == 300
    assert (first.round, again.round, other.round) == (1, 2, 3)


def test_hands_of_the_hold_out_are_neither_drawn_nor_accepted(project: Project) -> None:
    project.history.apply(SetHoldOut(2, True), "ann")
    drawn(project)
    accept(project)
    assert {project.hand(number).sequence_id for number in accepted(project)} == {1}


def test_what_is_accepted_lies_below_the_threshold_and_its_promise_is_kept(project: Project) -> None:
    drawn(project)
    found = look(project)
    assert found.best is not None
    position = found.positions[found.best]
    accept(project)
    ids = np.array(accepted(project))
    assert len(ids) == position.count
    assert doubts(300)[ids - 1].max() <= position.threshold * 1.0001
    assert is_bad(300, 0.2)[ids - 1].mean() <= TERMS.share
    for number in ids[:3].tolist():
        bundle = project.bundle(number)
        assert bundle.label is not None
        assert bundle.proposal is not None
        assert bundle.label.pose == bundle.proposal.pose
        assert (bundle.label.origin, bundle.label.decided_by) == ("promise 1", "ann")


def test_the_slider_says_more_hands_and_more_error_the_further_it_is(project: Project) -> None:
    drawn(project)
    positions = look(project).positions
    counts = [position.count for position in positions]
    assert counts == sorted(counts)
    assert counts[-1] == 300 - len(look(project).sample.hands)  # type: ignore[union-attr]
    errors = [position.error_px for position in positions if position.error_px is not None]
    assert errors[-1] > 1.5 * errors[0]
    assert [position.expected_px for position in positions] == sorted(
        position.expected_px for position in positions
    )


def test_the_promise_is_written_down_with_all_that_it_stands_on(project: Project) -> None:
    sample = drawn(project)
    accept(project)
    made = project.promises()[-1]
    assert made.terms == TERMS
    assert (made.who, made.state, made.sample_id) == ("ann", "standing", sample.id)
    assert made.facts["model"] == "first"
    assert made.facts["count"] == len(made.hands) == len(accepted(project))
    assert made.facts["wrong"] <= made.facts["reviewed"]
    assert made.facts["p"] <= made.facts["level"]
    assert project.history.entries(1)[0].title == "Accept automatically"


def test_acceptance_is_one_step_of_undo_and_survives_a_restart(project: Project) -> None:
    drawn(project)
    before = project.hands()
    accept(project)
    after = project.hands()
    project.history.undo()
    assert project.hands() == before
    assert project.promises() == []
    project.close()
    with Project.open(project.path) as again:
        again.history.redo("ann")
        assert again.hands() == after
        assert [made.state for made in again.promises()] == ["standing"]


def test_what_people_decided_is_never_overwritten(project: Project) -> None:
    drawn(project)
    command = Acceptance(project).command(look(project))
    free = look(project).ids(5)[:3].tolist()
    project.history.apply(SetState(free[0], State.REJECTED), "bob")
    project.history.apply(badly(project, free[1]), "bob")
    project.history.apply(command, "ann")
    assert project.hand(free[0]).state is State.REJECTED
    assert project.hand(free[1]).state is State.FIXED
    assert project.hand(free[2]).state is State.AUTO_ACCEPTED
    project.history.undo()
    assert project.hand(free[1]).state is State.FIXED


def test_hands_that_came_or_were_proposed_later_are_not_accepted(project: Project) -> None:
    drawn(project)
    command = Acceptance(project).command(look(project))
    chosen = look(project).ids(look(project).best or 0)
    newer = chosen[:5]
    pose = project.poses("proposal", newer)
    zeros = np.zeros(len(newer))
    project.store_proposals(
        None,
        "first",
        ProposalBatch(newer, pose.uv, pose.depth, pose.uv, pose.depth, zeros + 1.0, zeros),
    )
    found = look(project)
    assert found.newer == 5
    assert any("newer proposals" in text for text in warnings(found, found.best or 0, {}))
    project.history.apply(command, "ann")
    assert not set(newer.tolist()) & set(accepted(project))


def test_a_newer_models_proposals_need_a_sample_of_their_own(project: Project) -> None:
    drawn(project, reviewed=False)
    project.add_model("second", "Second", "toy", "lite", source="finetune")
    propose(project, "second")
    found = look(project)
    why = refusal(found, {"second": "Second"})
    assert found.stage == "outdated"
    assert why is not None
    assert "Second proposed since" in why.reason
    again = drawn(project)
    assert (again.model_id, again.round) == ("second", 1)
    assert look(project).stage == "holds"


def test_too_few_reviews_are_refused_with_how_many_are_missing(project: Project) -> None:
    sample = Acceptance(project).draw(TERMS, 20, 0, PLAIN, "ann")
    review(project, sample.hands.tolist())
    found = look(project)
    why = refusal(found)
    assert found.stage == "refused"
    assert why is not None
    assert why.more is not None
    further = Acceptance(project).draw_more(why.more + 20, "ann")
    assert further.hands[:20].tolist() == sample.hands.tolist()
    assert further.round == 2
    review(project, further.hands[20:].tolist())
    assert look(project).stage == "holds"


def test_proposals_that_are_all_wrong_are_refused_and_finetuning_is_advised(tmp_path: Path) -> None:
    with many_hands(tmp_path / "p", bad=1.0) as project:
        drawn(project)
        why = refusal(look(project))
        assert why is not None
        assert why.more is None
        assert "Finetune" in why.remedy


def test_rejected_and_skipped_hands_count_as_wrong(project: Project) -> None:
    sample = drawn(project, reviewed=False)
    for number in sample.hands.tolist():
        state = State.REJECTED if number % 2 else State.SKIPPED
        project.history.apply(SetState(number, state), "ann")
    assert look(project).positions[-1].wrong == len(sample.hands)


def test_a_correction_within_what_is_promised_is_right(project: Project) -> None:
    sample = drawn(project, reviewed=False)
    for number in sample.hands.tolist():
        bundle = project.bundle(number)
        assert bundle.proposal is not None
        pose = bundle.proposal.pose
        off = TERMS.worse_than + (0.1 if number % 2 else -0.1)
        moved = Pose(pose.uv + np.float32((off, 0.0)), pose.depth)
        label = SetLabel(number, moved, State.FIXED, "dragged", bundle.proposal.id)
        project.history.apply(label, "ann")
    assert look(project).positions[-1].wrong == sum(number % 2 for number in sample.hands.tolist())


def test_hands_of_which_the_good_ones_were_taken_out_are_promised_less(project: Project) -> None:
    """Somebody who decides all the surest hands leaves a worse mixture behind."""
    drawn(project)
    before = look(project).best
    assert before is not None
    surest = look(project).ids(before)
    review(project, surest[: int(0.8 * len(surest))].tolist())
    after = look(project)
    assert after.best is None or after.best < before


def test_sequences_that_were_decided_meanwhile_are_warned_of(project: Project) -> None:
    drawn(project)
    found = look(project)
    assert warnings(found, found.best or 0, {}) == []
    first = [number for number in found.ids(len(found.positions) - 1).tolist() if number <= 150]
    review(project, first)
    now = look(project)
    told = warnings(now, len(now.positions) - 1, {1: "walk 0", 2: "walk 1"})
    assert any("walk 1 has 100% of them" in text for text in told)


def test_a_stronger_promise_than_that_of_the_sample_does_not_follow_from_it() -> None:
    assert Terms(0.1, 6.0, 0.9).follows_from(TERMS)
    for stronger in (
        replace(TERMS, share=0.05),
        replace(TERMS, worse_than=4.0),
        replace(TERMS, confidence=0.95),
    ):
        assert not stronger.follows_from(TERMS)


@pytest.fixture
def session(project: Project) -> ReviewSession:
    """A reviewer after the machine has accepted."""
    drawn(project)
    accept(project)
    return ReviewSession(project, "ann")


def check(session: ReviewSession, decide: Callable[[int], object], most: int = 20) -> int:
    """Go through spot checks until there are none, or the promise is withdrawn; how many were decided."""
    pending = session.acceptance.draw_checks(most).tolist()
    session.set_query(HandQuery(only=tuple(pending)))
    for number, hand_id in enumerate(pending):
        if session.project.hand(hand_id).state is not State.AUTO_ACCEPTED:
            return number
        session.go_to_hand(hand_id)
        decide(hand_id)
    return len(pending)


def test_spot_checks_are_drawn_from_what_was_accepted_and_accepting_them_keeps_the_promise(
    session: ReviewSession,
) -> None:
    before = accepted(session.project)
    pending = session.acceptance.draw_checks(20)
    assert set(pending.tolist()) <= set(before)
    assert session.acceptance.draw_checks(20).tolist() == pending.tolist()
    check(session, lambda _hand: session.accept())
    checks = session.acceptance.standing()[-1]
    assert (checks.checked, checks.failed, checks.broken) == (20, 0, False)
    assert len(accepted(session.project)) == len(before) - 20


def test_one_failed_check_too_many_withdraws_the_promise_as_one_step_of_undo(
    session: ReviewSession,
) -> None:
    heard: list[str] = []
    session.message.connect(heard.append)
    count = len(accepted(session.project))
    decided = check(session, lambda _hand: put_right(session))
    assert 1 < decided < 10
    assert accepted(session.project) == []
    assert [made.state for made in session.project.promises()] == ["withdrawn"]
    assert "spot checks failed" in session.project.promises()[-1].reason
    assert any("withdrawn" in text for text in heard)
    assert session.project.state_counts()[State.FIXED] >= decided
    session.undo()
    assert len(accepted(session.project)) == count - decided
    assert [made.state for made in session.project.promises()] == ["standing"]


def test_what_checks_spoke_against_is_not_promised_anew_of_the_same_sample(session: ReviewSession) -> None:
    check(session, lambda _hand: put_right(session))
    found = look(session.project)
    assert (found.stage, found.best, found.withdrawn[-18:]) == ("refused", None, "spot checks failed")
    why = refusal(found)
    assert why is not None
    assert "was withdrawn" in why.reason
    session.undo()
    assert look(session.project).withdrawn == ""
    check(session, lambda _hand: put_right(session))
    drawn(session.project, seed=11)
    assert look(session.project).withdrawn == ""


def test_one_failed_check_alone_withdraws_nothing(session: ReviewSession) -> None:
    first = int(session.acceptance.draw_checks(20)[0])
    session.go_to_hand(first)
    put_right(session)
    checks = session.acceptance.standing()[-1]
    assert (checks.checked, checks.failed) == (1, 1)


def test_a_check_that_was_left_out_stops_the_counting(session: ReviewSession) -> None:
    pending = session.acceptance.draw_checks(20).tolist()
    for number in pending[1:]:
        session.project.history.apply(decision_of(session.project, number), "ann")
    assert session.acceptance.standing()[-1].checked == 0


def test_the_queue_of_drawn_hands_goes_on_to_the_next_that_nobody_looked_at(session: ReviewSession) -> None:
    pending = session.acceptance.draw_checks(5).tolist()
    session.set_query(HandQuery(only=tuple(pending)))
    session.go_to_hand(pending[0])
    session.accept()
    assert session.next_undecided()
    assert session.hand_id == pending[1]
    for _ in pending[1:]:
        session.accept()
        session.next_undecided()
    assert not session.next_undecided()


def test_decisions_on_other_hands_ask_nothing_of_the_checks(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.acceptance.draw_checks(5)
    other = int(session.project.hand_ids(HandQuery(states=(State.PROPOSED,)))[0])
    session.go_to_hand(other)
    session.reject()  # learns which hands are drawn
    monkeypatch.setattr(Acceptance, "standing", lambda _self: pytest.fail("asked"))
    session.reset()
    session.reject()


def test_a_second_promise_leaves_the_first_ones_hands_alone(session: ReviewSession) -> None:
    project = session.project
    first = accepted(project)
    project.history.apply(SetState(first[0], State.NONE), "ann")
    session.acceptance.draw_checks(3)
    found = look(project)
    assert refusal(found) is not None
    assert len(accepted(project)) == len(first) - 1
