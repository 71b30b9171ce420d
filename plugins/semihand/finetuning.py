"""Algorithm 1 of SemiHand: pseudo-labels, corrected and chosen, with consistency, beside rendered hands."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from handstudio.hand.shape import HandShape
from handstudio.methods.contract import FinetuneData, TrainingPlan
from handstudio.methods.in_memory import FootageBatch
from handstudio.methods.latent import as_maps
from handstudio.methods.pseudo_labels import Judged
from handstudio.methods.rendered import RenderedBatch
from handstudio.methods.self_training import SelfTraining
from plugins.semihand.confidence import look
from plugins.semihand.labelling import relabel
from plugins.semihand.network import StackedHourglass
from plugins.semihand.objective import finetuning_loss
from plugins.semihand.settings import SemiHandSettings


class Finetuning(SelfTraining):
    """Finetuning of SemiHand on footage.

    Args:
        parent: the model it starts from; it is copied.
        settings: all of SemiHand's settings.
        data: the footage and its labels.
        plan: device, seed, folder.
    """

    def __init__(
        self, parent: StackedHourglass, settings: SemiHandSettings, data: FinetuneData, plan: TrainingPlan
    ) -> None:
        super().__init__(parent, settings.finetuning, data, plan)
        self.settings = settings

    def relabelled(
        self,
        crops: Tensor,
        corrected: tuple[Tensor, Tensor] | None,
        generator: torch.Generator,
        shape: HandShape,
    ) -> Judged:
        """Lines 1, 2, 4 and 6 of Algorithm 1: predictions, Eq. 7, registration, C."""
        return relabel(self._looking, crops, corrected, self.settings, generator, shape)

    def silhouettes(self, crops: Tensor) -> Tensor:
        """(B, 1, 64, 64), the last stack's masks."""
        with torch.no_grad():
            return look(self._looking, crops).mask

    def heatmaps(self, crops: Tensor) -> Tensor | None:
        """(B, 21, h, w) of the last stack."""
        with torch.no_grad():
            heat = look(self._looking, crops).heat
        return None if heat is None else as_maps(heat)

    def losses(
        self, network: nn.Module, footage: FootageBatch, rendered: RenderedBatch, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Line 5 of Algorithm 1: Eq. 1."""
        return finetuning_loss(network, self.teacher, footage, rendered, self.settings, generator)
