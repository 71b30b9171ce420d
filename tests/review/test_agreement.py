"""Two annotators on the same hands: what each said is found again, compared, and shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.project import Project
from handstudio.project.commands import RemoveHand, SetLabel, SetState
from handstudio.project.records import FrameImport, HandImport, HandQuery, Pose, SequenceImport, State
from handstudio.project.second_commands import SendBack, Verify
from handstudio.review.agreement import agreement, pairs_of, two_sets
from handstudio.review.bulk import decide_all
from handstudio.review.filter_text import parse
from handstudio.review.other_project import pairs_with, same_hands
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import add_sequence, hand_pose, new_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six proposed hands before a camera."""
    with new_project(tmp_path / "project", camera=True) as project:
        yield project


def fix(project: Project, hand_id: int, shift: float, who: str) -> None:
    project.history.apply(SetLabel(hand_id, hand_pose(shift), State.FIXED, "dragged"), who)


def said(project: Project, one: str, other: str) -> dict[int, tuple[object, object]]:
    def what(annotation):
        return None if annotation.pose is None else float(annotation.pose.uv[0, 0] - hand_pose().uv[0, 0])

    return {first.hand_id: (what(first), what(second)) for first, second in project.annotations(one, other)}


def test_what_each_said_is_found_in_the_history(project: Project) -> None:
    fix(project, 1, 1.0, "ann")
    fix(project, 1, 2.0, "ann")
    fix(project, 1, 5.0, "ben")
    fix(project, 2, 1.0, "ann")
    project.history.apply(SetState(2, State.REJECTED), "ben")
    fix(project, 3, 1.0, "ann")
    fix(project, 3, 9.0, "ben")
    project.history.undo()
    fix(project, 4, 1.0, "ann")
    fix(project, 4, 3.0, "ben")
    project.history.apply(SendBack(4, "no"), "cora")
    assert said(project, "ann", "ben") == {1: (2.0, 5.0), 2: (1.0, None), 4: (1.0, 3.0)}
    assert project.annotator_pairs() == [("ann", "ben", 3)]


def test_decisions_about_many_are_found_as_well(project: Project) -> None:
    decide_all(project, "accept", HandQuery(), "ann")
    decide_all(project, "reject", HandQuery(where=parse("frame:1..3")), "ben")
    fix(project, 5, 4.0, "ben")
    assert said(project, "ann", "ben") == {
        **dict.fromkeys((1, 2, 3), (0.0, None)),
        5: (0.0, 4.0),
    }


def test_looks_of_a_second_reviewer_are_no_annotations(project: Project) -> None:
    fix(project, 1, 1.0, "ann")
    project.history.apply(Verify(1), "ben")
    assert project.annotator_pairs() == []
    assert project.annotations("ann", "ben") == []


@pytest.fixture
def ben(project: Project) -> ReviewSession:
    """Ann fixed 1 and 2, rejected 3 with a note; Ben begins a blind pass."""
    fix(project, 1, 1.0, "ann")
    fix(project, 2, 2.0, "ann")
    ann = ReviewSession(project, "ann")
    ann.go_to_hand(3)
    ann.reject()
    ann.set_note("an elbow")
    session = ReviewSession(project, "ben")
    session.open()
    return session


