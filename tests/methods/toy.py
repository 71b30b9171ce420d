"""A stranger's method: a plugin that knows nothing of ours, and is quick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import BaseModel
from torch import nn

from handstudio.methods.contract import (
    EpochLabels,
    FinetuneData,
    HandProposals,
    Method,
    Pixels,
    Proposer,
    TrainingPlan,
)
from handstudio.methods.device import Engine
from handstudio.methods.training import Training


class ToySettings(BaseModel):
    """One number inside another."""

    steps: int = 6
    inner: dict[str, float] = {"rate": 0.1}


class ToyNetwork(nn.Module):
    """Answers with the crop's mean colour."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))


class ToyProposer(Proposer):
    """Sees the brightest place of a crop and puts every joint there."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def propose(self, crops: Pixels) -> HandProposals:
        """All joints on the brightest cell."""
        self.batches.append(len(crops))
        grey = crops.astype(np.float32).sum(-1).reshape(len(crops), -1)
        peak = grey.argmax(1)
        uv = np.stack((peak % 64 + 0.5, peak // 64 + 0.5), -1).astype(np.float32)
        uv = np.repeat(uv[:, None], 21, 1)
        depth = np.zeros((len(crops), 21), np.float32)
        mask = (grey > 600).reshape(-1, 64, 64).astype(np.float32)
        c = np.ones(len(crops), np.float32)
        return HandProposals(uv, depth, mask, uv + 1, depth, uv - 1, depth, c, 2 * c)


class ToyTraining(Training):
    """Adds up random numbers that depend on the step alone."""

    def __init__(self, network: ToyNetwork, settings: ToySettings, data: FinetuneData | None = None) -> None:
        self.network = network
        self.settings = settings
        self.data = data
        self.closed = False

    @property
    def total(self) -> int:
        return self.settings.steps

    @property
    def finished(self) -> bool:
        return self.step >= self.settings.steps

    def advance(self) -> Mapping[str, float]:
        generator = torch.Generator().manual_seed(self.step)
        with torch.no_grad():
            self.network.weight += torch.rand(3, generator=generator)
        self.step += 1
        if self.data is not None and self.data.keep_labels is not None and self.finished:
            count = len(self.data)
            uv = np.full((count, 21, 2), 32.0, np.float32)
            depth, c = np.zeros((count, 21), np.float32), np.zeros(count, np.float32)
            self.data.keep_labels(EpochLabels(1, uv, depth, uv, depth, c, c, c <= 1.5))
        return {"loss": 1.0 / self.step, "known": float("nan") if self.step == 1 else 2.0}

    def model(self) -> nn.Module:
        return self.network

    def state_dict(self) -> dict[str, Any]:
        return {"step": self.step, "network": self.network.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.step = state["step"]
        self.network.load_state_dict(state["network"])

    def close(self) -> None:
        self.closed = True


class Toy(Method):
    """The plugin."""

    name = "toy"
    title = "Toy"
    paper = "None."
    profiles: ClassVar = {"only": ToySettings}
    made: ClassVar[list[ToyProposer]] = []

    def build_network(self, settings: BaseModel) -> nn.Module:
        return ToyNetwork()

    def proposer(self, network: nn.Module, settings: BaseModel, engine: Engine) -> Proposer:
        Toy.made.append(ToyProposer())
        return Toy.made[-1]

    def pretraining(self, network: Any, settings: Any, plan: TrainingPlan) -> Training:
        return ToyTraining(network, settings)

    def finetuning(self, parent: Any, settings: Any, data: FinetuneData, plan: TrainingPlan) -> Training:
        copied = ToyNetwork()
        copied.load_state_dict(parent.state_dict())
        return ToyTraining(copied, settings, data)


NOT_A_METHOD = 3
