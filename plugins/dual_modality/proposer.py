"""A Dual-Modality model ready to propose: the RGB branch's pose and mask, doubted by the fusion branch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.hand.distance import pose_distance
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.methods.contract import Floats, HandProposals, Pixels, Proposer
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.latent import heat_doubts, over_grid
from handstudio.methods.running import Runner
from handstudio.methods.views import moves_of_crops
from handstudio.methods.ways import Part
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
            moves = moves_of_crops(
                crops, self._settings.proposing.views - 1, self._settings.perturbation, self._engine.device
            )
            seen = self._rgb(torch.cat((images, *(move.images(images) for move in moves))))
            uvs, depths = torch.split(seen.uv.cpu(), count), torch.split(seen.depth.cpu(), count)
            mapped = [uvs[0], *(move.points_back(uv) for move, uv in zip(moves, uvs[1:], strict=True))]
            rgb = Opinion(torch.stack(mapped), torch.stack(depths))
            second = self._fusion(images, seen.depth_map[:count])
            fusion = Opinion(second.uv.cpu()[None], second.depth.cpu()[None])
            judged = judge(rgb, fusion, self._settings)
            uv, depth = rgb.middle
            feasible_uv, feasible_depth = corrected(uv, depth, self._settings.correction)
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
            )

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

    def maps(self, crops: Pixels) -> Mapping[str, Floats]:
        """What Fig. 7.6 shows, (B, 64, 64) each: the predicted ``depth map`` (near is bright, NaN outside the
        mask), the ``attention`` behind conv1 of the depth maps' branch, the strongest of a crop being 1, and
        the ``attention on colour``, the crop's brightness where it is attended to."""
        with torch.inference_mode():
            images = self._images(crops)
            seen = self._rgb(images)
            depth_map = seen.depth_map.masked_fill(seen.mask < 0.5, torch.nan)
            attention = over_grid(self._network.first_attention(seen.depth_map).float())
            attention = attention / attention.amax((2, 3), keepdim=True).clamp_min(1e-6)
            brightness = F.adaptive_avg_pool2d(images.mean(1, keepdim=True), GRID)
            shown = {
                "depth map": depth_map,
                "attention": attention,
                "attention on colour": attention * brightness,
            }
            return {name: value[:, 0].cpu().numpy() for name, value in shown.items()}

    def _rgb(self, images: Tensor) -> Estimate:
        return self._network.read(*self._rgb_maps(images))

    def _fusion(self, images: Tensor, depth_maps: Tensor) -> Estimate:
        return self._network.read(*self._fusion_maps(images, depth_maps))

    def _images(self, crops: Pixels) -> Tensor:
        images = torch.from_numpy(np.ascontiguousarray(crops)).to(self._engine.device)
        return images.permute(0, 3, 1, 2).float().mul_(1.0 / 255.0)


def _empty() -> HandProposals:
    uv = np.zeros((0, 21, 2), np.float32)
    depth = np.zeros((0, 21), np.float32)
    figures = np.zeros(0, np.float32)
    return HandProposals(uv, depth, np.zeros((0, 64, 64), np.float32), uv, depth, uv, depth, figures, figures)
