"""Pretraining with multi-modal alignment on rendered hands (Sec. 7.3.4): Eq. 7.7."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from handstudio.hand.box import GRID
from handstudio.methods.augmentation import Chances, as_large, diversity_move, flatten, recolour, reshade
from handstudio.methods.contract import TrainingPlan
from handstudio.methods.losses import mask_loss, pose_loss
from handstudio.methods.rendered import LabelledHands, RenderedBatch
from handstudio.methods.rendered_training import RenderedTraining, Supply
from handstudio.methods.settings import DiversitySettings
from plugins.dual_modality.contrast import contrastive_loss
from plugins.dual_modality.depth_maps import nearness, with_faults
from plugins.dual_modality.losses import Truth, supervised_loss
from plugins.dual_modality.network import Answers, DualModalityNetwork
from plugins.dual_modality.settings import DualModalitySettings


def moved(
    hands: RenderedBatch, settings: DiversitySettings, depth_range: float, generator: torch.Generator
) -> tuple[Tensor, Truth]:
    """Rendered hands under the geometric augmentation, G of Sec. 7.3.4: images and everything that is known.

    Joints that leave the crop stay on its border.

    Args:
        hands: with their surface.
        settings: how far they are moved, and how they are lit.
        depth_range: of :func:`nearness`.
        generator: where chances come from.
    """
    assert hands.surface is not None
    move = diversity_move(len(hands), settings, generator)
    mask = as_large(hands.mask, hands.images)
    images = reshade(flatten(hands.images, mask, settings, generator), mask, settings, generator)
    depth_map = nearness(hands.surface, hands.mask, depth_range)
    truth = Truth(
        move.points(hands.uv).clamp(0.0, GRID),
        hands.depth,
        move.images(hands.mask, "zeros"),
        move.images(depth_map, "zeros"),
    )
    return move.images(images), truth


class Pretraining(RenderedTraining):
    """Pretraining of the Dual-Modality Network.

    Args:
        network: what is trained.
        settings: all of the method's settings.
        supply: rendered hands with their surface.
        more: as :class:`RenderedTraining` takes it.
    """

    def __init__(
        self, network: DualModalityNetwork, settings: DualModalitySettings, supply: Supply, **more: Any
    ) -> None:
        super().__init__(network, settings.pretraining, supply, **more)
        self.settings = settings

    @classmethod
    def planned(
        cls, network: DualModalityNetwork, settings: DualModalitySettings, plan: TrainingPlan
    ) -> Pretraining:
        """Pretraining on a pool of rendered hands as the plan says."""
        rest = settings.pretraining
        if plan.epochs is not None:
            rest = rest.model_copy(update={"epochs": plan.epochs})
            settings = settings.model_copy(update={"pretraining": rest})
        return cls(
            network,
            settings,
            Supply.planned(rest, plan, settings.network.crop, surface=True),
            engine=plan.engine,
            seed=plan.seed,
            budget_seconds=plan.budget_seconds,
        )

    def losses(
        self, network: nn.Module, hands: LabelledHands, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Eq. 7.7. Without the contrastive loss, hands are seen once, with their texture changed."""
        settings, rest = self.settings, self.settings.pretraining
        contrast = settings.losses.lambda_c > 0.0
        batch = RenderedBatch.of(hands).to(self._engine.device)
        images, truth = moved(batch, rest.diversity, settings.network.depth_range, generator)
        chances = Chances(generator, images.device)
        textured = recolour(images, rest.diversity, generator)
        seen = with_faults(truth.depth_map, rest.depth_faults, chances)
        if contrast:
            images, seen, truth = (
                torch.cat((images, textured)),
                torch.cat((truth.depth_map, seen)),
                truth.twice(),
            )
        else:
            images = textured
        predicted = chances.even(len(hands), 1, 1, 1).repeat(2 if contrast else 1, 1, 1, 1)
        seen = seen.masked_fill(predicted < rest.predicted_share, torch.nan)
        answers: Answers = network(images, seen)
        supervised = supervised_loss(answers.estimates, truth, settings.losses).mean()
        contrastive = supervised.new_zeros(())
        if contrast:
            first, second = answers.features.chunk(2, dim=1)
            contrastive = contrastive_loss(first, second, settings.contrast)
        loss = supervised + settings.losses.lambda_c * contrastive
        return loss, {
            "loss": float(loss.detach()),
            "contrastive": float(contrastive.detach()),
            **_figures(answers, truth, settings),
        }


def _figures(answers: Answers, truth: Truth, settings: DualModalitySettings) -> dict[str, float]:
    """How good the branches are, of all hands of a step."""
    with torch.no_grad():
        rgb = answers.rgb
        return {
            "pose": float(pose_loss(rgb.uv, rgb.depth, truth.uv, truth.depth, settings.losses).mean()),
            "mask": float(mask_loss(rgb.mask, truth.mask).mean()),
            "depth_map": float(mask_loss(rgb.depth_map, truth.depth_map).mean()),
            "epe_cells": _epe(rgb.uv, truth.uv),
            "epe_cells_depth_map": _epe(answers.depth_map.uv, truth.uv),
            "epe_cells_fusion": _epe(answers.fusion.uv, truth.uv),
        }


def _epe(uv: Tensor, truth: Tensor) -> float:
    return float((uv - truth).norm(dim=-1).mean())