def test_in_a_blind_pass_nothing_of_the_first_is_seen_or_changed(ben: ReviewSession) -> None:
    project = ben.project
    before = [project.bundle(number) for number in (1, 2, 3)]
    told: list[object] = []
    ben.changed.connect(told.append)
    assert ben.blind.begin(seed=4)
    assert sorted(ben.queue.ids.tolist()) == [1, 2, 3]
    for number in (1, 2, 3):
        seen = ben.bundle(number)
        assert (seen.label, seen.record.state, seen.record.note) == (None, State.PROPOSED, "")
        assert ben.hand_view(number).shown == "proposal"
        assert ben.records([number])[0] == seen.record
    assert set(ben.confidences(1).state) == {"proposed"}
    assert ben.progress() == {State.PROPOSED: 6}
    assert ben.verified() == 0
    ben.go_to_hand(1)
    ben.nudge(8, 3.0, 0.0)
    ben.go_to_hand(2)
    ben.accept()
    assert ben.bundle(2).record.state is State.ACCEPTED
    ben.next_undecided()
    assert ben.hand_id == 3
    ben.reject()
    assert [project.bundle(number) for number in (1, 2, 3)] == before
    assert not ben.next_undecided()
    assert told
    assert len(project.annotations("ann", "ben")) == 3
    ben.blind.end()
    assert ben.bundle(3).record.note == "an elbow"
    assert ben.query.only is None
    assert ben.bundle(1).label == before[0].label


def test_blind_annotations_are_undone_redone_and_changed(ben: ReviewSession) -> None:
    ben.blind.begin()
    ben.go_to_hand(1)
    ben.accept()
    ben.reject()
    assert ben.bundle(1).record.state is State.REJECTED
    ben.undo()
    assert ben.bundle(1).record.state is State.ACCEPTED
    ben.undo()
    assert ben.bundle(1).record.state is State.PROPOSED
    ben.redo()
    assert ben.bundle(1).record.state is State.ACCEPTED
    ben.reset()
    assert ben.project.second_label(1, "ben") is None
    heard = Heard(ben)
    for _ in range(5):
        ben.undo()
    assert heard.messages[-1] == "In a blind pass only what was said in it is undone"
    assert ben.project.hand(3).note == "an elbow"


def test_a_blind_pass_refuses_what_would_change_or_tell_of_the_first(ben: ReviewSession) -> None:
    heard = Heard(ben)
    ben.blind.begin()
    ben.go_to_hand(1)
    assert ben.flip_side() is None
    assert ben.set_note("x") is None
    assert ben.second.verify() is None
    assert ben.remove_hand() is None
    assert not ben.may_decide_many()
    assert "In a blind pass" in heard.messages[-1]
    ben.go_to_hand(5)
    assert ben.accept() is None
    assert "decided by nobody else" in heard.messages[-1]
    assert ben.marks.set("blurred") is not None


def test_nothing_that_looks_at_other_frames_tells_of_the_first_in_a_blind_pass(ben: ReviewSession) -> None:
    heard = Heard(ben)
    ben.go_to_hand(4)
    record = ben.bundle(4).record
    assert ben.trails.about(record, 5).decided.tolist() == [True, True, False, False, False]
    ben.blind.begin()
    ben.go_to_hand(1)
    trail = ben.trails.about(ben.bundle(1).record, 5)
    assert trail.frames.tolist() == [0, 1, 2, 3, 4, 5], "that the first rejected one is not told either"
    assert not trail.decided.any()
    np.testing.assert_array_equal(trail.uv[1], hand_pose().uv)
    for act in (ben.whole.interpolate, ben.whole.carry_forward):
        assert act() is None
        assert "end the blind pass first" in heard.messages[-1]
    assert ben.project.second_label(1, "ben") is None
    ben.blind.end()
    assert ben.trails.about(record, 5).decided.any()


def test_what_others_took_back_is_not_done_again_in_a_blind_pass(ben: ReviewSession) -> None:
    ben.project.history.undo("ann")
    ben.blind.begin()
    heard = Heard(ben)
    before = ben.project.state_counts()
    assert ben.redo() is None
    assert heard.messages[-1] == "In a blind pass only what was said in it is done again"
    assert ben.project.state_counts() == before


def test_a_pass_goes_on_through_its_own_hands_whatever_the_queue_shows(ben: ReviewSession) -> None:
    ben.blind.begin(seed=4)
    drawn = ben.blind.hands
    assert sorted(drawn) == [1, 2, 3]
    ben.set_query(HandQuery())
    for _ in drawn:
        ben.accept()
        ben.next_undecided()
    assert {number for number in range(1, 7) if ben.project.second_label(number, "ben")} == {1, 2, 3}
    assert not ben.next_undecided()
    ben.blind.end()
    assert ben.blind.hands == ()


