"""Bone lengths of people and limits of joints, fitted from a shell and used from then on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.angles import LIMITS
from handstudio.hand.box import Box
from handstudio.hand.lift import to_25d
from handstudio.hand.registration import register
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths
from handstudio.jobs import fitting_limits, fitting_template
from handstudio.jobs.command import perform
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import FrameImport, HandImport, Pose, SequenceImport, State

K = [[500.0, 0.0, 112.0], [0.0, 500.0, 112.0], [0.0, 0.0, 1.0]]
SIZE_MM = 40.0
BONES = relative_bone_lengths() * np.where(np.arange(20) == 9, 1.0, 1.15).astype(np.float32)


def bent(seed: int, count: int) -> np.ndarray:
    """(count, 21, 3) mm in front of the camera, of somebody with longer bones than the template's."""
    rng = np.random.default_rng(seed)
    hands = register(TEMPLATE_MM + rng.normal(0.0, 12.0, (count, 21, 3)), BONES * SIZE_MM)
    return (hands - hands[:, 9:10] + (0.0, 0.0, 600.0)).astype(np.float32)


def project_of(
    folder: Path,
    labelled: dict[str, int],
    *,
    subject: bool = True,
    truth: bool = True,
    state: State = State.FIXED,
) -> Path:
    """A sequence per person with so many labelled hands of eight and their truth."""
    with Project.create(folder) as project:
        for number, (person, count) in enumerate(labelled.items()):
            xyz = bent(number, 8)
            uv, depth = to_25d(xyz, np.array(K), SIZE_MM)
            poses = [Pose(*both) for both in zip(uv, depth, strict=True)]
            hands = [
                HandImport(
                    index,
                    "right",
                    Box(0, 0, 224, 224),
                    "dataset",
                    truth=pose,
                    truth_xyz_mm=xyz[index] if truth else None,
                )
                for index, pose in enumerate(poses)
            ]
            project.add_sequence(
                SequenceImport(
                    f"film of {person}",
                    "folder",
                    "/footage",
                    [FrameImport(f"{index}.jpg", 224, 224) for index in range(8)],
                    hands,
                    subject=person if subject else None,
                    camera={"K": K},
                )
            )
            for index, hand_id in enumerate(project.hand_ids().tolist()[-8:][:count]):
                project.history.apply(SetLabel(hand_id, poses[index], state, "dragged"), "ann")
    return folder


def fit(do, capfd) -> tuple[int, dict]:
    code = perform(do, json=True)
    return code, json.loads(capfd.readouterr().out)


def test_a_person_s_bones_are_fitted_to_the_reviewed_hands_and_used(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 6, "ben": 3})
    code, result = fit(lambda work: fitting_template.run(work, path), capfd)
    assert code == 0
    (anna,) = result["people"]
    assert (anna["person"], anna["sequences"], anna["hands"]) == ("anna", ["film of anna"], 6)
    assert result["problems"] == ["ben: 3 reviewed hands, 5 are needed"]
    little = anna["bones"][-1]
    assert (little["bone"], little["hands"], little["fitted"]) == ("pinky TIP", 6, True)
    assert little["length"] == pytest.approx(1.15 * little["template"], rel=0.02)
    assert little["spread"] < 0.05
    with Project.open(path) as project:
        of_anna, of_ben = (project.hand_shape(record) for record in project.sequences())
        np.testing.assert_allclose(of_anna.bone_lengths, BONES, rtol=0.02)
        assert of_ben.bone_lengths is None
        assert project.history.undo_title == "Use the bone lengths of anna"


def test_its_size_in_mm_is_that_of_the_truth(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 6})
    _, result = fit(lambda work: fitting_template.run(work, path), capfd)
    shown = float(np.linalg.norm(np.diff(bent(0, 1)[0, 9:11], axis=0)))
    assert result["people"][0]["reference_mm"] == pytest.approx(shown, rel=1e-3)
    assert result["people"][0]["bones"][9]["mm"] == pytest.approx(BONES[9] * shown, rel=1e-2)


def test_without_truth_and_depth_no_size_is_told(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 6}, truth=False)
    _, result = fit(lambda work: fitting_template.run(work, path), capfd)
    assert result["people"][0]["reference_mm"] is None
    assert result["people"][0]["bones"][0]["mm"] is None


