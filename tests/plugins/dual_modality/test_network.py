"""The network: attention, branches that share what they should, and what their answers mean."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import ROOT
from handstudio.methods.folding import folded
from plugins.dual_modality import DualModality
from plugins.dual_modality.attention import attention
from plugins.dual_modality.network import DEPTH_MAP, FUSION, RGB, DualModalityNetwork
from plugins.dual_modality.settings import LiteSettings, NetworkSettings, PaperSettings

from .tiny import tiny_network, tiny_settings


def _seen(count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(count, 3, 64, 64, generator=generator)
    return images, torch.rand(count, 1, 64, 64, generator=generator)


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_attention_is_eq_7_2_place_by_place() -> None:
    features = torch.rand(2, 5, 3, 4)
    weights = attention(features)
    for one, found in zip(features, weights, strict=True):
        mean = one.mean((1, 2))
        products = torch.tensor([[float(mean @ one[:, i, j]) for j in range(4)] for i in range(3)])
        assert torch.allclose(found[0], products / products.sum() * 12.0, atol=1e-4)


def test_attention_stays_sane_where_products_are_negative_or_nothing_is_seen() -> None:
    features = torch.randn(4, 6, 8, 8)
    weights = attention(features)
    assert float(weights.min()) >= 0.0
    assert torch.allclose(weights.mean((1, 2, 3)), torch.ones(4), atol=1e-4)
    assert torch.allclose(attention(torch.zeros(1, 3, 4, 4)), torch.ones(1, 1, 4, 4))


def test_every_branch_gives_pose_mask_and_depth_map_in_the_units_of_the_grid() -> None:
    with torch.no_grad():
        answers = tiny_network()(*_seen())
    for estimate in answers.estimates:
        assert estimate.uv.shape == (2, 21, 2)
        assert 0.0 < float(estimate.uv.min()) < float(estimate.uv.max()) < 64.0
        assert float(estimate.depth[:, ROOT].abs().max()) == 0.0
        for maps in (estimate.mask, estimate.depth_map):
            assert maps.shape == (2, 1, 64, 64)
            assert 0.0 < float(maps.min()) < float(maps.max()) < 1.0
    assert answers.features.shape == (3, 2, 8)
    assert torch.allclose(answers.features.norm(dim=-1), torch.ones(3, 2), atol=1e-5)


def test_no_gradient_goes_from_the_fusion_branch_into_the_depth_maps_encoder() -> None:
    network = tiny_network()
    network(*_seen()).fusion.uv.square().sum().backward()
    assert all(parameter.grad is None for parameter in network.depth.parameters())


def test_without_the_stop_the_fusion_branch_teaches_the_attention() -> None:
    network = tiny_network(tiny_settings(network={"stop_gradient": False}))
    network(*_seen()).fusion.uv.square().sum().backward()
    gradients = [parameter.grad for parameter in network.depth.parameters()]
    assert all(gradient is not None and bool(gradient.any()) for gradient in gradients)


def test_the_fusion_branch_shares_the_colour_convolutions_but_not_their_norms() -> None:
    network = tiny_network()
    network(*_seen()).fusion.uv.square().sum().backward()
    for name, parameter in network.colour.named_parameters():
        used = ".norms.0." not in name
        assert (parameter.grad is not None) == used, name
    network.zero_grad()
    network(*_seen()).rgb.uv.square().sum().backward()
    for name, parameter in network.colour.named_parameters():
        used = ".norms.1." not in name
        assert (parameter.grad is not None) == used, name


def test_branches_share_the_decoders_convolutions_but_not_their_norms() -> None:
    network = tiny_network()
    answers = network(*_seen())
    for branch, estimate in zip((RGB, DEPTH_MAP, FUSION), answers.estimates, strict=True):
        network.zero_grad()
        estimate.mask.sum().backward(retain_graph=True)
        for name, parameter in network.decoder.named_parameters():
            used = ".norms." not in name or f".norms.{branch}." in name
            assert (parameter.grad is not None) == used, (branch, name)


def test_the_attention_decides_what_the_fusion_branch_sees() -> None:
    network = tiny_network().eval()
    images, depth_maps = _seen()
    with torch.no_grad():
        one, other = network(images, depth_maps), network(images, depth_maps.flip(3))
    assert torch.equal(one.rgb.uv, other.rgb.uv)
    assert not torch.allclose(one.fusion.uv, other.fusion.uv, atol=1e-4)


def test_where_no_depth_map_is_known_the_rgb_branchs_own_is_taken_as_a_constant() -> None:
    network = tiny_network().eval()
    images, depth_maps = _seen(4)
    predicted = network(images).rgb.depth_map
    half = depth_maps.clone()
    half[:2] = torch.nan
    answers = network(images, half)
    with torch.no_grad():
        expected = network(images, torch.cat((predicted[:2], depth_maps[2:])))
    assert torch.allclose(answers.depth_map.uv, expected.depth_map.uv, atol=1e-4)
    answers.depth_map.uv.sum().backward()
    assert all(parameter.grad is None for parameter in network.colour.parameters())


@pytest.mark.parametrize("bottleneck", [True, False])
def test_folding_the_norms_changes_no_answer_of_any_branch(bottleneck: bool) -> None:
    network = tiny_network(tiny_settings(network={"bottleneck": bottleneck}))
    images, depth_maps = _seen(3)
    network(images, depth_maps)
    network.eval()
    quick = folded(network)
    with torch.no_grad():
        plain = network(images, depth_maps)
        assert torch.allclose(quick.rgb(images).uv, plain.rgb.uv, atol=1e-2)
        assert torch.allclose(quick.rgb(images).depth_map, plain.rgb.depth_map, atol=1e-3)
        assert torch.allclose(quick.fusion(images, depth_maps).uv, plain.fusion.uv, atol=1e-2)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in quick.modules())


def test_a_peak_is_read_at_the_centre_of_its_cell() -> None:
    maps = torch.zeros(1, 44, 16, 16)
    maps[:, :21, 10, 1] = 100.0
    maps[:, 21:42, 10, 1] = torch.arange(21.0)
    estimate = tiny_network().read(maps)
    assert torch.allclose(estimate.uv, torch.tensor((6.0, 42.0)).expand(1, 21, 2), atol=1e-3)
    assert torch.allclose(estimate.depth[0], torch.arange(21.0) - ROOT, atol=1e-3)


def test_the_published_network_is_a_resnet_101_from_256_px_to_64_cells() -> None:
    settings = PaperSettings().network
    assert (settings.crop, settings.map_side, settings.reduction) == (256, 64, 32)
    with torch.device("meta"):
        network = DualModalityNetwork(settings)
    convolutions = [part for part in network.depth.modules() if isinstance(part, nn.Conv2d)]
    assert len(convolutions) == 100 + 4
    # torchvision's ResNet-101 has 42,500,160 weights without its classifier, 6,272 more for three colours
    assert _parameters(network.depth) == 42_500_160 - 6_272


def test_the_small_network_is_small() -> None:
    settings = LiteSettings().network
    assert (settings.crop, settings.map_side) == (64, 32)
    network = DualModalityNetwork(settings)
    assert 2_000_000 <= _parameters(network.colour) + _parameters(network.decoder) <= 3_000_000


def test_crops_may_be_larger_than_the_grid() -> None:
    changes = {"crop": 128, "pool": True, "decoder_strides": (2, 2, 2)}
    network = tiny_network(tiny_settings(network=changes)).eval()
    with torch.no_grad():
        answers = network(torch.rand(1, 3, 128, 128), torch.rand(1, 1, 64, 64))
    assert answers.fusion.heat.shape == (1, 21, 16 * 16)
    assert answers.fusion.mask.shape == (1, 1, 64, 64)


@pytest.mark.parametrize(
    "wrong",
    [{"crop": 100}, {"decoder_strides": (2, 2, 3)}, {"strides": (1, 1, 1, 1), "decoder_strides": (2, 2, 2)}],
)
def test_maps_that_fit_no_grid_are_refused(wrong: dict[str, Any]) -> None:
    values = LiteSettings().network.model_dump() | wrong
    with pytest.raises(ValueError, match=r"fit the grid|are 1 or 2"):
        NetworkSettings.model_validate(values)
    with pytest.raises(HandStudioError, match="network of Dual-Modality Network is not usable"):
        DualModality().settings("lite", {f"network.{name}": value for name, value in wrong.items()})
