"""A second person verifies decisions of the first, or sends them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handstudio.project import Project
from handstudio.project.commands import SetLabel, SetState
from handstudio.project.records import HandBundle, HandQuery, State
from handstudio.project.second_commands import SendBack, Verify
from handstudio.review import bulk
from handstudio.review.filter_text import parse
from handstudio.review.session import ReviewSession
from handstudio.review.sittings import sittings

from .conftest import Heard
from .made import batch, hand_pose, new_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Ann accepted 1, fixed 2, rejected 3, skipped 4, left 5 and 6."""
    with new_project(tmp_path / "project") as project:
        ann = ReviewSession(project, "ann")
        ann.open()
        ann.accept()
        project.history.apply(SetLabel(2, hand_pose(7.0), State.FIXED, "dragged", 2), "ann")
        project.history.apply(SetState(3, State.REJECTED), "ann")
        project.history.apply(SetState(4, State.SKIPPED), "ann")
        yield project


@pytest.fixture
def ben(project: Project) -> ReviewSession:
    """A second reviewer, at hand 1."""
    session = ReviewSession(project, "Ben")
    session.open()
    return session


def test_verifying_leaves_the_label_and_says_who_did_it(ben: ReviewSession) -> None:
    before = ben.bundle(1)
    assert ben.second.verify() is not None
    after = ben.bundle(1)
    assert (after.record.state, after.label) == (before.record.state, before.label)
    assert after.verification is not None
    assert (after.verification.who, after.record.verified, after.record.decided_by) == ("Ben", True, "ann")
    assert ben.project.history.entries()[0].title == "Verify"
    assert ben.project.history.entries()[0].who == "Ben"
    ben.undo()
    assert ben.bundle(1) == before


def test_nobody_verifies_their_own_decision_unless_the_project_allows_it(
    project: Project, ben: ReviewSession
) -> None:
    ann = ReviewSession(project, "Ann")
    heard = Heard(ann)
    ann.open()
    assert ann.second.verify() is None
    assert "somebody else has to verify it" in heard.messages[-1]
    ann.second.allow_own(True)
    assert ann.second.verify() is not None
    ann.undo()
    ann.undo()
    assert not ann.second.allows_own
    assert ann.second.verify() is None


def test_what_is_not_decided_cannot_be_verified_or_sent_back(ben: ReviewSession) -> None:
    heard = Heard(ben)
    for hand_id in (4, 5):
        ben.go_to_hand(hand_id)
        assert ben.second.verify() is None
        assert "no decision to verify" in heard.messages[-1]
    assert ben.second.why_not() is not None
    assert ben.second.send_back("thumb") is None
    ben.go_to_hand(1)
    assert ben.second.why_not() is None
    assert ben.second.send_back("  ") is None
    assert "Say what is wrong" in heard.messages[-1]


def test_a_later_change_withdraws_the_verification_and_undo_brings_both_back(ben: ReviewSession) -> None:
    ben.second.verify()
    verified = ben.bundle(1)
    changes = (
        ben.flip_side,
        ben.take_correction,
        ben.reject,
        ben.reset,
        lambda: ben.set_visibility(3, 1),
        lambda: ben.nudge(8, 3.0, 0.0),
    )
    for change in changes:
        change()
        assert not ben.bundle(1).record.verified
        assert ben.bundle(1).verification is None
        ben.undo()
        assert ben.bundle(1) == verified
    ben.set_note("wet")
    assert ben.bundle(1).record.verified


def test_the_same_key_takes_ones_own_verification_back_but_not_another_persons(
    project: Project, ben: ReviewSession
) -> None:
    ben.second.verify()
    cora = ReviewSession(project, "cora")
    heard = Heard(cora)
    cora.open()
    assert cora.second.verify() is None
    assert "verified already, by Ben" in heard.messages[-1]
    ben.second.verify()
    assert not ben.bundle(1).record.verified
    assert ben.project.history.undo_title == "Withdraw the verification"


def test_a_hand_that_is_sent_back_is_open_again_with_its_label_beside_it(
    project: Project, ben: ReviewSession
) -> None:
    before = ben.bundle(2)
    ben.go_to_hand(2)
    ben.second.send_back("the thumb bends the wrong way")
    found = project.bundle(2)
    assert (found.record.state, found.record.has_label, found.label) == (State.SENT_BACK, False, None)
    assert found.sent_back is not None
    assert (found.sent_back.reason, found.sent_back.who) == ("the thumb bends the wrong way", "Ben")
    assert found.standing == before.label
    ann = ReviewSession(project, "ann")
    ann.set_query(HandQuery(where=parse("state:undecided by:ann")))
    ann.open()
    assert ann.hand_id == 2
    view = ann.hand_view(2)
    assert (view.shown, view.pose) == ("sent back", hand_pose(7.0))
    assert view.sent_back == found.sent_back
    ann.nudge(4, 5.0, 0.0)
    fixed = project.bundle(2)
    assert (fixed.record.state, fixed.sent_back) == (State.FIXED, None)
    assert fixed.label is not None
    assert fixed.label.pose != hand_pose(7.0)
    ann.undo()
    assert project.bundle(2) == found
    ann.undo()
    assert project.bundle(2) == before


