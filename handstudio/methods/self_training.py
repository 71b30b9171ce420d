"""Finetuning on a model's own pseudo-labels beside rendered hands: the loop that such methods share.

The work is cut into numbered pieces, each short: first pseudo-labels (one batch each), rendered hands (one
chunk each), then per epoch training steps and a pass that updates the pseudo-labels (Algorithm 1 of
SemiHand). Between any two the training can be frozen.
"""

from __future__ import annotations

import copy
import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from handstudio.errors import HandStudioError
from handstudio.hand.shape import HandShape
from handstudio.methods.anchors import anchor_chunk
from handstudio.methods.average import RunningAverage
from handstudio.methods.backdrops import before_footage
from handstudio.methods.contract import FinetuneData, TrainingPlan
from handstudio.methods.in_memory import Footage, FootageBatch
from handstudio.methods.moments import Moments
from handstudio.methods.parallel import Replicas
from handstudio.methods.pseudo_labels import Judged, PseudoLabels, judged_together
from handstudio.methods.rendered import HandPool, LabelledHands, RenderedBatch
from handstudio.methods.settings import SelfTrainingSettings
from handstudio.methods.training import Training

LABEL_BATCH: Final = 64
"""Hands whose pseudo-labels are updated in one piece of work."""
CHUNK: Final = 128
"""Rendered hands made in one piece of work and replica; fewer where fewer are wanted in all."""


@dataclass(frozen=True)
class Schedule:
    """Which piece of work has which number.

    Attributes:
        passes: pieces of one pass over the pseudo-labels.
        chunks: pieces that render hands.
        steps: training steps of an epoch.
        epochs: of the finetune.
    """

    passes: int
    chunks: int
    steps: int
    epochs: int

    @property
    def total(self) -> int:
        """Pieces in all."""
        return self.passes + self.chunks + self.epochs * (self.steps + self.passes)

    def piece(self, number: int) -> tuple[str, int, int]:
        """Kind (``label``, ``render``, ``train``), epoch and place within it of a piece.

        Epoch 0 makes the first pseudo-labels; the pseudo-labels that end epoch t are those of epoch t.
        """
        if number < self.passes:
            return "label", 0, number
        number -= self.passes
        if number < self.chunks:
            return "render", 0, number
        epoch, place = divmod(number - self.chunks, self.steps + self.passes)
        if place < self.steps:
            return "train", epoch + 1, place
        return "label", epoch + 1, place - self.steps


