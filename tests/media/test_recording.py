from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import OCCLUDED, VISIBLE
from handstudio.media import recording
from handstudio.media.folder import image_names
from handstudio.media.opening import open_sequences, open_source
from handstudio.media.recorded_truth import read_truth
from handstudio.media.source import FrameProblem

from .footage import number_of, truth_xyz, write_image, write_recording


def test_each_camera_is_a_sequence_with_all_its_layers(tmp_path: Path) -> None:
    write_recording(tmp_path / "s01_seq1")
    opened = open_sequences(tmp_path)
    assert not opened.problems
    assert [(each.name, each.view, each.recording, each.subject) for each in opened.sequences] == [
        ("s01_seq1/cam0", "cam0", "s01_seq1", "s01"),
        ("s01_seq1/cam1", "cam1", "s01_seq1", "s01"),
    ]
    sequence = opened.sequences[1]
    assert sequence.fps == 15.0
    assert sequence.camera is not None
    assert sequence.camera.K[0, 2] == 32.0
    source = open_source(sequence.kind, sequence.path, sequence.view, sequence.frame_names)
    frame = source.read(2)
    assert frame.depth_mm is not None
    assert frame.mask is not None
    assert frame.depth_mm[10, 10] == pytest.approx(500.5)
    assert frame.depth_mm[0, 0] == 0.0
    np.testing.assert_array_equal(frame.mask, frame.depth_mm > 0)
    assert frame.rgb.shape == (64, 64, 3)


