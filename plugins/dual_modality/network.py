"""Three branches, RGB, depth map and their fusion, that share one decoder (Sec. 7.3.3)."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.methods.latent import cell_centres, over_grid, read_pose
from plugins.dual_modality.attention import attention
from plugins.dual_modality.resnet import Encoder, deconvolution
from plugins.dual_modality.settings import NetworkSettings

RGB: Final = 0
DEPTH_MAP: Final = 1
FUSION: Final = 2
"""The branches, by which the decoder's norms are numbered."""
_MAPS: Final = 2 * JOINT_COUNT + 2


class Estimate(NamedTuple):
    """What one branch says about a batch of crops (y of Eq. 7.1).

    Attributes:
        uv: (B, 21, 2) cells of the 64 x 64 grid, the top left corner is (0, 0).
        depth: (B, 21) relative to the root, in reference bones.
        mask: (B, 1, 64, 64) probability that a cell shows the hand.
        depth_map: (B, 1, 64, 64) nearness in [0, 1] (:mod:`plugins.dual_modality.depth_maps`).
        heat: (B, 21, h * w) logarithms of the softmaxed heatmaps.
    """

    uv: Tensor
    depth: Tensor
    mask: Tensor
    depth_map: Tensor
    heat: Tensor

    def rows(self, rows: slice) -> Estimate:
        """Of some of the crops."""
        return Estimate(*(part[rows] for part in self))


class Answers(NamedTuple):
    """What the branches say.

    Attributes:
        rgb, depth_map, fusion: their estimates.
        features: (3, B, F) of length 1, in that order, for the contrastive loss.
    """

    rgb: Estimate
    depth_map: Estimate
    fusion: Estimate
    features: Tensor

    @property
    def estimates(self) -> tuple[Estimate, Estimate, Estimate]:
        """Of all branches."""
        return self.rgb, self.depth_map, self.fusion


class Decoder(nn.Module):
    """Three deconvolutions with norms and rectifiers, and a 1 x 1 convolution to 44 maps.

    The branches share its convolutions. Each has norms of its own, as in the encoders (unpublished, chosen
    here): with shared ones the running statistics that proposals of the RGB branch are made with would be
    a mixture that no branch was trained with.
    """

    def __init__(self, settings: NetworkSettings, branches: int) -> None:
        super().__init__()
        widths = (settings.channels[-1], *settings.decoder_channels)
        self.layers = nn.ModuleList(
            deconvolution(inputs, outputs, stride, branches)
            for inputs, outputs, stride in zip(widths[:-1], widths[1:], settings.decoder_strides, strict=True)
        )
        self.head = nn.Conv2d(widths[-1], _MAPS, 1)

    def forward(self, features: Tensor, branch: int) -> Tensor:
        """Latent maps (B, 44, h, w): 21 heatmaps, 21 depth maps of joints, logits of mask and depth map."""
        for layer in self.layers:
            features = F.relu(layer(features, branch), inplace=True)
        maps: Tensor = self.head(features)
        return maps


