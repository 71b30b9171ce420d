"""Proposals of SemiHand: views, and the bones of a person."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.hand.lift import lift_scale_free
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import BONES
from handstudio.hand.template import relative_bone_lengths
from handstudio.methods.device import Engine
from plugins.semihand.proposer import SemiHandProposer

from .tiny import footage, tiny_network, tiny_settings


def proposer(**proposing: object) -> SemiHandProposer:
    settings = tiny_settings()
    changed = settings.proposing.model_copy(update=proposing)
    return SemiHandProposer(tiny_network(), settings.model_copy(update={"proposing": changed}), Engine("cpu"))


def test_corrections_of_a_person_have_the_person_s_bones_and_proposals_are_the_same() -> None:
    crops, bones = footage(3).crops, relative_bone_lengths() * np.linspace(0.8, 1.2, 20, dtype=np.float32)
    anybody = proposer()
    somebody = anybody.of_person(HandShape(bones))
    before, after = anybody.propose(crops), somebody.propose(crops)
    np.testing.assert_array_equal(before.uv, after.uv)
    for found, lengths in ((before, relative_bone_lengths()), (after, bones)):
        xyz, _ = lift_scale_free(found.corrected_uv, found.corrected_depth, lengths)
        ends, starts = [end for _, end in BONES], [start for start, _ in BONES]
        shown = np.linalg.norm(xyz[:, ends] - xyz[:, starts], axis=-1)
        np.testing.assert_allclose(shown, np.broadcast_to(lengths, shown.shape), rtol=0.02)
    assert not np.allclose(before.c_plausibility, after.c_plausibility)
    assert anybody.shape is ANYBODY


def test_a_smoothed_pose_is_corrected_as_a_proposal_is() -> None:
    found = proposer().propose(footage(3).crops)
    uv, depth = proposer().corrected(found.uv, found.depth)
    np.testing.assert_allclose(uv, found.corrected_uv, atol=1e-3)
    np.testing.assert_allclose(depth, found.corrected_depth, atol=1e-4)


@pytest.mark.parametrize("views", [1, 3])
def test_turned_views_give_the_same_proposal_alone_and_in_a_batch(views: int) -> None:
    turned, crops = proposer(views=views, view_turn=20.0), footage(4).crops
    together, alone = turned.propose(crops), turned.propose(crops[2:3])
    np.testing.assert_allclose(together.uv[2:3], alone.uv, atol=1e-3)
    assert np.isfinite(together.c_stability).all()


def test_turned_views_are_others_than_perturbed_ones_and_the_plain_view_is_the_same() -> None:
    crops = footage(3).crops
    perturbed, turned = proposer(views=3), proposer(views=3, view_turn=20.0)
    assert not np.allclose(perturbed.propose(crops).uv, turned.propose(crops).uv)
    np.testing.assert_array_equal(
        proposer(views=1).propose(crops).uv, proposer(views=1, view_turn=20.0).propose(crops).uv
    )
