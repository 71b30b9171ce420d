"""Pseudo-labels: the mean of two branches' poses before and after correction, and their variance (Sec.
7.3.5)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from handstudio.hand.distance import pose_distance
from handstudio.hand.registration import correct_pose
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.methods.augmentation import Move, perturbation_move
from handstudio.methods.pseudo_labels import Judged
from handstudio.methods.settings import PerturbationSettings
from handstudio.methods.views import middle
from plugins.dual_modality.network import Answers
from plugins.dual_modality.settings import CorrectionSettings, DualModalitySettings

Pose = tuple[Tensor, Tensor]
"""uv (B, 21, 2) cells and depth (B, 21)."""


class Opinion(NamedTuple):
    """What one branch says of crops, view by view, mapped back to the plain crop.

    Attributes:
        uv, depth: (V, B, 21, 2) cells and (V, B, 21).
    """

    uv: Tensor
    depth: Tensor

    @property
    def middle(self) -> Pose:
        """The median of the views."""
        return middle(self.uv), middle(self.depth)

    def spread(self, lambda_d: float) -> Tensor:
        """(B,) mean squared distance of the views from their median; 0 for a single view."""
        uv, depth = self.middle
        views = uv.expand_as(self.uv), depth.expand_as(self.depth)
        distance: Tensor = pose_distance(*views, self.uv, self.depth, lambda_d).mean(0)
        return distance


def corrected(uv: Tensor, depth: Tensor, settings: CorrectionSettings, shape: HandShape = ANYBODY) -> Pose:
    """Poses with bones and joint angles that a hand of a shape can have."""
    moved: Pose = correct_pose(
        uv,
        depth,
        shape.bone_lengths,
        tolerance=settings.bone_tolerance,
        limits=shape.limits,
    )
    return moved


def judge(
    rgb: Opinion, fusion: Opinion, settings: DualModalitySettings, shape: HandShape = ANYBODY
) -> Judged:
    """Pseudo-labels r and their confidence C, the variance of the four poses that r is the mean of.

    With the squared distance of Eq. 7.1 the variance falls apart into that between the branches (their means
    of before and after about the mean of all), which is the stability, and that between before and after
    correction within each branch, which is the plausibility. With several views of a crop, a branch's pose
    is their median, and their spread about it adds to the stability (ours).

    Args:
        rgb, fusion: what the branches say.
        settings: the correction, and its share in r.
        shape: the hands' bones and limits.
    """
    lambda_d, share = settings.losses.lambda_d, settings.correction.share
    stability = (rgb.spread(lambda_d) + fusion.spread(lambda_d)) / 2.0
    plausibility = torch.zeros_like(stability)
    before: list[Pose] = []
    after: list[Pose] = []
    for opinion in (rgb, fusion):
        before.append(opinion.middle)
        after.append(corrected(*before[-1], settings.correction, shape))
        plausibility = plausibility + pose_distance(*before[-1], *after[-1], lambda_d) / 8.0
    first, second = (_between(*both, 0.5) for both in zip(before, after, strict=True))
    stability = stability + pose_distance(*first, *second, lambda_d) / 4.0
    proposed, feasible = _between(before[0], before[1], 0.5), _between(after[0], after[1], 0.5)
    views = torch.cat((rgb.uv, fusion.uv))
    spread = (views - proposed[0]).norm(dim=-1).mean(dim=0)
    return Judged(*_between(proposed, feasible, share), *feasible, stability, plausibility, spread)


def _between(one: Pose, other: Pose, share: float) -> Pose:
    return torch.lerp(one[0], other[0], share), torch.lerp(one[1], other[1], share)


@torch.no_grad()
def opinions(
    network: nn.Module, crops: Tensor, views: int, settings: PerturbationSettings, generator: torch.Generator
) -> tuple[Opinion, Opinion]:
    """What the RGB and the fusion branch say of weakly augmented crops, mapped back.

    One view is one weak augmentation, as published; of several the first is the plain crop.

    Args:
        network: in evaluation mode.
        crops: (B, 3, S, S).
        views: how many.
        settings: of the weak augmentation.
        generator: where it comes from.
    """
    moves: list[Move | None] = [None] if views > 1 else []
    while len(moves) < views:
        moves.append(perturbation_move(len(crops), settings, generator))
    poses: list[list[Pose]] = [[], []]
    for move in moves:
        answers: Answers = network(crops if move is None else move.images(crops))
        for said, estimate in zip(poses, (answers.rgb, answers.fusion), strict=True):
            uv = estimate.uv.cpu()
            said.append((uv if move is None else move.points_back(uv), estimate.depth.cpu()))
    rgb, fusion = (Opinion(*map(torch.stack, zip(*said, strict=True))) for said in poses)
    return rgb, fusion
