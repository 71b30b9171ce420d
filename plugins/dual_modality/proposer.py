"""A Dual-Modality model ready to propose: the RGB branch's pose and mask, doubted by the fusion branch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.hand.distance import pose_distance
from handstudio.hand.peaks import highest, packed
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.methods.augmentation import Move
from handstudio.methods.contract import Floats, HandProposals, Pixels, Proposer, ShownMap
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.latent import as_maps, heat_doubts, over_grid, widths
from handstudio.methods.part import Part
from handstudio.methods.running import Runner
from handstudio.methods.views import doubt_of_views, moves_to_propose, plain_widths
from plugins.dual_modality.labelling import Opinion, corrected, judge
from plugins.dual_modality.network import DualModalityNetwork, Estimate
from plugins.dual_modality.settings import DualModalitySettings


class DualModalityProposer(Proposer):
    """The RGB branch by itself proposes, as published; with ``proposing.views`` more than one, a proposal is
    the median over as many differently perturbed views (ours).

    The second opinion from which confidence comes is the fusion branch's, with the depth map that the RGB
    branch predicts of the plain crop; it stands in the place of the perturbed prediction.
    """

    def __init__(self, network: DualModalityNetwork, settings: DualModalitySettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._network = engine.place(folded(network))
        side = settings.network.crop
        images, depth_maps = (3, side, side), (1, GRID, GRID)
        self._rgb_maps = Runner(Part(self._network, "rgb_maps"), [images], engine)
        self._fusion_maps = Runner(Part(self._network, "fusion_maps"), [images, depth_maps], engine)
        self.computing = self._rgb_maps.computing
        self.filled = settings.proposing.filled
        self.smoothing = settings.proposing.smoothing
        self.across_views = settings.proposing.across_views
        self.passes = settings.proposing.views + 2 + (0 if self.filled is None else 1)

    def glance(self, crops: Pixels) -> Floats:
        """(B, 21, 2) cells, from one plain look of the RGB branch."""
        with torch.inference_mode():
            uv: Floats = self._rgb(self._images(crops)).uv.cpu().numpy()
        return uv

    def propose(self, crops: Pixels) -> HandProposals:
        """Proposals for crops (B, S, S, 3)."""
        if len(crops) == 0:
            return _empty()
        with torch.inference_mode():
            images, count = self._images(crops), len(crops)
            moves = moves_to_propose(
                crops, self._settings.proposing, self._settings.perturbation, self._engine.device
            )
            seen = self._rgb(torch.cat((images, *(move.images(images) for move in moves))))
            uvs, depths = torch.split(seen.uv.cpu(), count), torch.split(seen.depth.cpu(), count)
            mapped = [uvs[0], *(move.points_back(uv) for move, uv in zip(moves, uvs[1:], strict=True))]
            rgb = Opinion(torch.stack(mapped), torch.stack(depths))
            second = self._fusion(images, seen.depth_map[:count])
            fusion = Opinion(second.uv.cpu()[None], second.depth.cpu()[None])
            judged = judge(rgb, fusion, self._settings, self.shape)
            uv, depth = rgb.middle
            doubt = doubt_of_views(uv, *self._views(rgb, fusion, seen, second, moves))
            feasible_uv, feasible_depth = corrected(uv, depth, self._settings.correction, self.shape)
            return HandProposals(
                uv.numpy(),
                depth.numpy(),
                seen.mask[:count, 0].cpu().numpy(),
                fusion.uv[0].numpy(),
                fusion.depth[0].numpy(),
                feasible_uv.numpy(),
                feasible_depth.numpy(),
                judged.stability.numpy(),
                judged.plausibility.numpy(),
                doubt.numpy(),
                packed(highest(as_maps(seen.heat[:count]).float().cpu().numpy())),
            )

    def _views(
        self, rgb: Opinion, fusion: Opinion, seen: Estimate, second: Estimate, moves: list[Move]
    ) -> tuple[Tensor, Tensor]:
        """What every view of both branches says, (V, B, 21, 2) cells, and how wide its heatmaps are, (V, B,
        21)."""
        centres = self._network.get_buffer("centres")
        seen_first = plain_widths(widths(seen.heat, seen.uv, centres).cpu(), moves)
        known = torch.cat((seen_first, widths(second.heat, second.uv, centres).cpu()[None]))
        return torch.cat((rgb.uv, fusion.uv)), known

    def corrected(self, uv: Floats, depth: Floats) -> tuple[Floats, Floats]:
        """The poses with bones and joint angles that a hand can have."""
        poses = torch.from_numpy(uv), torch.from_numpy(depth)
        feasible = corrected(*poses, self._settings.correction, self.shape)
        return feasible[0].numpy(), feasible[1].numpy()

    def doubts(self, crops: Pixels) -> Mapping[str, Floats]:
        """The terms of C, and others: how far the branches are apart, and how wide, low and spread the RGB
        branch's heatmaps are."""
        found = dict(super().doubts(crops))
        if len(crops) == 0:
            return found
        with torch.inference_mode():
            images = self._images(crops)
            rgb = self._rgb(images)
            fusion = self._fusion(images, rgb.depth_map)
            lambda_d = self._settings.losses.lambda_d
            measured = {
                "branches": pose_distance(rgb.uv, rgb.depth, fusion.uv, fusion.depth, lambda_d).sqrt(),
                "branches, flat": (rgb.uv - fusion.uv).norm(dim=-1).mean(dim=-1),
                **heat_doubts(rgb.heat, rgb.uv, self._network.get_buffer("centres")),
            }
        return found | {name: value.cpu().numpy() for name, value in measured.items()}

    def heatmaps(self, crops: Pixels) -> Floats:
        """(B, 21, h, w) softmaxed heatmaps of the RGB branch."""
        with torch.inference_mode():
            heat = self._rgb_maps(self._images(crops))[0][:, :JOINT_COUNT].float()
            maps: Floats = heat.flatten(2).softmax(dim=-1).view_as(heat).cpu().numpy()
        return maps

    def maps(self, crops: Pixels) -> Mapping[str, ShownMap]:
        """What Fig. 7.6 shows, (B, 64, 64) each: the predicted ``depth map`` (NaN outside the mask) and
        ``mask``, the ``conv1 attention`` of the depth maps' branch, the strongest of a crop being 1,
        the ``attended colour``, the crop's brightness where it is attended to; and the attention behind
        the branch's other layers."""
        with torch.inference_mode():
            images = self._images(crops)
            seen = self._rgb(images)
            first, *others = [_strongest_is_1(one) for one in self._network.attentions(seen.depth_map)]
            brightness = F.adaptive_avg_pool2d(images.mean(1, keepdim=True), GRID)
            near = (
                "far",
                "near",
                "Depth of the surface that the RGB branch predicts, where it sees the hand",
            )
            shown = {
                "depth map": (seen.depth_map.masked_fill(seen.mask < 0.5, torch.nan), *near),
                "mask": (seen.mask, "0", "1", "How likely a place shows the hand"),
                "conv1 attention": (first, "0", "1", "Attention to the depth map behind conv1"),
                "attended colour": (first * brightness, "0", "1", "The picture where it is attended to"),
            }
            for layer, one in enumerate(others, start=2):
                about = f"Attention to the depth map behind conv{layer}_x"
                shown[f"conv{layer} attention"] = (one, "0", "1", about)
            return {
                name: ShownMap(value[:, 0].cpu().numpy(), *words) for name, (value, *words) in shown.items()
            }

    def _rgb(self, images: Tensor) -> Estimate:
        return self._network.read(*self._rgb_maps(images))

    def _fusion(self, images: Tensor, depth_maps: Tensor) -> Estimate:
        return self._network.read(*self._fusion_maps(images, depth_maps))

    def _images(self, crops: Pixels) -> Tensor:
        images = torch.from_numpy(np.ascontiguousarray(crops)).to(self._engine.device)
        return images.permute(0, 3, 1, 2).float().mul_(1.0 / 255.0)


def _strongest_is_1(attention: Tensor) -> Tensor:
    """Attention weights (B, 1, h, w) over the 64 x 64 grid, in 0..1."""
    weights = over_grid(attention.float())
    return weights / weights.amax((2, 3), keepdim=True).clamp_min(1e-6)


def _empty() -> HandProposals:
    uv = np.zeros((0, 21, 2), np.float32)
    depth = np.zeros((0, 21), np.float32)
    figures = np.zeros(0, np.float32)
    return HandProposals(uv, depth, np.zeros((0, 64, 64), np.float32), uv, depth, uv, depth, figures, figures)
