"""The pseudo-labels of a finetune of SemiHand: their first values and their updates (Eq. 7)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.methods.augmentation import perturbation_move
from handstudio.methods.pseudo_labels import Judged
from handstudio.methods.views import middle
from plugins.semihand.confidence import closed_form, judge, judge_views, look
from plugins.semihand.settings import SemiHandSettings


def seen(
    network: nn.Module, crops: Tensor, views: int, settings: SemiHandSettings, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What the network says of crops, plain and perturbed, mapped back: (V, B, 21, 2) and (V, B, 21)."""
    plain = look(network, crops)
    uvs, depths = [plain.uv.cpu()], [plain.depth.cpu()]
    for _ in range(views - 1):
        move = perturbation_move(len(crops), settings.perturbation, generator)
        moved = look(network, crops, move)
        uvs.append(move.points_back(moved.uv.cpu()))
        depths.append(moved.depth.cpu())
    return torch.stack(uvs), torch.stack(depths)


@torch.no_grad()
def relabel(
    network: nn.Module,
    crops: Tensor,
    corrected: tuple[Tensor, Tensor] | None,
    settings: SemiHandSettings,
    generator: torch.Generator,
    shape: HandShape = ANYBODY,
) -> Judged:
    """New pseudo-labels of crops, their corrections and their C.

    Args:
        network: in evaluation mode.
        crops: (B, 3, S, S).
        corrected: r' of Eq. 7; ``None`` for the first pseudo-labels, which are the predictions themselves.
        settings: all of SemiHand's settings.
        generator: where perturbations come from.
        shape: the hands' bones.
    """
    rest = settings.finetuning
    views = rest.first_views if corrected is None else rest.views
    uvs, depths = seen(network, crops, views, settings, generator)
    uv, depth = middle(uvs), middle(depths)
    if corrected is not None:
        uv, depth = closed_form((uv, depth), corrected, rest.correction_share)
    lambda_d = settings.losses.lambda_d
    if views > 1:
        return judge_views(uv, depth, uvs, depths, lambda_d, shape)
    move = perturbation_move(len(crops), settings.perturbation, generator)
    moved = look(network, crops, move)
    answer = type(moved)(moved.uv.cpu(), moved.depth.cpu(), moved.mask)
    return judge(uv, depth, answer, move, lambda_d, shape)
