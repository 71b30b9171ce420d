"""Distances against numbers computed by hand."""

from __future__ import annotations

import pytest
import torch

from handstudio.methods.losses import heat_loss, known, mask_loss, pose_loss
from handstudio.methods.settings import PoseLossSettings


def _pose(u: float = 0.0, v: float = 0.0, d: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    uv = torch.zeros(1, 21, 2)
    uv[..., 0], uv[..., 1] = u, v
    return uv, torch.full((1, 21), d)


def test_eq_2_is_the_mean_over_joints_with_lambda_d_50() -> None:
    distance = pose_loss(*_pose(), *_pose(3.0, 4.0, 0.2), PoseLossSettings())
    assert distance.tolist() == pytest.approx([25.0 + 50.0 * 0.04])


def test_one_joint_of_21_counts_a_21st() -> None:
    uv, depth = _pose()
    moved = uv.clone()
    moved[0, 5, 0] = 2.1
    assert float(pose_loss(uv, depth, moved, depth, PoseLossSettings())) == pytest.approx(2.1**2 / 21)


def test_beyond_the_limit_the_distance_grows_linearly_and_smoothly() -> None:
    settings = PoseLossSettings(linear_beyond_cells=1.5)
    near = float(pose_loss(*_pose(), *_pose(1.5), settings))
    assert near == pytest.approx(2.25)
    assert float(pose_loss(*_pose(), *_pose(4.0), settings)) == pytest.approx(2 * 1.5 * 4.0 - 2.25)


def test_mask_loss_is_the_mean_l1() -> None:
    mask = torch.zeros(2, 1, 64, 64)
    mask[1, :, :16] = 0.5
    assert mask_loss(mask, torch.zeros_like(mask)).tolist() == pytest.approx([0.0, 0.125])


def test_a_heatmap_that_is_the_gaussian_itself_costs_nothing_and_two_peaks_cost() -> None:
    along = (torch.arange(32.0) + 0.5) * 2.0

    def gaussian(u: float, v: float) -> torch.Tensor:
        heat = torch.exp(-((along[None, :] - u) ** 2 + (along[:, None] - v) ** 2) / 8.0)
        return (heat / heat.sum()).flatten().expand(1, 21, 1024)

    uv = torch.tensor((20.0, 33.0)).expand(1, 21, 2)
    assert float(heat_loss(gaussian(20, 33).clamp_min(1e-12).log(), uv, 2.0)) == pytest.approx(0.0, abs=1e-3)
    two = 0.5 * (gaussian(10, 33) + gaussian(30, 33))
    assert float(heat_loss(two.clamp_min(1e-12).log(), uv, 2.0)) > 1.0


def test_the_heatmaps_of_joints_without_a_label_are_left_as_they_are() -> None:
    heat = torch.randn(2, 21, 32 * 32, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    uv = torch.full((2, 21, 2), 20.0)
    uv[0, 3:] = torch.nan
    heat_loss(heat.log_softmax(-1), uv, 2.0).sum().backward()
    assert heat.grad is not None
    pulled = heat.grad.abs().sum(-1) > 0.0
    assert pulled[0].tolist() == [True] * 3 + [False] * 18
    assert pulled[1].all()


def test_what_is_not_known_pulls_at_nothing() -> None:
    said = torch.tensor((1.0, 2.0), requires_grad=True)
    target = known(torch.tensor((torch.nan, 5.0)), said)
    (target - said).square().sum().backward()
    assert said.grad is not None
    assert said.grad.tolist() == [0.0, -6.0]
