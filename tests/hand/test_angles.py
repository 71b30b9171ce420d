from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from handstudio.hand.angles import (
    FLEXION_JOINTS,
    LIMITS,
    bent,
    fit_limits,
    joint_angles,
    limit_violation,
    within_limits,
)
from handstudio.hand.skeleton import BONES, FINGER_BASES, WRIST
from handstudio.hand.template import TEMPLATE_MM

SEEDS = st.integers(0, 2**32 - 1)
Posed = Callable[..., np.ndarray]


def _with_finger_bent(row: int, radians: float, axis: np.ndarray) -> np.ndarray:
    """The template with what lies beyond ``row``'s joint turned about an axis through that joint."""
    hand = TEMPLATE_MM.astype(np.float64)
    joint = FLEXION_JOINTS[row]
    beyond = list(range(joint + 1, (joint - 1) // 4 * 4 + 5))
    turn = cv2.Rodrigues(axis * radians)[0]
    hand[beyond] = (hand[beyond] - hand[joint]) @ turn.T + hand[joint]
    return hand


@given(st.integers(3, 14), st.floats(-0.3, -0.01) | st.floats(0.01, 1.5))
def test_bending_a_finger_towards_the_palm_is_its_flexion(row: int, bend: float) -> None:
    start = TEMPLATE_MM[FLEXION_JOINTS[row]] - TEMPLATE_MM[FLEXION_JOINTS[row] + 1]
    across = np.cross(start, (0.0, 0.0, 1.0))
    hand = _with_finger_bent(row, bend, across / np.linalg.norm(across))
    assert np.sign(hand[FLEXION_JOINTS[row] + 1, 2]) == -np.sign(bend)
    change = joint_angles(hand) - joint_angles(TEMPLATE_MM.astype(np.float64))
    if row % 3:
        np.testing.assert_allclose(change[row], (bend, 0.0), atol=1e-5)
        assert np.abs(np.delete(change, row, axis=0)).max() < 1e-5
    else:
        assert np.sign(round(change[row, 0], 6)) == np.sign(bend)


@given(st.sampled_from((3, 6, 9, 12)), st.floats(-0.3, 0.3))
def test_spreading_a_finger_is_its_abduction_and_towards_the_thumb_is_positive(
    row: int, spread: float
) -> None:
    hand = _with_finger_bent(row, spread, np.array((0.0, 0.0, 1.0)))
    change = joint_angles(hand) - joint_angles(TEMPLATE_MM.astype(np.float64))
    np.testing.assert_allclose(change[row], (0.0, spread), atol=1e-5)
    assert np.abs(np.delete(change, row, axis=0)).max() < 1e-5


@given(SEEDS, st.floats(0.01, 50.0))
def test_angles_do_not_depend_on_place_turn_or_size(posed: Posed, seed: int, size: float) -> None:
    hands = posed(seed, 2, noise_mm=8.0).astype(np.float64)
    rng = np.random.default_rng(seed)
    turn = cv2.Rodrigues(rng.normal(size=3))[0]
    moved = size * hands @ turn.T + rng.normal(size=3) * 100
    np.testing.assert_allclose(joint_angles(moved), joint_angles(hands), atol=1e-4)


@given(SEEDS)
def test_a_mirrored_hand_bends_the_other_way(posed: Posed, seed: int) -> None:
    hands = posed(seed, 2, noise_mm=8.0).astype(np.float64)
    mirrored = hands * np.array((-1.0, 1.0, 1.0))
    np.testing.assert_allclose(joint_angles(mirrored), joint_angles(hands) * np.array((-1.0, 1.0)), atol=1e-5)


def test_violation_is_the_way_back_to_the_nearest_limit() -> None:
    middle = LIMITS.mean(axis=-1)
    assert not limit_violation(middle).any()
    assert not limit_violation(LIMITS[..., 0]).any()
    above = LIMITS[..., 1] + np.float32(0.2)
    np.testing.assert_allclose(limit_violation(above), 0.2, atol=1e-6)
    below = LIMITS[..., 0] - np.float32(0.1)
    np.testing.assert_allclose(limit_violation(below), -0.1, atol=1e-6)


def test_fitted_limits_hold_the_share_of_hands_that_was_asked_for() -> None:
    angles = np.random.default_rng(0).normal(size=(4000, 15, 2)).astype(np.float32)
    limits = fit_limits(angles, 0.9)
    outside = (limit_violation(angles, limits) != 0).mean(axis=0)
    np.testing.assert_allclose(outside, 0.1, atol=0.005)


def test_tensors_have_the_angles_of_arrays(posed: Posed) -> None:
    hands = posed(0, 6)
    np.testing.assert_allclose(joint_angles(torch.from_numpy(hands)).numpy(), joint_angles(hands), atol=1e-4)


def test_gradients_of_angles_agree_with_finite_differences(posed: Posed) -> None:
    hands = torch.tensor(posed(0, 1, noise_mm=8.0) / 44.0, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(joint_angles, (hands,))
    excess = torch.tensor(posed(4, 1) / 44.0, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda xyz: limit_violation(joint_angles(xyz)), (excess,))


def _lengths(xyz: np.ndarray) -> np.ndarray:
    parents, children = np.array(BONES).T
    return np.linalg.norm(xyz[..., children, :] - xyz[..., parents, :], axis=-1)


@given(SEEDS)
def test_a_hand_bent_to_its_own_angles_is_itself(posed: Posed, seed: int) -> None:
    hands = posed(seed, 4).astype(np.float64) / 44.0
    np.testing.assert_allclose(bent(hands, joint_angles(hands)), hands, atol=1e-4)


@example(8796996)  # two normals beside the middle finger all but cancel out
@given(SEEDS)
def test_a_bent_hand_has_the_angles_and_bones_it_was_given_and_keeps_its_palm(
    posed: Posed, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    hands = posed(seed, 3).astype(np.float64)
    angles = rng.uniform(-1.3, 1.3, (3, 15, 2))
    lengths = rng.uniform(20.0, 60.0, (3, 20))
    made = bent(hands, angles, lengths)
    np.testing.assert_allclose(joint_angles(made), angles, atol=1e-4)
    beyond = [bone for bone in range(20) if bone + 1 not in FINGER_BASES]
    np.testing.assert_allclose(_lengths(made)[:, beyond], lengths[:, beyond], rtol=1e-6)
    palm = [WRIST, *FINGER_BASES]
    np.testing.assert_array_equal(made[:, palm], hands[:, palm])


@given(SEEDS)
def test_a_mirrored_hand_is_bent_to_the_mirrored_hand_by_the_angles_of_the_other_side(
    posed: Posed, seed: int
) -> None:
    hands = posed(seed, 2).astype(np.float64)
    angles = np.random.default_rng(seed).uniform(-1.0, 1.0, (2, 15, 2))
    mirror = np.array((-1.0, 1.0, 1.0))
    np.testing.assert_allclose(
        bent(hands * mirror, angles * np.array((-1.0, 1.0))), bent(hands, angles) * mirror, atol=1e-6
    )


@given(SEEDS, st.floats(1.0, 40.0))
def test_fingers_within_limits_have_angles_within_limits_and_the_same_bones(
    posed: Posed, seed: int, noise_mm: float
) -> None:
    hands = posed(seed, 4, noise_mm=noise_mm)
    moved = within_limits(hands)
    assert np.abs(limit_violation(joint_angles(moved))).max() < 1e-3
    np.testing.assert_allclose(_lengths(moved), _lengths(hands), rtol=1e-4)


@given(SEEDS)
def test_a_hand_within_its_limits_is_left_as_it_is(posed: Posed, seed: int) -> None:
    hands = within_limits(posed(seed, 4))
    np.testing.assert_allclose(within_limits(hands) / 44.0, hands / 44.0, atol=2e-3)


def test_one_joint_that_bends_backwards_is_stopped_at_its_limit_and_the_rest_reaches_for_its_place() -> None:
    row = FLEXION_JOINTS.index(6)
    hand = _with_finger_bent(row, -0.8, np.array((1.0, 0.0, 0.0)))
    if joint_angles(hand)[row, 0] > 0:
        hand = _with_finger_bent(row, 0.8, np.array((1.0, 0.0, 0.0)))
    moved = within_limits(hand)
    angles = joint_angles(moved)
    np.testing.assert_allclose(angles[row, 0], LIMITS[row, 0, 0], atol=1e-4)
    others = [joint for joint in range(21) if joint not in (7, 8)]
    np.testing.assert_allclose(moved[others], hand[others], atol=1e-3)


def test_tensors_are_bent_as_arrays(posed: Posed) -> None:
    hands = posed(0, 6)
    angles = np.random.default_rng(0).uniform(-1.0, 1.0, (6, 15, 2)).astype(np.float32)
    tensors = torch.from_numpy(hands), torch.from_numpy(angles)
    np.testing.assert_allclose(bent(*tensors).numpy(), bent(hands, angles), atol=1e-3)
    np.testing.assert_allclose(within_limits(tensors[0]).numpy(), within_limits(hands), atol=1e-3)
