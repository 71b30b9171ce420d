"""Where labels are put."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.lift import lift, reference_length, to_25d
from handstudio.hand.placement import AS_POINTED_AT, AT_THE_JOINTS, Placement
from handstudio.hand.skeleton import FINGER_TIPS, ROOT, WRIST
from handstudio.hand.template import TEMPLATE_MM

K = np.array(((600.0, 0.0, 100.0), (0.0, 600.0, 100.0), (0.0, 0.0, 1.0)), np.float32)


def test_labels_at_the_joints_stay_there() -> None:
    np.testing.assert_array_equal(AT_THE_JOINTS.moved(TEMPLATE_MM), TEMPLATE_MM)


def test_labels_move_along_the_bones_and_only_those_that_are_asked_for() -> None:
    moved = Placement(tips_inwards=0.25).moved(TEMPLATE_MM)
    tips = list(FINGER_TIPS)
    before = [tip - 1 for tip in tips]
    np.testing.assert_allclose(moved[tips], 0.75 * TEMPLATE_MM[tips] + 0.25 * TEMPLATE_MM[before], rtol=1e-5)
    rest = [joint for joint in range(21) if joint not in tips]
    np.testing.assert_array_equal(moved[rest], TEMPLATE_MM[rest])
    wrist = Placement(wrist_towards_palm=0.1).moved(TEMPLATE_MM)[WRIST]
    np.testing.assert_allclose(wrist, 0.1 * TEMPLATE_MM[ROOT], atol=1e-5)


def test_tensors_move_as_arrays_do() -> None:
    hands = torch.from_numpy(TEMPLATE_MM.copy())[None].repeat(3, 1, 1)
    np.testing.assert_allclose(
        AS_POINTED_AT.moved(hands)[2].numpy(), AS_POINTED_AT.moved(TEMPLATE_MM), rtol=1e-5, atol=1e-5
    )


def test_depth_stays_in_bones_of_the_hand_when_labels_lie_apart_from_its_joints() -> None:
    joints = TEMPLATE_MM + np.array((0.0, 0.0, 500.0), np.float32)
    labels = AS_POINTED_AT.moved(joints)
    bone = reference_length(joints)
    uv, depth = to_25d(labels, K, bone)
    np.testing.assert_allclose(lift(uv, depth, K, bone, labels[ROOT, 2]), labels, rtol=1e-4, atol=1e-3)


@given(st.integers(0, 2**32 - 1), st.integers(2, 3))
def test_labels_moved_back_are_the_joints_again(seed: int, dimensions: int) -> None:
    joints = np.random.default_rng(seed).normal(size=(4, 21, dimensions)) * 100
    np.testing.assert_allclose(AS_POINTED_AT.undone(AS_POINTED_AT.moved(joints)), joints, atol=1e-3)
