"""Multi-modal contrastive learning: features of one hand are near, those of others far (Eq. 7.3 to 7.5)."""

from __future__ import annotations

import torch
from torch import Tensor

from plugins.dual_modality.settings import ContrastSettings


def nt_xent(features: Tensor, positives: Tensor, temperature: float) -> Tensor:
    """Eq. 7.3 as the mean over the batch (the printed sum would weigh with the batch's size).

    As printed, the denominator holds the other hands alone, the anchors' and the positives'.

    Args:
        features, positives: (B, F) of length 1; row i of both belongs to one hand.
        temperature: tau.

    Returns:
        a number; 0 for a single hand, which has no other to be told from.
    """
    count = len(features)
    if count < 2:
        return features.new_zeros(())
    similar = features @ torch.cat((features, positives)).T / temperature
    itself = torch.eye(count, dtype=torch.bool, device=features.device).repeat(1, 2)
    others = similar.masked_fill(itself, -torch.inf).logsumexp(dim=1)
    return (others - similar[:, count:].diagonal()).mean()


def contrastive_loss(first: Tensor, second: Tensor, settings: ContrastSettings) -> Tensor:
    """Eq. 7.5, and the pairs across modalities of Table 7.2 (b).

    Args:
        first: (3, B, F) features of the RGB, depth map and fusion branches.
        second: the same of the hands with another texture.
        settings: temperature, and the weight of each kind of pair.
    """
    (rgb, depth_map, fusion), (rgb2, depth_map2, fusion2) = first, second
    pairs = [
        (settings.rgb, [(rgb, rgb2)]),
        (settings.depth_map, [(depth_map, depth_map2)]),
        (settings.fusion, [(rgb, fusion), (rgb2, fusion2)]),
        (settings.across, [(rgb, depth_map), (rgb2, depth_map2)]),
    ]
    total = first.new_zeros(())
    for weight, both in pairs:
        if weight > 0.0:
            total = total + weight * sum(nt_xent(*pair, settings.temperature) for pair in both)
    return total
