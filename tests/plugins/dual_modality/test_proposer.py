"""Proposals: the RGB branch's pose, the fusion branch's doubt, and what a reviewer can be shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handstudio.methods.device import Engine
from plugins.dual_modality.proposer import DualModalityProposer

from .tiny import footage, tiny_network, tiny_settings


def _proposer(views: int = 1, filled: float | None = None) -> DualModalityProposer:
    settings = tiny_settings(proposing={"views": views, "filled": filled})
    return DualModalityProposer(tiny_network(settings), settings, Engine("cpu", "32-true", 1))


def test_a_proposal_is_what_the_rgb_branch_says_of_the_crop() -> None:
    crops = footage(3).crops
    found = _proposer().propose(crops)
    with torch.no_grad():
        images = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255.0
        plain = tiny_network(tiny_settings()).eval()(images)
    np.testing.assert_allclose(found.uv, plain.rgb.uv.numpy(), atol=2e-2)
    np.testing.assert_allclose(found.mask, plain.rgb.mask[:, 0].numpy(), atol=1e-3)
    np.testing.assert_allclose(found.perturbed_uv, plain.fusion.uv.numpy(), atol=2e-2)
    assert (found.c_stability > 0).all()
    assert (found.c_plausibility > 0).all()


@pytest.mark.parametrize("views", [1, 3])
def test_a_crop_gets_the_same_proposal_alone_and_among_others(views: int) -> None:
    proposer, crops = _proposer(views), footage(5).crops
    together, alone = proposer.propose(crops), proposer.propose(crops[3:4])
    np.testing.assert_allclose(together.uv[3], alone.uv[0], atol=1e-3)
    np.testing.assert_allclose(together.c_stability[3], alone.c_stability[0], rtol=1e-2)
    np.testing.assert_allclose(together.joint_doubt[3], alone.joint_doubt[0], rtol=1e-2)


def test_joints_on_which_the_branches_disagree_are_doubted_beyond_the_width_of_their_heatmaps() -> None:
    found = _proposer().propose(footage(3).crops)
    apart = np.linalg.norm(found.perturbed_uv - found.uv, axis=-1)
    assert found.joint_doubt.shape == (3, 21)
    assert (found.joint_doubt > apart / 2.0).all()


def test_no_crops_get_no_proposals() -> None:
    assert len(_proposer().propose(np.zeros((0, 64, 64, 3), np.uint8))) == 0


def test_a_proposer_that_looks_closer_says_so() -> None:
    assert (_proposer().filled, _proposer().passes) == (None, 3)
    closer = _proposer(3, 0.8)
    assert (closer.filled, closer.passes) == (0.8, 6)
    crops = footage(2).crops
    np.testing.assert_allclose(closer.glance(crops), _proposer().propose(crops).uv, atol=1e-3)


def test_heatmaps_sum_to_one() -> None:
    heat = _proposer().heatmaps(footage(2).crops)
    assert heat.shape == (2, 21, 16, 16)
    np.testing.assert_allclose(heat.sum((2, 3)), 1.0, atol=1e-4)


def test_depth_map_and_attention_can_be_shown() -> None:
    proposer, crops = _proposer(), footage(3).crops
    found, mask = proposer.maps(crops), proposer.propose(crops).mask
    levels = [f"conv{layer} attention" for layer in range(2, 6)]
    assert list(found) == ["depth map", "mask", "conv1 attention", "attended colour", *levels]
    assert (found["depth map"].low, found["depth map"].high) == ("far", "near")
    shown = {name: one.values for name, one in found.items()}
    for maps in shown.values():
        assert maps.shape == (3, 64, 64)
        known = maps[np.isfinite(maps)]
        assert ((known >= 0.0) & (known <= 1.0)).all()
    np.testing.assert_array_equal(np.isnan(shown["depth map"]), mask < 0.5)
    np.testing.assert_allclose(shown["mask"], mask, atol=1e-5)
    for name in ("conv1 attention", *levels):
        np.testing.assert_allclose(shown[name].max((1, 2)), 1.0)
    assert (shown["attended colour"] <= shown["conv1 attention"] + 1e-6).all()


def test_every_measure_of_doubt_is_a_figure_for_each_crop() -> None:
    crops = footage(3).crops
    found = _proposer().doubts(crops)
    assert {"C", "stability", "plausibility", "branches", "heatmaps, width"} <= set(found)
    for values in found.values():
        assert values.shape == (3,)
        assert np.isfinite(values).all()
        assert (values >= 0.0).all()
    assert all(len(values) == 0 for values in _proposer().doubts(crops[:0]).values())
