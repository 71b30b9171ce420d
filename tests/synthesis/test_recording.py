"""Recordings of rendered hands."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.media.opening import open_sequences
from handstudio.progress import Silent
from handstudio.synthesis.filming import SequencePlan
from handstudio.synthesis.recording import write_recordings
from handstudio.synthesis.scene import SceneSettings

QUICK = SceneSettings(discs=12_000, oversample=1)
MESHHANDS = Path(__file__).parents[2].parent / "shared" / "data" / "meshhands"
PLANS = (
    SequencePlan("ada", "right", frames=5, gestures=("open", "fist")),
    SequencePlan("ben", "left", frames=3, shutter=0.5, facing_deg=30.0),
)
TWICE = (PLANS[0], SequencePlan("ada", "right", frames=2, number=2))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("recordings")
    assert write_recordings(out, 0, 48, 4, 2, settings=QUICK, plans=PLANS) == 16
    return out


def _read(path: Path) -> dict[str, object]:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_files_lie_where_the_layout_wants_them(written: Path) -> None:
    for subject, frames in (("ada", 5), ("ben", 3)):
        folder = written / "sequences" / f"{subject}_seq1"
        for view in ("cam0", "cam1"):
            for layer, ending in (("rgb", "jpg"), ("depth", "png"), ("mask", "png")):
                names = sorted(path.name for path in (folder / view / layer).iterdir())
                assert names == [f"{frame:04d}.{ending}" for frame in range(frames)]


def test_two_sequences_of_one_person_show_the_same_hand_in_other_poses(tmp_path: Path) -> None:
    write_recordings(tmp_path, 0, 32, 4, settings=QUICK, plans=TWICE)
    first, second = (_read(tmp_path / "sequences" / f"ada_seq{number}" / "joints.json") for number in (1, 2))
    assert first["bone_lengths_mm"] == second["bone_lengths_mm"]
    assert first["frames"][0] != second["frames"][0]  # type: ignore[index]


@pytest.mark.skipif(not MESHHANDS.is_dir(), reason="the data set is not here")
@pytest.mark.parametrize("name", ["calibration.json", "joints.json", "meta.json"])
def test_files_have_every_key_of_the_data_set_in_this_layout(written: Path, name: str) -> None:
    def keys(value: object, depth: int = 0) -> object:
        if isinstance(value, dict):
            return {key: keys(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [keys(value[0], depth + 1)]
        return None

    def missing(wanted: object, found: object) -> list[str]:
        if isinstance(wanted, dict):
            assert isinstance(found, dict)
            lacking = [key for key in wanted if key not in found and key not in ("cam2", "cam3")]
            inner = [missing(wanted[key], found[key]) for key in wanted if key in found]
            return lacking + [key for part in inner for key in part]
        if isinstance(wanted, list):
            assert isinstance(found, list)
            return missing(wanted[0], found[0])
        return []

    theirs = keys(_read(MESHHANDS / "sequences" / "s01_seq1" / name))
    ours = keys(_read(written / "sequences" / "ada_seq1" / name))
    assert missing(theirs, ours) == []


def test_bones_keep_their_length_and_every_camera_sees_the_same_hand(written: Path) -> None:
    for subject in ("ada", "ben"):
        folder = written / "sequences" / f"{subject}_seq1"
        truth, calibration = _read(folder / "joints.json"), _read(folder / "calibration.json")
        cameras = {camera["id"]: camera for camera in calibration["cameras"]}  # type: ignore[attr-defined]
        parents = truth["parents"]
        lengths = list(truth["bone_lengths_mm"].values())  # type: ignore[attr-defined]
        for frame in truth["frames"]:  # type: ignore[attr-defined]
            world = np.array(frame["xyz_world_mm"])
            bones = np.linalg.norm(world[1:] - world[parents[1:]], axis=1)  # type: ignore[index]
            np.testing.assert_allclose(bones, lengths, atol=0.02)
            for name, seen in frame["cams"].items():
                K, R, t = (np.array(cameras[name][key]) for key in ("K", "R", "t"))
                there = world @ R.T + t
                np.testing.assert_allclose(there, seen["xyz_cam_mm"], atol=0.02)
                uv = (there @ K.T)[:, :2] / there[:, 2:]
                np.testing.assert_allclose(uv, seen["uv"], atol=0.02)


def test_depth_and_mask_agree_and_visible_joints_lie_under_the_surface(written: Path) -> None:
    folder = written / "sequences" / "ada_seq1"
    truth = _read(folder / "joints.json")
    under = []
    for frame in truth["frames"]:  # type: ignore[attr-defined]
        name = f"{frame['frame']:04d}.png"
        depth = cv2.imread(str(folder / "cam0" / "depth" / name), cv2.IMREAD_UNCHANGED)
        mask = cv2.imread(str(folder / "cam0" / "mask" / name), cv2.IMREAD_UNCHANGED)
        assert depth is not None
        assert mask is not None
        assert depth.dtype == np.uint16
        assert ((depth > 0) == (mask > 0)).all()
        seen = frame["cams"]["cam0"]
        for (u, v), (_, _, z), visible in zip(seen["uv"], seen["xyz_cam_mm"], seen["visible"], strict=True):
            inside = 0 <= u < 48 and 0 <= v < 48
            if visible and inside and depth[int(v), int(u)]:
                under.append(z - depth[int(v), int(u)] / 10.0)
    assert 0.0 < np.median(under) < 15.0


def test_the_project_opens_its_own_recordings_with_all_their_truth(written: Path) -> None:
    opened = open_sequences(written)
    assert not opened.problems
    sides = {sequence.recording: sequence.hands[0][0].side for sequence in opened.sequences}
    assert sides == {"ada_seq1": "right", "ben_seq1": "left"}
    assert sorted(sequence.view or "" for sequence in opened.sequences) == ["cam0", "cam0", "cam1", "cam1"]
    assert all(sequence.camera is not None for sequence in opened.sequences)


def test_the_same_seed_writes_the_same_files(written: Path, tmp_path: Path) -> None:
    write_recordings(tmp_path, 0, 48, 4, 2, settings=QUICK, plans=PLANS[:1])
    for path in sorted((tmp_path / "sequences").rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (written / path.relative_to(tmp_path)).read_bytes(), path.name


def test_the_number_of_frames_is_the_number_asked_for(tmp_path: Path) -> None:
    assert write_recordings(tmp_path, 7, 24, 0, 1, settings=QUICK, frames_per_sequence=4) == 7
    assert len(list(tmp_path.rglob("*.jpg"))) == 7
    assert len(_read(tmp_path / "index.json")["sequences"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "size", "views"), [(0, 64, 1), (1, 4, 1), (1, 64, 0)])
def test_impossible_numbers_are_refused(tmp_path: Path, count: int, size: int, views: int) -> None:
    with pytest.raises(HandStudioError, match="cannot be"):
        write_recordings(tmp_path, count, size, 0, views)


def test_a_sequence_is_the_same_whatever_is_written_beside_it(written: Path, tmp_path: Path) -> None:
    write_recordings(tmp_path, 0, 48, 4, 2, settings=QUICK, plans=PLANS[:1])
    for name in ("cam1/rgb/0004.jpg", "cam0/depth/0000.png", "calibration.json"):
        alone, beside = (folder / "sequences" / "ada_seq1" / name for folder in (tmp_path, written))
        assert alone.read_bytes() == beside.read_bytes()
    poses = [
        np.array(
            [frame["xyz_world_mm"] for frame in _read(path / "sequences/ada_seq1/joints.json")["frames"]]
        )  # type: ignore[attr-defined]
        for path in (tmp_path, written)
    ]
    assert np.abs(poses[0] - poses[1]).max() < 0.01


def test_a_cancelled_writing_lists_whole_sequences_only(tmp_path: Path) -> None:
    class Impatient(Silent):
        def __init__(self) -> None:
            self.done = 0.0

        def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
            self.done = done

        def cancelled(self) -> bool:
            return self.done >= 5

    write_recordings(tmp_path, 0, 32, 4, settings=QUICK, plans=PLANS, progress=Impatient())
    for listed in _read(tmp_path / "index.json")["sequences"]:  # type: ignore[attr-defined]
        assert (tmp_path / listed["path"] / "meta.json").is_file()
