"""A SemiHand model ready to propose: pose, mask, perturbed prediction, correction and the two terms of C."""

from __future__ import annotations

import copy
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from handstudio.methods.contract import Floats, HandProposals, Pixels, Proposer
from handstudio.methods.device import Engine
from plugins.semihand.augmentation import Move, perturbation_move
from plugins.semihand.confidence import judge, look
from plugins.semihand.network import StackedHourglass
from plugins.semihand.settings import SemiHandSettings

_SEED: Final = 20211


def folded(network: StackedHourglass) -> StackedHourglass:
    """A copy for inference, each norm that follows a convolution folded into it."""
    twin = copy.deepcopy(network).eval().requires_grad_(False)
    for part in twin.modules():
        if isinstance(part, nn.Sequential):
            layers = list(part)
            for place in range(len(layers) - 1):
                first, second = layers[place], layers[place + 1]
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    part[place], part[place + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return twin


class SemiHandProposer(Proposer):
    """Looks at each crop twice: as it is, and perturbed (for the stability term of C).

    The perturbation is drawn from the crop itself, so that the same crop always gets the same proposal,
    alone or in a
    batch.
    """

    passes = 2

    def __init__(self, network: StackedHourglass, settings: SemiHandSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._network = engine.place(folded(network))

    def propose(self, crops: Pixels) -> HandProposals:
        """Proposals for crops (B, 64, 64, 3)."""
        if len(crops) == 0:
            return _empty()
        with torch.inference_mode():
            images = self._images(crops)
            move = self._moves(crops)
            moved_images = torch.cat((images, move.images(images)))
            both = look(self._network, moved_images)
            count = len(crops)
            uv, depth, mask = both.uv[:count].cpu(), both.depth[:count].cpu(), both.mask[:count]
            moved = type(both)(both.uv[count:].cpu(), both.depth[count:].cpu(), both.mask[count:])
            move = Move(move.turn.cpu(), move.shift.cpu())
            judged = judge(uv, depth, moved, move, self._settings.losses.lambda_d)
            return HandProposals(
                uv.numpy(),
                depth.numpy(),
                mask[:, 0].cpu().numpy(),
                move.points_back(moved.uv).numpy(),
                moved.depth.numpy(),
                judged.corrected_uv.numpy(),
                judged.corrected_depth.numpy(),
                judged.stability.numpy(),
                judged.plausibility.numpy(),
            )

    def heatmaps(self, crops: Pixels) -> Floats:
        """(B, 21, h, w) softmaxed heatmaps of the last stack."""
        with torch.inference_mode():
            maps: npt.NDArray[np.float32] = self._network.heatmaps(self._images(crops)).cpu().numpy()
        return maps

    def _images(self, crops: Pixels) -> torch.Tensor:
        images = torch.from_numpy(np.ascontiguousarray(crops)).to(self._engine.device)
        return images.permute(0, 3, 1, 2).float().mul_(1.0 / 255.0)

    def _moves(self, crops: Pixels) -> Move:
        sums = crops.reshape(len(crops), -1).sum(axis=1, dtype=np.int64)
        moves = [
            perturbation_move(
                1, self._settings.perturbation, torch.Generator().manual_seed(_SEED + int(number))
            )
            for number in sums
        ]
        device = self._engine.device
        return Move(
            torch.cat([move.turn for move in moves]).to(device),
            torch.cat([move.shift for move in moves]).to(device),
        )


def _empty() -> HandProposals:
    uv = np.zeros((0, 21, 2), np.float32)
    depth = np.zeros((0, 21), np.float32)
    figures = np.zeros(0, np.float32)
    return HandProposals(uv, depth, np.zeros((0, 64, 64), np.float32), uv, depth, uv, depth, figures, figures)
