"""What SemiHand tells of hands: views and the bones of a person, doubt, maps for a reviewer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handstudio.hand.lift import lift_scale_free
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import BONES
from handstudio.hand.template import relative_bone_lengths
from handstudio.methods.device import Engine
from handstudio.methods.latent import widths
from plugins.semihand.proposer import SEEN, SemiHandProposer

from .tiny import footage, tiny_network, tiny_settings


def _proposer(views: int) -> SemiHandProposer:
    settings = tiny_settings()
    proposing = settings.proposing.model_copy(update={"views": views, "filled": None})
    settings = settings.model_copy(update={"proposing": proposing})
    return SemiHandProposer(tiny_network(settings), settings, Engine("cpu", "32-true", 1))


@pytest.mark.parametrize("views", [1, 3])
def test_a_crop_gets_the_same_doubt_alone_and_among_others(views: int) -> None:
    proposer, crops = _proposer(views), footage(5).crops
    together, alone = proposer.propose(crops), proposer.propose(crops[3:4])
    assert together.joint_doubt.shape == (5, 21)
    np.testing.assert_allclose(together.joint_doubt[3], alone.joint_doubt[0], rtol=1e-2)


def test_a_joints_doubt_is_the_width_of_its_heatmap_and_the_distance_of_the_views() -> None:
    crops = footage(2).crops
    found = _proposer(1).propose(crops)
    network = tiny_network().eval()
    with torch.no_grad():
        plain = network(torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255.0)[-1]
        width = widths(plain.heat, plain.uv, network.centres).numpy()
    apart = np.linalg.norm(found.perturbed_uv - found.uv, axis=-1)
    assert (found.joint_doubt > (width + apart) / 2.0 - 1e-3).all()


def test_the_hands_doubt_is_among_the_measures_that_are_compared() -> None:
    proposer, crops = _proposer(3), footage(3).crops
    np.testing.assert_allclose(
        proposer.doubts(crops)["doubt"], proposer.propose(crops).joint_doubt.mean(axis=1), rtol=1e-4
    )


def test_no_crops_get_no_doubts() -> None:
    assert _proposer(3).propose(np.zeros((0, 64, 64, 3), np.uint8)).joint_doubt.shape == (0, 21)


def test_mask_joints_and_their_depth_can_be_shown() -> None:
    settings, crops = tiny_settings(), footage(3).crops
    proposer = SemiHandProposer(tiny_network(settings), settings, Engine("cpu", "32-true", 1))
    shown = proposer.maps(crops)
    assert list(shown) == ["mask", "joints", "depth of joints"]
    for one in shown.values():
        known = one.values[np.isfinite(one.values)]
        assert len(one.values) == 3
        assert ((known >= 0.0) & (known <= 1.0)).all()
    np.testing.assert_allclose(shown["mask"].values, proposer.propose(crops).mask, atol=1e-5)
    heat = proposer.heatmaps(crops)
    relative = (heat / heat.max((2, 3), keepdims=True)).max(1)
    np.testing.assert_allclose(shown["joints"].values, relative, atol=1e-5)
    depth = shown["depth of joints"]
    assert (depth.low, depth.high) == ("far", "near")
    np.testing.assert_array_equal(np.isnan(depth.values), shown["joints"].values < SEEN)


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
