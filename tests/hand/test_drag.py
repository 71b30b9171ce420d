from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.drag import drag_joint
from handstudio.hand.skeleton import BONES, FINGER_BASES, FINGERS, WRIST, finger_of
from handstudio.hand.template import TEMPLATE_MM

SEEDS = st.integers(0, 2**32 - 1)
MOVING = st.sampled_from([joint for joint in range(21) if joint not in (WRIST, *FINGER_BASES)])
Posed = Callable[..., np.ndarray]


def _lengths(xyz: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.norm(xyz[child] - xyz[parent]) for parent, child in BONES])


def _moved(before: np.ndarray, after: np.ndarray) -> set[int]:
    return {int(joint) for joint in np.flatnonzero(np.abs(after - before).max(axis=-1) > 1e-3)}


@given(SEEDS, st.integers(0, 20), st.booleans(), st.sampled_from(("left", "right")))
def test_bones_keep_their_lengths_while_dragging(
    posed: Posed, seed: int, joint: int, hold: bool, side: str
) -> None:
    hand = posed(seed, 1, noise_mm=8.0)[0]
    target = hand[joint] + np.random.default_rng(seed).normal(0, 25, 3)
    after = drag_joint(hand, joint, target, side=side, hold_depth=hold)
    np.testing.assert_allclose(_lengths(after), _lengths(hand), rtol=1e-4)


@given(SEEDS, MOVING)
def test_a_drag_to_where_the_joint_is_changes_nothing(posed: Posed, seed: int, joint: int) -> None:
    hand = posed(seed, 1)[0]
    np.testing.assert_allclose(drag_joint(hand, joint, hand[joint]), hand, atol=1e-3)


@given(SEEDS, MOVING)
def test_dragging_a_finger_moves_that_finger_alone(posed: Posed, seed: int, joint: int) -> None:
    hand = posed(seed, 1)[0]
    after = drag_joint(hand, joint, hand[joint] + np.float32((12, -9, 5)))
    number = finger_of(joint)
    assert number is not None
    assert _moved(hand, after) <= set(FINGERS[number][1:])


@given(SEEDS, MOVING)
def test_a_place_that_the_finger_can_reach_is_reached(seed: int, joint: int) -> None:
    """Drag there, back to the rest, and there again."""
    rng = np.random.default_rng(seed)
    aimed = drag_joint(TEMPLATE_MM, joint, TEMPLATE_MM[joint] + rng.normal(0, 25, 3))
    reachable = aimed[joint]
    after = drag_joint(TEMPLATE_MM, joint, reachable)
    assert np.linalg.norm(after[joint] - reachable) < 1.5


@given(SEEDS, MOVING)
def test_joints_stay_within_their_limits_while_dragging(seed: int, joint: int) -> None:
    target = TEMPLATE_MM[joint] + np.random.default_rng(seed).normal(0, 40, 3)
    after = drag_joint(TEMPLATE_MM, joint, target)
    assert np.abs(limit_violation(joint_angles(after))).max() < np.radians(0.5)


@given(SEEDS, MOVING)
def test_a_left_hand_drags_as_the_mirror_image_of_a_right_one(posed: Posed, seed: int, joint: int) -> None:
    hand = posed(seed, 1)[0]
    mirror = np.array((-1, 1, 1), dtype=np.float32)
    target = hand[joint] + np.random.default_rng(seed).normal(0, 15, 3)
    left = drag_joint(hand * mirror, joint, target * mirror, side="left")
    np.testing.assert_allclose(left * mirror, drag_joint(hand, joint, target), atol=1e-3)


def test_a_straight_finger_bends_when_its_tip_is_pulled_in() -> None:
    target = TEMPLATE_MM[12] + np.float32((0, 30, 0))
    after = drag_joint(TEMPLATE_MM, 12, target, hold_depth=False)
    np.testing.assert_allclose(after[12, :2], target[:2], atol=0.5)
    assert after[12, 2] < -5
    assert (joint_angles(after)[6:9, 0] > 0.05).all()


def test_the_part_beyond_the_dragged_joint_keeps_its_bends() -> None:
    after = drag_joint(TEMPLATE_MM, 6, TEMPLATE_MM[6] + np.float32((0, 10, -25)))
    np.testing.assert_allclose(joint_angles(after)[4:6], joint_angles(TEMPLATE_MM)[4:6], atol=1e-3)


@pytest.mark.parametrize("joint", [WRIST, *FINGER_BASES])
def test_dragging_the_palm_moves_the_whole_hand(joint: int) -> None:
    shift = np.float32((20, -10, 30))
    np.testing.assert_allclose(
        drag_joint(TEMPLATE_MM, joint, TEMPLATE_MM[joint] + shift), TEMPLATE_MM + shift, atol=1e-4
    )


