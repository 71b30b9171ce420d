from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.camera import Camera
from handstudio.hand.lift import lift, project_scale_free, root_depth, to_25d
from handstudio.hand.registration import correct_pose, register, register_pose, tolerated_lengths
from handstudio.hand.skeleton import BONES, ROOT
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths, template_bone_lengths

SEEDS = st.integers(0, 2**32 - 1)
K = np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]], dtype=np.float32)
PARENTS = [parent for parent, _ in BONES]
CHILDREN = [child for _, child in BONES]
Posed = Callable[..., np.ndarray]
REFERENCE_MM = 44.0


def _lengths(xyz: np.ndarray) -> np.ndarray:
    return np.linalg.norm(xyz[..., CHILDREN, :] - xyz[..., PARENTS, :], axis=-1)


def _scattered(seed: int, noise_mm: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (TEMPLATE_MM + rng.normal(0, noise_mm, (6, 21, 3))).astype(np.float32)


@given(SEEDS, st.floats(0.1, 60.0))
def test_registered_hands_have_the_templates_bones(seed: int, noise_mm: float) -> None:
    registered = register(_scattered(seed, noise_mm), template_bone_lengths())
    np.testing.assert_allclose(_lengths(registered), np.tile(template_bone_lengths(), (6, 1)), rtol=1e-4)


@given(SEEDS, st.floats(0.1, 60.0))
def test_registering_twice_changes_nothing(seed: int, noise_mm: float) -> None:
    once = register(_scattered(seed, noise_mm), template_bone_lengths())
    np.testing.assert_allclose(register(once, template_bone_lengths()), once, atol=1e-3)


@given(SEEDS)
def test_the_root_keeps_its_place(seed: int) -> None:
    hands = _scattered(seed, 20)
    np.testing.assert_array_equal(register(hands, template_bone_lengths())[:, ROOT], hands[:, ROOT])


def test_each_joint_lies_where_it_was_proposed_as_seen_from_the_registered_joint_before_it() -> None:
    """The greedy chain of Fig. 4, one bone after the other."""
    proposed = _scattered(5, 20)[0].astype(np.float64)
    lengths = template_bone_lengths().astype(np.float64)
    slow = proposed.copy()
    chain = [(9, 0, 9), *((0, base, base) for base in (1, 5, 13, 17))]
    chain += [(joint - 1, joint, joint) for joint in range(2, 21) if joint not in (5, 9, 13, 17)]
    for start, end, bone in chain:
        towards = proposed[end] - slow[start]
        slow[end] = slow[start] + lengths[bone - 1] * towards / np.linalg.norm(towards)
    np.testing.assert_allclose(register(proposed, lengths), slow, atol=1e-9)


def test_every_hand_of_a_batch_may_have_its_own_bones() -> None:
    hands = _scattered(2, 10)
    lengths = template_bone_lengths() * np.linspace(0.8, 1.2, 6, dtype=np.float32)[:, None]
    np.testing.assert_allclose(_lengths(register(hands, lengths)), lengths, rtol=1e-4)
    np.testing.assert_allclose(register(hands[3], lengths[3]), register(hands, lengths)[3], atol=1e-4)


def test_joints_on_one_spot_still_become_a_hand() -> None:
    registered = register(np.zeros((2, 21, 3), np.float32), template_bone_lengths())
    np.testing.assert_allclose(_lengths(registered), np.tile(template_bone_lengths(), (2, 1)), rtol=1e-4)


@given(SEEDS, st.booleans())
def test_a_corrected_pose_is_already_correct(seed: int, with_camera: bool) -> None:
    hands = _scattered(seed, 6) + np.array((0, 80, 550), dtype=np.float32)
    uv, depth = to_25d(hands, K)
    camera = Camera(K) if with_camera else None
    once = register_pose(uv, depth, camera=camera)
    twice = register_pose(*once, camera=camera)
    np.testing.assert_allclose(twice[0], once[0], atol=0.05)
    np.testing.assert_allclose(twice[1], once[1], atol=2e-3)
    np.testing.assert_allclose(once[0][:, ROOT], uv[:, ROOT], atol=1e-3)


@given(SEEDS)
def test_a_feasible_pose_is_left_alone(posed: Posed, seed: int) -> None:
    hands = posed(seed, 3, distance_mm=500)
    with_camera = to_25d(hands, K, REFERENCE_MM)
    for before, after in zip(with_camera, register_pose(*with_camera, camera=K), strict=True):
        np.testing.assert_allclose(after, before, atol=0.1)
    flat = project_scale_free(hands / REFERENCE_MM, 20.0, np.zeros((3, 2), np.float32))
    for before, after in zip(flat, register_pose(*flat), strict=True):
        np.testing.assert_allclose(after, before, atol=0.02)


@pytest.mark.parametrize("relative", [None, relative_bone_lengths() * 1.1])
def test_tensors_register_as_arrays_do(relative: np.ndarray | None) -> None:
    uv, depth = to_25d(_scattered(7, 8) + np.array((0, 80, 550), dtype=np.float32), K)
    ours = register_pose(uv, depth, relative)
    theirs = register_pose(torch.from_numpy(uv), torch.from_numpy(depth), relative)
    for array, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(tensor.numpy(), array, atol=5e-3)


def test_gradients_of_registration_agree_with_finite_differences() -> None:
    hands = torch.tensor(_scattered(1, 10)[:2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda xyz: register(xyz, template_bone_lengths()), (hands,))


def test_gradients_are_finite_even_where_joints_coincide() -> None:
    hands = torch.zeros((1, 21, 3), requires_grad=True)
    register(hands, template_bone_lengths()).square().sum().backward()
    assert hands.grad is not None
    assert torch.isfinite(hands.grad).all()


def _wild(seed: int, count: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """2.5D poses that no hand can have, in cells."""
    rng = np.random.default_rng(seed)
    xyz = (TEMPLATE_MM - TEMPLATE_MM[ROOT] + rng.normal(0, 10.0, (count, 21, 3))).astype(np.float32)
    return (xyz[..., :2] * 0.3 + 32.0).astype(np.float32), xyz[..., 2] / REFERENCE_MM


def _in_space(uv: np.ndarray, depth: np.ndarray, px_per_bone: float) -> np.ndarray:
    return np.concatenate((uv / px_per_bone, depth[..., None]), axis=-1)


@given(SEEDS)
def test_a_corrected_pose_has_the_templates_bones_and_angles_within_limits(seed: int) -> None:
    uv, depth = correct_pose(*_wild(seed))
    lengths = relative_bone_lengths()
    for u, d in zip(uv, depth, strict=True):
        flat = u[CHILDREN] - u[PARENTS]
        rise = d[CHILDREN] - d[PARENTS]
        shown = np.sqrt(np.maximum(lengths**2 - rise**2, 0.0))
        px_per_bone = float(np.linalg.norm(flat, axis=-1) @ shown / (shown @ shown))
        hand = _in_space(u, d, px_per_bone)
        np.testing.assert_allclose(_lengths(hand), lengths, rtol=2e-3)
        assert np.abs(limit_violation(joint_angles(hand))).max() < 5e-3


@given(SEEDS)
def test_through_a_camera_a_corrected_pose_is_as_feasible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xyz = TEMPLATE_MM - TEMPLATE_MM[ROOT] + rng.normal(0, 8.0, (3, 21, 3)) + np.array((0, 0, 500.0))
    uv, depth = to_25d(xyz.astype(np.float32), K)
    corrected_uv, corrected_depth = correct_pose(uv, depth, camera=K)
    root = root_depth(uv, depth, K)
    hand = lift(corrected_uv, corrected_depth, K, 1.0, root)
    np.testing.assert_allclose(_lengths(hand), np.tile(relative_bone_lengths(), (3, 1)), rtol=5e-3)
    assert np.abs(limit_violation(joint_angles(hand))).max() < 5e-3


@given(SEEDS)
def test_correcting_twice_changes_little(seed: int) -> None:
    once = correct_pose(*_wild(seed))
    twice = correct_pose(*once)
    assert float(np.abs(twice[0] - once[0]).max()) < 0.5


def test_bones_that_are_tolerated_stay_and_others_go_to_the_nearest_tolerated_length() -> None:
    template = relative_bone_lengths()
    hand = register(TEMPLATE_MM, template * np.where(np.arange(20) % 2, 1.1, 1.6).astype(np.float32))
    found = tolerated_lengths(hand, template, 0.25)
    np.testing.assert_allclose(found / template, np.where(np.arange(20) % 2, 1.1, 1.25), rtol=1e-4)
    np.testing.assert_allclose(tolerated_lengths(hand, template, 0.0), template, rtol=1e-6)


def test_a_hand_of_other_proportions_is_corrected_less_where_they_are_tolerated() -> None:
    rng = np.random.default_rng(0)
    lengths = relative_bone_lengths() * rng.uniform(0.9, 1.1, 20).astype(np.float32)
    xyz = register(TEMPLATE_MM / REFERENCE_MM, lengths)
    uv, depth = xyz[None, :, :2] * 13.0 + 32.0, xyz[None, :, 2] - xyz[None, ROOT : ROOT + 1, 2]
    moved = [float(np.abs(correct_pose(uv, depth, tolerance=share)[0] - uv).mean()) for share in (0.0, 0.25)]
    assert moved[1] < 0.2 * moved[0]


def test_tensors_are_corrected_as_arrays() -> None:
    uv, depth = _wild(3)
    expected = correct_pose(uv, depth, tolerance=0.1)
    found = correct_pose(torch.from_numpy(uv), torch.from_numpy(depth), tolerance=0.1)
    for tensor, array in zip(found, expected, strict=True):
        np.testing.assert_allclose(tensor.numpy(), array, atol=2e-3)
