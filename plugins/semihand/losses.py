"""Eq. 3 of SemiHand; one value per hand of the batch, to be weighted and averaged."""

from __future__ import annotations

import torch
from torch import Tensor

from handstudio.methods.losses import heat_loss, mask_loss, pose_loss
from plugins.semihand.network import Estimate
from plugins.semihand.settings import LossSettings


def supervised_loss(
    estimates: list[Estimate], uv: Tensor, depth: Tensor, mask: Tensor | None, settings: LossSettings
) -> Tensor:
    """Eq. 3 on every stack, (B,); without a mask (real labelled hands) its first term alone."""
    total = torch.zeros(uv.shape[0], device=uv.device)
    for estimate in estimates:
        total = total + pose_loss(estimate.uv, estimate.depth, uv, depth, settings)
        if mask is not None:
            total = total + settings.lambda_w * mask_loss(estimate.mask, mask)
        if settings.heat_weight > 0.0 and estimate.heat is not None:
            total = total + settings.heat_weight * heat_loss(estimate.heat, uv, settings.heat_cells)
    return total
