"""A running average of a network: the mean teacher of a finetune, the smoothed weights of a pretraining."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class RunningAverage:
    """An exponential average of a network's weights and running statistics.

    Args:
        network: what is averaged.
        decay: how much of the old average stays at each step.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self._floating: list[tuple[Tensor, Tensor]] | None = None
        self._others: list[tuple[Tensor, Tensor]] = []

    @torch.no_grad()
    def update(self, network: nn.Module, step: int | None = None) -> None:
        """Take in the weights of ``network``, always the same one.

        Args:
            network: the trained network.
            step: steps done, where the training started from nothing: early on less of the old average stays.
        """
        decay = self.decay if step is None else min(self.decay, (1.0 + step) / (10.0 + step))
        if self._floating is None:
            new = network.state_dict()
            pairs = [(value, new[name]) for name, value in self.network.state_dict().items()]
            self._floating = [pair for pair in pairs if pair[0].is_floating_point()]
            self._others = [pair for pair in pairs if not pair[0].is_floating_point()]
        old, newest = ([pair[side] for pair in self._floating] for side in (0, 1))
        torch._foreach_lerp_(old, newest, 1.0 - decay)
        for value, counted in self._others:
            value.copy_(counted)
