"""Finetuning with noisy pseudo-labels (Sec. 7.3.5): Eq. 7.8 to 7.10."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from handstudio.hand.box import GRID
from handstudio.hand.shape import HandShape
from handstudio.methods.augmentation import Move, diversity_move, recolour
from handstudio.methods.contract import FinetuneData, TrainingPlan
from handstudio.methods.in_memory import FootageBatch
from handstudio.methods.latent import as_maps
from handstudio.methods.losses import heat_loss, known, pose_loss
from handstudio.methods.pseudo_labels import Judged
from handstudio.methods.rendered import RenderedBatch
from handstudio.methods.self_training import SelfTraining
from plugins.dual_modality.labelling import judge, opinions
from plugins.dual_modality.losses import Truth, multi_modal_loss, supervised_loss
from plugins.dual_modality.network import Answers, DualModalityNetwork, Estimate
from plugins.dual_modality.pretraining import moved
from plugins.dual_modality.settings import DualModalitySettings


class Finetuning(SelfTraining):
    """Finetuning of the Dual-Modality Network on footage.

    Pseudo-labels are made anew between epochs, so that all of an epoch comes from one state of the model
    (as in the self-paced training of SemiHand that the paper follows).

    Args:
        parent: the model it starts from; it is copied.
        settings: all of the method's settings.
        data: the footage and its labels.
        plan: device, seed, folder.
    """

    def __init__(
        self,
        parent: DualModalityNetwork,
        settings: DualModalitySettings,
        data: FinetuneData,
        plan: TrainingPlan,
    ) -> None:
        super().__init__(parent, settings.finetuning, data, plan, surface=True)
        self.settings = settings

    def relabelled(
        self,
        crops: Tensor,
        corrected: tuple[Tensor, Tensor] | None,
        generator: torch.Generator,
        shape: HandShape,
    ) -> Judged:
        """r and C of Sec. 7.3.5; what was corrected before plays no part."""
        rest = self.settings.finetuning
        views = rest.first_views if corrected is None else rest.views
        seen = opinions(self._looking, crops, views, self.settings.perturbation, generator)
        return judge(*seen, self.settings, shape)

    def silhouettes(self, crops: Tensor) -> Tensor:
        """(B, 1, 64, 64), the masks of the RGB branch."""
        with torch.no_grad():
            network = self.model()
            assert isinstance(network, DualModalityNetwork)
            return network.rgb(crops.contiguous(memory_format=torch.channels_last)).mask

    def heatmaps(self, crops: Tensor) -> Tensor | None:
        """(B, 21, h, w) of the RGB branch."""
        with torch.no_grad():
            network = self.model()
            assert isinstance(network, DualModalityNetwork)
            return as_maps(network.rgb(crops.contiguous(memory_format=torch.channels_last)).heat)

    def losses(
        self, network: nn.Module, footage: FootageBatch, rendered: RenderedBatch, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Eq. 7.10 on a batch."""
        return finetuning_loss(network, footage, rendered, self.settings, generator)


def finetuning_loss(
    network: nn.Module,
    footage: FootageBatch,
    rendered: RenderedBatch,
    settings: DualModalitySettings,
    generator: torch.Generator,
) -> tuple[Tensor, dict[str, float]]:
    """Eq. 7.10 on a batch, and its parts by name.

    All hands are seen with the strong augmentation. The depth maps' branch sees the rendered hands' own
    depth maps, and of the footage what the RGB branch predicts. The self-distillation (Eq. 7.9) pulls at
    both of its branches, as printed.
    """
    count = len(footage.images)
    move = diversity_move(count, settings.diversity, generator).to(footage.images.device)
    seen = recolour(move.images(footage.images), settings.diversity, generator)
    images, truth = moved(rendered, settings.diversity, settings.network.depth_range, generator)
    images = torch.cat((seen, recolour(images, settings.diversity, generator)))
    unknown = truth.depth_map.new_full((count, 1, GRID, GRID), torch.nan)
    answers: Answers = network(images, torch.cat((unknown, truth.depth_map)))
    mine = [estimate.rows(slice(0, count)) for estimate in answers.estimates]
    theirs = [estimate.rows(slice(count, None)) for estimate in answers.estimates]

    supervised = _rendered_loss(theirs, truth, settings)
    labelled, pseudo = _footage_losses(mine, footage, move, settings)
    rgb, _, fusion = mine
    distilled = multi_modal_loss(rgb, fusion, settings.losses).mean()
    losses = settings.losses
    loss = supervised + labelled + losses.lambda_l * pseudo + losses.lambda_f * distilled
    return loss, {
        "loss": float(loss.detach()),
        "rendered": float(supervised.detach()),
        "labelled": float(labelled.detach()),
        "pseudo": float(pseudo.detach()),
        "distilled": float(distilled.detach()),
    }


def _rendered_loss(estimates: Iterable[Estimate], truth: Truth, settings: DualModalitySettings) -> Tensor:
    """L_s of Eq. 7.6; 0 where there are no rendered hands."""
    each = supervised_loss(estimates, truth, settings.losses)
    return each.mean() if len(each) else each.sum()


def _footage_losses(
    estimates: Iterable[Estimate], footage: FootageBatch, move: Move, settings: DualModalitySettings
) -> tuple[Tensor, Tensor]:
    """Labels and pseudo-labels (Eq. 7.8) in all branches, each as a share of the whole batch.

    Of labelled hands unknown joints and depths pull at nothing; with ``heat_weight`` their heatmaps are
    sharpened like those of rendered hands (ours), with ``pseudo_heat`` those of trusted hands too.
    """
    losses, count = settings.losses, max(len(footage.images), 1)
    uv = move.points(footage.uv).clamp(0.0, GRID)
    label_weight = footage.label_weight(settings.finetuning.curated_weight)
    pseudo_weight = footage.trusted.float()
    labelled, pseudo = uv.new_zeros(()), uv.new_zeros(())
    for estimate in estimates:
        known_uv, known_depth = known(uv, estimate.uv), known(footage.depth, estimate.depth)
        distance = pose_loss(estimate.uv, estimate.depth, known_uv, known_depth, losses)
        labelled = labelled + (label_weight * distance).sum() / count
        pseudo = pseudo + (pseudo_weight * distance).sum() / count
        if losses.heat_weight > 0.0:
            heat = losses.heat_weight * heat_loss(estimate.heat, uv, losses.heat_cells)
            labelled = labelled + (label_weight * heat).sum() / count
            pseudo = pseudo + settings.finetuning.pseudo_heat * (pseudo_weight * heat).sum() / count
    return labelled, pseudo
