"""A SemiHand model ready to propose: pose, mask, perturbed prediction, correction and the two terms of C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from handstudio.hand.consistency import cross_modal_consistency
from handstudio.hand.distance import pose_distance
from handstudio.hand.peaks import highest, packed
from handstudio.hand.skeleton import JOINT_COUNT, ROOT
from handstudio.methods.augmentation import Move
from handstudio.methods.contract import Floats, HandProposals, Pixels, Proposer, ShownMap
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.latent import as_maps, heat_doubts, widths
from handstudio.methods.part import Part
from handstudio.methods.running import Runner
from handstudio.methods.views import doubt_of_views, middle, moves_of_crops, moves_to_propose, plain_widths
from plugins.semihand.confidence import judge
from plugins.semihand.network import Estimate, StackedHourglass
from plugins.semihand.settings import SemiHandSettings

DOUBTING_VIEWS: Final = 8
"""Views whose spread is a measure of doubt."""
SEEN: Final = 0.1
"""Share of its peak that a heatmap has at places of which the depth is shown."""
DEPTH_SHOWN: Final = 2.0
"""Reference bones behind and before the root that maps for people tell apart."""


class _Seen(NamedTuple):
    """What the last stack says of crops, as in :class:`Estimate`; ``width`` (B, 21) cells of its heatmaps."""

    uv: torch.Tensor
    depth: torch.Tensor
    mask: torch.Tensor
    width: torch.Tensor
    heat: torch.Tensor


class SemiHandProposer(Proposer):
    """Looks at each crop as it is, and perturbed (for the stability term of C); with ``proposing.views`` more
    than one, a proposal is the median over as many differently perturbed (or turned) views.

    Perturbations are drawn from the crop itself, so that the same crop always gets the same proposal, alone
    or in a batch.
    """

    def __init__(self, network: StackedHourglass, settings: SemiHandSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._network, self._crop = engine.place(folded(network)), settings.network.crop
        self._maps = Runner(Part(self._network, "maps"), [(3, self._crop, self._crop)], engine)
        self.computing = self._maps.computing
        self.filled = settings.proposing.filled
        self.smoothing = settings.proposing.smoothing
        self.across_views = settings.proposing.across_views
        self.passes = settings.proposing.views + (1 if self.filled is None else 2)

    def glance(self, crops: Pixels) -> Floats:
        """(B, 21, 2) cells, from one plain look."""
        with torch.inference_mode():
            uv: Floats = self._look(self._images(crops)).uv.cpu().numpy()
        return uv

    def propose(self, crops: Pixels) -> HandProposals:
        """Proposals for crops (B, S, S, 3)."""
        if len(crops) == 0:
            return _empty()
        with torch.inference_mode():
            images = self._images(crops)
            count = len(crops)
            moves = self._moves(crops)
            seen = self._look(torch.cat((images, *(move.images(images) for move in moves))))
            uvs, depths = torch.split(seen.uv.cpu(), count), torch.split(seen.depth.cpu(), count)
            mapped = [uvs[0], *(move.points_back(uv) for move, uv in zip(moves, uvs[1:], strict=True))]
            known = plain_widths(seen.width.cpu(), moves)
            # The last view speaks of stability and doubt alone.
            uv, depth = middle(torch.stack(mapped[:-1])), middle(torch.stack(depths[:-1]))
            last = Estimate(uvs[-1], depths[-1], seen.mask[-count:])
            judged = judge(uv, depth, last, moves[-1], self._settings.losses.lambda_d, self.shape)
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
                doubt_of_views(uv, torch.stack(mapped), known).numpy(),
                packed(highest(as_maps(seen.heat[:count]).float().cpu().numpy())),
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

    def _moves(self, crops: Pixels) -> list[Move]:
        """Of all views but the plain one; the last is perturbed, for the stability."""
        proposing, perturbation = self._settings.proposing, self._settings.perturbation
        if proposing.view_turn == 0.0:
            return moves_of_crops(crops, proposing.views, perturbation, self._engine.device)
        return [
            *moves_to_propose(crops, proposing, perturbation, self._engine.device),
            *moves_of_crops(crops, 1, perturbation, self._engine.device),
        ]

    def heatmaps(self, crops: Pixels) -> Floats:
        """(B, 21, h, w) softmaxed heatmaps of the last stack."""
        with torch.inference_mode():
            latent = self._maps(self._images(crops))[-1]
            maps: npt.NDArray[np.float32] = self._network.heatmaps(latent).cpu().numpy()
        return maps

    def maps(self, crops: Pixels) -> Mapping[str, ShownMap]:
        """The ``mask`` (B, 64, 64), all ``joints`` as the strongest of their heatmaps (B, h, w), each with a
        peak of 1, and the ``depth of joints`` (B, h, w): what the depth maps say where joints are seen, from
        :data:`DEPTH_SHOWN` behind the root to as much before it."""
        with torch.inference_mode():
            maps = self._maps(self._images(crops))[-1].float()
            found = self._network.read(maps)
            heat, depths, _ = torch.split(maps, [JOINT_COUNT, JOINT_COUNT, 1], dim=1)
            assert found.heat is not None
            weights = found.heat.exp()
            weights = (weights / weights.amax(dim=-1, keepdim=True)).view_as(heat)
            joints = weights.amax(dim=1)
            root = (found.heat[:, ROOT].exp() * depths[:, ROOT].flatten(1)).sum(dim=-1)[:, None, None]
            depth = (weights * depths).sum(dim=1) / weights.sum(dim=1).clamp_min(1e-6) - root
            near = (0.5 - depth / (2.0 * DEPTH_SHOWN)).clamp(0.0, 1.0).masked_fill(joints < SEEN, torch.nan)
            shown = {
                "mask": (found.mask[:, 0], "0", "1", "How likely a place shows the hand"),
                "joints": (joints, "0", "peak", "Where the joints are looked for: all heatmaps at once"),
                "depth of joints": (
                    near,
                    "far",
                    "near",
                    "Depth of the joints that are looked for at a place",
                ),
            }
            return {name: ShownMap(value.cpu().numpy(), *words) for name, (value, *words) in shown.items()}

    def _look(self, images: torch.Tensor) -> _Seen:
        found = self._network.read(self._maps(images)[-1])
        assert found.heat is not None
        width = widths(found.heat, found.uv, self._network.get_buffer("centres"))
        return _Seen(found.uv, found.depth, found.mask, width, found.heat)

    def _images(self, crops: Pixels) -> torch.Tensor:
        images = torch.from_numpy(np.ascontiguousarray(crops)).to(self._engine.device)
        return images.permute(0, 3, 1, 2).float().mul_(1.0 / 255.0)


def _empty() -> HandProposals:
    uv = np.zeros((0, 21, 2), np.float32)
    depth = np.zeros((0, 21), np.float32)
    figures = np.zeros(0, np.float32)
    return HandProposals(uv, depth, np.zeros((0, 64, 64), np.float32), uv, depth, uv, depth, figures, figures)
