"""Training on rendered hands alone (Eq. 3 on every stack), which makes the model that everything starts
from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from handstudio.methods.anchors import scene
from handstudio.methods.augmentation import diversity_move, flatten, recolour, reshade
from handstudio.methods.average import RunningAverage
from handstudio.methods.contract import TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.parallel import Replicas
from handstudio.methods.rendered import HandPool, LabelledHands, render_chunk
from handstudio.methods.settings import DiversitySettings
from handstudio.methods.training import Training
from plugins.semihand.losses import mask_loss, pose_loss, supervised_loss
from plugins.semihand.network import GRID, StackedHourglass
from plugins.semihand.settings import PretrainingSettings, SemiHandSettings

Watch = Callable[[nn.Module, int], Mapping[str, float]]


def augmented(
    hands: LabelledHands, settings: DiversitySettings, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Strongly augmented images, uv, depth and masks; joints that leave the crop stay on its border."""
    images, uv, depth, mask = hands.floats()
    move = diversity_move(len(hands), settings, generator)
    images = reshade(flatten(images, mask, settings, generator), mask, settings, generator)
    images = recolour(move.images(images), settings, generator)
    return images, move.points(uv).clamp(0.0, GRID), depth, move.images(mask, "zeros")


def learning_rate(settings: PretrainingSettings, fraction: float) -> float:
    """The learning rate when ``fraction`` of the training is done."""
    rate = settings.learning_rate
    if settings.warm_up > 0.0 and fraction < settings.warm_up:
        return rate * max(fraction / settings.warm_up, 0.01)
    if settings.cosine:
        along = (fraction - settings.warm_up) / max(1.0 - settings.warm_up, 1e-9)
        return rate * max(0.5 * (1.0 + math.cos(math.pi * min(along, 1.0))), 0.002)
    return rate * math.prod(0.1 for drop in settings.drops if fraction >= drop)


class Pretraining(Training):
    """Pretraining of SemiHand.

    Args:
        network: what is trained.
        settings: all of SemiHand's settings.
        pool: rendered hands.
        engine: device, precision and replicas.
        seed: of everything random.
        budget_seconds: train for this long instead of for the settings' epochs.
        fresh_share: hands rendered anew for each hand trained on.
        chunk_hands: hands in each of the pool's chunks.
        first_chunks: chunks rendered before the first step.
        watch: looks at the model every ``watch_every`` steps; what it returns is logged.
    """

    unit = "steps"

    def __init__(
        self,
        network: StackedHourglass,
        settings: SemiHandSettings,
        pool: HandPool,
        *,
        engine: Engine | None = None,
        seed: int = 0,
        budget_seconds: float | None = None,
        fresh_share: float = 0.2,
        chunk_hands: int = 256,
        first_chunks: int = 8,
        watch: Watch | None = None,
        watch_every: int = 500,
    ) -> None:
        self._engine = engine or Engine()
        self.network = self._engine.place(network)
        self.network.train()
        self.settings = settings
        self._pool = pool
        self._seed = seed
        self._budget = budget_seconds
        self._chunks_per_step = fresh_share * settings.pretraining.batch / chunk_hands
        self._first_chunks = first_chunks
        self._watch, self._watch_every = watch, watch_every
        self._elapsed = 0.0
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=settings.pretraining.learning_rate, fused=True
        )
        decay = settings.pretraining.average
        self._average = RunningAverage(network, decay) if decay is not None else None
        module, self._stepper = self._engine.setup(self.network, self._optimiser)
        self._replicas = Replicas(self.network, self._engine.threads, module, self._engine.mixed)

    @classmethod
    def planned(
        cls,
        network: StackedHourglass,
        settings: SemiHandSettings,
        plan: TrainingPlan,
        watch: Watch | None = None,
        watch_every: int = 500,
    ) -> Pretraining:
        """Pretraining on a pool of rendered hands as the plan says."""
        rest = settings.pretraining
        if plan.epochs is not None:
            rest = rest.model_copy(update={"epochs": plan.epochs})
            settings = settings.model_copy(update={"pretraining": rest})
        chunk = min(256, rest.pool_hands)

        def render(number: int) -> LabelledHands:
            return render_chunk(number, chunk, plan.seed, scene())

        pool = HandPool(
            render, max(rest.pool_hands // chunk, 1), None if plan.folder is None else plan.folder / "hands"
        )
        return cls(
            network,
            settings,
            pool,
            engine=plan.engine,
            seed=plan.seed,
            budget_seconds=plan.budget_seconds,
            fresh_share=rest.fresh_share,
            chunk_hands=chunk,
            first_chunks=min(16, max(rest.pool_hands // chunk, 1)),
            watch=watch,
            watch_every=watch_every,
        )

    @property
    def total(self) -> int | None:
        """Steps of all epochs, unless a budget of time ends the training."""
        if self._budget is not None:
            return None
        rest = self.settings.pretraining
        return math.ceil(rest.epochs * rest.epoch_hands / rest.batch)

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
        settings = self.settings.pretraining
        self._grow()
        rate = learning_rate(settings, self.fraction)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        count = len(self._replicas)
        share = max(settings.batch // count, 1)

        def work(network: nn.Module, number: int) -> dict[str, float]:
            generator = torch.Generator().manual_seed(
                hash((self._seed, self.step, number)) & 0x7FFF_FFFF_FFFF
            )
            hands = self._pool.draw(share, generator)
            images, uv, depth, mask = augmented(hands, settings.diversity, generator)
            images, uv, depth, mask = (self._engine.to_device(value) for value in (images, uv, depth, mask))
            estimates = network(images.contiguous(memory_format=torch.channels_last))
            loss = supervised_loss(estimates, uv, depth, mask, self.settings.losses).mean()
            self._engine.backward(loss)
            last = estimates[-1].detached()
            return {
                "loss": float(loss.detach()),
                "pose": float(pose_loss(last.uv, last.depth, uv, depth, self.settings.losses).mean()),
                "mask": float(mask_loss(last.mask, mask).mean()),
                "epe_cells": float((last.uv - uv).norm(dim=-1).mean()),
            }

        results = self._replicas.backward(work)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip_norm or math.inf)
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
