"""The losses against numbers computed by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from handstudio.methods.augmentation import Chances
from plugins.dual_modality.contrast import contrastive_loss, nt_xent
from plugins.dual_modality.depth_maps import nearness, with_faults
from plugins.dual_modality.losses import Truth, multi_modal_loss, supervised_loss
from plugins.dual_modality.network import Estimate
from plugins.dual_modality.settings import (
    ContrastSettings,
    DepthFaultSettings,
    DualModalitySettings,
    LossSettings,
    PaperSettings,
)

EMPTY = torch.zeros(1, 1, 64, 64)


def _estimate(u: float = 0.0, d: float = 0.0, mask: float = 0.0, depth_map: float = 0.0) -> Estimate:
    uv = torch.zeros(1, 21, 2)
    uv[..., 0] = u
    heat = torch.full((1, 21, 1024), -math.log(1024.0))
    return Estimate(uv, torch.full((1, 21), d), EMPTY + mask, EMPTY + depth_map, heat)


def _features(count: int, seed: int) -> torch.Tensor:
    return F.normalize(torch.randn(count, 8, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_eq_7_1_is_pose_mask_and_depth_map() -> None:
    loss = multi_modal_loss(_estimate(), _estimate(3.0, 0.2, 0.01, 0.04), LossSettings())
    assert float(loss) == pytest.approx((9.0 + 50.0 * 0.04) + 100.0 * 0.01 + 50.0 * 0.04, rel=1e-5)


def test_eq_7_6_adds_up_the_branches() -> None:
    truth = Truth(torch.zeros(1, 21, 2), torch.zeros(1, 21), EMPTY, EMPTY)
    loss = supervised_loss([_estimate(1.0), _estimate(2.0), _estimate(3.0)], truth, LossSettings())
    assert float(loss) == pytest.approx(1.0 + 4.0 + 9.0)


def test_eq_7_3_is_its_plain_formula() -> None:
    z, positive, tau = _features(5, 0), _features(5, 1), 0.5
    total = 0.0
    for i in range(5):
        below = sum(
            math.exp(float(z[i] @ z[k]) / tau) + math.exp(float(z[i] @ positive[k]) / tau)
            for k in range(5)
            if k != i
        )
        total -= math.log(math.exp(float(z[i] @ positive[i]) / tau) / below)
    assert float(nt_xent(z, positive, tau)) == pytest.approx(total / 5, rel=1e-5)


def test_near_pairs_and_far_others_cost_less() -> None:
    z = _features(6, 0)
    assert float(nt_xent(z, z, 0.5)) < float(nt_xent(z, _features(6, 1), 0.5))
    assert float(nt_xent(z[:1], z[:1], 0.5)) == 0.0


def test_eq_7_5_pairs_textures_and_crops_with_their_fusion() -> None:
    first, second = (torch.stack([_features(4, 10 * row + seed) for row in range(3)]) for seed in (0, 5))
    (rgb, dm, fusion), (rgb2, dm2, fusion2) = first, second
    pairs = [(rgb, rgb2), (dm, dm2), (rgb, fusion), (rgb2, fusion2)]
    expected = sum(float(nt_xent(*pair, 0.5)) for pair in pairs)
    assert float(contrastive_loss(first, second, ContrastSettings())) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("weights", "rows"),
    [({"depth_map": 0.0, "fusion": 0.0}, (0, 0)), ({"rgb": 0.0, "fusion": 0.0}, (1, 1))],
)
def test_each_kind_of_pair_can_be_left_out(weights: dict[str, float], rows: tuple[int, int]) -> None:
    first, second = torch.stack([_features(4, 1)] * 3), torch.stack([_features(4, 2)] * 3)
    settings = ContrastSettings(**weights)
    expected = nt_xent(first[rows[0]], second[rows[1]], 0.5)
    assert torch.allclose(contrastive_loss(first, second, settings), expected)
    across = ContrastSettings(rgb=0.0, depth_map=0.0, fusion=0.0, across=1.0)
    both = nt_xent(first[0], first[1], 0.5) + nt_xent(second[0], second[1], 0.5)
    assert torch.allclose(contrastive_loss(first, second, across), both)


def test_near_surfaces_are_bright_and_nothing_is_dark() -> None:
    surface = torch.tensor((-9.0, -4.0, 0.0, 4.0, 9.0, 0.0)).view(1, 1, 1, 6)
    mask = torch.tensor((1.0, 1.0, 1.0, 1.0, 1.0, 0.0)).view(1, 1, 1, 6)
    found = nearness(surface, mask, 4.0).flatten().tolist()
    assert found == pytest.approx([1.0, 1.0, 0.6, 0.2, 0.2, 0.0])


def test_faults_leave_most_of_a_depth_map_and_differ_from_hand_to_hand() -> None:
    maps = torch.full((64, 1, 32, 32), 0.5)
    settings = DepthFaultSettings(erase_share=0.0, salt_share=0.1, pepper_share=0.1)
    faulty = with_faults(maps, settings, Chances(torch.Generator().manual_seed(0), maps.device))
    salt, pepper = ((faulty == value).float().mean((1, 2, 3)) for value in (1.0, 0.0))
    assert 0.03 < float(salt.mean()) < 0.07
    assert 0.03 < float(pepper.mean()) < 0.07
    assert float(salt.std()) > 0.01
    untouched = DepthFaultSettings(erase_share=0.0, salt_share=0.0, pepper_share=0.0)
    chances = Chances(torch.Generator().manual_seed(0), maps.device)
    assert torch.equal(with_faults(maps, untouched, chances), maps)


def test_the_published_numbers_are_those_of_the_paper() -> None:
    paper = PaperSettings()
    losses, rest, tuning = paper.losses, paper.pretraining, paper.finetuning
    assert (losses.lambda_m, losses.lambda_map, losses.lambda_d) == (100.0, 50.0, 50.0)
    assert (losses.lambda_c, losses.lambda_f, losses.lambda_l) == (0.1, 0.2, 1.0)
    assert (paper.contrast.temperature, paper.network.features, tuning.tau) == (0.5, 128, 1.5)
    assert (rest.batch, rest.learning_rate, rest.momentum) == (140, 2.5e-4, (0.9, 0.99))
    assert (tuning.batch, tuning.learning_rate, tuning.epochs) == (20, 2.5e-5, 6)
    assert tuning.drop_epoch > tuning.epochs
    assert (tuning.least_trusted, tuning.teacher, paper.correction.bone_tolerance) == ((0.0, 0.0), None, 0.0)
    assert [round(drop * rest.epochs) for drop in rest.drops] == [40, 50]
    for strong in (paper.diversity, rest.diversity):
        assert (strong.rotation_degrees, strong.scale) == (180.0, (0.8, 1.0))
        assert strong.translation_cells == 20 * 64 / 256
    weak = paper.perturbation
    assert (weak.translation_cells, weak.rotation_degrees, weak.scale) == (8 * 64 / 256, 2.0, (1.0, 1.0))
    assert PaperSettings().model_dump() == DualModalitySettings().model_dump()
