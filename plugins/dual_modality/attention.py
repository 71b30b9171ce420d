"""Where a feature map speaks for itself: the attention of Eq. 7.2."""

from __future__ import annotations

from typing import Final

from torch import Tensor

_TINY: Final = 1e-6


def attention(features: Tensor) -> Tensor:
    """Weights (B, 1, h, w) of mean 1: the inner product of each place's feature with their mean (Eq. 7.2).

    Inner products below nothing count as nothing. Behind the rectified layers that the network attends to
    there are none; of other features they would turn weights around, or make their sum vanish.

    Args:
        features: (B, C, h, w). A map without any feature gets even weights.
    """
    count, channels, height, width = features.shape
    mean = features.mean((2, 3))
    places = features.permute(0, 2, 3, 1).reshape(count, height * width, channels)
    inner = (places @ mean[..., None]).view(count, 1, height, width).clamp_min(0.0) + _TINY
    return inner / inner.mean((2, 3), keepdim=True)
