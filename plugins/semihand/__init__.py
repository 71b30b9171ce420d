"""SemiHand: semi-supervised hand pose estimation with consistency (Yang, Chen and Yao, ICCV 2021)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel
from torch import nn

from handstudio.errors import HandStudioError
from handstudio.methods.contract import FinetuneData, Method, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.training import Training
from plugins.semihand.network import StackedHourglass
from plugins.semihand.proposer import SemiHandProposer
from plugins.semihand.settings import LiteSettings, PaperSettings, SemiHandSettings


class SemiHand(Method):
    """Pseudo-labels, corrected and chosen, with consistency of views and of pose and mask."""

    name = "semihand"
    title = "SemiHand"
    paper = (
        "L. Yang, S. Chen, A. Yao. SemiHand: Semi-supervised Hand Pose Estimation with Consistency. "
        "ICCV 2021."
    )
    profiles: ClassVar = {"lite": LiteSettings, "paper": PaperSettings}
    shipped: ClassVar = {"lite": "semihand-lite"}

    def default_profile(self, engine: Engine) -> str:
        """The published network on a GPU, the small one on a CPU."""
        return "paper" if engine.kind == "cuda" else "lite"

    def crop_size(self, settings: BaseModel) -> int:
        """Side of the crops that the network sees, px."""
        return _own(settings).network.crop

    def build_network(self, settings: BaseModel) -> StackedHourglass:
        """The stacked hourglass."""
        return StackedHourglass(_own(settings).network)

    def proposer(self, network: nn.Module, settings: BaseModel, engine: Engine) -> SemiHandProposer:
        """A proposer of crops."""
        return SemiHandProposer(_hourglass(network), _own(settings), engine)

    def pretraining(self, network: nn.Module, settings: BaseModel, plan: TrainingPlan) -> Training:
        """Eq. 3 on rendered hands."""
        from plugins.semihand.pretraining import Pretraining

        return Pretraining.planned(_hourglass(network), _own(settings), plan)

    def finetuning(
        self, parent: nn.Module, settings: BaseModel, data: FinetuneData, plan: TrainingPlan
    ) -> Training:
        """Algorithm 1."""
        from plugins.semihand.finetuning import Finetuning

        return Finetuning(_hourglass(parent), _own(settings), data, plan)


def _own(settings: BaseModel) -> SemiHandSettings:
    if not isinstance(settings, SemiHandSettings):
        raise HandStudioError("These are not settings of SemiHand", type(settings).__name__)
    return settings


def _hourglass(network: nn.Module) -> StackedHourglass:
    if not isinstance(network, StackedHourglass):
        raise HandStudioError("This is not a network of SemiHand", type(network).__name__)
    return network
