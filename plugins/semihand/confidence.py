"""How far a proposal can be trusted: C as its two terms (Eq. 8), and the correction P."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from handstudio.hand.distance import pose_distance
from handstudio.hand.registration import register_pose
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.methods.augmentation import Move
from handstudio.methods.pseudo_labels import Judged
from plugins.semihand.network import Estimate


def look(network: nn.Module, crops: Tensor, move: Move | None = None) -> Estimate:
    """The network's answer on crops (B, 3, S, S), moved first where there is a move; nothing is mapped
    back."""
    images = crops if move is None else move.images(crops)
    estimates: list[Estimate] = network(images.contiguous(memory_format=torch.channels_last))
    return estimates[-1]


def judge(
    uv: Tensor, depth: Tensor, moved: Estimate, move: Move, lambda_d: float, shape: HandShape = ANYBODY
) -> Judged:
    """C of pseudo-labels (Eq. 8).

    Args:
        uv, depth: the pseudo-labels, (B, 21, 2) cells and (B, 21).
        moved: the prediction on the moved crops.
        move: the perturbation.
        lambda_d: of Eq. 2.
        shape: the hands' bones.
    """
    stability = pose_distance(move.points(uv), depth, moved.uv, moved.depth, lambda_d)
    spread = (uv - move.points_back(moved.uv)).norm(dim=-1)
    return _corrected(uv, depth, stability, spread, lambda_d, shape)


def judge_views(
    uv: Tensor,
    depth: Tensor,
    uvs: Tensor,
    depths: Tensor,
    lambda_d: float,
    shape: HandShape = ANYBODY,
) -> Judged:
    """C of pseudo-labels against several views of the same crops (ours).

    Args:
        uv, depth: the pseudo-labels, (B, 21, 2) cells and (B, 21).
        uvs, depths: what the network says of each view, mapped back, (V, B, 21, 2) and (V, B, 21).
        lambda_d: of Eq. 2.
        shape: the hands' bones.
    """
    stability = pose_distance(uv.expand_as(uvs), depth.expand_as(depths), uvs, depths, lambda_d).mean(0)
    spread = (uvs - uv).norm(dim=-1).mean(dim=0)
    return _corrected(uv, depth, stability, spread, lambda_d, shape)


def _corrected(
    uv: Tensor, depth: Tensor, stability: Tensor, spread: Tensor, lambda_d: float, shape: HandShape
) -> Judged:
    corrected_uv, corrected_depth = register_pose(uv, depth, shape.bone_lengths)
    plausibility = pose_distance(uv, depth, corrected_uv, corrected_depth, lambda_d)
    return Judged(uv, depth, corrected_uv, corrected_depth, stability, plausibility, spread)


def closed_form(
    predicted: tuple[Tensor, Tensor], corrected: tuple[Tensor, Tensor], share: float = 0.5
) -> tuple[Tensor, Tensor]:
    """Eq. 7 solved: the pose nearest to prediction and correction is their mean.

    Args:
        predicted: p', uv (B, 21, 2) and depth (B, 21).
        corrected: r' likewise.
        share: of the correction; one half as published.
    """
    (uv1, depth1), (uv2, depth2) = predicted, corrected
    return torch.lerp(uv1, uv2, share), torch.lerp(depth1, depth2, share)
