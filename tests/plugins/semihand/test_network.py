"""The network's answers and what they mean."""

from __future__ import annotations

import pytest
import torch

from handstudio.hand.skeleton import ROOT
from handstudio.methods.folding import folded
from plugins.semihand.network import StackedHourglass
from plugins.semihand.settings import LiteSettings, NetworkSettings, PaperSettings

from .tiny import tiny_network, tiny_settings


def test_every_stack_gives_pose_and_mask_in_the_units_of_the_grid() -> None:
    with torch.no_grad():
        estimates = tiny_network()(torch.rand(2, 3, 64, 64))
    assert len(estimates) == 2
    for estimate in estimates:
        assert estimate.uv.shape == (2, 21, 2)
        assert estimate.depth.shape == (2, 21)
        assert estimate.mask.shape == (2, 1, 64, 64)
        assert float(estimate.uv.min()) >= 0.5
        assert float(estimate.uv.max()) <= 63.5


def test_depth_is_relative_to_the_root() -> None:
    with torch.no_grad():
        estimates = tiny_network()(torch.rand(2, 3, 64, 64))
    for estimate in estimates:
        assert float(estimate.depth[:, ROOT].abs().max()) == 0.0


@pytest.mark.parametrize(("stride", "row", "column"), [(1, 40, 7), (2, 20, 3)])
def test_a_peak_is_read_at_the_centre_of_its_cell(stride: int, row: int, column: int) -> None:
    settings = tiny_settings().network.model_copy(update={"stem_stride": stride})
    network = StackedHourglass(settings)
    side = 64 // stride
    maps = torch.zeros(1, 43, side, side)
    maps[:, :21, row, column] = 100.0
    maps[:, 21:42, row, column] = torch.arange(21.0)
    estimate = network.read(maps)
    centre = torch.tensor(((column + 0.5) * stride, (row + 0.5) * stride))
    assert torch.allclose(estimate.uv, centre.expand(1, 21, 2), atol=1e-3)
    assert torch.allclose(estimate.depth[0], torch.arange(21.0) - ROOT, atol=1e-3)


def test_the_profiles_are_two_stacks_as_published_and_small() -> None:
    paper, lite = PaperSettings().network, LiteSettings().network
    assert paper.stacks == lite.stacks == 2
    assert set(paper.channels) == {256}
    assert paper.stem_stride == 1
    weights = sum(parameter.numel() for parameter in StackedHourglass(lite).parameters())
    assert 4_000_000 <= weights <= 8_000_000


def test_a_network_that_is_given_larger_crops_answers_as_before_and_can_see_more() -> None:
    plain = tiny_settings().network
    before = StackedHourglass(plain).eval()
    after = StackedHourglass(plain.model_copy(update={"crop": 128, "detail_channels": 8})).eval()
    missing = after.load_state_dict(before.state_dict(), strict=False)
    assert not missing.unexpected_keys
    assert all(name.startswith("detail.") for name in missing.missing_keys)
    crops = torch.rand(2, 3, 64, 64)
    larger = crops.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    checks = larger.clone()
    checks[:, :, ::2, ::2] += 0.2
    checks[:, :, 1::2, 1::2] -= 0.2
    with torch.no_grad():
        for same in (larger, checks):
            assert torch.allclose(before(crops)[-1].uv, after(same)[-1].uv, atol=1e-4)
        assert after.detail is not None
        torch.nn.init.normal_(after.detail[-1].weight)
        assert not torch.allclose(after(larger)[-1].uv, after(checks)[-1].uv, atol=1e-3)


def test_crops_that_do_not_fit_the_grid_are_refused() -> None:
    for wrong in ({"crop": 96}, {"crop": 64, "detail_channels": 8}):
        with pytest.raises(ValueError, match="crops are of 64, 128 or 256 px"):
            NetworkSettings(**wrong)


def test_a_network_that_is_deepened_answers_as_before_and_can_learn_more() -> None:
    plain = tiny_settings().network.model_copy(update={"deep_blocks": ()})
    deepened = plain.model_copy(update={"deep_blocks": (0, 1, 2), "deep_width": (1.0, 0.5)})
    before, after = StackedHourglass(plain).eval(), StackedHourglass(deepened).eval()
    missing = after.load_state_dict(before.state_dict(), strict=False)
    assert not missing.unexpected_keys
    assert {name.split(".deep.")[1][:1] for name in missing.missing_keys} == {"0", "1"}
    crops = torch.rand(2, 3, 64, 64)
    assert torch.allclose(before(crops)[-1].uv, after(crops)[-1].uv, atol=1e-4)
    after.train()(crops)[-1].uv.sum().backward()
    new = dict(after.named_parameters())["hourglasses.0.deep.0.layers.6.weight"]
    assert new.grad is not None
    assert float(new.grad.abs().sum()) > 0.0


@pytest.mark.parametrize("wide", [True, False])
def test_folding_the_norms_changes_no_answer(wide: bool) -> None:
    settings = tiny_settings().network.model_copy(update={"wide_norm": wide, "finest_skip": wide})
    torch.manual_seed(0)
    network = StackedHourglass(settings)
    crops = torch.rand(3, 3, 64, 64)
    network(crops)
    network.eval()
    with torch.no_grad():
        plain, quick = network(crops)[-1], folded(network)(crops)[-1]
    assert torch.allclose(plain.uv, quick.uv, atol=1e-2)
    assert torch.allclose(plain.mask, quick.mask, atol=1e-3)


def test_heatmaps_sum_to_one() -> None:
    network = tiny_network().eval()
    heat = network.heatmaps(network.maps(torch.rand(2, 3, 64, 64))[-1])
    assert heat.shape == (2, 21, 32, 32)
    assert torch.allclose(heat.sum((2, 3)), torch.ones(2, 21), atol=1e-4)
