"""References: the same hands, labelled at the joints or where people point."""

from __future__ import annotations

import numpy as np

from handstudio.hand.lift import to_25d
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs.references import Reference
from handstudio.scoring.evaluation import evaluate

K = np.array(((600.0, 0.0, 100.0), (0.0, 600.0, 100.0), (0.0, 0.0, 1.0)))
JOINTS = np.add(TEMPLATE_MM, (0.0, 0.0, 600.0))[None]


def test_poses_labelled_as_people_point_have_no_error_against_a_truth_labelled_so() -> None:
    uv, depth = to_25d(JOINTS, K)
    truth = Reference("truth", np.array([3]), uv, depth, JOINTS).as_pointed_at()
    assert truth.knows(3)
    assert truth.bone_mm is not None
    labels = AS_POINTED_AT.moved(JOINTS)
    proposed_uv, proposed_depth = to_25d(labels, K, truth.bone_mm)
    found = evaluate(
        proposed_uv,
        truth.uv,
        [200.0],
        depth=proposed_depth,
        depth_reference=truth.depth,
        xyz_reference_mm=truth.xyz_mm,
        K=K[None],
        bone_mm=truth.bone_mm,
    )
    assert found.epe_px < 0.2
    assert found.epe_mm < 1e-3
    assert found.depth_bones < 1e-3


def test_without_depth_and_space_only_the_image_moves() -> None:
    uv, _ = to_25d(JOINTS, K)
    moved = Reference("file", np.array([0]), uv).as_pointed_at()
    assert moved.depth is None
    assert moved.bone_mm is None
    np.testing.assert_allclose(moved.uv, AS_POINTED_AT.moved(uv))
