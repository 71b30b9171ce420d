"""A residual network whose convolutions can serve several uses, each with norms of its own (He et al., CVPR
2016)."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from handstudio.methods.folding import Foldable
from plugins.dual_modality.settings import NetworkSettings

Activation = Callable[[int, Tensor], Tensor]
"""What happens to features (B, C, H, W) behind layer 0 (conv1) to 4 (conv5_x)."""


def unchanged(layer: int, features: Tensor) -> Tensor:
    """The activation of a network by itself."""
    return features


class Normed(Foldable):
    """A convolution followed by a norm, of which there is one for each use."""

    def __init__(self, convolution: nn.Conv2d | nn.ConvTranspose2d, uses: int) -> None:
        super().__init__()
        self.convolution = convolution
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        self.norms = nn.ModuleList(nn.BatchNorm2d(convolution.out_channels) for _ in range(uses))

    def forward(self, features: Tensor, use: int) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, h, w)."""
        normed: Tensor = self.norms[use](self.convolution(features))
        return normed

    def for_inference(self) -> nn.Module:
        """One convolution for each use."""
        turned = isinstance(self.convolution, nn.ConvTranspose2d)
        norms: list[nn.BatchNorm2d] = list(self.norms)  # type: ignore[arg-type]
        return _Folded(fuse_conv_bn_eval(self.convolution, norm, turned) for norm in norms)


class _Folded(nn.ModuleList):
    def forward(self, features: Tensor, use: int) -> Tensor:
        answer: Tensor = self[use](features)
        return answer


def convolution(inputs: int, outputs: int, kernel: int, stride: int, uses: int) -> Normed:
    """A normed convolution that reduces maps ``stride`` times."""
    return Normed(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), uses)


def deconvolution(inputs: int, outputs: int, stride: int, uses: int) -> Normed:
    """A normed deconvolution that enlarges maps ``stride`` times, 1 or 2."""
    return Normed(nn.ConvTranspose2d(inputs, outputs, 2 + stride, stride, 1, bias=False), uses)


class Block(nn.Module):
    """A residual block: two 3 x 3 convolutions, or a 3 x 3 one between two of 1 x 1 that is a quarter as
    wide."""

    def __init__(self, inputs: int, outputs: int, stride: int, uses: int, bottleneck: bool) -> None:
        super().__init__()
        if bottleneck:
            inner = outputs // 4
            shapes = [(inputs, inner, 1, 1), (inner, inner, 3, stride), (inner, outputs, 1, 1)]
        else:
            shapes = [(inputs, outputs, 3, stride), (outputs, outputs, 3, 1)]
        self.convolutions = nn.ModuleList(convolution(*shape, uses) for shape in shapes)
        same = inputs == outputs and stride == 1
        self.skip = None if same else convolution(inputs, outputs, 1, stride, uses)

    def forward(self, features: Tensor, use: int) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        skipped = features if self.skip is None else self.skip(features, use)
        *first, last = self.convolutions
        for layer in first:
            features = F.relu(layer(features, use), inplace=True)
        return F.relu(last(features, use).add_(skipped), inplace=True)


class Encoder(nn.Module):
    """conv1 and conv2_x to conv5_x.

    Args:
        settings: widths, depths and strides.
        inputs: channels of what is seen.
        uses: sets of norms.
    """

    def __init__(self, settings: NetworkSettings, inputs: int, uses: int) -> None:
        super().__init__()
        before = settings.first_channels
        self.first = convolution(inputs, before, settings.first_kernel, settings.first_stride, uses)
        self.pool = settings.pool
        self.stages = nn.ModuleList()
        for outputs, depth, stride in zip(settings.channels, settings.blocks, settings.strides, strict=True):
            blocks = nn.ModuleList()
            for number in range(depth):
                first = number == 0
                blocks.append(Block(before, outputs, stride if first else 1, uses, settings.bottleneck))
                before = outputs
            self.stages.append(blocks)

    def forward(self, images: Tensor, use: int = 0, activation: Activation = unchanged) -> Tensor:
        """Features (B, C, h, w) of images (B, inputs, S, S).

        Args:
            images: what is seen.
            use: which norms.
            activation: applied behind conv1 and conv2_x to conv5_x.
        """
        features = activation(0, self.conv1(images, use))
        if self.pool:
            features = F.max_pool2d(features, 3, 2, 1)
        for layer, blocks in enumerate(self.stages, start=1):
            for block in blocks:  # type: ignore[attr-defined]
                features = block(features, use)
            features = activation(layer, features)
        return features

    def conv1(self, images: Tensor, use: int = 0) -> Tensor:
        """Features behind the first convolution, before its activation and pooling."""
        return F.relu(self.first(images, use), inplace=True)
