"""What a reviewer does with a hand, and what is told about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.project import Project
from handstudio.project.commands import Bulk, SetState
from handstudio.project.records import HandQuery, State
from handstudio.review import queue
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import add_sequence, batch, hand_pose, new_project


def state(session: ReviewSession, hand_id: int | None = None) -> State:
    return session.project.hand(hand_id or session.hand_id or 0).state


def test_accepting_lets_the_proposal_stand(session: ReviewSession, heard: Heard) -> None:
    assert session.accept() is not None
    label = session.project.label_of(1)
    assert label is not None
    assert (label.pose, label.origin, label.decided_by) == (hand_pose(), "proposal", "ann")
    assert state(session) is State.ACCEPTED
    assert heard.told == ["changed", "hand 1"]


def test_the_whole_correction_or_some_of_its_joints_can_be_taken(session: ReviewSession) -> None:
    session.take_correction()
    label = session.project.label_of(1)
    assert label is not None
    np.testing.assert_allclose(label.pose.uv, hand_pose().uv + 2.0)
    assert (label.origin, state(session)) == ("correction", State.ACCEPTED)
    session.go_to_hand(2)
    session.take_correction([4, 8])
    label = session.project.label_of(2)
    assert label is not None
    moved = np.flatnonzero(np.abs(label.pose.uv - hand_pose().uv).max(axis=1) > 1e-3)
    assert moved.tolist() == [4, 8]
    assert state(session) is State.FIXED


def test_hands_are_rejected_skipped_and_reset(session: ReviewSession) -> None:
    session.reject()
    assert state(session) is State.REJECTED
    session.skip()
    assert state(session) is State.SKIPPED
    session.reset()
    assert state(session) is State.PROPOSED
    for _ in range(3):
        session.undo()
    assert state(session) is State.PROPOSED
    assert not session.can_undo


def test_sides_visibility_notes_and_boxes_are_changed_and_undone(session: ReviewSession) -> None:
    session.flip_side()
    session.set_note("wet")
    session.set_box(Box(1.0, 2.0, 30.0, 40.0))
    hand = session.project.hand(1)
    assert (hand.side, hand.note, hand.box_source) == ("left", "wet", "drawn")
    session.set_visibility(3, 1)
    session.set_visibility([7, 8], 2)
    label = session.project.label_of(1)
    assert label is not None
    assert label.pose.visibility[[2, 3, 7, 8]].tolist() == [0, 1, 2, 2]
    while session.can_undo:
        session.undo()
    hand = session.project.hand(1)
    assert (hand.side, hand.note, hand.box_source, hand.state) == ("right", "", "whole", State.PROPOSED)


def test_a_hand_is_added_and_removed(session: ReviewSession) -> None:
    session.add_hand(Box(0.0, 0.0, 50.0, 50.0), "left")
    added = session.hand_id
    assert added == 7
    assert [hand.id for hand in session.hands()] == [1, 7]
    session.remove_hand()
    assert session.hand_id == 1
    session.undo()
    assert session.hand_id == added


def test_undo_goes_to_what_it_changed(session: ReviewSession) -> None:
    session.accept()
    session.go_to_hand(5)
    session.undo()
    assert session.hand_id == 1
    session.go_to_hand(4)
    session.redo()
    assert session.hand_id == 1
    assert state(session) is State.ACCEPTED


def test_what_cannot_be_done_is_told_and_changes_nothing(session: ReviewSession, heard: Heard) -> None:
    add_sequence(session.project, 1, "bare")
    session.go_to_hand(7)
    assert session.accept() is None
    assert session.take_correction() is None
    assert session.begin_edit() is None
    assert session.set_visibility(1, 1) is None
    assert len(heard.messages) == 4
    assert all("no" in message for message in heard.messages)
    assert session.undo() is None
    assert heard.messages[-1] == "There is nothing to undo"


def test_a_second_window_is_told_that_it_may_only_read(session: ReviewSession) -> None:
    with Project.open(session.project.path, "window") as project:
        second = ReviewSession(project, "ben")
        heard = Heard(second)
        second.open()
        assert second.accept() is None
        assert second.begin_edit() is None
        assert all("reading only" in message for message in heard.messages)
        assert len(heard.messages) == 2


def test_another_process_is_noticed_and_only_what_it_changed_is_told(session: ReviewSession) -> None:
    heard = Heard(session)
    assert session.poll() is None
    assert heard.told == []
    with Project.open(session.project.path, "job") as job:
        job.store_proposals(None, None, batch([2, 3], [9.0, 8.0]))
        change = session.poll()
        assert change is not None
        assert (change.hands, change.sequences, change.everything) == ({2, 3}, {1}, False)
        assert "hand 1" not in heard.told
        job.store_proposals(None, None, batch([1], [9.0]))
    session.poll()
    assert "hand 1" in heard.told
    assert session.hand_view(1).record.confidence == pytest.approx(9.0)
    assert session.poll() is None


def test_ones_own_decisions_are_not_told_twice(session: ReviewSession) -> None:
    session.accept()
    assert session.poll() is None


def test_a_machine_does_not_change_what_was_decided_meanwhile(session: ReviewSession) -> None:
    session.accept()
    before = session.project.label_of(1)
    with Project.open(session.project.path, "job") as job:
        job.store_proposals(None, None, batch([1, 2], shift=40.0))
    session.poll()
    assert session.project.label_of(1) == before
    assert state(session, 1) is State.ACCEPTED
    assert session.hand_view(2).proposal == hand_pose(40.0)


def test_the_pace_of_deciding_is_measured_without_pauses(session: ReviewSession) -> None:
    now = [0.0]
    session.pace.__init__(lambda: now[0])  # type: ignore[misc]
    for hand_id, seconds in ((2, 2.0), (3, 4.0), (4, 1000.0)):
        session.go_to_hand(hand_id)
        now[0] += seconds
        session.accept()
    assert session.decisions_per_minute == pytest.approx(20.0)
    assert [entry.seconds for entry in session.project.history.entries()] == [None, 4.0, 2.0]


def test_all_drags_of_a_hand_are_one_decision(session: ReviewSession) -> None:
    now = [0.0]
    session.pace.__init__(lambda: now[0])  # type: ignore[misc]
    session.go_to_hand(2)
    for number in range(3):
        now[0] += 3.0
        session.nudge(8, 1.0 + number, 0.0)
    assert (session.pace.decisions, session.pace.seconds_per_decision) == (1, pytest.approx(9.0))
    assert [entry.seconds for entry in session.project.history.entries()] == [3.0] * 3
    session.go_to_hand(3)
    now[0] += 1.0
    session.accept()
    assert session.decisions_per_minute == pytest.approx(60.0 / 5.0)
    session.go_to_hand(2)
    now[0] += 2.0
    session.nudge(8, 1.0, 0.0)
    assert session.decisions_per_minute == pytest.approx(60.0 / 6.0)


def test_what_could_not_be_stored_is_no_decision(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise HandStudioError("The disk is full")

    monkeypatch.setattr(session.project.history, "apply", full)
    assert session.accept() is None
    assert session.pace.decisions == 0


def test_a_project_without_hands_shows_its_first_frame(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", frames=0, proposed=False) as project:
        session = ReviewSession(project, "ann")
        session.open()
        assert (session.frame_id, session.hand_id) == (None, None)
        assert session.accept() is None


def test_the_queue_is_walked_and_what_is_decided_passed_over(session: ReviewSession) -> None:
    session.set_query(HandQuery(order="worst"))
    session.go_to_hand(6)
    assert session.queue.ids.tolist() == [6, 5, 4, 3, 2, 1]
    assert not session.previous_in_queue()
    assert session.next_in_queue()
    assert session.hand_id == 5
    session.reject()
    session.go_to_hand(6)
    session.next_undecided()
    assert session.hand_id == 4
    for hand_id in (4, 3, 2, 1):
        session.go_to_hand(hand_id)
        session.accept()
    session.next_undecided()
    assert session.hand_id == 6
    session.accept()
    assert not session.next_undecided()
    assert session.queue.ids.tolist() == [6, 5, 4, 3, 2, 1]


def test_however_many_are_decided_the_next_hand_is_found_by_two_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_project(tmp_path / "many", frames=600) as project:
        session = ReviewSession(project, "ann")
        session.open()
        order = session.queue.ids.tolist()
        session.apply(Bulk(tuple(SetState(hand_id, State.REJECTED) for hand_id in order[:-1])))
        read: list[str] = []
        find, look_up = project.ids_in_states, project.hands
        monkeypatch.setattr(project, "ids_in_states", lambda *what: read.append("ids") or find(*what))
        monkeypatch.setattr(project, "hands", lambda ids: read.append("hands") or look_up(ids))
        assert session.queue.next_undecided() == order[-1]
        assert read == ["hands", "ids"]


def test_the_next_hand_with_the_same_problem_is_gone_to(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", frames=20) as project:
        jumps = np.array([0.5] * 20, dtype=np.float32)
        jumps[[3, 9, 15]] = 30.0, 20.0, 40.0
        project.store_compared("jump", np.arange(1, 21), jumps)
        session = ReviewSession(project, "ann")
        session.open()
        said: list[str] = []
        session.message.connect(said.append)
        session.set_query(HandQuery(order="jump"))
        session.go_to_hand(16)
        assert session.next_of_same_problem()
        assert session.hand_id == 4
        assert "jump between frames" in said[-1]
        session.set_query(HandQuery())
        session.go_to_hand(4)
        session.next_of_same_problem()
        assert session.hand_id == 16
        session.go_to_hand(2)
        assert not session.next_of_same_problem()
        assert "Nothing stands out" in said[-1]


def test_a_long_queue_is_read_as_one_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 10)
    with new_project(tmp_path / "long", frames=60) as project:
        session = ReviewSession(project, "ann")
        session.set_query(HandQuery(order="worst"))
        session.open()
        assert len(session.queue) == 10
        assert session.queue.count() == 60
        for _ in range(25):
            session.next_in_queue()
        assert session.hand_id == 35
        assert len(session.queue) == 30
        session.go_to_hand(5)
        assert session.queue.position == -1
        session.next_in_queue()
        assert session.hand_id == 4
        assert not session.queue.begins
        while session.next_in_queue():
            pass
        assert session.hand_id == 1
        while session.previous_in_queue():
            pass
        assert session.hand_id == 60
        assert session.queue.begins


def test_the_next_undecided_of_a_long_queue_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 10)
    with new_project(tmp_path / "long", frames=60) as project:
        session = ReviewSession(project, "ann")
        session.set_query(HandQuery(order="worst"))
        session.open()
        session.apply(
            Bulk(tuple(SetState(number, State.REJECTED) for number in range(8, 61) if number != 59))
        )
        session.next_undecided()
        assert session.hand_id == 59
        session.next_undecided()
        assert session.hand_id == 7
        session.apply(Bulk(tuple(SetState(number, State.REJECTED) for number in range(1, 8))))
        session.next_undecided()
        assert session.hand_id == 59


def test_frames_are_stepped_to_the_ends_and_no_further(session: ReviewSession, heard: Heard) -> None:
    session.step(2)
    assert (session.frame_index, session.hand_id) == (2, 3)
    session.step(100)
    assert session.frame_index == 5
    session.step(1)
    session.step(-100)
    assert heard.told == ["frame 3", "hand 3", "frame 6", "hand 6", "frame 1", "hand 1"]
