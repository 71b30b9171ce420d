"""Peaks of heatmaps come back as they were stored, and only with the proposal that they belong to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.peaks import KEPT, Peaks
from handstudio.methods.peaks import peaks_in_px, read_peaks, store_peaks
from handstudio.project import Project

LOOK = Box(1040.0, 380.0, 128.0, 128.0)


def made(count: int = 2) -> Peaks:
    rng = np.random.default_rng(0)
    uv = (rng.random((count, 21, KEPT, 2)) * 128.0 + (1040.0, 380.0)).astype(np.float32)
    share = rng.dirichlet(np.ones(KEPT), (count, 21)).astype(np.float32)
    return Peaks(uv, share, (1.0 + rng.random((count, 21, KEPT))).astype(np.float32))


@pytest.fixture
def poses() -> np.ndarray:
    return np.random.default_rng(1).random((2, 21, 2)).astype(np.float32) * 128.0


def test_they_come_back_to_a_tenth_of_a_pixel(tmp_path: Path, poses: np.ndarray) -> None:
    with Project.create(tmp_path / "P") as project:
        store_peaks(project, [4, 7], poses, [LOOK, LOOK], made())
        found = read_peaks(project, 7, poses[1])
        assert found is not None
        np.testing.assert_allclose(found.uv, made().uv[1], atol=0.1)
        np.testing.assert_allclose(found.share, made().share[1], atol=1e-3)
        np.testing.assert_allclose(found.spread, made().spread[1], atol=0.01)


def test_another_proposal_has_none_of_them(tmp_path: Path, poses: np.ndarray) -> None:
    with Project.create(tmp_path / "P") as project:
        store_peaks(project, [4, 7], poses, [LOOK, LOOK], made())
        other = poses[1].copy()
        other[[8, 12]] = other[[12, 8]]
        assert read_peaks(project, 7, other) is None
        assert read_peaks(project, 5, poses[1]) is None


def test_a_method_without_heatmaps_leaves_nothing(tmp_path: Path, poses: np.ndarray) -> None:
    with Project.create(tmp_path / "P") as project:
        none = Peaks(*(np.zeros_like(part) for part in made()))
        store_peaks(project, [4, 7], poses, [LOOK, LOOK], none)
        assert project.dense("peaks", 4) is None


def test_a_left_hand_is_mirrored_back() -> None:
    uv = np.array([[[16.0, 8.0]]], np.float32)
    found = peaks_in_px(Peaks(uv, np.ones((1, 1)), np.ones((1, 1))), LOOK, "left")
    np.testing.assert_allclose(found.uv[0, 0], (1040.0 + 96.0, 380.0 + 16.0))
    assert found.spread[0, 0] == 2.0
