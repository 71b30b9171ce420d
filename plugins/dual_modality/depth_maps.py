"""Depth maps as the network sees and says them: near is bright, nothing is 0.

A place of the hand's surface at relative depth d (reference bones) has the nearness ``0.6 - 0.4 d / range``,
kept within 0.2 and 1: a hand is never as dark as the background. Where a cell shows the hand in part, the
nearness is weighted with the share, so that depth maps may be moved and scaled like masks.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor

from handstudio.methods.augmentation import Chances, erase
from plugins.dual_modality.settings import DepthFaultSettings

_DARKEST: Final = 0.2
_MIDDLE: Final = 0.6


def nearness(surface: Tensor, mask: Tensor, depth_range: float) -> Tensor:
    """Depth maps (B, 1, 64, 64) in [0, 1].

    Args:
        surface: (B, 1, 64, 64) depth of the surface relative to the root, reference bones.
        mask: (B, 1, 64, 64) share of each cell that shows the hand.
        depth_range: reference bones before and behind the root that are told apart.
    """
    near = _MIDDLE - (1.0 - _MIDDLE) / depth_range * surface
    return near.clamp(_DARKEST, 1.0) * mask


def with_faults(maps: Tensor, settings: DepthFaultSettings, chances: Chances) -> Tensor:
    """Depth maps (B, 1, h, w) with another texture: a rectangle erased, salt and pepper (Sec. 7.4.3).

    Args:
        maps: in [0, 1].
        settings: how much.
        chances: where the faults come from.
    """
    count = maps.shape[0]
    maps = erase(maps, chances.even(count, 1, 1, 1) < settings.erase_share, settings.erase_side, chances)
    strength, dice = chances.even(2, count, 1, 1, 1), chances.even(*maps.shape)
    salt = dice < settings.salt_share * strength[0]
    pepper = dice > 1.0 - settings.pepper_share * strength[1]
    return maps.masked_fill(salt, 1.0).masked_fill(pepper, 0.0)
