from __future__ import annotations

import numpy as np

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.skeleton import BONES, FINGER_TIPS, PARENTS, REFERENCE_CHILD, ROOT, WRIST
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths, template_bone_lengths


def test_the_template_has_the_bone_lengths_it_states() -> None:
    measured = [np.linalg.norm(TEMPLATE_MM[child] - TEMPLATE_MM[parent]) for parent, child in BONES]
    np.testing.assert_allclose(measured, template_bone_lengths(), rtol=1e-5)


def test_relative_lengths_are_those_between_labels_in_reference_bones() -> None:
    relative = relative_bone_lengths() * template_bone_lengths()[REFERENCE_CHILD - 1]
    assert PARENTS[REFERENCE_CHILD] == ROOT
    whole = template_bone_lengths()
    np.testing.assert_allclose(relative[REFERENCE_CHILD - 1], 0.8 * whole[REFERENCE_CHILD - 1], rtol=1e-5)
    np.testing.assert_allclose(relative[7], 0.8 * whole[7], rtol=1e-5)
    np.testing.assert_allclose(relative[2], whole[2], rtol=1e-5)


def test_the_template_is_a_right_hand_with_fingers_up_and_palm_to_the_camera() -> None:
    assert (TEMPLATE_MM[list(FINGER_TIPS), 1] < TEMPLATE_MM[WRIST, 1] - 100).all()
    assert (
        TEMPLATE_MM[4, 0] > TEMPLATE_MM[8, 0] > TEMPLATE_MM[12, 0] > TEMPLATE_MM[16, 0] > TEMPLATE_MM[20, 0]
    )
    assert (TEMPLATE_MM[1:5, 2] < 0).all()
    assert np.all(TEMPLATE_MM[5:, 2] == 0)


def test_the_template_is_an_adult_hand() -> None:
    length = -TEMPLATE_MM[12, 1]
    breadth = np.linalg.norm(TEMPLATE_MM[5] - TEMPLATE_MM[17])
    assert 165 < length < 205
    assert 50 < breadth < 75


def test_the_template_rests_within_the_limits_of_its_joints() -> None:
    assert not limit_violation(joint_angles(TEMPLATE_MM)).any()
