"""Where a hand was and will be: labels before proposals, by one statement, until something changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.project import Project
from handstudio.project.commands import RemoveHand, SetLabel, SetSide, SetState
from handstudio.project.records import State
from handstudio.project.trails import Trail
from handstudio.review.session import ReviewSession
from handstudio.review.trails import MARGIN

from .made import add_sequence, batch, hand_pose, new_project


@pytest.fixture
def long(tmp_path: Path) -> Iterator[ReviewSession]:
    """300 proposed hands of one track."""
    with new_project(tmp_path / "project", frames=300) as project:
        session = ReviewSession(project, "ann")
        session.open()
        yield session


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The stretches of frames that are read."""
    stretches: list[tuple[int, int]] = []
    read = Project.trail

    def noted(project: Project, of: object, first: int, last: int, *, proposals: bool = False) -> Trail:
        stretches.append((first, last))
        return read(project, of, first, last, proposals=proposals)  # type: ignore[arg-type]

    monkeypatch.setattr(Project, "trail", noted)
    return stretches


def about(session: ReviewSession, reach: int = 10) -> Trail:
    assert session.hand_id is not None
    return session.trails.about(session.bundle(session.hand_id).record, reach)


def test_a_trail_holds_labels_where_there_are_some_else_proposals(session: ReviewSession) -> None:
    project = session.project
    ids = project.hand_ids().tolist()
    session.apply(SetLabel(ids[1], hand_pose(5.0), State.FIXED, "dragged"))
    trail = about(session)
    assert trail.frames.tolist() == [0, 1, 2, 3, 4, 5]
    assert trail.hand_ids.tolist() == ids
    assert trail.decided.tolist() == [False, True, False, False, False, False]
    np.testing.assert_array_equal(trail.uv[0], hand_pose().uv)
    np.testing.assert_array_equal(trail.uv[1], hand_pose(5.0).uv)


def test_rejected_and_removed_hands_and_those_of_the_other_side_are_no_part_of_it(
    session: ReviewSession,
) -> None:
    ids = session.project.hand_ids().tolist()
    session.apply(SetState(ids[1], State.REJECTED))
    session.apply(RemoveHand(ids[2]))
    session.apply(SetSide(ids[3], "left"))
    assert about(session).frames.tolist() == [0, 4, 5]


def test_frames_without_a_pose_are_left_out(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", proposed=False) as project:
        ids = project.hand_ids().tolist()
        project.store_proposals(None, None, batch([ids[0], ids[2], ids[5]]))
        trail = project.trail(project.hand(ids[0]), 0, 5)
        assert trail.frames.tolist() == [0, 2, 5]
        assert len(project.trail(project.hand(ids[0]), 3, 4)) == 0
        add_sequence(project, 3, "another")
        assert project.trail(project.hand(ids[0]), 0, 5).hand_ids.tolist() == trail.hand_ids.tolist()


def test_steps_from_frame_to_frame_read_nothing(long: ReviewSession, asked: list[tuple[int, int]]) -> None:
    long.go_to_frame(1, 100)
    about(long)
    assert asked == [(90 - MARGIN, 110 + MARGIN)]
    for index in range(40, 161):
        long.go_to_frame(1, index)
        assert about(long).frames.tolist() == list(range(index - 10, index + 11))
    assert len(asked) == 1
    long.go_to_frame(1, 200)
    assert about(long).frames.tolist() == list(range(190, 211))
    assert len(asked) == 2


def test_at_the_ends_of_a_sequence_it_is_shorter(long: ReviewSession) -> None:
    long.go_to_frame(1, 3)
    assert about(long).frames.tolist() == list(range(14))
    long.go_to_frame(1, 299)
    assert about(long, 4).frames.tolist() == [295, 296, 297, 298, 299]


def test_what_changes_is_read_anew_also_when_another_process_wrote_it(
    long: ReviewSession, asked: list[tuple[int, int]]
) -> None:
    long.go_to_frame(1, 50)
    assert not about(long).decided.any()
    long.accept()
    assert about(long).decided.tolist().count(True) == 1
    long.undo()
    assert not about(long).decided.any()
    with Project.open(long.project.path, writer="job") as other:
        ids = other.hand_ids().tolist()
        other.store_proposals(None, None, batch([ids[49]], shift=9.0))
    long.poll()
    np.testing.assert_array_equal(about(long).uv[9], hand_pose(9.0).uv)
    before = len(asked)
    about(long)
    assert len(asked) == before
