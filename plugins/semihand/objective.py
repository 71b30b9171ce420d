"""The objective of a finetuning step: Eq. 1, from the losses of its three parts."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.hand.consistency import cross_modal_consistency
from handstudio.methods.augmentation import (
    Move,
    as_large,
    diversity_move,
    flatten,
    perturbation_move,
    recolour,
    reshade,
)
from handstudio.methods.in_memory import FootageBatch
from handstudio.methods.losses import heat_loss, known, mask_loss, pose_loss
from handstudio.methods.rendered import RenderedBatch
from plugins.semihand.confidence import look
from plugins.semihand.losses import supervised_loss
from plugins.semihand.network import Estimate
from plugins.semihand.settings import SemiHandSettings


def finetuning_loss(
    network: nn.Module,
    teacher: nn.Module | None,
    footage: FootageBatch,
    rendered: RenderedBatch,
    settings: SemiHandSettings,
    generator: torch.Generator,
) -> tuple[Tensor, dict[str, float]]:
    """Eq. 1 on a batch, and its parts by name.

    Labelled and trusted hands are seen with the strong augmentation, the rest with the weak one (Sec. 3.4).
    With a
    teacher, its answer on the plain crop is the target of the view consistency of the one augmented view;
    without one,
    Eq. 10 compares the network with itself on two further views, as published.
    """
    count = len(footage.images)
    move = _moves(footage.labelled | footage.trusted, settings, generator)
    strong = (footage.labelled | footage.trusted)[:, None, None, None]
    seen = move.images(footage.images)
    seen = torch.where(strong, recolour(seen, settings.diversity, generator), seen)
    anchor_move = diversity_move(len(rendered.images), settings.diversity, generator)
    inside = as_large(rendered.mask, rendered.images)
    anchors = flatten(rendered.images, inside, settings.diversity, generator)
    anchors = reshade(anchors, inside, settings.diversity, generator)
    anchors = recolour(anchor_move.images(anchors), settings.diversity, generator)
    images = torch.cat((seen, anchors)).contiguous(memory_format=torch.channels_last)
    estimates: list[Estimate] = network(images)
    mine = [_part(estimate, slice(0, count)) for estimate in estimates]
    theirs = [_part(estimate, slice(count, None)) for estimate in estimates]

    supervised = supervised_loss(
        theirs,
        anchor_move.points(rendered.uv).clamp(0.0, GRID),
        rendered.depth,
        anchor_move.images(rendered.mask, "zeros"),
        settings.losses,
    )
    supervised = supervised.mean() if len(rendered.images) else supervised.sum()
    labelled, pseudo = _footage_losses(mine, footage, move, settings)
    if teacher is None:
        plain = torch.cat((footage.images, rendered.images))
        views, fitted = published_consistency(network, plain, settings, generator)
    else:
        with torch.no_grad():
            target = look(teacher, footage.images)
        views = view_consistency(mine[-1], _moved(target, move), settings)
        fitted = fitting(estimates[-1], settings)
    consistency = settings.finetuning.view_weight * views.mean() + fitted.mean()
    loss = supervised + labelled + pseudo + settings.losses.lambda_c * consistency
    return loss, {
        "loss": float(loss.detach()),
        "rendered": float(supervised.detach()),
        "labelled": float(labelled.detach()),
        "pseudo": float(pseudo.detach()),
        "views": float(views.detach().mean()),
        "fitting": float(fitted.detach().mean()),
    }


def _moves(strong: Tensor, settings: SemiHandSettings, generator: torch.Generator) -> Move:
    count = len(strong)
    hard = diversity_move(count, settings.diversity, generator).to(strong.device)
    weak = perturbation_move(count, settings.perturbation, generator).to(strong.device)
    return Move(
        torch.where(strong[:, None, None], hard.turn, weak.turn),
        torch.where(strong[:, None], hard.shift, weak.shift),
    )


def _footage_losses(
    estimates: list[Estimate], footage: FootageBatch, move: Move, settings: SemiHandSettings
) -> tuple[Tensor, Tensor]:
    """The first term of Eq. 3 on labelled hands (with ``heat_weight`` also on heatmaps, and with
    ``pseudo_heat`` on those of trusted ones), Eq. 6 on the others, each as a share of the whole batch."""
    rest = settings.finetuning
    count = max(len(footage.images), 1)
    uv = move.points(footage.uv).clamp(0.0, GRID)
    corrected_uv = move.points(footage.corrected_uv)
    label_weight = footage.label_weight(rest.curated_weight)
    pseudo_weight = footage.trusted.float()
    unlabelled = 1.0 - footage.labelled.float()
    correction_weight = rest.correction_weight * unlabelled
    correction_weight = correction_weight * torch.where(footage.trusted, 1.0, rest.untrusted_weight)
    labelled, pseudo = uv.new_zeros(()), uv.new_zeros(())
    for estimate in estimates:
        known_uv = known(uv, estimate.uv)
        known_depth = known(footage.depth, estimate.depth)
        distance = pose_loss(estimate.uv, estimate.depth, known_uv, known_depth, settings.losses)
        if settings.losses.heat_weight > 0.0 and estimate.heat is not None:
            heat = settings.losses.heat_weight * heat_loss(estimate.heat, uv, settings.losses.heat_cells)
            labelled = labelled + (label_weight * heat).sum() / count
            pseudo = pseudo + rest.pseudo_heat * (pseudo_weight * heat).sum() / count
        corrected = pose_loss(
            estimate.uv, estimate.depth, corrected_uv, footage.corrected_depth, settings.losses
        )
        labelled = labelled + (label_weight * distance).sum() / count
        pseudo = pseudo + (pseudo_weight * distance + correction_weight * corrected).sum() / count
    return labelled, pseudo


def view_consistency(estimate: Estimate, target: Estimate, settings: SemiHandSettings) -> Tensor:
    """Eq. 10, (B,): the distance between the answer on a moved crop and the moved answer."""
    pose = pose_loss(estimate.uv, estimate.depth, target.uv, target.depth, settings.losses)
    return pose + settings.finetuning.mask_weight * mask_loss(estimate.mask, target.mask)


def fitting(estimate: Estimate, settings: SemiHandSettings) -> Tensor:
    """Eq. 11, (B,): m2d + d2m of pose and mask, means over the grid; no gradient into the mask."""
    rest = settings.finetuning
    mask = estimate.mask
    if rest.fitting_grid != GRID:
        mask = F.avg_pool2d(mask, GRID // rest.fitting_grid)
    m2d, d2m = cross_modal_consistency(estimate.uv, mask, estimate.depth.detach())
    return rest.fitting_weight * (m2d + d2m) / (GRID * GRID)


def published_consistency(
    network: nn.Module, images: Tensor, settings: SemiHandSettings, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Eq. 10 and 11 as published, (B,) each: the network against itself on the plain and on the perturbed
    crop."""
    move = perturbation_move(len(images), settings.perturbation, generator)
    plain = look(network, images)
    moved = look(network, images, move)
    return view_consistency(moved, _moved(plain, move), settings), fitting(plain, settings)


def _moved(estimate: Estimate, move: Move) -> Estimate:
    return Estimate(move.points(estimate.uv), estimate.depth, move.images(estimate.mask, "zeros"))


def _part(estimate: Estimate, rows: slice) -> Estimate:
    heat = None if estimate.heat is None else estimate.heat[rows]
    return Estimate(estimate.uv[rows], estimate.depth[rows], estimate.mask[rows], heat)
