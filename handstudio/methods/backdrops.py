"""Rendered hands before the footage's own backgrounds, their colours drawn towards those of its hands (ours).

What renders a hand knows its pose to the point, and what was filmed shows the place, the light and the skin
that count. The hand of the footage is painted over from its surroundings, and the rendered hand, which stands
as that one did, is laid over the place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.methods.augmentation import as_large
from handstudio.methods.rendered import LabelledHands

_HOLE: Final = 0.25
"""Probability of the hand from which on a place is painted over."""
_GROW_SHARE: Final = 0.05
"""Share of the crop's side by which the painted place is grown."""
_SEEN: Final = 0.01
"""A hand that takes a smaller share of the crop was not found, and stays in the picture."""
_FULL: Final = 0.85
"""One that hides a larger share leaves nothing to paint from."""
_FEW_PIXELS: Final = 30
"""Pixels of a hand at least, to speak of its colour."""
_GAINS: Final = (0.6, 1.6)
"""Limits on how much more or less contrast a rendered hand takes over."""


def without_hand(crop: npt.NDArray[np.uint8], mask: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8] | None:
    """The crop with its hand painted over from what is about it; ``None`` where it was not found,
    or leaves nothing to paint from.

    Args:
        crop: (S, S, 3) uint8.
        mask: (h, w) in [0, 1], over the crop.
    """
    side = crop.shape[0]
    hole = (cv2.resize(mask, (side, side)) > _HOLE).astype(np.uint8)
    reach = max(round(_GROW_SHARE * side), 1)
    hole = np.asarray(cv2.dilate(hole, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.uint8)
    if not _SEEN < float(hole.mean()) < _FULL:
        return None
    return np.asarray(cv2.inpaint(crop, hole, reach, cv2.INPAINT_TELEA), np.uint8)


def before_footage(
    hands: LabelledHands, crops: Tensor, masks: Tensor, share: float, generator: torch.Generator
) -> LabelledHands:
    """Some of the rendered hands before the crops' backgrounds, in colours between theirs and the crops'.

    Args:
        hands: (B), standing as the hands of the crops do.
        crops: (B, S, S, 3) uint8 of the footage.
        masks: (B, h, w) in [0, 1]: where the footage shows its hands.
        share: of the hands that are moved before the footage.
        generator: decides which, and how far colours are drawn over.
    """
    chosen = torch.rand(len(hands), generator=generator) < share
    strength = torch.rand(len(hands), generator=generator)
    images, _, _, inside = hands.floats()
    inside = as_large(inside, images)
    cover = (2.0 * F.avg_pool2d(inside, 3, 1, 1, count_include_pad=False) - 1.0).clamp(0.0, 1.0)
    shown = as_large(masks[:, None].float(), images)
    made = images.clone()
    for row in chosen.nonzero()[:, 0].tolist():
        crop = crops[row].numpy()
        place = without_hand(crop, masks[row].float().numpy())
        if place is not None:
            theirs = _colour(_display(crop), shown[row])
            hand = _drawn_towards(images[row], inside[row], theirs, float(strength[row]))
            made[row] = torch.lerp(_display(place), hand, cover[row])
    return replace(hands, images=(made.clamp(0.0, 1.0) * 255.0).round().to(torch.uint8))


def _display(crop: npt.NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(crop).permute(2, 0, 1).float() / 255.0


def _colour(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor] | None:
    """Mean and spread (3, 1, 1) of an image (3, S, S) inside a mask (1, S, S); ``None`` for few pixels."""
    inside = image[:, mask[0] > 0.5]
    if inside.shape[1] < _FEW_PIXELS:
        return None
    return inside.mean(dim=1)[:, None, None], inside.std(dim=1)[:, None, None]


def _drawn_towards(
    image: Tensor, mask: Tensor, theirs: tuple[Tensor, Tensor] | None, strength: float
) -> Tensor:
    mine = _colour(image, mask)
    if mine is None or theirs is None:
        return image
    gain = (theirs[1] / mine[1].clamp_min(1e-3)).clamp(*_GAINS)
    other = (image - mine[0]) * gain + theirs[0]
    return torch.lerp(image, other, strength)
