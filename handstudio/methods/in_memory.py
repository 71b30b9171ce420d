"""The footage of a finetune in memory: crops, labels, and which hands a step looks at."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from handstudio.methods.contract import FinetuneData
from handstudio.methods.pseudo_labels import PseudoLabels


@dataclass(frozen=True)
class FootageBatch:
    """Some hands of the footage; targets in cells and reference bones, NaN where not known.

    Attributes:
        images: (B, 3, S, S) in [0, 1].
        uv, depth: (B, 21, 2), (B, 21) the label, or else the pseudo-label as far as it is trusted.
        corrected_uv, corrected_depth: the pseudo-label's correction.
        labelled, trusted: (B,) bool; a labelled hand is not also trusted, and of a trusted one some joints
            are.
        curated: (B,) bool: a person's label.
    """

    images: Tensor
    uv: Tensor
    depth: Tensor
    corrected_uv: Tensor
    corrected_depth: Tensor
    labelled: Tensor
    trusted: Tensor
    curated: Tensor

    def label_weight(self, curated_weight: float) -> Tensor:
        """(B,) what each label counts: a person's as much as is given, a machine's as a pseudo-label does."""
        return self.labelled.float() + (curated_weight - 1.0) * self.curated.float()

    def to(self, device: torch.device) -> FootageBatch:
        """The same on another device."""
        return FootageBatch(*(getattr(self, field.name).to(device) for field in fields(self)))


class Footage:
    """The hands of a finetune.

    Attributes:
        labelled: (N,) bool: hands with a label. ``curated``: with a person's.
    """

    def __init__(self, data: FinetuneData) -> None:
        self._crops = torch.from_numpy(data.crops)
        self._uv = torch.from_numpy(data.uv).float()
        self._depth = torch.from_numpy(data.depth).float()
        self.labelled = torch.from_numpy(data.labelled)
        by_machine = data.by_machine
        self.curated = self.labelled if by_machine is None else self.labelled & ~torch.from_numpy(by_machine)

    def __len__(self) -> int:
        return len(self._crops)

    def images(self, rows: Tensor) -> Tensor:
        """Crops (B, 3, S, S) in [0, 1]."""
        return self._crops[rows].permute(0, 3, 1, 2).float() / 255.0

    def crops(self, rows: Tensor) -> Tensor:
        """Crops (B, S, S, 3) uint8."""
        return self._crops[rows]

    def weight(self, most: int) -> int:
        """How often a curated hand comes in a pass: ``most``, unless that were more than all others."""
        curated = int(self.curated.sum())
        return max(min(most, (len(self) - curated) // max(curated, 1)), 1)

    def turns(self, labelled_weight: int) -> int:
        """Hands of one pass, curated ones counted as often as they come."""
        return len(self) + (labelled_weight - 1) * int(self.curated.sum())

    def rows_of_step(
        self, place: int, count: int, labelled_weight: int, generator: torch.Generator
    ) -> Tensor:
        """Which hands step ``place`` of an epoch looks at.

        Args:
            place: number of the step within its epoch.
            count: hands of a step.
            labelled_weight: how often a curated hand comes in a pass.
            generator: seeded for the epoch.
        """
        every = torch.arange(len(self))
        again = every[self.curated].repeat(labelled_weight - 1)
        once = torch.cat((every, again))
        first, last = place * count, (place + 1) * count
        passes = -(-last // len(once))
        order = torch.cat([once[torch.randperm(len(once), generator=generator)] for _ in range(passes)])
        return order[first:last]

    def batch(self, rows: Tensor, labels: PseudoLabels, trusted: Tensor) -> FootageBatch:
        """The hands of ``rows`` with their targets; ``trusted`` (N, 21) says which pseudo-labels are."""
        labelled, mine = self.labelled[rows], trusted[rows]
        pseudo_uv = labels.uv[rows].masked_fill(~mine[..., None], torch.nan)
        pseudo_depth = labels.depth[rows].masked_fill(~mine, torch.nan)
        return FootageBatch(
            self.images(rows),
            torch.where(labelled[:, None, None], self._uv[rows], pseudo_uv),
            torch.where(labelled[:, None], self._depth[rows], pseudo_depth),
            labels.corrected_uv[rows],
            labels.corrected_depth[rows],
            labelled,
            mine.any(dim=1),
            self.curated[rows],
        )

    def best_known(self, labels: PseudoLabels) -> tuple[Tensor, Tensor]:
        """Poses (N, 21, 2), (N, 21) as they were before the first epoch: labels where there are any."""
        uv, depth = self._uv, self._depth
        given = self.labelled
        known_uv = given[:, None, None] & uv.isfinite()
        known_depth = given[:, None] & depth.isfinite()
        return torch.where(known_uv, uv, labels.first_uv), torch.where(known_depth, depth, labels.first_depth)
