"""Training on rendered hands alone (Eq. 3 on every stack), which makes the model that everything starts
from."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from handstudio.hand.box import GRID
from handstudio.methods.augmentation import as_large, diversity_move, flatten, recolour, reshade
from handstudio.methods.contract import TrainingPlan
from handstudio.methods.losses import mask_loss, pose_loss
from handstudio.methods.rendered import LabelledHands
from handstudio.methods.rendered_training import RenderedTraining, Supply
from handstudio.methods.settings import DiversitySettings
from plugins.semihand.losses import supervised_loss
from plugins.semihand.network import StackedHourglass
from plugins.semihand.settings import SemiHandSettings


def augmented(
    hands: LabelledHands, settings: DiversitySettings, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Strongly augmented images, uv, depth and masks; joints that leave the crop stay on its border."""
    images, uv, depth, mask = hands.floats()
    move = diversity_move(len(hands), settings, generator)
    inside = as_large(mask, images)
    images = reshade(flatten(images, inside, settings, generator), inside, settings, generator)
    images = recolour(move.images(images), settings, generator)
    return images, move.points(uv).clamp(0.0, GRID), depth, move.images(mask, "zeros")


class Pretraining(RenderedTraining):
    """Pretraining of SemiHand.

    Args:
        network: what is trained.
        settings: all of SemiHand's settings.
        supply: rendered hands.
        more: as :class:`RenderedTraining` takes it.
    """

    def __init__(
        self, network: StackedHourglass, settings: SemiHandSettings, supply: Supply, **more: Any
    ) -> None:
        super().__init__(network, settings.pretraining, supply, **more)
        self.settings = settings

    @classmethod
    def planned(
        cls, network: StackedHourglass, settings: SemiHandSettings, plan: TrainingPlan
    ) -> Pretraining:
        """Pretraining on a pool of rendered hands as the plan says."""
        rest = settings.pretraining
        if plan.epochs is not None:
            rest = rest.model_copy(update={"epochs": plan.epochs})
            settings = settings.model_copy(update={"pretraining": rest})
        return cls(
            network,
            settings,
            Supply.planned(rest, plan, settings.network.crop),
            engine=plan.engine,
            seed=plan.seed,
            budget_seconds=plan.budget_seconds,
        )

    def losses(
        self, network: nn.Module, hands: LabelledHands, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Eq. 3 on strongly augmented hands."""
        settings = self.settings.losses
        moved = augmented(hands, self.settings.pretraining.diversity, generator)
        images, uv, depth, mask = (self._engine.to_device(value) for value in moved)
        estimates = network(images.contiguous(memory_format=torch.channels_last))
        loss = supervised_loss(estimates, uv, depth, mask, settings).mean()
        last = estimates[-1].detached()
        return loss, {
            "loss": float(loss.detach()),
            "pose": float(pose_loss(last.uv, last.depth, uv, depth, settings).mean()),
            "mask": float(mask_loss(last.mask, mask).mean()),
            "epe_cells": float((last.uv - uv).norm(dim=-1).mean()),
        }
