"""The pseudo-labels of a finetune: their values, their corrections, and which of them are trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.hand.distance import pose_distance
from handstudio.hand.registration import register_pose
from handstudio.hand.shape import HandShape
from handstudio.methods.across_views import AGREEING
from handstudio.methods.contract import EpochLabels
from handstudio.methods.moments import Moments
from handstudio.methods.settings import SelfTrainingSettings

MASK_SIDE: Final = 32
"""Cells on a side of the masks that are kept."""


class Judged(NamedTuple):
    """Pseudo-labels, their corrections and the terms of C; cells and reference bones.

    Attributes:
        uv, depth: (B, 21, 2), (B, 21) the pseudo-labels.
        corrected_uv, corrected_depth: the same, moved to hands that can exist.
        stability: (B,) how far a method's several predictions lie apart, squared cells.
        plausibility: (B,) how far pseudo-label and correction lie apart, squared cells.
        spread: (B, 21) how far the several predictions of a joint lie apart, cells.
    """

    uv: Tensor
    depth: Tensor
    corrected_uv: Tensor
    corrected_depth: Tensor
    stability: Tensor
    plausibility: Tensor
    spread: Tensor

    @property
    def confidence(self) -> Tensor:
        """(B,) C: smaller is better."""
        return self.stability + self.plausibility


def judged_together(judged: Judged, moments: Moments, heat: Tensor | None, shape: HandShape) -> Judged:
    """The same, hands that several cameras see at once being one hand in space.

    Where the views show one hand, stability is how far they are from agreeing, and the correction that of the
    hand they agree on.

    Args:
        judged: what each view says alone.
        moments: which hands are one.
        heat: (B, 21, h, w) heatmaps over the crops, where the method has any.
        shape: the hands' bones.
    """
    maps = None if heat is None else heat.float().cpu().numpy()
    found = moments.together(maps, judged.uv.numpy(), judged.spread.numpy(), shape)
    if not len(found.rows):
        return judged
    rows, doubt = torch.from_numpy(found.rows), torch.from_numpy(found.doubt)
    uv, depth = torch.from_numpy(found.uv), torch.from_numpy(found.depth)
    corrected_uv, corrected_depth = register_pose(uv, depth, shape.rows(found.rows).bone_lengths)
    new = Judged(
        uv,
        depth,
        corrected_uv,
        corrected_depth,
        (doubt - AGREEING).square().mean(dim=1),
        pose_distance(uv, depth, corrected_uv, corrected_depth),
        doubt,
    )
    return Judged(*(old.index_copy(0, rows, one) for old, one in zip(judged, new, strict=True)))


class PseudoLabels:
    """One pseudo-label per hand of the footage.

    Args:
        labelled: (N,) bool: hands with a label of their own, whose pseudo-labels nothing learns from.

    Attributes:
        uv, depth: (N, 21, 2) cells, (N, 21).
        corrected_uv, corrected_depth: their corrections r.
        stability, plausibility: (N,) the terms of C, infinite where not yet computed.
        spread: (N, 21) how far apart the predictions of a joint lie, infinite likewise.
        first_uv, first_depth: the pseudo-labels before the first epoch.
        first_stability, first_plausibility: (N,) their terms of C.
        first_mask: (N, 32, 32) bool, where the hands were seen then.
    """

    def __init__(self, labelled: Tensor) -> None:
        count = len(labelled)
        self._labelled = labelled
        self.uv, self.depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)
        self.corrected_uv, self.corrected_depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)
        self.stability, self.plausibility = torch.full((count,), torch.inf), torch.full((count,), torch.inf)
        self.spread = torch.full((count, 21), torch.inf)
        self.first_uv, self.first_depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)
        self.first_stability = torch.full((count,), torch.inf)
        self.first_plausibility = torch.full((count,), torch.inf)
        self.first_mask = torch.zeros(count, MASK_SIDE, MASK_SIDE, dtype=torch.bool)

    @property
    def confidence(self) -> Tensor:
        """(N,) C of Eq. 8."""
        return self.stability + self.plausibility

    def put(self, rows: Tensor, judged: Judged, first: bool) -> None:
        """Store what was computed for some hands."""
        self.uv[rows], self.depth[rows] = judged.uv, judged.depth
        self.corrected_uv[rows], self.corrected_depth[rows] = judged.corrected_uv, judged.corrected_depth
        self.stability[rows], self.plausibility[rows] = judged.stability, judged.plausibility
        self.spread[rows] = judged.spread
        if first:
            self.first_uv[rows], self.first_depth[rows] = judged.uv, judged.depth
            self.first_stability[rows], self.first_plausibility[rows] = judged.stability, judged.plausibility

    def put_masks(self, rows: Tensor, masks: Tensor) -> None:
        """Store where some hands are seen: (B, 1, h, w) in [0, 1]."""
        self.first_mask[rows] = F.interpolate(masks, self.first_mask.shape[1:], mode="area")[:, 0] > 0.5

    def trusted_joints(self, settings: SelfTrainingSettings, epoch: int) -> Tensor:
        """(N, 21) bool: the joints of trusted hands, or where joints are trusted by themselves, the share of
        the epoch, those whose predictions lie closest together.

        Hands with a label of their own neither count nor are among them.
        """
        others = (~self._labelled)[:, None].expand(-1, self.spread.shape[1])
        if not settings.by_joint:
            return self.trusted(settings, epoch)[:, None].expand_as(others)
        if self._waits(settings, epoch):
            return torch.zeros_like(others)
        spread = torch.where(others, self.spread, torch.inf).flatten()
        most = round(_share(settings.least_trusted, settings, epoch) * int(others.sum()))
        trusted = torch.zeros_like(spread, dtype=torch.bool)
        trusted[spread.argsort(stable=True)[:most]] = True
        return trusted.view(others.shape) & others

    def trusted(self, settings: SelfTrainingSettings, epoch: int) -> Tensor:
        """(N,) bool: C at most :meth:`tau`, or among the smallest of which an epoch trusts a share at least;
        where joints are trusted by themselves, most joints of the hand.

        Hands with a label of their own neither count nor are among them.
        """
        if settings.by_joint:
            return self.trusted_joints(settings, epoch).float().mean(dim=1) > 0.5
        others = ~self._labelled
        if self._waits(settings, epoch):
            return torch.zeros_like(others)
        paced = settings.self_paced is not None
        least = 0 if paced else round(_share(settings.least_trusted, settings, epoch) * int(others.sum()))
        doubt = self.stability + settings.plausibility_share * self.plausibility
        doubt = torch.where(others, doubt, torch.inf)
        trusted = doubt <= self.tau(settings, epoch)
        if least > 0:
            trusted[doubt.argsort(stable=True)[:least]] = True
        return trusted & others

    def _waits(self, settings: SelfTrainingSettings, epoch: int) -> bool:
        """Whether the epoch learns from labels alone."""
        waiting = min(settings.labels_first, settings.epochs // 4)
        return epoch <= waiting and bool(self._labelled.any())

    def tau(self, settings: SelfTrainingSettings, epoch: int) -> float:
        """The threshold of an epoch: the settings', or where it follows the footage, the C under which the
        epoch's share of the first pseudo-labels lay."""
        if settings.self_paced is None:
            return settings.tau
        first = self.first_stability + settings.plausibility_share * self.first_plausibility
        known = first[~self._labelled & first.isfinite()]
        if len(known) == 0:
            return 0.0
        return float(known.quantile(_share(settings.self_paced, settings, epoch)))

    def of_epoch(self, epoch: int, settings: SelfTrainingSettings) -> EpochLabels:
        """As arrays, to be kept; trusted as the next epoch will."""
        return EpochLabels(
            epoch,
            self.uv.numpy().copy(),
            self.depth.numpy().copy(),
            self.corrected_uv.numpy().copy(),
            self.corrected_depth.numpy().copy(),
            self.stability.numpy().copy(),
            self.plausibility.numpy().copy(),
            self.trusted(settings, epoch + 1).numpy(),
        )

    def state_dict(self) -> dict[str, Tensor]:
        """All arrays."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state_dict`."""
        for name, own in self.state_dict().items():
            if name in state:  # a run of an older version knows less
                own.copy_(state[name])


def _share(shares: tuple[float, float], settings: SelfTrainingSettings, epoch: int) -> float:
    """From the first share in the first epoch evenly to the second in the last."""
    along = min(max(epoch - 1, 0) / max(settings.epochs - 1, 1), 1.0)
    return shares[0] + (shares[1] - shares[0]) * along
