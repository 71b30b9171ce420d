"""A SemiHand model ready to propose: pose, mask, perturbed prediction, correction and the two terms of C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from handstudio.hand.box import GRID
from handstudio.hand.consistency import cross_modal_consistency
from handstudio.hand.distance import pose_distance
from handstudio.methods.contract import Floats, HandProposals, Pixels, Proposer
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.latent import heat_doubts
from handstudio.methods.running import Runner
from handstudio.methods.views import middle, moves_of_crops
from handstudio.methods.ways import Part
from plugins.semihand.confidence import judge
from plugins.semihand.network import Estimate, StackedHourglass
from plugins.semihand.settings import SemiHandSettings

DOUBTING_VIEWS: Final = 8
"""Views whose spread is a measure of doubt."""


class SemiHandProposer(Proposer):
    """Looks at each crop as it is, and perturbed (for the stability term of C); with ``proposing.views`` more
    than one, a proposal is the median over as many differently perturbed views.

    Perturbations are drawn from the crop itself, so that the same crop always gets the same proposal, alone
    or in a batch.
    """

    def __init__(self, network: StackedHourglass, settings: SemiHandSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._network = engine.place(folded(network))
        self._maps = Runner(Part(self._network, "maps"), [(3, GRID, GRID)], engine)
        self.computing = self._maps.computing
        self.filled = settings.proposing.filled
        self.passes = settings.proposing.views + (1 if self.filled is None else 2)

    def glance(self, crops: Pixels) -> Floats:
        """(B, 21, 2) cells, from one plain look."""
        with torch.inference_mode():
            uv: Floats = self._look(self._images(crops)).uv.cpu().numpy()
        return uv

    def propose(self, crops: Pixels) -> HandProposals:
        """Proposals for crops (B, 64, 64, 3)."""
        if len(crops) == 0:
            return _empty()
        with torch.inference_mode():
            images = self._images(crops)
            count, looks = len(crops), self._settings.proposing.views + 1
            moves = moves_of_crops(crops, looks - 1, self._settings.perturbation, self._engine.device)
            seen = self._look(torch.cat((images, *(move.images(images) for move in moves))))
            uvs, depths = torch.split(seen.uv.cpu(), count), torch.split(seen.depth.cpu(), count)
            mapped = [uvs[0], *(move.points_back(uv) for move, uv in zip(moves, uvs[1:], strict=True))]
            # The last view speaks of stability alone.
            uv, depth = middle(torch.stack(mapped[:-1])), middle(torch.stack(depths[:-1]))
            last = Estimate(uvs[-1], depths[-1], seen.mask[-count:])
            judged = judge(uv, depth, last, moves[-1], self._settings.losses.lambda_d)
            return HandProposals(
                uv.numpy(),
                depth.numpy(),
                seen.mask[:count, 0].cpu().numpy(),
                mapped[-1].numpy(),
                depths[-1].numpy(),
                judged.corrected_uv.numpy(),
                judged.corrected_depth.numpy(),
                judged.stability.numpy(),
                judged.plausibility.numpy(),
            )

    def doubts(self, crops: Pixels) -> Mapping[str, Floats]:
        """The terms of C, and others: the spread of differently moved views, of the heatmaps, of the stacks,
        how low the heatmaps' peaks are, and how far the circles are from the mask (Eq. 11)."""
        found = dict(super().doubts(crops))
        if len(crops) == 0:
            return found
        with torch.inference_mode():
            images = self._images(crops)
            answers = [self._network.read(maps) for maps in self._maps(images)]
            uvs, depths = [answers[-1].uv.cpu()], [answers[-1].depth.cpu()]
            for move in moves_of_crops(
                crops, DOUBTING_VIEWS - 1, self._settings.perturbation, self._engine.device
            ):
                moved = self._look(move.images(images))
                uvs.append(move.points_back(moved.uv.cpu()))
                depths.append(moved.depth.cpu())
            views, deep = torch.stack(uvs), torch.stack(depths)
            uv, depth = middle(views), middle(deep)
            lambda_d = self._settings.losses.lambda_d
            apart = pose_distance(uv.expand_as(views), depth.expand_as(deep), views, deep, lambda_d)
            last = answers[-1]
            assert last.heat is not None
            m2d, d2m = cross_modal_consistency(last.uv, last.mask, last.depth)
            measured = {
                "views": apart.mean(dim=0).sqrt(),
                "views, flat": (views - uv).norm(dim=-1).mean(dim=(0, 2)),
                "stacks": pose_distance(
                    answers[0].uv, answers[0].depth, last.uv, last.depth, lambda_d
                ).sqrt(),
                **heat_doubts(last.heat, last.uv, self._network.get_buffer("centres")),
                "circles and mask": (m2d + d2m).sqrt(),
            }
        return found | {name: value.float().cpu().numpy() for name, value in measured.items()}

    def heatmaps(self, crops: Pixels) -> Floats:
        """(B, 21, h, w) softmaxed heatmaps of the last stack."""
        with torch.inference_mode():
            latent = self._maps(self._images(crops))[-1]
            maps: npt.NDArray[np.float32] = self._network.heatmaps(latent).cpu().numpy()
        return maps

    def _look(self, images: torch.Tensor) -> Estimate:
        return self._network.read(self._maps(images)[-1])

    def _images(self, crops: Pixels) -> torch.Tensor:
        images = torch.from_numpy(np.ascontiguousarray(crops)).to(self._engine.device)
        return images.permute(0, 3, 1, 2).float().mul_(1.0 / 255.0)


def _empty() -> HandProposals:
    uv = np.zeros((0, 21, 2), np.float32)
    depth = np.zeros((0, 21), np.float32)
    figures = np.zeros(0, np.float32)
    return HandProposals(uv, depth, np.zeros((0, 64, 64), np.float32), uv, depth, uv, depth, figures, figures)
