"""References: the same hands, labelled at the joints or where people point."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.exchange.formats import export
from handstudio.hand.box import Box
from handstudio.hand.lift import to_25d
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs.references import Reference, reference_for
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, HandQuery, Pose, SequenceImport
from handstudio.scoring.evaluation import evaluate

K = np.array(((600.0, 0.0, 100.0), (0.0, 600.0, 100.0), (0.0, 0.0, 1.0)))
JOINTS = np.add(TEMPLATE_MM, (0.0, 0.0, 600.0))[None]


def test_poses_labelled_as_people_point_have_no_error_against_a_truth_labelled_so() -> None:
    uv, depth = to_25d(JOINTS, K)
    truth = Reference("truth", np.array([3]), uv, depth, JOINTS).as_pointed_at()
    assert truth.knows(3)
    assert truth.bone_mm is not None
    labels = AS_POINTED_AT.moved(JOINTS)
    proposed_uv, proposed_depth = to_25d(labels, K, truth.bone_mm)
    found = evaluate(
        proposed_uv,
        truth.uv,
        [200.0],
        depth=proposed_depth,
        depth_reference=truth.depth,
        xyz_reference_mm=truth.xyz_mm,
        K=K[None],
        bone_mm=truth.bone_mm,
    )
    assert found.epe_px < 0.2
    assert found.epe_mm < 1e-3
    assert found.depth_bones < 1e-3


def test_without_depth_and_space_only_the_image_moves() -> None:
    uv, _ = to_25d(JOINTS, K)
    moved = Reference("file", np.array([0]), uv).as_pointed_at()
    assert moved.depth is None
    assert moved.bone_mm is None
    np.testing.assert_allclose(moved.uv, AS_POINTED_AT.moved(uv))


def project_of(folder: Path, *sequences: str, frame: str = "0000.jpg") -> Project:
    """One frame with a true hand in each sequence."""
    project = Project.create(folder)
    for number, name in enumerate(sequences):
        truth = Pose(np.full((21, 2), 10.0 + number), np.zeros(21))
        hand = HandImport(0, "right", Box(0, 0, 50, 50), "dataset", truth=truth)
        project.add_sequence(
            SequenceImport(name, "folder", f"/{number}", [FrameImport(frame, 64, 48)], [hand])
        )
    return project


def test_the_truth_of_one_camera_is_not_that_of_another(tmp_path: Path) -> None:
    with project_of(tmp_path / "p", "r/cam0", "r/cam1") as project:
        export(project, "coco", tmp_path / "cam0.json", "truth", HandQuery(sequences=(1,)))
        reference = reference_for(project, str(tmp_path / "cam0.json"))
    assert reference.hand_ids.tolist() == [1]
    assert reference.uv[0, 0].tolist() == [10.0, 10.0]
    assert reference.problems == ()


def test_sequences_of_one_name_find_their_own_truth_in_an_export(tmp_path: Path) -> None:
    with project_of(tmp_path / "p", "take", "take") as project:
        export(project, "coco", tmp_path / "truth.json", "truth")
        reference = reference_for(project, str(tmp_path / "truth.json"))
    assert reference.hand_ids.tolist() == [1, 2]
    assert reference.uv[:, 0, 0].tolist() == [10.0, 11.0]


def test_the_end_of_a_sequences_name_is_enough_where_only_one_ends_so(tmp_path: Path) -> None:
    with project_of(tmp_path / "p", "s1/cam0", "s1/cam1", "s2/cam1") as project:
        images = [{"id": number, "file_name": f"cam{number}/0000.jpg"} for number in (0, 1)]
        hands = [{"image_id": number, "keypoints": [1, 2, 2] * 21} for number in (0, 1)]
        path = tmp_path / "r.json"
        path.write_text(json.dumps({"images": images, "annotations": hands}))
        assert reference_for(project, str(path)).hand_ids.tolist() == [1]


def landmarks(path: Path, name: str) -> str:
    path.write_text(json.dumps({"images": {name: {"uv": np.ones((21, 2)).tolist()}}}))
    return str(path)


def test_a_name_alone_is_enough_where_only_one_frame_has_it(tmp_path: Path) -> None:
    with project_of(tmp_path / "p", "photos", frame="a.jpg") as project:
        assert reference_for(project, landmarks(tmp_path / "r.json", "a.jpg")).hand_ids.tolist() == [1]


def test_a_name_that_several_frames_have_says_nothing(tmp_path: Path) -> None:
    with (
        project_of(tmp_path / "p", "one", "two", frame="a.jpg") as project,
        pytest.raises(HandStudioError, match=r"Several frames of the project are called a\.jpg"),
    ):
        reference_for(project, landmarks(tmp_path / "r.json", "a.jpg"))