def test_the_hand_turns_about_a_pinned_wrist() -> None:
    target = np.float32((80, -40, 0))
    after = drag_joint(TEMPLATE_MM, 9, target, pinned=(WRIST,))
    np.testing.assert_allclose(after[WRIST], TEMPLATE_MM[WRIST], atol=1e-4)
    np.testing.assert_allclose(
        after[9] / np.linalg.norm(after[9]), target / np.linalg.norm(target), atol=1e-4
    )
    between = np.linalg.norm(TEMPLATE_MM[:, None] - TEMPLATE_MM[None], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(after[:, None] - after[None], axis=-1), between, atol=1e-2)


def test_a_pinned_joint_stays_while_its_tip_is_dragged() -> None:
    bent = drag_joint(TEMPLATE_MM, 8, TEMPLATE_MM[8] + np.float32((0, 40, -30)))
    after = drag_joint(bent, 8, bent[8] + np.float32((2, 6, -6)), pinned=(6,))
    assert _moved(bent, after) <= {7, 8}
    assert 8 in _moved(bent, after)


def test_a_pinned_tip_is_kept_near_its_place_while_the_finger_bends() -> None:
    bent = drag_joint(TEMPLATE_MM, 8, TEMPLATE_MM[8] + np.float32((0, 40, -30)))
    moved = bent[6] + np.float32((0, 2, -5))
    loose = drag_joint(bent, 6, moved)
    held = drag_joint(bent, 6, moved, pinned=(8,))
    assert np.linalg.norm(held[8] - bent[8]) < 0.5 * np.linalg.norm(loose[8] - bent[8])


def test_a_pinned_joint_cannot_be_dragged() -> None:
    for joint in (8, WRIST, 9):
        np.testing.assert_array_equal(
            drag_joint(TEMPLATE_MM, joint, np.zeros(3) + 9, pinned=(joint,)), TEMPLATE_MM
        )


def test_what_is_no_hand_is_refused() -> None:
    with pytest.raises(ValueError, match="hand"):
        drag_joint(np.zeros((20, 3)), 8, np.zeros(3))
    with pytest.raises(ValueError, match="finite"):
        drag_joint(TEMPLATE_MM, 8, (np.nan, 0, 0))


def test_a_hand_on_one_spot_does_not_break_a_drag() -> None:
    assert np.isfinite(drag_joint(np.zeros((21, 3)), 8, (1, 2, 3))).all()


@pytest.mark.parametrize("joint", [6, 7, 8, 11, 12])
@pytest.mark.parametrize("shorter", [0.02, 0.07, 0.12, 0.3, 0.6])
def test_a_straight_finger_in_the_images_plane_can_be_shortened_by_any_amount(
    joint: int, shorter: float
) -> None:
    hand = TEMPLATE_MM / 44.0
    target = hand[joint] + np.array((0.0, shorter, 0.0), np.float32)
    moved = drag_joint(hand, joint, target, hold_depth=False)
    np.testing.assert_allclose(moved[joint, :2], target[:2], atol=0.02)


def test_limits_give_way_to_a_strong_pull_and_no_farther() -> None:
    bones = np.array(BONES)
    target = TEMPLATE_MM[8] + np.float32((-90, 40, 0))
    hard = drag_joint(TEMPLATE_MM, 8, target)
    soft = drag_joint(TEMPLATE_MM, 8, target, give=0.14)
    assert np.linalg.norm(soft[8] - target) < np.linalg.norm(hard[8] - target) - 1.0
    lengths = [np.linalg.norm(one[bones[:, 1]] - one[bones[:, 0]], axis=1) for one in (TEMPLATE_MM, soft)]
    np.testing.assert_allclose(lengths[1], lengths[0], rtol=1e-4)
    beyond = np.abs(limit_violation(joint_angles(soft)))[3:6]
    assert 0.01 < beyond.max() < 0.15


def test_a_hand_moves_as_far_as_its_pinned_fingertips_let_it() -> None:
    pins = (8, 12)
    near = drag_joint(TEMPLATE_MM, WRIST, TEMPLATE_MM[WRIST] + np.float32((0, -12, 0)), pins)
    np.testing.assert_allclose(near[list(pins)], TEMPLATE_MM[list(pins)], atol=1.0)
    assert near[WRIST, 1] - TEMPLATE_MM[WRIST, 1] < -8.0
    far = drag_joint(TEMPLATE_MM, WRIST, TEMPLATE_MM[WRIST] + np.float32((0, 300, 0)), pins)
    assert np.abs(far[list(pins)] - TEMPLATE_MM[list(pins)]).max() < 60.0
