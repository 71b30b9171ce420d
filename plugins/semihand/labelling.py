"""The pseudo-labels of a finetune: their first values, their trust (Eq. 8) and their updates (Eq. 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from handstudio.methods.augmentation import perturbation_move
from handstudio.methods.contract import EpochLabels
from plugins.semihand.confidence import Judged, closed_form, judge, judge_views, look
from plugins.semihand.settings import FinetuningSettings, SemiHandSettings


class PseudoLabels:
    """One pseudo-label per hand of the footage.

    Args:
        labelled: (N,) bool: hands with a label of their own, whose pseudo-labels nothing learns from.

    Attributes:
        uv, depth: (N, 21, 2) cells, (N, 21).
        corrected_uv, corrected_depth: their corrections r.
        stability, plausibility: (N,) the terms of C, infinite where not yet computed.
        first_uv, first_depth: the pseudo-labels before the first epoch.
    """

    def __init__(self, labelled: Tensor) -> None:
        count = len(labelled)
        self._labelled = labelled
        self.uv, self.depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)
        self.corrected_uv, self.corrected_depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)
        self.stability, self.plausibility = torch.full((count,), torch.inf), torch.full((count,), torch.inf)
        self.first_uv, self.first_depth = torch.zeros(count, 21, 2), torch.zeros(count, 21)

    @property
    def confidence(self) -> Tensor:
        """(N,) C of Eq. 8."""
        return self.stability + self.plausibility

    def put(self, rows: Tensor, judged: Judged, first: bool) -> None:
        """Store what was computed for some hands."""
        self.uv[rows], self.depth[rows] = judged.uv, judged.depth
        self.corrected_uv[rows], self.corrected_depth[rows] = judged.corrected_uv, judged.corrected_depth
        self.stability[rows], self.plausibility[rows] = judged.stability, judged.plausibility
        if first:
            self.first_uv[rows], self.first_depth[rows] = judged.uv, judged.depth

    def trusted(self, settings: FinetuningSettings, epoch: int) -> Tensor:
        """(N,) bool: C at most tau, or among the smallest of which an epoch trusts a share at least.

        Hands with a label of their own neither count nor are among them.
        """
        others = ~self._labelled
        waiting = min(settings.labels_first, settings.epochs // 4)
        if epoch <= waiting and not bool(others.all()):
            return torch.zeros_like(others)
        first, last = settings.least_trusted
        along = min(max(epoch - 1, 0) / max(settings.epochs - 1, 1), 1.0)
        least = round((first + (last - first) * along) * int(others.sum()))
        doubt = self.stability + settings.plausibility_share * self.plausibility
        doubt = torch.where(others, doubt, torch.inf)
        trusted = doubt <= settings.tau
        if least > 0:
            trusted[doubt.argsort(stable=True)[:least]] = True
        return trusted & others

    def of_epoch(self, epoch: int, settings: FinetuningSettings) -> EpochLabels:
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
            own.copy_(state[name])


def seen(
    network: nn.Module, crops: Tensor, views: int, settings: SemiHandSettings, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What the network says of crops, plain and perturbed, mapped back: (V, B, 21, 2) and (V, B, 21)."""
    plain = look(network, crops)
    uvs, depths = [plain.uv.cpu()], [plain.depth.cpu()]
    for _ in range(views - 1):
        move = perturbation_move(len(crops), settings.perturbation, generator)
        moved = look(network, crops, move)
        uvs.append(move.points_back(moved.uv.cpu()))
        depths.append(moved.depth.cpu())
    return torch.stack(uvs), torch.stack(depths)


def middle(values: Tensor) -> Tensor:
    """The median along the first axis; the mean of the two middle ones for an even number."""
    ordered = values.sort(dim=0).values
    count = len(ordered)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0


@torch.no_grad()
def relabel(
    network: nn.Module,
    crops: Tensor,
    corrected: tuple[Tensor, Tensor] | None,
    settings: SemiHandSettings,
    generator: torch.Generator,
) -> Judged:
    """New pseudo-labels of crops, their corrections and their C.

    Args:
        network: in evaluation mode.
        crops: (B, 3, 64, 64).
        corrected: r' of Eq. 7; ``None`` for the first pseudo-labels, which are the predictions themselves.
        settings: all of SemiHand's settings.
        generator: where perturbations come from.
    """
    rest = settings.finetuning
    views = rest.first_views if corrected is None else rest.views
    uvs, depths = seen(network, crops, views, settings, generator)
    uv, depth = middle(uvs), middle(depths)
    if corrected is not None:
        uv, depth = closed_form((uv, depth), corrected, rest.correction_share)
    lambda_d = settings.losses.lambda_d
    if views > 1:
        return judge_views(uv, depth, uvs, depths, lambda_d)
    move = perturbation_move(len(crops), settings.perturbation, generator)
    moved = look(network, crops, move)
    return judge(uv, depth, type(moved)(moved.uv.cpu(), moved.depth.cpu(), moved.mask), move, lambda_d)
