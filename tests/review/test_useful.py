"""Hands that would teach most: unsure of, unlike what was reviewed, and unlike each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.progress import Silent
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import HandQuery, State
from handstudio.review.useful import chosen, find_useful

from .made import batch, hand_pose, new_project


def test_each_chosen_pose_makes_its_neighbours_less_useful() -> None:
    poses = np.zeros((5, 63), np.float32)
    poses[:, 0] = (1.0, 5.0, 5.1, -3.0, 0.0)
    errors = np.array([1.0, 1.0, 1.0, 1.0, 9.0], np.float32)
    rows, scores = chosen(poses, errors, np.zeros((1, 63), np.float32), 4)
    assert rows.tolist()[:2] == [2, 3]
    assert 1 not in rows.tolist()[:3]
    assert 4 not in rows.tolist()
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Twelve hands: 1-4 in one pose, 5-8 in another, 9-12 in a third; all as unsure."""
    project = new_project(tmp_path / "p", frames=12, proposed=False)
    told = batch(list(range(1, 13)), [1.0] * 12)
    uv = np.array(told.uv)
    uv[4:8, 5:9, 1] += 60.0
    uv[8:12, 13:17, 0] += 80.0
    project.store_proposals(None, None, replace(told, uv=uv))
    yield project
    project.close()


def test_poses_that_were_not_reviewed_come_first(project: Project) -> None:
    project.history.apply(SetLabel(2, hand_pose(), State.ACCEPTED, "proposal", 2), "ann")
    assert find_useful(project) > 0
    first = project.hand_ids(HandQuery(order="useful", states=(State.PROPOSED,))).tolist()[:2]
    assert {(number - 1) // 4 for number in first} == {1, 2}
    assert project.is_compared("useful")
    project.store_proposals(None, None, batch([first[0]]))
    assert project.hand(first[0]).useful is None
    assert not project.is_compared("useful")


def test_stopped_it_changes_nothing(project: Project) -> None:
    class Stopped(Silent):
        def cancelled(self) -> bool:
            return True

    find_useful(project)
    before = [project.hand(number).useful for number in range(1, 13)]
    assert find_useful(project, Stopped()) == 0
    assert [project.hand(number).useful for number in range(1, 13)] == before


def test_without_proposals_there_is_nothing_to_find(tmp_path: Path) -> None:
    with new_project(tmp_path / "q", proposed=False) as project:
        assert find_useful(project) == 0