def test_a_glance_reads_colours_alone(tmp_path: Path) -> None:
    write_recording(tmp_path / "r")
    sequence = open_sequences(tmp_path).sequences[0]
    source = open_source(sequence.kind, sequence.path, sequence.view, sequence.frame_names)
    frame = source.glance(2, 4)
    assert number_of(source.read(2).rgb) == 2
    assert frame.depth_mm is None
    assert frame.mask is None
    assert frame.size == (64 // frame.reduction, 64 // frame.reduction)


def test_the_truth_is_known_for_every_frame(tmp_path: Path) -> None:
    write_recording(tmp_path / "r")
    sequence = open_sequences(tmp_path).sequences[0]
    assert [[hand.side for hand in sequence.hands[index]] for index in range(3)] == [
        ["right"],
        ["left"],
        ["right"],
    ]
    hand = sequence.hands[0][0]
    assert hand.uv is not None
    assert hand.depth is not None
    assert hand.visibility is not None
    bone = np.linalg.norm(truth_xyz()[10] - truth_xyz()[9])
    np.testing.assert_allclose(hand.depth, (truth_xyz()[:, 2] - truth_xyz()[9, 2]) / bone, atol=1e-5)
    assert hand.visibility.tolist() == [VISIBLE] * 20 + [OCCLUDED]
    assert all(hand.box.contains(*map(float, joint)) for joint in hand.uv)


def test_two_hands_of_a_frame_are_both_found() -> None:
    seen = {"uv": np.ones((21, 2)).tolist()}
    entries = [{"frame": 4, "side": side, "cams": {"cam0": seen}} for side in ("left", "right")]
    hands, wrong = read_truth({"frames": entries}, "cam0", [3, 4], [(10, 10), (10, 10)])
    assert not wrong
    assert [hand.side for hand in hands[1]] == ["left", "right"]


@pytest.mark.parametrize(
    "damage", ["not json", "[]", '{"cameras": 5}', '{"cameras": [{"id": "cam0", "K": [1]}]}']
)
def test_a_damaged_calibration_is_a_problem_and_the_frames_are_shown(tmp_path: Path, damage: str) -> None:
    folder = write_recording(tmp_path / "r")
    (folder / "calibration.json").write_text(damage)
    opened = open_sequences(folder)
    assert [problem.path.name for problem in opened.problems] == ["calibration.json"]
    assert [each.camera for each in opened.sequences] == [None, None]
    assert opened.sequences[0].hands


@pytest.mark.parametrize("damage", ["not json", "[]", '{"frames": 3}', '{"frames": [{"frame": 0}, 7]}'])
def test_a_damaged_truth_is_a_problem_and_the_frames_are_shown(tmp_path: Path, damage: str) -> None:
    folder = write_recording(tmp_path / "r")
    (folder / "joints.json").write_text(damage)
    opened = open_sequences(folder)
    assert {problem.path.name for problem in opened.problems} == {"joints.json"}
    assert [each.count for each in opened.sequences] == [3, 3]
    assert not any(each.hands for each in opened.sequences)


def test_values_that_are_no_numbers_never_become_truth(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", views=1)
    truth = json.loads((folder / "joints.json").read_text())
    truth["frames"][1]["cams"]["cam0"]["uv"][3] = [float("nan"), 0.0]
    (folder / "joints.json").write_text(json.dumps(truth))
    opened = open_sequences(folder)
    assert sorted(opened.sequences[0].hands) == [0, 2]
    assert "finite" in opened.problems[0].reason


def test_depth_of_another_size_is_a_problem_of_that_frame(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", views=1)
    write_image(folder / "cam0" / "depth" / "0001.png", np.zeros((5, 5), dtype=np.uint16))
    source = open_source("recording", folder, "cam0")
    with pytest.raises(FrameProblem, match="as large"):
        source.read(1)
    assert number_of(source.read(2).rgb) in range(4096)


def test_a_cut_image_keeps_its_place_and_is_listed(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", views=2)
    cut = folder / "cam1" / "rgb" / "0001.jpg"
    cut.write_bytes(cut.read_bytes()[:-200])
    (folder / "cam1" / "rgb" / "0002.jpg").write_bytes(b"no image")
    opened = open_sequences(folder)
    assert [each.count for each in opened.sequences] == [3, 2]
    assert [list(each.problems) for each in opened.sequences] == [[], [1]]
    assert [problem.path.name for problem in opened.problems] == ["0002.jpg"]


def test_a_camera_that_may_not_be_read_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_recording(tmp_path / "r", views=2)

    def refuse(place: Path) -> list[str]:
        if place.parent.name == "cam0":
            raise PermissionError(13, "Permission denied", str(place))
        return image_names(place)

    monkeypatch.setattr(recording, "image_names", refuse)
    opened = open_sequences(folder)
    assert [each.view for each in opened.sequences] == ["cam1"]
    assert [problem.path for problem in opened.problems] == [folder / "cam0" / "rgb"]


def test_recordings_without_depth_mask_and_truth_open(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", views=1)
    (folder / "joints.json").unlink()
    for layer in ("depth", "mask"):
        for file in (folder / "cam0" / layer).iterdir():
            file.unlink()
    sequence = open_sequences(folder).sequences[0]
    frame = open_source("recording", folder, "cam0", sequence.frame_names).read(0)
    assert frame.depth_mm is None
    assert frame.mask is None


def test_a_camera_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = write_recording(tmp_path / "r", views=1)
    (tmp_path / "rgb").mkdir()
    for view in ("cam7", "", "..", "../r/cam0"):
        with pytest.raises(HandStudioError, match="no camera"):
            open_source("recording", folder, view)


def test_rendered_recordings_agree_with_their_own_truth(shared_data: Path) -> None:
    folder = shared_data / "meshhands" / "sequences" / "s02_seq1"
    if not folder.is_dir():
        pytest.skip("no rendered recordings here")
    sequences = open_sequences(folder).sequences
    assert [each.count for each in sequences] == [40] * 4
    sequence = sequences[1]
    camera, hand = sequence.camera, sequence.hands[5][0]
    assert camera is not None
    assert hand.side == "left"
    assert hand.uv is not None
    assert hand.xyz_mm is not None
    assert hand.visibility is not None
    np.testing.assert_allclose(camera.project(hand.xyz_mm), hand.uv, atol=0.01)
    frame = open_source(sequence.kind, sequence.path, sequence.view, sequence.frame_names).read(5)
    assert frame.depth_mm is not None
    seen = np.flatnonzero(hand.visibility == VISIBLE)
    columns, rows = np.floor(hand.uv[seen]).astype(int).T
    depth = frame.depth_mm[rows, columns]
    gap = hand.xyz_mm[seen, 2][depth > 0] - depth[depth > 0]
    assert np.median(np.abs(gap)) < 15.0
