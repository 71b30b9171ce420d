"""What SemiHand tells of its proposals beside the poses: doubt, and maps for a reviewer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

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
