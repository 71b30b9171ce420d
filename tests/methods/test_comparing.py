"""Proposals are compared once, as they are stored or afterwards, and queues are sorted by what came out."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.disagreement import circle_mask
from handstudio.methods.comparing import compare
from handstudio.methods.masks import store_masks
from handstudio.progress import Silent
from handstudio.project import Project
from handstudio.project.records import HandQuery

_spec = spec_from_file_location("made_projects", Path(__file__).parents[1] / "project" / "made.py")
assert _spec is not None
assert _spec.loader is not None
made = module_from_spec(_spec)
_spec.loader.exec_module(made)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Eight frames of one hand; the pose of the fifth jumps aside, the mask of the third is elsewhere."""
    project = made.new_project(tmp_path / "p", frames=8, proposed=False)
    batch = made.batch(list(range(1, 9)))
    uv = np.array(batch.uv)
    uv[4] += 12.0
    project.store_proposals(None, None, replace(batch, uv=uv))
    shares = np.stack([made.BOX.square().to_cells(pose, 1) for pose in uv]).astype(np.float32)
    masks = circle_mask(shares, np.asarray(batch.depth)).astype(np.float32)
    masks[2] = np.roll(masks[2], 6, axis=1)
    store_masks(project, range(1, 9), [made.BOX] * 8, np.repeat(np.repeat(masks, 2, axis=1), 2, axis=2))
    yield project
    project.close()


def test_older_proposals_are_compared_once(project: Project) -> None:
    assert not project.is_compared("mismatch")
    assert compare(project) == 8
    assert project.is_compared("mismatch")
    assert project.is_compared("jump")
    assert compare(project) == 0
    assert project.hand_ids(HandQuery(order="mismatch")).tolist()[0] == 3
    assert project.hand_ids(HandQuery(order="jump")).tolist()[0] == 5
    assert project.hand(5).jump == pytest.approx(np.hypot(12.0, 12.0), rel=1e-3)
    assert project.hand(1).jump is None
    assert project.hand_ids(HandQuery(order="jump")).tolist()[-2:] == [1, 8]


def test_a_new_proposal_is_compared_again_with_its_neighbours(project: Project) -> None:
    compare(project)
    neighbour = project.hand(4).jump
    project.store_proposals(None, None, made.batch([5]))
    assert project.hand(5).jump is None
    assert compare(project) == 1
    assert project.hand(5).jump == pytest.approx(0.0, abs=1e-3)
    assert neighbour is not None
    assert project.hand(4).jump == pytest.approx(0.0, abs=1e-3)


def test_comparing_may_be_stopped(project: Project) -> None:
    class Stopped(Silent):
        def cancelled(self) -> bool:
            return True

    assert compare(project, Stopped()) == 0
    assert not project.is_compared("mismatch")
    assert compare(project) == 8


def test_two_models_are_apart_by_their_latest_proposals(project: Project) -> None:
    for name in ("first", "second"):
        project.add_model(name, name, "semihand", "lite", source="shipped", path=project.path, adopted=False)
    project.store_proposals(None, "first", made.batch([1, 2]))
    assert project.hand(1).apart is None
    project.store_proposals(None, "second", made.batch([1, 2], shift=3.0))
    assert project.hand(1).apart == pytest.approx(3.0, abs=1e-4)
    project.store_proposals(None, "second", made.batch([1, 2], shift=5.0))
    assert project.hand(1).apart == pytest.approx(3.0, abs=1e-4)
    assert project.hand_ids(HandQuery(order="apart")).tolist()[:2] == [2, 1]
