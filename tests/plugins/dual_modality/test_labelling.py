"""Pseudo-labels, their corrections and their confidence."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.distance import pose_distance
from handstudio.hand.lift import lift_scale_free
from handstudio.hand.registration import correct_pose
from handstudio.methods.settings import PerturbationSettings
from plugins.dual_modality.labelling import Opinion, corrected, judge, opinions
from plugins.dual_modality.network import Answers, Estimate
from plugins.dual_modality.settings import CorrectionSettings, DualModalitySettings

from .tiny import flat_hand

PUBLISHED = DualModalitySettings()


def _opinion(*moves: float, seed: int | None = None) -> Opinion:
    """Views of a feasible hand, moved by so many cells; with a seed, made infeasible first."""
    uv, depth = correct_pose(*flat_hand())
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        uv = uv + 2.0 * torch.randn(uv.shape, generator=generator)
        depth = depth + 0.2 * torch.randn(depth.shape, generator=generator)
        depth = depth - depth[:, 9:10]
    return Opinion(torch.stack([uv + move for move in moves]), torch.stack([depth] * len(moves)))


def test_a_feasible_hand_on_which_the_branches_agree_has_confidence_zero_and_is_its_own_label() -> None:
    opinion = _opinion(0.0)
    judged = judge(opinion, opinion, PUBLISHED)
    assert float(judged.confidence) < 1e-3
    assert torch.allclose(judged.uv, opinion.uv[0], atol=0.1)
    assert torch.allclose(judged.corrected_uv, opinion.uv[0], atol=0.1)


def test_a_label_is_the_mean_of_the_branches_poses_before_and_after_correction() -> None:
    rgb, fusion = _opinion(0.0, seed=1), _opinion(1.0, seed=2)
    judged = judge(rgb, fusion, PUBLISHED)
    four = [rgb.middle, fusion.middle, correct_pose(*rgb.middle), correct_pose(*fusion.middle)]
    for found, poses in zip((judged.uv, judged.depth), zip(*four, strict=True), strict=True):
        assert torch.allclose(found, torch.stack(poses).mean(0), atol=1e-4)


def test_c_is_the_variance_of_those_four_poses_in_its_two_parts() -> None:
    rgb, fusion = _opinion(0.0, seed=1), _opinion(1.0, seed=2)
    judged = judge(rgb, fusion, PUBLISHED)
    four = [rgb.middle, fusion.middle, correct_pose(*rgb.middle), correct_pose(*fusion.middle)]
    mean = tuple(torch.stack(poses).mean(0) for poses in zip(*four, strict=True))
    variance = sum(float(pose_distance(*pose, *mean)) for pose in four) / 4.0
    assert float(judged.confidence) == pytest.approx(variance, rel=1e-4)
    assert float(judged.stability) > 0.0
    assert float(judged.plausibility) > 0.0


def test_the_two_terms_of_c_say_which_one_failed() -> None:
    apart = judge(_opinion(0.0), _opinion(2.0), PUBLISHED)
    assert float(apart.stability) == pytest.approx((4.0 + 4.0) / 4.0, rel=1e-3)
    assert float(apart.plausibility) < 1e-3
    assert torch.allclose(apart.spread, torch.full((1, 21), 2.0**0.5), atol=1e-3)
    infeasible = _opinion(0.0, seed=3)
    bad = judge(infeasible, infeasible, PUBLISHED)
    assert float(bad.stability) < 1e-6
    assert float(bad.plausibility) > 0.1


def test_the_share_of_the_correction_in_a_label_is_a_setting() -> None:
    rgb = _opinion(0.0, seed=1)
    ours = PUBLISHED.model_copy(update={"correction": CorrectionSettings(share=0.0)})
    assert torch.allclose(judge(rgb, rgb, ours).uv, rgb.uv[0], atol=1e-5)
    assert torch.allclose(judge(rgb, rgb, ours).confidence, judge(rgb, rgb, PUBLISHED).confidence)


def test_views_that_differ_make_a_hand_unstable_and_one_that_is_far_off_is_forgotten() -> None:
    rgb, fusion = _opinion(0.0, 0.0, 30.0), _opinion(0.0, 0.0, 0.0)
    judged = judge(rgb, fusion, PUBLISHED)
    assert torch.allclose(judged.uv, rgb.uv[0], atol=0.1)
    assert float(judged.stability) == pytest.approx((2 * 30.0**2 / 3) / 2, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_corrected_poses_bend_within_the_limits_of_joints(seed: int) -> None:
    uv, depth = corrected(*_opinion(0.0, seed=seed).middle, CorrectionSettings())
    xyz, _ = lift_scale_free(uv, depth)
    assert float(limit_violation(joint_angles(xyz)).abs().max()) < 0.05


class Pointing(nn.Module):
    """Says that all joints are in the middle of what is bright, in the RGB branch; two cells to the right of
    it in the fusion branch."""

    def forward(self, crops: torch.Tensor) -> Answers:
        grey = crops.mean(1).flatten(1)
        weights = grey / grey.sum(-1, keepdim=True)
        along = torch.arange(64.0) + 0.5
        places = torch.stack((along.repeat(64), along.repeat_interleave(64)), -1)
        uv = (weights @ places)[:, None].expand(-1, 21, 2)
        nothing = torch.zeros(len(crops), 1, 64, 64)
        said = [
            Estimate(uv + torch.tensor((off, 0.0)), torch.zeros(len(crops), 21), nothing, nothing, nothing)
            for off in (0.0, 0.0, 2.0)
        ]
        return Answers(*said, features=torch.zeros(3, len(crops), 2))


@pytest.mark.parametrize("views", [1, 3])
def test_what_is_said_of_weakly_augmented_crops_is_mapped_back(views: int) -> None:
    crops = torch.zeros(3, 3, 64, 64)
    crops[:, :, 40:44, 20:24] = 1.0
    settings = PerturbationSettings(translation_cells=4.0)
    rgb, fusion = opinions(Pointing(), crops, views, settings, torch.Generator().manual_seed(0))
    assert rgb.uv.shape == (views, 3, 21, 2)
    assert torch.allclose(rgb.uv, torch.tensor((22.0, 42.0)).expand_as(rgb.uv), atol=0.2)
    assert torch.allclose((fusion.uv - rgb.uv).norm(dim=-1), torch.tensor(2.0), atol=1e-2)
