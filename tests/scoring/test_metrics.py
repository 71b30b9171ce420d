from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from handstudio.scoring.metrics import (
    auc,
    epe,
    mean_of,
    n_mpjpe,
    pck,
    pose_errors,
    root_aligned,
    scale_aligned,
    similarity_aligned,
    success_rate,
)

ERRORS = arrays(np.float64, st.integers(1, 30), elements=st.floats(0.0, 100.0))


def pose(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=50.0, size=(4, 21, 3))


def turned(points: np.ndarray, seed: int) -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return points @ rotation.T * 1.7 + (10.0, -20.0, 30.0)


def test_the_error_is_the_distance_and_unknown_joints_do_not_count() -> None:
    prediction = np.zeros((2, 21, 2))
    reference = np.zeros((2, 21, 2))
    reference[0, 3] = (3.0, 4.0)
    reference[1, 5] = np.nan
    assert pose_errors(prediction, reference)[0, 3] == 5.0
    assert epe(prediction, reference) == pytest.approx(5.0 / 41)
    assert epe(prediction, reference, mask=np.arange(42).reshape(2, 21) == 3) == 5.0
    assert np.isnan(epe(prediction[:0], reference[:0]))


def test_the_threshold_itself_counts_as_reached() -> None:
    assert pck([1.0, 2.0, 3.0, np.nan], [0.5, 2.0, 9.0]).tolist() == pytest.approx([0.0, 2 / 3, 1.0])
    assert np.isnan(pck([np.nan], [1.0])).all()


@settings(deadline=None)
@given(ERRORS)
def test_the_area_is_the_mean_of_the_curve(errors: np.ndarray) -> None:
    fine = np.linspace(20.0, 50.0, 200_001)
    assert auc(errors, 20.0, 50.0) == pytest.approx(pck(errors, fine).mean(), abs=1e-3)
    assert auc(errors, 20.0, 50.0, steps=100) == pytest.approx(auc(errors, 20.0, 50.0), abs=0.011)


def test_the_area_is_1_for_no_error_and_0_beyond_the_range() -> None:
    assert auc([0.0, 0.0], 0.0, 50.0) == 1.0
    assert auc([50.0, 80.0], 20.0, 50.0) == 0.0
    with pytest.raises(ValueError):
        auc([1.0], 50.0, 20.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_turned_moved_and_scaled_pose_fits_perfectly(seed: int) -> None:
    reference = pose(seed)
    np.testing.assert_allclose(similarity_aligned(turned(reference, seed), reference), reference, atol=1e-9)


def test_scale_and_place_do_not_count_in_n_mpjpe() -> None:
    reference = pose(1)
    assert n_mpjpe(reference * 3.0 + 40.0, reference) == pytest.approx(0.0, abs=1e-9)
    noisy = reference + pose(2) * 0.1
    best = min(
        epe(root_aligned(noisy[:1]) * scale, root_aligned(reference[:1]))
        for scale in np.linspace(0.5, 1.5, 201)
    )
    assert n_mpjpe(noisy[:1], reference[:1]) == pytest.approx(best, rel=0.05)
    assert scale_aligned(noisy, reference).shape == reference.shape


def test_the_scores_of_the_official_freihand_code_are_reproduced(shared_data: Path) -> None:
    folder = shared_data / "published" / "freihand_official_tiny"
    if not folder.is_dir():
        pytest.skip("the published scores are not here")
    reference = np.asarray(json.loads((folder / "gt_xyz.json").read_text()))
    prediction = np.asarray(json.loads((folder / "pred.json").read_text())[0])
    published = json.loads((folder / "expected_scores.json").read_text())
    names = [
        "absolute",
        "procrustes_aligned_with_scale(official)",
        "root(wrist)_relative(not official)",
    ]
    for guess, scores in (
        (prediction, published["scores"]),
        (np.zeros_like(prediction), published["zero_predictor"]),
    ):
        found = [
            pose_errors(guess, reference),
            pose_errors(similarity_aligned(guess, reference), reference),
            pose_errors(root_aligned(guess, 0), root_aligned(reference, 0)),
        ]
        for name, errors in zip(names, found, strict=True):
            expected = scores[name]
            area = np.mean([auc(errors[:, joint], 0.0, 0.05, steps=100) for joint in range(21)])
            assert mean_of(errors) * 1000 == pytest.approx(expected["mean_mm"], rel=1e-6)
            assert np.median(errors, axis=0).mean() * 1000 == pytest.approx(expected["median_mm"], rel=1e-6)
            assert area == pytest.approx(expected["auc_0_50mm"], abs=1e-6)


CAMERAS = {"nyu": (588.03, -587.07, 320.0, 240.0), "icvl": (240.99, 240.96, 160.0, 120.0)}


def published_poses(path: Path, joints: int, dataset: str) -> np.ndarray:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as stream:
        uvd = np.loadtxt(stream).reshape(-1, joints, 3)
    fx, fy, u0, v0 = CAMERAS[dataset]
    z = uvd[..., 2]
    return np.stack(((uvd[..., 0] - u0) * z / fx, (uvd[..., 1] - v0) * z / fy, z), axis=-1)


@pytest.mark.parametrize(
    ("dataset", "file", "truth"),
    [
        ("icvl", "CVPR18_ICVL_V2V_PoseNet.txt", "icvl_test_groundtruth_label.txt"),
        ("icvl", "CVPR14_LRF_Results.txt", "icvl_test_groundtruth_label.txt"),
        ("nyu", "CVPR18_NYU_V2V_PoseNet.txt.gz", "nyu_test_groundtruth_label.txt.gz"),
    ],
)
def test_published_results_get_their_published_figures(
    shared_data: Path, dataset: str, file: str, truth: str
) -> None:
    folder = shared_data / "published"
    if not folder.is_dir():
        pytest.skip("the published results are not here")
    with (folder / "expected.csv").open(newline="") as stream:
        expected = next(row for row in csv.DictReader(stream) if row["file"] == file.removesuffix(".gz"))
    joints = int(expected["joints"])
    reference = published_poses(folder / dataset / "groundtruth" / truth, joints, dataset)
    prediction = published_poses(folder / dataset / "predictions" / file, joints, dataset)
    errors = pose_errors(prediction, reference)
    assert len(errors) == int(expected["frames"])
    assert mean_of(errors) == pytest.approx(float(expected["computed_mean_mm"]), abs=6e-4)
    assert mean_of(errors) == pytest.approx(float(expected["paper_mean_mm"]), abs=0.011)
    limits = [10.0, 20.0, 30.0, 40.0, 50.0, 80.0]
    columns = [float(expected[f"pct_frames_max_le_{limit:.0f}mm"]) for limit in limits]
    np.testing.assert_allclose(success_rate(errors, limits) * 100, columns, atol=0.0051)
    shares = [float(expected[f"pct_joints_le_{limit}mm"]) for limit in (10, 20, 40)]
    np.testing.assert_allclose(pck(errors, [10.0, 20.0, 40.0]) * 100, shares, atol=0.0051)
    per_joint = [float(value) for value in expected["per_joint_mean_mm"].split()]
    np.testing.assert_allclose(errors.mean(axis=0), per_joint, atol=0.0051)
