"""Dual-Modality Network for semi-supervised hand pose estimation (Lin, Yang and Yao, 2022)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel
from torch import nn

from handstudio.errors import HandStudioError
from handstudio.methods.contract import FinetuneData, Method, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.training import Training
from plugins.dual_modality.network import DualModalityNetwork
from plugins.dual_modality.proposer import DualModalityProposer
from plugins.dual_modality.settings import DualModalitySettings, LiteSettings, PaperSettings


class DualModality(Method):
    """RGB and depth maps aligned on rendered hands; then self-distillation and corrected pseudo-labels."""

    name = "dual_modality"
    title = "Dual-Modality Network"
    paper = (
        "Q. Lin, L. Yang, A. Yao. Dual-Modality Network for Semi-Supervised Hand Pose Estimation. "
        "In: L. Yang, dissertation, chapter 7, 2022."
    )
    profiles: ClassVar = {"lite": LiteSettings, "paper": PaperSettings}
    shipped: ClassVar = {"lite": "dual-modality-lite"}

    def default_profile(self, engine: Engine) -> str:
        """The published network on a GPU, the small one on a CPU."""
        return "paper" if engine.kind == "cuda" else "lite"

    def crop_size(self, settings: BaseModel) -> int:
        """256 px as published, 64 in ``lite``."""
        return _own(settings).network.crop

    def build_network(self, settings: BaseModel) -> DualModalityNetwork:
        """The three branches."""
        return DualModalityNetwork(_own(settings).network)

    def proposer(self, network: nn.Module, settings: BaseModel, engine: Engine) -> DualModalityProposer:
        """A proposer of crops."""
        return DualModalityProposer(_branches(network), _own(settings), engine)

    def pretraining(self, network: nn.Module, settings: BaseModel, plan: TrainingPlan) -> Training:
        """Eq. 7.7 on rendered hands."""
        from plugins.dual_modality.pretraining import Pretraining

        return Pretraining.planned(_branches(network), _own(settings), plan)

    def finetuning(
        self, parent: nn.Module, settings: BaseModel, data: FinetuneData, plan: TrainingPlan
    ) -> Training:
        """Eq. 7.10 on footage and rendered hands."""
        from plugins.dual_modality.finetuning import Finetuning

        return Finetuning(_branches(parent), _own(settings), data, plan)


def _own(settings: BaseModel) -> DualModalitySettings:
    if not isinstance(settings, DualModalitySettings):
        raise HandStudioError("These are not settings of the Dual-Modality Network", type(settings).__name__)
    return settings


def _branches(network: nn.Module) -> DualModalityNetwork:
    if not isinstance(network, DualModalityNetwork):
        raise HandStudioError("This is not a Dual-Modality Network", type(network).__name__)
    return network
