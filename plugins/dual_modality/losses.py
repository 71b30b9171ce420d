"""The multi-modal losses of Eq. 7.1 and 7.6; one value per hand of the batch, to be weighted and averaged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from handstudio.methods.losses import heat_loss, mask_loss, pose_loss
from plugins.dual_modality.network import Estimate
from plugins.dual_modality.settings import LossSettings


@dataclass(frozen=True)
class Truth:
    """The multi-modal label of rendered hands: uv (B, 21, 2) cells, depth (B, 21), mask and depth map
    (B, 1, 64, 64) in [0, 1]."""

    uv: Tensor
    depth: Tensor
    mask: Tensor
    depth_map: Tensor

    def twice(self) -> Truth:
        """The hands one after the other, and again."""
        both = (torch.cat((part, part)) for part in (self.uv, self.depth, self.mask, self.depth_map))
        return Truth(*both)


def multi_modal_loss(one: Estimate, other: Estimate | Truth, settings: LossSettings) -> Tensor:
    """M of Eq. 7.1, (B,): distance of poses, masks and depth maps."""
    return (
        pose_loss(one.uv, one.depth, other.uv, other.depth, settings)
        + settings.lambda_m * mask_loss(one.mask, other.mask)
        + settings.lambda_map * mask_loss(one.depth_map, other.depth_map)
    )


def supervised_loss(estimates: Iterable[Estimate], truth: Truth, settings: LossSettings) -> Tensor:
    """L_s of Eq. 7.6, (B,): M of every branch; with ``heat_weight`` heatmaps are sharpened too (ours)."""
    total = truth.depth.new_zeros(len(truth.depth))
    for estimate in estimates:
        total = total + multi_modal_loss(estimate, truth, settings)
        if settings.heat_weight > 0.0:
            total = total + settings.heat_weight * heat_loss(estimate.heat, truth.uv, settings.heat_cells)
    return total
