"""Networks for inference: norms that follow a convolution are folded into it."""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def folded(network: Network) -> Network:
    """A copy for inference: in every ``nn.Sequential`` a norm is folded into the convolution before it."""
    twin = copy.deepcopy(network).eval().requires_grad_(False)
    for part in twin.modules():
        if isinstance(part, nn.Sequential):
            layers = list(part)
            for place in range(len(layers) - 1):
                first, second = layers[place], layers[place + 1]
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    part[place], part[place + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return twin
