"""Marks on frames: one key sets and clears them, another goes from one to the next."""

from __future__ import annotations

import pytest

from handstudio.project import listed, said_sql
from handstudio.project.conditions import Condition
from handstudio.project.mark_commands import SetMark
from handstudio.project.records import HandQuery
from handstudio.review.filter_words import KINDS
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import add_sequence


def test_a_frame_is_marked_by_the_word_used_last_and_cleared_by_the_same_key(session: ReviewSession) -> None:
    marks = session.marks
    marks.toggle()
    assert marks.current == KINDS[0]
    marks.toggle()
    assert marks.current is None
    marks.set('  glove, "blue"  ')
    assert marks.current == "glove blue"
    session.step(1)
    marks.toggle()
    assert marks.current == "glove blue"
    assert marks.words() == [*KINDS, "glove blue"]


def test_a_frame_that_was_asked_about_is_marked_wherever_one_is_meanwhile(
    session: ReviewSession, heard: Heard
) -> None:
    asked = session.frame_id
    session.step(3)
    session.marks.set("glove", asked)
    assert session.project.marks(1) == {0: "glove"}
    assert session.marks.current is None
    assert heard.messages[-1] == "Marked: glove, frame 1"
    session.marks.set(None, asked)
    assert session.project.marks(1) == {}


def test_a_mark_is_undone_where_it_was_set(session: ReviewSession, heard: Heard) -> None:
    session.step(2)
    session.marks.set("blurred")
    session.step(3)
    session.undo()
    assert (session.frame_index, session.marks.current) == (2, None)
    session.step(3)
    session.redo()
    assert (session.frame_index, session.marks.current) == (2, "blurred")
    assert heard.messages[-1] == "Redid: Mark the frame: blurred"


def test_one_goes_from_mark_to_mark_around_all_sequences(session: ReviewSession, heard: Heard) -> None:
    assert not session.marks.step(1)
    assert heard.messages == ["No frame is marked yet"]
    other = add_sequence(session.project, 3, "run")
    for sequence_id, index in ((1, 1), (1, 4), (other, 2)):
        frame = session.project.frame_at(sequence_id, index)
        session.apply(SetMark(frame.id, "unclear"))
    seen = []
    for step in (1, 1, 1, 1, -1, -1):
        session.marks.step(step)
        seen.append((session.sequence_id, session.frame_index))
    assert seen == [(1, 1), (1, 4), (other, 2), (1, 1), (other, 2), (1, 4)]
    assert heard.messages[-1] == "Marked: unclear"
    assert session.project.marks(1) == {1: "unclear", 4: "unclear"}


def test_many_marked_frames_are_found_as_well(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(said_sql, "FEW", 1)
    for frame_id in (2, 3, 5):
        session.apply(SetMark(frame_id, "blurred"))
        session.go_to_hand(frame_id)
        session.set_note("wet")
    for field in ("mark", "note"):
        query = HandQuery(where=(Condition(field, ("any",)),), order="worst")  # type: ignore[arg-type]
        assert session.project.hand_ids(query).tolist() == [5, 3, 2]
    assert listed.FEW > 1


def test_a_window_for_reading_only_marks_nothing(session: ReviewSession, heard: Heard) -> None:
    session.project._store.read_only = True
    assert session.marks.toggle() is None
    assert "reading only" in heard.messages[-1]
