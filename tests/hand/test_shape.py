"""What is known of a hand, as it is kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from handstudio.hand.angles import LIMITS
from handstudio.hand.shape import ANYBODY, HandShape, PersonalTemplate, limits_from_json, limits_to_json
from handstudio.hand.template import relative_bone_lengths


def test_a_template_and_limits_come_back_from_json() -> None:
    bones = relative_bone_lengths() * 1.1
    kept = json.loads(json.dumps(PersonalTemplate(bones, 43.21, 7).to_json()))
    found = PersonalTemplate.from_json(kept)
    np.testing.assert_allclose(found.bone_lengths, bones, atol=1e-5)
    assert (found.reference_mm, found.hands) == (43.21, 7)
    limits = limits_from_json(json.loads(json.dumps(limits_to_json(LIMITS))))
    np.testing.assert_allclose(limits, LIMITS, atol=1e-4)


@pytest.mark.parametrize("bones", [[1.0] * 19, [0.0] * 20, [float("nan")] * 20, [50.0] * 20])
def test_what_are_no_bones_is_refused(bones: list[float]) -> None:
    with pytest.raises(ValueError, match=r"finite numbers|no hand"):
        PersonalTemplate.from_json({"bone_lengths": bones})


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="lowest"):
        limits_from_json(limits_to_json(LIMITS[..., ::-1]))


def test_a_batch_has_a_row_of_bones_for_each_hand() -> None:
    bones = np.arange(60, dtype=np.float32).reshape(3, 20)
    assert HandShape(bones).rows(np.array([2])).bone_lengths.tolist() == [bones[2].tolist()]
    one = HandShape(bones[0])
    assert one.rows(np.array([2])) is one
    assert HandShape.of(None, None) is ANYBODY