def test_a_hand_that_was_removed_is_no_part_of_a_pass_or_of_agreement(ben: ReviewSession) -> None:
    project = ben.project
    fix(project, 1, 4.0, "ben")
    fix(project, 2, 4.0, "ben")
    assert project.annotator_pairs() == [("ann", "ben", 2)]
    both = pairs_of(project.annotations("ann", "ben"))
    project.history.apply(RemoveHand(1), "cora")
    assert project.annotator_pairs() == [("ann", "ben", 1)]
    assert [one.hand_id for one, _ in project.annotations("ann", "ben")] == [2]
    assert [one.record.id for one in agreement(project, ("ann", "ben"), both).disagreements] == [2]
    fix(project, 4, 1.0, "ann")
    ben.poll()
    ben.blind.begin()
    assert sorted(ben.blind.hands) == [3, 4]
    project.history.apply(RemoveHand(4), "cora")
    ben.go_to_hand(3)
    ben.reject()
    assert not ben.next_undecided()


def test_two_poses_that_are_drawn_are_not_seen_when_a_pass_begins(ben: ReviewSession) -> None:
    project = ben.project
    fix(project, 2, 4.0, "ben")
    ben.comparing.take(
        two_sets(agreement(project, ("ann", "ben"), pairs_of(project.annotations("ann", "ben"))))
    )
    ben.comparing.step(1)
    assert ben.comparing.shown is not None
    ben.blind.begin()
    assert ben.comparing.shown is None


def test_a_pass_holds_what_is_left_and_needs_something(ben: ReviewSession) -> None:
    heard = Heard(ben)
    ben.blind.begin(2)
    assert len(ben.queue) == 2
    for hand_id in ben.queue.ids.tolist():
        ben.go_to_hand(hand_id)
        ben.skip()
    ben.blind.end()
    ben.blind.begin()
    assert len(ben.queue) == 1
    ben.reject()
    ben.blind.end()
    assert not ben.blind.begin()
    assert "No hand of the queue waits" in heard.messages[-1]


def test_figures_of_two_annotators(project: Project) -> None:
    for hand_id, (one, other) in {1: (0.0, 3.0), 2: (1.0, 1.0), 4: (2.0, 12.0)}.items():
        fix(project, hand_id, one, "ann")
        fix(project, hand_id, other, "ben")
    fix(project, 5, 1.0, "ann")
    project.history.apply(SetState(5, State.REJECTED), "ben")
    project.history.apply(SetState(6, State.SKIPPED), "ann")
    project.history.apply(SetState(6, State.REJECTED), "ben")
    found = agreement(project, ("ann", "ben"), pairs_of(project.annotations("ann", "ben")))
    assert (found.hands, found.blind, found.states.count) == (5, 0, 4)
    assert found.evaluation is not None
    assert found.evaluation.epe_px == pytest.approx((3.0 + 0.0 + 10.0) / 3)
    assert found.evaluation.per_finger["thumb"].epe_px == pytest.approx(13.0 / 3)
    assert found.evaluation.epe_mm == pytest.approx(0.0, abs=2.0)
    assert found.states.table.tolist() == [[3, 1], [0, 0]]
    assert [one.record.id for one in found.disagreements] == [5, 4, 1, 2]
    assert found.disagreements[0].about_state
    assert math.isnan(found.disagreements[0].px)
    assert found.disagreements[1].px == pytest.approx(10.0)
    told = found.to_json(most=1)
    assert (told["hands"], len(told["disagreements"]), told["disagreements"][0]["px"]) == (5, 1, None)
    assert len(told["poses"]["curve"]["pck"]) == len(told["poses"]["curve"]["thresholds"])
    with pytest.raises(HandStudioError, match="no hand that both"):
        agreement(project, ("ann", "cora"), [])
    assert pairs_of(project.annotations("ann", "ben"), blind_only=True) == []