class SelfTraining(Training):
    """Finetuning of a copy of a network on footage; a method says how hands are labelled and what a step
    costs.

    Args:
        parent: the network it starts from; it is copied.
        rest: the settings that all such trainings have.
        data: the footage and its labels.
        plan: device, seed, folder, epochs.
        surface: whether rendered hands come with the depth of their surface.
    """

    unit = "steps"

    def __init__(
        self,
        parent: nn.Module,
        rest: SelfTrainingSettings,
        data: FinetuneData,
        plan: TrainingPlan,
        *,
        surface: bool = False,
    ) -> None:
        self.rest = rest if plan.epochs is None else rest.model_copy(update={"epochs": plan.epochs})
        rest = self.rest
        self._plan = plan
        self._engine = plan.engine
        self._size, self._surface = int(data.crops.shape[1]), surface
        self.network = self._engine.place(copy.deepcopy(parent))
        self.network.requires_grad_(True).train()
        self._footage = Footage(data)
        self._moments = data.moments() if rest.across_views else None
        self._shape = data.shape
        self._unlabelled = int((~self._footage.labelled).sum())
        self._labels = PseudoLabels(self._footage.labelled)
        self._keep_labels = data.keep_labels
        self._rate = (None if data.labelled.any() else rest.unlabelled_rate) or rest.learning_rate
        self._optimiser = torch.optim.Adam(
            self.network.parameters(), lr=rest.learning_rate, betas=rest.momentum, fused=True
        )
        self._module, self._stepper = self._engine.setup(self.network, self._optimiser)
        self._average = RunningAverage(self.network, rest.teacher) if rest.teacher is not None else None
        self._looking = self._engine.mixed(self.model())
        self._replicas = Replicas(self.network, self._engine.threads, self._module, self._engine.mixed)
        count = len(self._replicas)
        with_rendered = rest.rendered_share > 0.0
        rendered = max(round(rest.batch * rest.rendered_share / count), 1) if with_rendered else 0
        self._rendered_part = rendered
        self._per_chunk = max(min(CHUNK, math.ceil(rest.rendered_hands / count)), 1)
        self._footage_part = max(rest.batch // count - rendered, 1)
        self._weight = self._footage.weight(rest.labelled_weight)
        self._label_rows = rows_of_passes(len(data), count, self._moments)
        self.schedule = Schedule(
            passes=len(self._label_rows),
            chunks=math.ceil(rest.rendered_hands / (self._per_chunk * count)) if with_rendered else 0,
            steps=_steps(self._footage.turns(self._weight) / (self._footage_part * count), rest),
            epochs=rest.epochs,
        )
        self._pool = HandPool(self._rendered, self.schedule.chunks * count, plan.folder)

    @abstractmethod
    def relabelled(
        self,
        crops: Tensor,
        corrected: tuple[Tensor, Tensor] | None,
        generator: torch.Generator,
        shape: HandShape,
    ) -> Judged:
        """New pseudo-labels of crops by :meth:`model`, which is in evaluation mode.

        Args:
            crops: (B, 3, S, S) on the training's device.
            corrected: the corrections so far; ``None`` for the first pseudo-labels.
            generator: where chances come from.
            shape: what is known of these hands.

        Returns:
            poses on the CPU.
        """

    @abstractmethod
    def silhouettes(self, crops: Tensor) -> Tensor:
        """Where :meth:`model`, in evaluation mode, sees the hands of crops (B, 3, S, S): (B, 1, h, w) in
        [0, 1]."""

    def heatmaps(self, crops: Tensor) -> Tensor | None:
        """What :meth:`model`, in evaluation mode, says of where joints are: (B, 21, h, w) that sum to 1;
        ``None`` for methods without heatmaps."""
        return None

    @abstractmethod
    def losses(
        self, network: nn.Module, footage: FootageBatch, rendered: RenderedBatch, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of a replica's share of a step, and its parts by name.

        Args:
            network: the replica.
            footage, rendered: its hands, on the training's device.
            generator: where chances come from.
        """

    @property
    def total(self) -> int:
        """Pieces of work in all."""
        return self.schedule.total

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.step >= self.total

    @property
    def epochs_done(self) -> int:
        """Epochs that are done, their pseudo-labels updated."""
        first = self.schedule.passes + self.schedule.chunks
        return max(self.step - first, 0) // (self.schedule.steps + self.schedule.passes)

    @property
    def labels(self) -> PseudoLabels:
        """The pseudo-labels as they stand."""
        return self._labels

    @property
    def teacher(self) -> nn.Module | None:
        """The mean teacher in the engine's precision, where there is one."""
        return self._looking if self._average is not None else None

    def advance(self) -> Mapping[str, float]:
        """One piece of work."""
        kind, epoch, place = self.schedule.piece(self.step)
        if kind == "label":
            values = self._label(epoch, place)
        elif kind == "render":
            values = self._render(place)
        else:
            values = self._train(epoch, place)
        self.step += 1
        return values

    def model(self) -> nn.Module:
        """The mean teacher where there is one, else the network."""
        return self._average.network if self._average is not None else self.network

    def message(self) -> str:
        """Which epoch, and how many pseudo-labels are trusted."""
        kind, epoch, _ = self.schedule.piece(min(self.step, self.total - 1))
        if kind == "render":
            return "rendering hands like those of the footage"
        if epoch == 0:
            return "first pseudo-labels"
        trusted = int(self._labels.trusted(self.rest, epoch).sum())
        pace = f"epoch {epoch} of {self.schedule.epochs}"
        return f"{pace}, {trusted} of {self._unlabelled} pseudo-labels trusted"

    def _generator(self, *place: int) -> torch.Generator:
        return torch.Generator().manual_seed(hash((self._plan.seed, *place)) & 0x7FFF_FFFF_FFFF_FFFF)

    def _label(self, epoch: int, place: int) -> Mapping[str, float]:
        """The pseudo-labels of one batch."""
        parts = self._label_rows[place]
        teacher = self.model()
        was_training = teacher.training
        teacher.eval()

        def part(_: nn.Module, number: int) -> tuple[Tensor, Judged] | None:
            mine = parts[number]
            if len(mine) == 0:
                return None
            before = (self._labels.corrected_uv[mine], self._labels.corrected_depth[mine])
            crops = self._engine.to_device(self._footage.images(mine))
            generator = self._generator(1, epoch, place, number)
            shape = self._shape.rows(mine.numpy())
            if epoch == 0 and self.rest.backdrop_share > 0.0:
                self._labels.put_masks(mine, self.silhouettes(crops).cpu())
            judged = self.relabelled(crops, before if epoch > 0 else None, generator, shape)
            if self._moments is not None:
                heat = self.heatmaps(crops)
                judged = judged_together(judged, self._moments.of(mine.tolist()), heat, shape)
            return mine, judged

        for result in self._replicas.map(part):
            if result is not None:
                self._labels.put(*result, first=epoch == 0)
        teacher.train(was_training)
        if place == self.schedule.passes - 1 and self._keep_labels is not None:
            self._keep_labels(self._labels.of_epoch(epoch, self.rest))
        return {"confidence": float(self._labels.confidence[torch.cat(parts)].median())}

    def _rendered(self, number: int) -> LabelledHands:
        best = self._footage.best_known(self._labels)
        return anchor_chunk(
            number,
            self._per_chunk,
            self._plan.seed,
            self.rest.matched_share,
            *best,
            size=self._size,
            surface=self._surface,
            stage=self._staged if self.rest.backdrop_share > 0.0 else None,
        )

    def _staged(self, hands: LabelledHands, rows: Tensor, generator: torch.Generator) -> LabelledHands:
        """Rendered hands before the footage whose hands they follow."""
        crops, masks = self._footage.crops(rows), self._labels.first_mask[rows].float()
        return before_footage(hands, crops, masks, self.rest.backdrop_share, generator)

    def _render(self, place: int) -> Mapping[str, float]:
        count = len(self._replicas)
        self._pool.grow((place + 1) * count, self._replicas.spread)
        return {}

    def _anchors(self, generator: torch.Generator) -> RenderedBatch:
        if not self._rendered_part:
            return RenderedBatch.none(self._size, self._surface)
        return RenderedBatch.of(self._pool.draw(self._rendered_part, generator))

    def _train(self, epoch: int, place: int) -> Mapping[str, float]:
        """One training step."""
        rest = self.rest
        count = len(self._replicas)
        self._pool.grow(self.schedule.chunks * count, self._replicas.spread)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * (0.1 if epoch >= rest.drop_epoch else 1.0)
        rows = self._footage.rows_of_step(
            place, self._footage_part * count, self._weight, self._generator(2, epoch)
        )
        trusted = self._labels.trusted_joints(rest, epoch)

        def part(network: nn.Module, number: int) -> dict[str, float]:
            generator = self._generator(3, epoch, place, number)
            footage = self._footage.batch(rows[number::count], self._labels, trusted)
            rendered = self._anchors(generator)
            device = self._engine.device
            loss, values = self.losses(network, footage.to(device), rendered.to(device), generator)
            self._engine.backward(loss)
            return values

        results = self._replicas.backward(part)
        if rest.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), rest.clip_norm)
        self._stepper.step()
        if self._average is not None:
            self._average.update(self.network)
        values = {name: sum(result[name] for result in results) / count for name in results[0]}
        return values | {"trusted": int(trusted.sum()) / max(self._unlabelled * trusted.shape[1], 1)}

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimiser, teacher and pseudo-labels."""
        state: dict[str, Any] = {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "labels": self._labels.state_dict(),
            "schedule": asdict(self.schedule),
        }
        if self._average is not None:
            state["average"] = self._average.network.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint, with the pieces of work counted as when the run began.

        Raises:
            HandStudioError: when there are more or fewer hands than the checkpoint has pseudo-labels.
        """
        hands = len(state["labels"]["uv"])
        if hands != len(self._footage):
            raise HandStudioError(
                f"The run began with {hands} hands of which {len(self._footage)} can be read now",
                self._plan.folder,
                "Bring the missing frames back, or start a new finetune",
            )
        self.schedule = Schedule(**state["schedule"])
        self.step = int(state["step"])
        self.network.load_state_dict(state["network"])
        self._replicas.share_buffers()
        self._optimiser.load_state_dict(state["optimiser"])
        self._labels.load_state_dict(state["labels"])
        if self._average is not None:
            self._average.network.load_state_dict(state["average"])

    def close(self) -> None:
        """End the replicas' threads."""
        self._replicas.close()


def rows_of_passes(hands: int, parts: int, moments: Moments | None) -> list[list[Tensor]]:
    """Which hands each piece of a pass over the pseudo-labels looks at, and of them each replica.

    Hands that are one hand seen by several cameras are looked at by one replica in one piece.
    """
    groups = () if moments is None else moments.groups
    together = {row for group in groups for row in group}
    units = [*groups, *((row,) for row in range(hands) if row not in together)]
    most = LABEL_BATCH // parts
    pieces: list[list[list[int]]] = [[[] for _ in range(parts)]]
    for unit in units:
        part = min(pieces[-1], key=len)
        if part and len(part) + len(unit) > most:
            pieces.append([[] for _ in range(parts)])
            part = pieces[-1][0]
        part.extend(unit)
    return [[torch.tensor(part, dtype=torch.long) for part in piece] for piece in pieces]


def _steps(steps_of_a_pass: float, rest: SelfTrainingSettings) -> int:
    """Steps of an epoch: one pass over the footage, or as many as are wanted at least, within limits."""
    steps = max(math.ceil(steps_of_a_pass), rest.least_steps)
    if rest.most_passes is None:
        return steps
    return min(steps, math.ceil(rest.most_passes * steps_of_a_pass))
