from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.distance import pose_distance
from handstudio.hand.lift import lift_scale_free, to_25d
from handstudio.hand.mirror import mirror_uv, mirror_xyz
from handstudio.hand.registration import register, register_pose
from handstudio.hand.template import template_bone_lengths

SEEDS = st.integers(0, 2**32 - 1)
WIDTH = 640.0
K = np.array([[600.0, 0.0, WIDTH / 2], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]], dtype=np.float32)
Posed = Callable[..., np.ndarray]


@given(SEEDS)
def test_left_and_right_are_mirror_images(posed: Posed, seed: int) -> None:
    right = posed(seed, 3, distance_mm=600)
    uv, depth = to_25d(right, K)
    left_uv, left_depth = to_25d(mirror_xyz(right), K)
    np.testing.assert_allclose(left_uv, mirror_uv(uv, WIDTH), atol=1e-3)
    np.testing.assert_allclose(left_depth, depth, atol=1e-5)


@given(SEEDS)
def test_correcting_a_mirrored_hand_mirrors_the_correction(posed: Posed, seed: int) -> None:
    uv, depth = to_25d(posed(seed, 3, distance_mm=600), K)
    uv += np.random.default_rng(seed).normal(0, 5, uv.shape).astype(np.float32)
    corrected = register_pose(uv, depth)
    mirrored = register_pose(mirror_uv(uv, WIDTH), depth)
    np.testing.assert_allclose(mirror_uv(mirrored[0], WIDTH), corrected[0], atol=1e-2)
    np.testing.assert_allclose(mirrored[1], corrected[1], atol=1e-3)
    xyz, _ = lift_scale_free(uv, depth)
    lengths = template_bone_lengths()
    np.testing.assert_allclose(
        register(mirror_xyz(xyz * 44), lengths), mirror_xyz(register(xyz * 44, lengths)), atol=1e-3
    )


@given(SEEDS, st.floats(1, 4000))
def test_mirroring_twice_changes_nothing(seed: int, width: float) -> None:
    uv = np.random.default_rng(seed).uniform(0, 4000, (21, 2))
    np.testing.assert_allclose(mirror_uv(mirror_uv(uv, width), width), uv, atol=1e-9)


def test_the_distance_is_a_mean_over_joints_of_squared_cells_and_weighted_squared_depths() -> None:
    uv, depth = np.zeros((2, 21, 2)), np.zeros((2, 21))
    other_uv, other_depth = uv.copy(), depth.copy()
    other_uv[0, 4] = (3.0, 4.0)
    other_depth[1, 2] = 2.0
    np.testing.assert_allclose(pose_distance(uv, depth, other_uv, other_depth), [25 / 21, 200 / 21])
    assert pose_distance(uv[1], depth[1], other_uv[1], other_depth[1], lambda_d=1.0) == 4 / 21
    tensors = [torch.from_numpy(part) for part in (uv, depth, other_uv, other_depth)]
    np.testing.assert_allclose(pose_distance(*tensors).numpy(), [25 / 21, 200 / 21])


@given(SEEDS)
def test_the_distance_is_symmetric_and_zero_only_for_the_same_pose(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = ((rng.uniform(0, 64, (21, 2)), rng.normal(size=21)) for _ in range(2))
    assert pose_distance(*first, *second) == pose_distance(*second, *first) > 0
    assert pose_distance(*first, *first) == 0