def test_accepting_what_was_sent_back_lets_the_earlier_label_stand(ben: ReviewSession) -> None:
    ben.go_to_hand(2)
    ben.second.send_back("?")
    ben.accept()
    label = ben.project.label_of(2)
    assert label is not None
    assert (label.pose, label.origin, label.decided_by) == (hand_pose(7.0), "dragged", "Ben")


def test_a_machine_leaves_the_state_of_what_was_sent_back(ben: ReviewSession) -> None:
    ben.go_to_hand(2)
    ben.second.send_back("?")
    before = ben.project.bundle(2)
    ben.project.store_proposals(None, None, batch([2], [9.0], shift=3.0))
    after = ben.project.bundle(2)
    assert (after.record.state, after.standing) == (State.SENT_BACK, before.standing)
    assert after.proposal is not None
    assert after.proposal.pose == hand_pose(3.0)


def test_two_reasons_are_kept_apart_by_undo(ben: ReviewSession) -> None:
    ben.second.send_back("first")
    ben.take_correction()
    ben.second.send_back("second")
    reasons = []
    for _ in range(3):
        found = ben.project.bundle(1).sent_back
        reasons.append(None if found is None else found.reason)
        ben.undo()
    assert reasons == ["second", None, "first"]


def test_the_queue_of_a_second_reviewer_holds_what_others_decided(
    project: Project, ben: ReviewSession
) -> None:
    heard = Heard(ben)
    project.history.apply(SetState(5, State.REJECTED), "ben")
    ben.set_query(ben.second.queue())
    assert ben.queue.ids.tolist() == [1, 2, 3]
    ben.go_to_hand(1)
    ben.second.verify()
    assert ben.second.next()
    assert ben.hand_id == 2
    ben.second.send_back("off")
    assert ben.second.next()
    assert ben.hand_id == 3
    ben.second.verify()
    assert not ben.second.next()
    assert "No other hand" in heard.messages[-1]
    assert (ben.verified(), ben.verified(1), ben.progress()[State.SENT_BACK]) == (2, 2, 1)
    (sitting,) = [each for each in sittings(project.history.entries()) if each.who == "Ben"]
    assert (sitting.counts["Verify"], sitting.counts["Send back"]) == (2, 1)


@pytest.fixture
def looked_at(project: Project) -> Project:
    """Ben verified 1 and sent 2 back; Ann decides 5 and 6, of which Ben verified 6."""
    project.history.apply(Verify(1), "ben")
    project.history.apply(SendBack(2, "off"), "ben")
    for hand_id in (5, 6):
        project.history.apply(SetState(hand_id, State.REJECTED), "ann")
    project.history.apply(Verify(6), "ben")
    return project


def everything(project: Project) -> list[HandBundle]:
    return [project.bundle(number) for number in range(1, 7)]


@pytest.mark.parametrize(
    "action", ["accept", "take-correction", "reject", "skip", "reset", "flip-side", "verify"]
)
@pytest.mark.parametrize("at_once", [2, 100])
def test_decisions_about_many_are_undone_exactly(
    looked_at: Project, monkeypatch: pytest.MonkeyPatch, action: str, at_once: int
) -> None:
    monkeypatch.setattr(bulk, "_AT_ONCE", at_once)
    before = everything(looked_at)
    assert bulk.decide_all(looked_at, action, HandQuery(), "cora") > 0  # type: ignore[arg-type]
    after = everything(looked_at)
    assert after != before
    if action != "verify":
        assert not any(found.record.verified or found.verification for found in after)
    looked_at.history.undo()
    assert everything(looked_at) == before
    looked_at.history.redo()
    assert everything(looked_at) == after
    looked_at.history.undo()
    assert everything(looked_at) == before


def test_many_are_verified_at_once_but_nobodys_own(looked_at: Project) -> None:
    assert bulk.decide_all(looked_at, "verify", HandQuery(), "Ann") == 0
    assert bulk.decide_all(looked_at, "verify", HandQuery(), "cora") == 2
    seen = [found.verification and found.verification.who for found in everything(looked_at)]
    assert seen == ["ben", None, "cora", None, "cora", "ben"]
    assert looked_at.history.undo_title == "Verify 2 hands"


def test_many_that_were_sent_back_are_accepted_with_their_labels(looked_at: Project) -> None:
    bulk.decide_all(looked_at, "accept", HandQuery(where=parse("state:sent-back")), "ann")
    label = looked_at.label_of(2)
    assert label is not None
    assert (label.pose, label.origin) == (hand_pose(7.0), "dragged")


def test_another_person_takes_the_chair(ben: ReviewSession, project: Project) -> None:
    ben.who = "cora"
    ben.second.verify()
    found = project.bundle(1).verification
    assert found is not None
    assert found.who == "cora"
