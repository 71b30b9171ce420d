"""The losses against numbers computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from handstudio.hand.consistency import d2m
from plugins.semihand.losses import supervised_loss
from plugins.semihand.network import Estimate
from plugins.semihand.objective import fitting, view_consistency
from plugins.semihand.settings import LossSettings, PaperSettings

from .tiny import flat_hand, tiny_settings


def _pose(u: float = 0.0, v: float = 0.0, d: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    uv = torch.zeros(1, 21, 2)
    uv[..., 0], uv[..., 1] = u, v
    return uv, torch.full((1, 21), d)


def test_eq_3_adds_100_times_the_masks_mean_difference_on_every_stack() -> None:
    uv, depth = _pose()
    mask = torch.zeros(1, 1, 64, 64)
    half = mask.clone()
    half[..., :32] = 1.0
    estimates = [Estimate(*_pose(1.0), half), Estimate(*_pose(2.0), mask)]
    loss = supervised_loss(estimates, uv, depth, mask, LossSettings())
    assert float(loss) == pytest.approx((1.0 + 100.0 * 0.5) + 4.0)


def test_without_a_mask_the_pose_alone_counts() -> None:
    uv, depth = _pose()
    estimates = [Estimate(*_pose(1.0), torch.ones(1, 1, 64, 64))]
    assert float(supervised_loss(estimates, uv, depth, None, LossSettings())) == pytest.approx(1.0)


def test_eq_10_compares_pose_and_mask() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    settings = PaperSettings()
    one, other = Estimate(*_pose(), mask), Estimate(*_pose(1.0), mask + 0.01)
    assert float(view_consistency(one, other, settings)) == pytest.approx(1.0 + 100.0 * 0.01, rel=1e-5)


def test_eq_14_counts_a_missed_cell_by_its_distance_to_the_nearest_circle() -> None:
    uv, depth = (torch.from_numpy(part)[None] for part in flat_hand())
    mask = torch.zeros(1, 1, 64, 64)
    nothing = float(d2m(uv, mask, depth))
    mask[0, 0, 0, 0] = 1.0
    centres_and_radii = _circles(uv, depth)
    expected = min(math.hypot(0.5 - u, 0.5 - v) - radius for u, v, radius in centres_and_radii)
    assert float(d2m(uv, mask, depth)) - nothing == pytest.approx(expected, rel=1e-3)


def _circles(uv: torch.Tensor, depth: torch.Tensor) -> list[tuple[float, float, float]]:
    from handstudio.hand.circles import circle_centres, circle_radii, hand_scale

    centres = circle_centres(uv)[0]
    radii = circle_radii(hand_scale(uv, depth))[0]
    return [(float(u), float(v), float(radius)) for (u, v), radius in zip(centres, radii, strict=True)]


def test_fitting_pulls_at_the_pose_and_never_at_the_mask() -> None:
    uv, depth = (torch.from_numpy(part)[None].requires_grad_() for part in flat_hand())
    mask = torch.full((1, 1, 64, 64), 0.7, requires_grad=True)
    fitting(Estimate(uv, depth, mask), tiny_settings()).sum().backward()
    assert mask.grad is None
    assert uv.grad is not None
    assert float(uv.grad.abs().sum()) > 0.0