class DualModalityNetwork(nn.Module):
    """The network: two encoders, attention between them, one decoder, one projection.

    The fusion branch runs the RGB encoder with norms of its own and, behind conv1 and conv2_x to conv5_x, the
    attention of the depth maps' encoder (Fig. 7.2 c). Depth maps are given on the 64 x 64 grid on which they
    are predicted, so that true and predicted ones are equally fine.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.colour = Encoder(settings, 3, uses=2)
        self.depth = Encoder(settings, 1, uses=1)
        self.decoder = Decoder(settings, branches=3)
        width = settings.channels[-1]
        self.projection = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, settings.features)
        )
        self.register_buffer("centres", cell_centres(settings.map_side), persistent=False)

    def forward(self, images: Tensor, depth_maps: Tensor | None = None) -> Answers:
        """What the three branches say.

        Args:
            images: (B, 3, S, S) RGB in [0, 1], S the settings' ``crop``.
            depth_maps: (B, 1, 64, 64) nearness; where it is NaN, or ``None``, that of the RGB branch is
                taken, as a constant.
        """
        colour = self.colour(_spread(images))
        rgb = self.read(self.decoder(colour, RGB))
        predicted = rgb.depth_map.detach()
        if depth_maps is not None:
            predicted = torch.where(depth_maps.isnan(), predicted, depth_maps)
        deep, fused = self._with_attention(images, predicted)
        return Answers(
            rgb,
            self.read(self.decoder(deep, DEPTH_MAP)),
            self.read(self.decoder(fused, FUSION)),
            torch.stack([self._projected(features) for features in (colour, deep, fused)]),
        )

    def rgb(self, images: Tensor) -> Estimate:
        """What the RGB branch says by itself: all that proposals need."""
        return self.read(self.rgb_maps(images))

    def rgb_maps(self, images: Tensor) -> Tensor:
        """Latent maps (B, 44, h, w) of the RGB branch."""
        maps: Tensor = self.decoder(self.colour(_spread(images)), RGB)
        return maps

    def fusion(self, images: Tensor, depth_maps: Tensor) -> Estimate:
        """What the fusion branch says of images and depth maps, without the others."""
        return self.read(self.fusion_maps(images, depth_maps))

    def fusion_maps(self, images: Tensor, depth_maps: Tensor) -> Tensor:
        """Latent maps (B, 44, h, w) of the fusion branch."""
        _, fused = self._with_attention(images, depth_maps)
        maps: Tensor = self.decoder(fused, FUSION)
        return maps

    def attentions(self, depth_maps: Tensor) -> list[Tensor]:
        """Attention weights (B, 1, h, w) behind conv1 and conv2_x to conv5_x of depth maps (B, 1, 64, 64)."""
        return self._attended(depth_maps)[1]

    def read(self, maps: Tensor) -> Estimate:
        """Pose, mask and depth map from latent maps (B, 44, h, w), in 32 bits whatever precision made
        them."""
        with torch.autocast(maps.device.type, enabled=False):
            heat, depths, rest = torch.split(maps.float(), [JOINT_COUNT, JOINT_COUNT, 2], dim=1)
            pose = read_pose(heat, depths, self.get_buffer("centres"))
            mask, depth_map = torch.split(torch.sigmoid(over_grid(rest)), 1, dim=1)
            return Estimate(pose.uv, pose.depth, mask, depth_map, pose.heat)

    def _with_attention(self, images: Tensor, depth_maps: Tensor) -> tuple[Tensor, Tensor]:
        """Features of the self-attended depth maps' branch and of the fusion branch."""
        deep, weights = self._attended(depth_maps)

        def activate(layer: int, features: Tensor) -> Tensor:
            weight = weights[layer]
            return (weight.detach() if self.settings.stop_gradient else weight) * features

        return deep, self.colour(_spread(images), use=1, activation=activate)

    def _attended(self, depth_maps: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Features of the self-attended depth maps' branch, and the weights behind each of its layers."""
        weights: list[Tensor] = []

        def attend(_: int, features: Tensor) -> Tensor:
            weights.append(attention(features))
            return weights[-1] * features

        return self.depth(self._seen(depth_maps), activation=attend), weights

    def _seen(self, depth_maps: Tensor) -> Tensor:
        """Depth maps as large as crops."""
        side = self.settings.crop
        if depth_maps.shape[-1] != side:
            depth_maps = F.interpolate(depth_maps, size=(side, side), mode="bilinear", align_corners=False)
        return _spread(depth_maps)

    def _projected(self, features: Tensor) -> Tensor:
        """(B, F) of length 1."""
        return F.normalize(self.projection(features.mean((2, 3))).float(), dim=-1)


def _spread(pictures: Tensor) -> Tensor:
    """Values in [0, 1] spread about 0, channels last."""
    return ((pictures - 0.5) * 4.0).contiguous(memory_format=torch.channels_last)
