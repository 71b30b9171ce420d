from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.lift import lift, lift_scale_free, project_scale_free, root_depth, to_25d
from handstudio.hand.skeleton import ROOT

SEEDS = st.integers(0, 2**32 - 1)
K = np.array([[600.0, 0.0, 320.0], [0.0, 590.0, 240.0], [0.0, 0.0, 1.0]], dtype=np.float32)
Posed = Callable[..., np.ndarray]
REFERENCE_MM = 44.0


def _reference(xyz: np.ndarray) -> np.ndarray:
    return np.linalg.norm(xyz[..., 10, :] - xyz[..., 9, :], axis=-1)


@given(SEEDS)
def test_lifting_with_known_root_and_scale_undoes_projecting(posed: Posed, seed: int) -> None:
    xyz = posed(seed, 4, distance_mm=600)
    uv, depth = to_25d(xyz, K)
    np.testing.assert_allclose(lift(uv, depth, K, _reference(xyz), xyz[:, ROOT, 2]), xyz, atol=0.02)


@given(SEEDS)
def test_projecting_undoes_lifting(posed: Posed, seed: int) -> None:
    uv, depth = to_25d(posed(seed, 4, distance_mm=600), K)
    uv_again, depth_again = to_25d(lift(uv, depth, K, 44.0, 700.0), K)
    np.testing.assert_allclose(uv_again, uv, atol=2e-3)
    lifted_bone = _reference(lift(uv, depth, K, 44.0, 700.0)) / 44.0
    np.testing.assert_allclose(depth_again * lifted_bone[:, None], depth, atol=1e-3)


@given(SEEDS)
def test_the_quadratic_finds_the_roots_depth_where_the_reference_bone_shows(posed: Posed, seed: int) -> None:
    xyz = posed(seed, 8, distance_mm=600)
    bone = xyz[:, 10] - xyz[:, 9]
    xyz = xyz[np.hypot(bone[:, 0], bone[:, 1]) > 0.5 * np.linalg.norm(bone, axis=-1)]
    uv, depth = to_25d(xyz.astype(np.float64), K)
    np.testing.assert_allclose(lift(uv, depth, K, _reference(xyz)), xyz, atol=0.5)


def test_the_quadratic_takes_the_larger_root(posed: Posed) -> None:
    xyz = posed(3, 1, distance_mm=600)[0].astype(np.float64)
    uv, depth = to_25d(xyz, K)
    z = lift(uv, depth, K, _reference(xyz))[ROOT, 2]
    rays = (uv - K[:2, 2]) / (K[0, 0], K[1, 1])

    def length(root: float) -> float:
        ends = [np.array((*rays[joint], 1.0)) * (root + depth[joint] * _reference(xyz)) for joint in (9, 10)]
        return float(np.linalg.norm(ends[1] - ends[0]))

    assert length(z) == np.float64(z) * 0 + length(z)
    assert abs(length(z) - _reference(xyz)) < 1e-6
    assert all(abs(length(z + step) - _reference(xyz)) > 1e-6 for step in range(1, 200))


@given(SEEDS)
def test_all_bones_together_find_the_roots_depth(posed: Posed, seed: int) -> None:
    xyz = posed(seed, 4, distance_mm=500).astype(np.float64)
    uv, depth = to_25d(xyz, K, REFERENCE_MM)
    found = root_depth(uv, depth, K) * REFERENCE_MM
    np.testing.assert_allclose(found, xyz[:, ROOT, 2], rtol=2e-3)


@given(SEEDS, st.floats(2.0, 200.0))
def test_lifting_without_a_camera_undoes_a_view_without_perspective(
    posed: Posed, seed: int, scale: float
) -> None:
    xyz = posed(seed, 4).astype(np.float64)
    xyz = (xyz - xyz[:, ROOT : ROOT + 1]) / REFERENCE_MM
    uv, depth = project_scale_free(xyz, np.full(4, scale), np.full((4, 2), 50.0))
    lifted, px_per_bone = lift_scale_free(uv, depth)
    np.testing.assert_allclose(px_per_bone, scale, rtol=1e-4)
    np.testing.assert_allclose(lifted, xyz, atol=1e-3)


@given(SEEDS)
def test_a_few_joints_gone_astray_hardly_change_the_scale(posed: Posed, seed: int) -> None:
    rng = np.random.default_rng(seed)
    xyz = posed(seed, 1)[0] / REFERENCE_MM
    uv, depth = project_scale_free(xyz, 10.0, np.zeros(2))
    uv[rng.choice((4, 8, 16, 20), 2, replace=False)] += rng.normal(0, 25, (2, 2)).astype(np.float32)
    assert 0.85 < lift_scale_free(uv, depth)[1] / 10.0 < 1.25


def test_a_hand_collapsed_into_a_point_lifts_to_finite_numbers() -> None:
    lifted, scale = lift_scale_free(np.zeros((21, 2), np.float32), np.zeros(21, np.float32))
    assert np.isfinite(lifted).all()
    assert scale > 0
    pointing = lift_scale_free(np.zeros((21, 2), np.float32), np.arange(21, dtype=np.float32) * 5)
    assert np.isfinite(pointing[0]).all()


def test_tensors_lift_as_arrays_do(posed: Posed) -> None:
    uv, depth = to_25d(posed(0, 5, distance_mm=600), K)
    uv_t, depth_t = to_25d(torch.from_numpy(posed(0, 5, distance_mm=600)), K)
    np.testing.assert_allclose(uv_t.numpy(), uv, rtol=1e-5)
    for function in (
        lambda u, d: lift(u, d, K, 44.0),
        lambda u, d: lift_scale_free(u, d)[0],
        lambda u, d: root_depth(u, d, K),
    ):
        theirs: Any = function(uv_t, depth_t)
        assert isinstance(theirs, torch.Tensor)
        np.testing.assert_allclose(theirs.numpy(), function(uv, depth), rtol=2e-4, atol=2e-3)


def test_gradients_of_lifting_agree_with_finite_differences(posed: Posed) -> None:
    uv, depth = (torch.tensor(part, dtype=torch.float64) for part in to_25d(posed(1, 2, distance_mm=600), K))
    uv.requires_grad_()
    depth.requires_grad_()
    assert torch.autograd.gradcheck(lambda u, d: lift_scale_free(u, d)[0], (uv, depth))
    assert torch.autograd.gradcheck(lambda u, d: lift(u, d, K, 44.0), (uv, depth))
