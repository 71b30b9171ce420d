"""Poses from latent maps: per joint a heatmap and a map of depths (Iqbal et al., ECCV 2018)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.hand.skeleton import ROOT


class LatentPose(NamedTuple):
    """A pose as maps tell it.

    Attributes:
        uv: (B, 21, 2) cells of the 64 x 64 grid, the top left corner is (0, 0).
        depth: (B, 21) relative to the root, in reference bones.
        heat: (B, 21, h * w) logarithms of the softmaxed heatmaps.
    """

    uv: Tensor
    depth: Tensor
    heat: Tensor


def read_pose(heat: Tensor, depth_maps: Tensor, centres: Tensor) -> LatentPose:
    """uv as the expectation of the softmaxed heatmap, depth as the sum of softmaxed heatmap times depth map.

    Args:
        heat: (B, 21, h, w) heatmaps of any sum, 32 bits.
        depth_maps: (B, 21, h, w) reference bones.
        centres: (h * w, 2) of :func:`cell_centres`.
    """
    logarithms = heat.flatten(2).log_softmax(dim=-1)
    weights = logarithms.exp()
    uv = weights @ centres
    depth = (weights * depth_maps.flatten(2)).sum(dim=-1)
    return LatentPose(uv, depth - depth[:, ROOT : ROOT + 1], logarithms)


def cell_centres(side: int) -> Tensor:
    """(side * side, 2) centres of a square map's cells in cells of the 64 x 64 grid, row by row."""
    along = (torch.arange(side, dtype=torch.float32) + 0.5) * (GRID / side)
    rows, columns = torch.meshgrid(along, along, indexing="ij")
    return torch.stack((columns, rows), dim=-1).reshape(-1, 2)


def over_grid(maps: Tensor) -> Tensor:
    """Maps (B, C, h, w) on the 64 x 64 grid; logits and other values that may be interpolated."""
    if maps.shape[-1] == GRID:
        return maps
    return F.interpolate(maps, size=(GRID, GRID), mode="bilinear", align_corners=False)


def as_maps(heat: Tensor) -> Tensor:
    """Heatmaps (B, 21, h, h) that sum to 1, of logarithms (B, 21, h * h)."""
    side = math.isqrt(heat.shape[-1])
    return heat.exp().view(*heat.shape[:-1], side, side)


def widths(heat: Tensor, uv: Tensor, centres: Tensor) -> Tensor:
    """How wide each joint's heatmap is about its expectation, (B, 21) cells: the root of its mean squared
    distance.

    Args:
        heat: (B, 21, h * w) logarithms of the softmaxed heatmaps.
        uv: (B, 21, 2) cells, their expectations.
        centres: (h * w, 2) of :func:`cell_centres`.
    """
    # E|x - E x|^2 = E|x|^2 - |E x|^2, about the middle of the grid, where little is lost in 32 bits
    middle = GRID / 2.0
    squares = (centres - middle).square().sum(dim=-1)
    variance: Tensor = heat.exp() @ squares - (uv - middle).square().sum(dim=-1)
    return variance.clamp_min(0.0).sqrt()


def heat_doubts(heat: Tensor, uv: Tensor, centres: Tensor) -> dict[str, Tensor]:
    """How wide, how low and how spread heatmaps are, (B,) each; means over the joints.

    Args:
        heat: (B, 21, h * w) logarithms of the softmaxed heatmaps.
        uv: (B, 21, 2) cells, their expectations.
        centres: (h * w, 2) of :func:`cell_centres`.
    """
    weights = heat.exp()
    return {
        "heatmaps, width": widths(heat, uv, centres).square().mean(dim=-1).sqrt(),
        "heatmaps, peak": 1.0 - weights.amax(dim=-1).mean(dim=-1),
        "heatmaps, entropy": -(weights * heat).sum(dim=-1).mean(dim=-1),
    }
