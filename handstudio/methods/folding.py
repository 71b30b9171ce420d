"""Networks for inference: norms that follow a convolution are folded into it."""

from __future__ import annotations

import copy
from abc import abstractmethod
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


class Foldable(nn.Module):
    """A part of a network that knows its own simpler form."""

    @abstractmethod
    def for_inference(self) -> nn.Module:
        """A part that gives the same answers in evaluation mode."""


def folded(network: Network) -> Network:
    """A copy for inference: every :class:`Foldable` in its simpler form, and in every ``nn.Sequential`` a
    norm folded into the convolution before it."""
    twin = copy.deepcopy(network).eval().requires_grad_(False)
    for part in list(twin.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, Foldable):
                setattr(part, name, child.for_inference())
        if isinstance(part, nn.Sequential):
            layers = list(part)
            for place in range(len(layers) - 1):
                first, second = layers[place], layers[place + 1]
                if isinstance(first, (nn.Conv2d, nn.ConvTranspose2d)) and isinstance(second, nn.BatchNorm2d):
                    turned = isinstance(first, nn.ConvTranspose2d)
                    part[place] = fuse_conv_bn_eval(first, second, turned)
                    part[place + 1] = nn.Identity()
    return twin
