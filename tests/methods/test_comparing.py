"""Proposals are compared once, as they are stored or afterwards, and queues are sorted by what came out."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import cv2
import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.circles import sphere_model
from handstudio.hand.disagreement import circle_mask
from handstudio.hand.lift import lift, root_depth
from handstudio.methods.comparing import compare
from handstudio.methods.masks import store_masks
from handstudio.progress import Silent
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, HandQuery, Pose, SequenceImport
from tests.media.footage import write_image, write_recording

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


def test_where_there_is_depth_a_hand_that_bends_away_from_it_mismatches(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", frames=2, views=1, size=240)
    flat = made.hand_pose()
    bend = -(np.minimum((flat.uv[:, 1] - flat.uv[0, 1]) / 100.0, 0) ** 2)
    pose = Pose(flat.uv - flat.uv.mean(0) + 120.0, 0.6 * (bend - bend[9]).astype(np.float32))
    K = np.array([[300.0, 0, 120], [0, 300, 120], [0, 0, 1]], np.float32)
    xyz = lift(pose.uv, pose.depth, K, 44.0, root_depth(pose.uv, pose.depth, K) * 44.0)
    centres, radii = sphere_model(xyz)
    depth = np.zeros((240, 240), np.uint16)
    for centre, radius in sorted(zip(centres, radii, strict=True), key=lambda one: -one[0][2]):
        at = tuple(int(value) for value in centre[:2] / centre[2] * 300 + 120)
        cv2.circle(
            depth, at, round(float(radius / centre[2] * 300)), float(10 * (centre[2] - 0.8 * radius)), -1
        )
    write_image(folder / "cam0" / "depth" / "0000.png", depth)
    write_image(folder / "cam0" / "depth" / "0001.png", depth)
    box = Box.around(pose.uv)
    frames = [FrameImport(f"{index:04d}.jpg", 240, 240) for index in range(2)]
    hands = [HandImport(index, "right", box) for index in range(2)]
    with Project.create(tmp_path / "p") as project:
        project.add_sequence(
            SequenceImport(
                "r", "recording", str(folder), frames, hands, view="cam0", camera={"K": K.tolist()}
            )
        )
        batch = made.batch([1, 2])
        uv, z = np.stack([pose.uv] * 2), np.stack([pose.depth, -pose.depth]).astype(np.float32)
        project.store_proposals(None, None, replace(batch, uv=uv, depth=z))
        masks = circle_mask(np.stack([box.square().to_cells(pose.uv, 1)] * 2).astype(np.float32), z)
        store_masks(project, [1, 2], [box] * 2, np.repeat(np.repeat(masks, 2, 1), 2, 2).astype(np.float32))
        compare(project)
        right, away = (project.hand(number).mismatch for number in (1, 2))
        assert right is not None
        assert away is not None
        assert right < 0.2 < away
