"""Distances between poses, masks and heatmaps; each function returns one value per hand of the batch, to be
weighted and averaged."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from handstudio.hand.box import GRID
from handstudio.hand.distance import pose_distance
from handstudio.methods.settings import PoseLossSettings


def pose_loss(uv1: Tensor, depth1: Tensor, uv2: Tensor, depth2: Tensor, settings: PoseLossSettings) -> Tensor:
    """Eq. 2 of SemiHand as the mean over joints, (B,) squared cells.

    With ``linear_beyond_cells`` the square of a joint's distance goes over into a line there (Huber), so
    that a few joints that are far off do not drown the others.

    Args:
        uv1, uv2: (B, 21, 2) cells.
        depth1, depth2: (B, 21) reference bones.
        settings: ``lambda_d`` and ``linear_beyond_cells``.
    """
    beyond = settings.linear_beyond_cells
    if beyond is None:
        distance: Tensor = pose_distance(uv1, depth1, uv2, depth2, settings.lambda_d)
        return distance
    squares = (uv1 - uv2).square().sum(-1) + settings.lambda_d * (depth1 - depth2).square()
    limit = beyond * beyond
    line = 2.0 * beyond * squares.clamp_min(limit).sqrt() - limit
    return torch.where(squares <= limit, squares, line).mean(-1)


def mask_loss(mask1: Tensor, mask2: Tensor) -> Tensor:
    """Mean L1 between maps (B, 1, 64, 64), (B,)."""
    return (mask1 - mask2).abs().flatten(1).mean(-1)


def heat_loss(heat: Tensor, uv: Tensor, spread: float) -> Tensor:
    """Cross entropy of the heatmaps with a Gaussian about each joint, less the Gaussian's own entropy, (B,).

    Ours: the expectation alone lets a heatmap with two peaks answer between them; this makes it choose.

    Args:
        heat: (B, 21, n * n) logarithms of probabilities on a grid over the 64 x 64 cells.
        uv: (B, 21, 2) cells; joints that are NaN count as none.
        spread: of the Gaussian, in cells.
    """
    there = uv.isfinite().all(dim=-1)
    uv = torch.where(there[..., None], uv, 0.0)
    side = math.isqrt(heat.shape[-1])
    along = (torch.arange(side, device=heat.device, dtype=heat.dtype) + 0.5) * (GRID / side)
    logarithms = (-((along - uv[..., None]).square()) / (2.0 * spread * spread)).log_softmax(-1)
    shares = logarithms.exp()
    # The Gaussian is a product of one along each axis: so its entropy is a sum, and no map is needed for it.
    entropy = (shares * logarithms).sum((-2, -1))
    across, down = shares.unbind(dim=2)
    target = (down[..., :, None] * across[..., None, :]).flatten(2)
    return (there * (entropy - (target * heat).sum(-1))).mean(-1)


def known(target: Tensor, predicted: Tensor) -> Tensor:
    """The target where it is known (not NaN); elsewhere the prediction, which pulls at nothing."""
    return torch.where(target.isfinite(), target, predicted.detach())
