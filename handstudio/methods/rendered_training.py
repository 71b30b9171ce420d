"""Pretraining on rendered hands: the loop that methods share, with a pool that renews itself."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from handstudio.hand.box import GRID
from handstudio.methods.anchors import scene
from handstudio.methods.average import RunningAverage
from handstudio.methods.contract import TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.parallel import Replicas
from handstudio.methods.rendered import HandPool, LabelledHands, render_chunk
from handstudio.methods.settings import RenderedTrainingSettings
from handstudio.methods.training import Training

Watch = Callable[[nn.Module, int], Mapping[str, float]]


def learning_rate(settings: RenderedTrainingSettings, fraction: float) -> float:
    """The learning rate when ``fraction`` of the training is done."""
    rate = settings.learning_rate
    if settings.warm_up > 0.0 and fraction < settings.warm_up:
        return rate * max(fraction / settings.warm_up, 0.01)
    if settings.cosine:
        along = (fraction - settings.warm_up) / max(1.0 - settings.warm_up, 1e-9)
        return rate * max(0.5 * (1.0 + math.cos(math.pi * min(along, 1.0))), 0.002)
    return rate * math.prod(0.1 for drop in settings.drops if fraction >= drop)


@dataclass(frozen=True)
class Supply:
    """Where a pretraining's hands come from.

    Attributes:
        pool: rendered hands.
        chunk_hands: hands in each of the pool's chunks.
        first_chunks: chunks rendered before the first step.
    """

    pool: HandPool
    chunk_hands: int = 256
    first_chunks: int = 8

    @classmethod
    def planned(
        cls, rest: RenderedTrainingSettings, plan: TrainingPlan, size: int = GRID, surface: bool = False
    ) -> Supply:
        """A pool of hands as settings and plan say.

        Args:
            rest: how many.
            plan: seed and folder.
            size: side of their pictures, px.
            surface: whether they come with the depth of their surface.
        """
        chunk = min(256, rest.pool_hands)
        chunks = max(rest.pool_hands // chunk, 1)

        look = plan.scene or scene()

        def render(number: int) -> LabelledHands:
            return render_chunk(number, chunk, plan.seed, look, size, surface)

        folder = None if plan.folder is None else plan.folder / "hands"
        return cls(HandPool(render, chunks, folder), chunk, min(16, chunks))


class RenderedTraining(Training):
    """Training of a network on rendered hands; a method says what a step costs.

    Args:
        network: what is trained.
        rest: the settings that all such trainings have.
        supply: rendered hands.
        engine: device, precision and replicas.
        seed: of everything random.
        budget_seconds: train for this long instead of for the settings' epochs.
        watch: looks at the model every ``watch_every`` steps; what it returns is logged.
    """

    unit = "steps"

    def __init__(
        self,
        network: nn.Module,
        rest: RenderedTrainingSettings,
        supply: Supply,
        *,
        engine: Engine | None = None,
        seed: int = 0,
        budget_seconds: float | None = None,
        watch: Watch | None = None,
        watch_every: int = 500,
    ) -> None:
        self._engine = engine or Engine()
        self.network = self._engine.place(network)
        self.network.train()
        self.rest = rest
        self._pool = supply.pool
        self._seed = seed
        self._budget = budget_seconds
        self._chunks_per_step = rest.fresh_share * rest.batch / supply.chunk_hands
        self._first_chunks = supply.first_chunks
        self._watch, self._watch_every = watch, watch_every
        self._elapsed = 0.0
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=rest.learning_rate, betas=rest.momentum, fused=True
        )
        self._average = RunningAverage(network, rest.average) if rest.average is not None else None
        module, self._stepper = self._engine.setup(self.network, self._optimiser)
        self._replicas = Replicas(self.network, self._engine.threads, module, self._engine.mixed)

    @abstractmethod
    def losses(
        self, network: nn.Module, hands: LabelledHands, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of a replica's share of a step, and its parts by name.

        Args:
            network: the replica.
            hands: its hands, on the CPU.
            generator: where chances come from.
        """

    @property
    def total(self) -> int | None:
        """Steps of all epochs, unless a budget of time ends the training."""
        if self._budget is not None:
            return None
        return math.ceil(self.rest.epochs * self.rest.epoch_hands / self.rest.batch)

    @property
    def fraction(self) -> float:
        """How much of the training is done, 0 to 1."""
        total = self.total
        return min(self._elapsed / (self._budget or 1.0) if total is None else self.step / total, 1.0)

    @property
    def finished(self) -> bool:
        """Whether the epochs are done or the time is over."""
        return self.fraction >= 1.0

    def advance(self) -> Mapping[str, float]:
        """One batch of rendered hands."""
        begin = time.monotonic()
        self._grow()
        rate = learning_rate(self.rest, self.fraction)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        count = len(self._replicas)
        share = max(self.rest.batch // count, 1)

        def work(network: nn.Module, number: int) -> dict[str, float]:
            generator = torch.Generator().manual_seed(
                hash((self._seed, self.step, number)) & 0x7FFF_FFFF_FFFF
            )
            loss, values = self.losses(network, self._pool.draw(share, generator), generator)
            self._engine.backward(loss)
            return values

        results = self._replicas.backward(work)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.rest.clip_norm or math.inf)
        self._stepper.step()
        self.step += 1
        if self._average is not None:
            self._average.update(self.network, self.step)
        values = {name: sum(result[name] for result in results) / count for name in results[0]}
        values |= {"gradient": float(norm), "rate": rate}
        self._elapsed += time.monotonic() - begin
        if self._watch is not None and (self.step % self._watch_every == 0 or self.finished):
            values |= self._watch(self.model(), self.step)
        return values

    def _grow(self) -> None:
        whole = len(self._replicas)
        grown = int(self._chunks_per_step * self.step) // whole * whole
        self._pool.grow(self._first_chunks + grown, self._replicas.spread)

    def model(self) -> nn.Module:
        """The running average where there is one, else the network."""
        return self._average.network if self._average is not None else self.network

    def message(self) -> str:
        """How far, and with how many hands."""
        return f"{100.0 * self.fraction:.1f} % of pretraining, {len(self._pool)} rendered hands"

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimiser, average and the time used."""
        state: dict[str, Any] = {
            "step": self.step,
            "elapsed": self._elapsed,
            "network": self.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        if self._average is not None:
            state["average"] = self._average.network.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.step = int(state["step"])
        self._elapsed = float(state["elapsed"])
        self.network.load_state_dict(state["network"])
        self._replicas.share_buffers()
        self._optimiser.load_state_dict(state["optimiser"])
        if self._average is not None:
            self._average.network.load_state_dict(state["average"])

    def close(self) -> None:
        """End the replicas' threads."""
        self._replicas.close()