def test_one_goes_from_disagreement_to_disagreement(project: Project) -> None:
    for hand_id, shift in ((1, 3.0), (4, 9.0)):
        fix(project, hand_id, 0.0, "ann")
        fix(project, hand_id, shift, "ben")
    session = ReviewSession(project, "cora")
    heard = Heard(session)
    session.open()
    way, told = session.comparing, []
    way.changed.connect(lambda: told.append(way.shown and way.shown.hand_id))
    assert not way.step(1)
    assert "Nothing is compared yet" in heard.messages[-1]
    way.take(two_sets(agreement(project, ("ann", "ben"), pairs_of(project.annotations("ann", "ben")))))
    seen = []
    for step in (1, 1, 1, -1):
        way.step(step)
        seen.append(session.hand_id)
    assert seen == [4, 1, 4, 1]
    assert way.shown is not None
    session.go_to_hand(2)
    assert way.shown is None
    way.step(1)
    assert way.clear()
    assert told == [4, 1, 4, 1, None, 4, None]


def test_two_projects_of_the_same_footage_are_compared(project: Project, tmp_path: Path) -> None:
    fix(project, 1, 0.0, "ann")
    fix(project, 2, 0.0, "ann")
    fix(project, 3, 0.0, "ann")
    with Project.create(tmp_path / "other") as other:
        add_sequence(other, 2, "something else")
        frames = [FrameImport(f"{index:03d}.jpg", 640, 480) for index in (2, 1, 0)]
        hands = [HandImport(index, "right", Box(90.0, 90.0, 200.0, 200.0)) for index in range(3)]
        other.add_sequence(SequenceImport("named otherwise", "folder", "/elsewhere/footage", frames, hands))
        fix(other, 3, 2.0, "ben")
        other.history.apply(SetState(4, State.REJECTED), "ben")
        pairs = pairs_with(project, other)
        assert [(pair.hand_id, pair.states[1]) for pair in pairs] == [
            (2, State.REJECTED),
            (3, State.FIXED),
        ]
        found = agreement(project, ("ours", "theirs"), pairs)
        assert found.evaluation is not None
        assert found.evaluation.epe_px == pytest.approx(2.0)
    with (
        new_project(tmp_path / "empty", frames=0, proposed=False) as empty,
        pytest.raises(HandStudioError, match="no footage in common"),
    ):
        pairs_with(project, empty)


def test_two_hands_of_a_frame_are_told_by_side_and_place(project: Project) -> None:
    def hand(number: int, side: str, x: float) -> object:
        from dataclasses import replace

        return replace(project.hand(number), side=side, box=Box(x, 0.0, 100.0, 100.0))

    ours = [hand(1, "left", 0.0), hand(2, "right", 300.0)]
    theirs = [hand(3, "right", 290.0), hand(4, "left", 30.0), hand(5, "left", 900.0)]
    found = same_hands(ours, theirs)  # type: ignore[arg-type]
    assert sorted((one.id, two.id) for one, two in found) == [(1, 4), (2, 3)]


def test_the_same_pose_is_no_millimetre_apart_from_itself_however_odd_it_is(project: Project) -> None:
    pose = hand_pose()
    uv = pose.uv.copy()
    uv[10] += (14.0, -9.0)
    uv[8] += (-6.0, 12.0)
    for who in ("ann", "ben"):
        project.history.apply(SetLabel(1, Pose(uv, pose.depth), State.FIXED, "dragged"), who)
    found = agreement(project, ("ann", "ben"), pairs_of(project.annotations("ann", "ben")))
    assert found.disagreements[0].px == 0.0
    assert found.disagreements[0].mm == pytest.approx(0.0, abs=1e-3)