def test_too_few_hands_are_refused_with_how_many_are_needed(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 4})
    code, result = fit(lambda work: fitting_template.run(work, path), capfd)
    assert code == 1
    assert "anna: 4 reviewed hands, 5 are needed" in result["error"]
    with Project.open(path) as project:
        assert project.templates() == {}


def test_what_the_machine_accepted_does_not_count(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 8}, state=State.AUTO_ACCEPTED)
    code, result = fit(lambda work: fitting_template.run(work, path), capfd)
    assert (code, "0 reviewed hands" in result["error"]) == (1, True)


def test_a_sequence_without_a_subject_must_be_named(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 8}, subject=False)
    code, result = fit(lambda work: fitting_template.run(work, path), capfd)
    assert code == 1
    assert "--sequences" in result["error"]
    named = fit(lambda work: fitting_template.run(work, path, ["film of anna"]), capfd)
    assert named[0] == 0
    with Project.open(path) as project:
        assert list(project.templates()) == ["film of anna"]


def test_showing_changes_nothing_and_removing_goes_back(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 6, "ben": 7})
    fit(lambda work: fitting_template.run(work, path, keep=False), capfd)
    with Project.open(path) as project:
        assert project.templates() == {}
    fit(lambda work: fitting_template.run(work, path), capfd)
    with Project.open(path) as project:
        assert list(project.templates()) == ["anna", "ben"]
        assert project.history.undo_title == "Use the bone lengths of 2 people"
    _, result = fit(lambda work: fitting_template.run(work, path, remove=True), capfd)
    assert result["removed"] == ["anna", "ben"]
    with Project.open(path) as project:
        assert project.templates() == {}
        project.history.undo()
        assert list(project.templates()) == ["anna", "ben"]


def test_limits_of_labels_hold_the_share_asked_for_and_stand_beside_anatomy(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 8, "ben": 8})
    code, result = fit(lambda work: fitting_limits.run(work, path, share=0.8, margin=0.0), capfd)
    assert (code, result["hands"], result["kept"]) == (0, 16, True)
    assert [row["joint"] for row in result["limits"]] == [row["joint"] for row in result["anatomy"]]
    assert result["anatomy"][4]["flexion"] == [-5.0, 110.0]
    with Project.open(path) as project:
        limits = project.hand_shape(project.sequences()[0]).limits
        assert limits is not None
        assert not np.allclose(limits, LIMITS)
    _, removed = fit(lambda work: fitting_limits.run(work, path, remove=True), capfd)
    assert removed["removed"]
    with Project.open(path) as project:
        assert project.joint_limits() is None


def test_a_margin_widens_every_limit(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 8, "ben": 8})
    tight, wide = (
        fit(lambda work, m=m: fitting_limits.run(work, path, share=0.8, margin=m), capfd)[1]["limits"]
        for m in (0.0, 3.0)
    )
    assert wide[5]["flexion"] == pytest.approx(np.add(tight[5]["flexion"], (-3.0, 3.0)).tolist(), abs=0.02)


def test_too_few_hands_for_a_quantile_are_refused(tmp_path: Path, capfd) -> None:
    path = project_of(tmp_path / "p", {"anna": 8})
    code, result = fit(lambda work: fitting_limits.run(work, path), capfd)
    assert code == 1
    assert "8 hands in 3D, and 200 are needed" in result["error"]


def test_limits_go_to_a_file_and_from_there_into_another_project(tmp_path: Path, capfd) -> None:
    path, file = project_of(tmp_path / "p", {"anna": 8, "ben": 8}), tmp_path / "limits.json"
    fit(lambda w: fitting_limits.run(w, path, out=file, layer="truth", share=0.8, keep=False), capfd)
    with Project.open(path) as project:
        assert project.joint_limits() is None
    fit(lambda work: fitting_limits.run(work, file, path), capfd)
    with Project.open(path) as project:
        found = project.joint_limits()
        assert found is not None
        first = json.loads(file.read_text("utf-8"))["joints"][0]["flexion"]
        np.testing.assert_allclose(np.degrees(found[0, 0]), first, atol=0.02)


def test_a_file_that_holds_no_limits_is_refused(tmp_path: Path, capfd) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}", "utf-8")
    code, result = fit(lambda work: fitting_limits.run(work, file), capfd)
    assert (code, "holds no joint limits" in result["error"]) == (1, True)
    code, result = fit(lambda work: fitting_limits.run(work, tmp_path / "nothing"), capfd)
    assert (code, "There is nothing" in result["error"]) == (1, True)
