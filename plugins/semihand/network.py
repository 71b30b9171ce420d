"""Two stacked hourglasses that see a crop of a hand and answer with a 2.5D pose and a hand mask."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.methods.latent import cell_centres, over_grid, read_pose
from plugins.semihand.settings import NetworkSettings


class Estimate(NamedTuple):
    """What one stack says about a batch of crops.

    Attributes:
        uv: (B, 21, 2) cells of the 64 x 64 grid, the top left corner is (0, 0).
        depth: (B, 21) relative to the root, in reference bones.
        mask: (B, 1, 64, 64) probability that a cell shows the hand.
        heat: (B, 21, h * w) logarithms of the softmaxed heatmaps; ``None`` where only poses matter.
    """

    uv: Tensor
    depth: Tensor
    mask: Tensor
    heat: Tensor | None = None

    def detached(self) -> Estimate:
        """The same figures as constants."""
        return Estimate(self.uv.detach(), self.depth.detach(), self.mask.detach())


class Residual(nn.Module):
    """A bottleneck residual module.

    With ``wide_norm`` the pre-activated module of Newell et al. (2016); without it the norm and
    activation at the full width are left out (half of a small module's time on a CPU).

    Args:
        inputs, outputs: channels.
        wide_norm: as above.
        middle: channels of the 3 x 3 convolution, half of the outputs by default.
    """

    def __init__(self, inputs: int, outputs: int, wide_norm: bool, middle: int | None = None) -> None:
        super().__init__()
        middle = middle or max(outputs // 2, min(outputs, 32))
        first = (nn.BatchNorm2d(inputs), nn.ReLU()) if wide_norm else ()
        self.layers = nn.Sequential(
            *first,
            nn.Conv2d(inputs, middle, 1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(inplace=True),
            nn.Conv2d(middle, middle, 3, padding=1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(inplace=True),
            nn.Conv2d(middle, outputs, 1),
        )
        self.skip: nn.Module = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        skipped: Tensor = self.skip(features)
        added: Tensor = self.layers(features)
        return skipped + added


class Hourglass(nn.Module):
    """Halves the map level by level, comes back up, and adds what each level saw on the way down.

    Args:
        settings: the network's settings.
        level: how many halvings above this part; its map has ``settings.channels[level]`` channels.
    """

    def __init__(self, settings: NetworkSettings, level: int = 0) -> None:
        super().__init__()
        outer, inner = settings.channels[level], settings.channels[level + 1]
        wide = settings.wide_norm
        last = level + 2 == len(settings.channels)
        identity = level == 0 and not settings.finest_skip
        self.across: nn.Module = nn.Identity() if identity else Residual(outer, outer, wide)
        self.down = Residual(outer, inner, wide)
        self.deep = _deep_blocks(settings, level + 1)
        self.within: nn.Module = Residual(inner, inner, wide) if last else Hourglass(settings, level + 1)
        self.up = Residual(inner, outer, wide)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape; H and W are divisible by 2 per level."""
        across: Tensor = self.across(features)
        below = self.up(self.within(self.deep(self.down(F.max_pool2d(features, 2)))))
        return across + F.interpolate(below, scale_factor=2.0, mode="nearest")


class StackedHourglass(nn.Module):
    """The network of SemiHand: stem, stacked hourglasses, one estimate per stack.

    Per joint a latent heatmap and a latent depth map (Iqbal et al. 2018), and one mask channel:
    ``uv`` is the expectation of the softmaxed heatmap, ``depth`` the sum of heatmap times depth map.
    Maps may be smaller than 64 x 64 (``stem_stride``); cells are always those of the 64 x 64 grid.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        channels, wide = settings.channels[0], settings.wide_norm
        stride, kernel, first = settings.stem_stride, settings.stem_kernel, settings.stem_channels
        outputs = 2 * JOINT_COUNT + 1
        stacks = range(settings.stacks)
        self.stem = nn.Sequential(
            nn.Conv2d(3, first, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
            *(
                Residual(first if block == 0 else channels, channels, wide)
                for block in range(settings.stem_blocks)
            ),
        )
        self.detail = _detail(settings) if settings.detail_channels else None
        self.hourglasses = nn.ModuleList(Hourglass(settings) for _ in stacks)
        self.features = nn.ModuleList(_features(channels, wide) for _ in stacks)
        self.heads = nn.ModuleList(nn.Conv2d(channels, outputs, 1) for _ in stacks)
        self.remaps = nn.ModuleList(nn.Conv2d(outputs, channels, 1) for _ in stacks[:-1])
        self.register_buffer("centres", cell_centres(GRID // stride), persistent=False)

    def forward(self, crops: Tensor) -> list[Estimate]:
        """Estimates of every stack, the last one being the answer.

        Args:
            crops: (B, 3, S, S) RGB in [0, 1], S = ``settings.crop``.
        """
        return [self.read(maps) for maps in self.maps(crops)]

    def maps(self, crops: Tensor) -> list[Tensor]:
        """Latent maps (B, 43, h, w) of every stack: 21 heatmaps, 21 depth maps, mask logits."""
        features = self._seen((crops - 0.5) * 4.0)
        answers: list[Tensor] = []
        for stack, hourglass in enumerate(self.hourglasses):
            seen = self.features[stack](hourglass(features))
            answers.append(self.heads[stack](seen))
            if stack < len(self.remaps):
                features = features + seen + self.remaps[stack](answers[-1])
        return answers

    def _seen(self, crops: Tensor) -> Tensor:
        """What the stems find; the first one sees every crop in 64 x 64."""
        finer = crops.shape[-1] // GRID
        found: Tensor = self.stem(F.avg_pool2d(crops, finer) if finer > 1 else crops)
        return found if self.detail is None else found + self.detail(crops)

    def read(self, maps: Tensor) -> Estimate:
        """Pose and mask from latent maps (B, 43, h, w), in 32 bits whatever precision made the maps."""
        with torch.autocast(maps.device.type, enabled=False):
            heat, depth_maps, mask = torch.split(maps.float(), [JOINT_COUNT, JOINT_COUNT, 1], dim=1)
            pose = read_pose(heat, depth_maps, self.get_buffer("centres"))
            return Estimate(pose.uv, pose.depth, torch.sigmoid(over_grid(mask)), pose.heat)

    def heatmaps(self, maps: Tensor) -> Tensor:
        """Softmaxed heatmaps (B, 21, h, w) of latent maps (B, 43, h, w), for a reviewer to look at."""
        heat = maps[:, :JOINT_COUNT].float()
        return heat.flatten(2).softmax(dim=-1).view_as(heat)


def _detail(settings: NetworkSettings) -> nn.Sequential:
    """The stem for what is finer than 64 x 64: halvings down to the maps, a residual module, and a last
    convolution that begins as nothing, so that a trained network can be given larger crops."""
    channels, outputs = settings.detail_channels, settings.channels[0]
    halvings = (settings.crop // GRID * settings.stem_stride).bit_length() - 1
    layers: list[nn.Module] = []
    for halving in range(halvings):
        seen = 3 if halving == 0 else channels
        layers += [
            nn.Conv2d(seen, channels, 3, 2, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
    last = nn.Conv2d(outputs, outputs, 1)
    _silence(last)
    module = Residual(channels, outputs, settings.wide_norm)
    return nn.Sequential(*layers, module, nn.ReLU(inplace=True), last)


def _deep_blocks(settings: NetworkSettings, level: int) -> nn.Sequential:
    """The further modules of a level; they begin as identities, so that a trained network can be deepened."""
    count = settings.deep_blocks[level] if level < len(settings.deep_blocks) else 0
    width = settings.deep_width[level] if level < len(settings.deep_width) else 1.0
    channels = settings.channels[level]
    blocks = [
        Residual(channels, channels, settings.wide_norm, max(round(width * channels), 1))
        for _ in range(count)
    ]
    for block in blocks:
        _silence(block.layers[-1])
    return nn.Sequential(*blocks)


def _silence(last: nn.Module) -> None:
    """A part that ends with this convolution adds nothing until it is trained."""
    for parameter in last.parameters():
        nn.init.zeros_(parameter)


def _features(channels: int, wide_norm: bool) -> nn.Sequential:
    """What follows an hourglass: a residual module and, as published, a normalised 1 x 1 convolution."""
    layers: list[nn.Module] = [Residual(channels, channels, wide_norm)]
    if wide_norm:
        layers += [
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)
