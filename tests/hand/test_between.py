"""Between two hands lie hands: they begin with the first, end with the second, and bend on the way."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from handstudio.hand.angles import LIMITS, bent, joint_angles
from handstudio.hand.between import between
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.skeleton import BONES, Side
from handstudio.hand.template import TEMPLATE_MM

_PARENTS, _CHILDREN = np.array(BONES).T


def hand(seed: int) -> np.ndarray:
    """A right hand somewhere, mm."""
    rng = np.random.default_rng(seed)
    low, high = LIMITS[..., 0], LIMITS[..., 1]
    made = bent(TEMPLATE_MM.astype(np.float64), rng.uniform(low, high).astype(np.float64))
    return Rotation.random(random_state=seed).apply(made) + rng.uniform(-100.0, 100.0, 3) + (0, 0, 600)


def bones(xyz: np.ndarray) -> np.ndarray:
    return np.linalg.norm(xyz[..., _CHILDREN, :] - xyz[..., _PARENTS, :], axis=-1)


@given(st.integers(0, 200), st.sampled_from(["left", "right"]))
def test_the_way_begins_and_ends_with_the_two_hands(seed: int, side: Side) -> None:
    first, second = hand(seed), hand(seed + 1000)
    found = between(first, second, [0.0, 1.0], side)
    np.testing.assert_allclose(found, [first, second], atol=1e-3)


@given(st.integers(0, 200))
def test_bones_of_one_person_keep_their_lengths_on_the_way(seed: int) -> None:
    found = between(hand(seed), hand(seed + 1000), np.linspace(0.0, 1.0, 7), "right")
    np.testing.assert_allclose(bones(found), np.broadcast_to(bones(hand(seed)), (7, 20)), rtol=1e-4)


def test_half_way_each_joint_is_bent_half_as_far() -> None:
    flat, fist = TEMPLATE_MM.astype(np.float64), TEMPLATE_MM.astype(np.float64)
    angles = joint_angles(flat)
    closed = angles.copy()
    closed[3:, 0] = 1.2
    fist = bent(fist, closed)
    middle = between(flat, fist, [0.5], "right")[0]
    np.testing.assert_allclose(joint_angles(middle), 0.5 * (angles + joint_angles(fist)), atol=1e-4)
    straight = 0.5 * (flat + fist)
    assert bones(straight).min() < 0.95 * bones(middle).min()


def test_left_hands_go_as_their_mirror_images() -> None:
    first, second = hand(3), hand(4)
    right = between(first, second, [0.3], "right")
    left = between(mirror_xyz(first), mirror_xyz(second), [0.3], "left")
    np.testing.assert_allclose(mirror_xyz(left), right, atol=1e-6)
