"""Augmentation of two strengths (SemiHand, Sec. 3.4): poses and masks move with the pixels."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from handstudio.hand.box import GRID
from handstudio.methods.settings import DiversitySettings, PerturbationSettings

_HALF = GRID / 2.0


class Chances:
    """Random numbers on a device, the same ones on every device."""

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self._generator = generator
        self._device = device

    def even(self, *shape: int) -> Tensor:
        """Evenly in [0, 1)."""
        return torch.rand(shape, generator=self._generator).to(self._device, non_blocking=True)

    def normal(self, *shape: int) -> Tensor:
        """Of mean 0 and spread 1."""
        return torch.randn(shape, generator=self._generator).to(self._device, non_blocking=True)


class Move(NamedTuple):
    """A similarity of the crop's plane per hand: ``new = centre + turn @ (old - centre) + shift``.

    What is moved may lie on another device than the move.

    Attributes:
        turn: (B, 2, 2) rotation times scale.
        shift: (B, 2) cells.
    """

    turn: Tensor
    shift: Tensor

    @property
    def scale(self) -> Tensor:
        """(B,) how many times longer things are after the move."""
        scale: Tensor = torch.linalg.det(self.turn).abs().sqrt()
        return scale

    def points(self, uv: Tensor) -> Tensor:
        """Joints (B, 21, 2) cells after the move."""
        turn, shift = self.to(uv.device)
        moved: Tensor = (uv - _HALF) @ turn.transpose(1, 2) + shift[:, None] + _HALF
        return moved

    def points_back(self, uv: Tensor) -> Tensor:
        """Joints (B, 21, 2) cells before the move."""
        turn, shift = self.to(uv.device)
        before: Tensor = (uv - _HALF - shift[:, None]) @ torch.linalg.inv(turn).transpose(1, 2) + _HALF
        return before

    def images(self, images: Tensor, padding: str = "border") -> Tensor:
        """Images or masks (B, C, S, S) after the move.

        Args:
            images: any side S; it spans the 64 cells.
            padding: ``"border"`` repeats the border outside, ``"zeros"`` leaves it empty (masks).
        """
        if not len(images):
            return images
        turn, shift = self.to(images.device)
        back = torch.linalg.inv(turn)
        theta = torch.cat((back, -(back @ (shift / _HALF)[..., None])), dim=2)
        grid = F.affine_grid(
            theta, [images.shape[0], 1, images.shape[2], images.shape[3]], align_corners=False
        )
        return F.grid_sample(images, grid, mode="bilinear", padding_mode=padding, align_corners=False)

    def to(self, device: torch.device) -> Move:
        """The same on a device."""
        return Move(self.turn.to(device), self.shift.to(device))


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def similarity(radians: Tensor, scale: Tensor, shift: Tensor) -> Move:
    """The move that turns by ``radians`` (B,), scales by ``scale`` (B,) and shifts by ``shift`` (B, 2)
    cells."""
    cosine, sine = torch.cos(radians) * scale, torch.sin(radians) * scale
    turn = torch.stack((torch.stack((cosine, -sine), -1), torch.stack((sine, cosine), -1)), -2)
    return Move(turn, shift)


def diversity_move(count: int, settings: DiversitySettings, generator: torch.Generator) -> Move:
    """The strong augmentation's move of ``count`` hands."""
    limit = math.radians(settings.rotation_degrees)
    shift = (2.0 * torch.rand(count, 2, generator=generator) - 1.0) * settings.translation_cells
    return similarity(
        _uniform(count, -limit, limit, generator), _uniform(count, *settings.scale, generator), shift
    )


def perturbation_move(count: int, settings: PerturbationSettings, generator: torch.Generator) -> Move:
    """The weak augmentation's move: a shift, or a turn by a little or by a multiple of 90 degrees; scaled."""
    limit = math.radians(settings.rotation_degrees)
    little = _uniform(count, -limit, limit, generator)
    quarter = torch.randint(1, 4, (count,), generator=generator) * (math.pi / 2.0)
    turned = torch.rand(count, generator=generator) < 0.5
    quarterly = torch.rand(count, generator=generator) < settings.quarter_turn_share
    radians = torch.where(turned, torch.where(quarterly, quarter, little), torch.zeros(count))
    shift = (2.0 * torch.rand(count, 2, generator=generator) - 1.0) * settings.translation_cells
    shift = torch.where(turned[:, None], torch.zeros(count, 2), shift)
    return similarity(radians, _uniform(count, *settings.scale, generator), shift)


def recolour(images: Tensor, settings: DiversitySettings, generator: torch.Generator) -> Tensor:
    """The strong augmentation's change of pixels: jitter, grey, blur, noise, erasing.

    Args:
        images: (B, 3, S, S) RGB in [0, 1].
        settings: the strengths.
        generator: where the chances come from.
    """
    count = images.shape[0]
    chances = Chances(generator, images.device)

    def factor(spread: float, channels: int = 1) -> Tensor:
        return 1.0 + spread * (2.0 * chances.even(count, channels, 1, 1) - 1.0)

    def chosen(share: float) -> Tensor:
        return chances.even(count, 1, 1, 1) < share

    grey = images.mean(1, keepdim=True)
    saturation = torch.where(chosen(settings.grey_share), 0.0, factor(settings.saturation))
    images = grey + (images - grey) * saturation
    middle = images.mean((1, 2, 3), keepdim=True)
    images = middle + (images - middle) * factor(settings.contrast)
    images = images * (factor(settings.brightness) * factor(settings.tint, 3))
    images = images.clamp(1e-4, 1.0) ** factor(settings.gamma)
    images = torch.where(chosen(settings.blur_share), blurred(images), images)
    strength = settings.noise * chances.even(count, 1, 1, 1)
    images = images + strength * chances.normal(*images.shape)
    return erase(images, chosen(settings.erase_share), settings.erase_side, chances).clamp(0.0, 1.0)


def blurred(images: Tensor) -> Tensor:
    """Images (B, C, S, S), each pixel the mean of the 3 x 3 about it; the border repeats outside.

    Sums of shifted rows and columns: pooling takes five times as long on a CPU.
    """
    wide = F.pad(images, (1, 1, 1, 1), mode="replicate")
    rows = wide[..., :-2, :] + wide[..., 1:-1, :] + wide[..., 2:, :]
    return (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) / 9.0


def as_large(masks: Tensor, images: Tensor) -> Tensor:
    """Masks (B, 1, h, w) at the size of images (B, C, H, W)."""
    if masks.shape[-2:] == images.shape[-2:]:
        return masks
    if not len(masks):
        return masks.new_zeros(0, masks.shape[1], *images.shape[-2:])
    return F.interpolate(masks, size=images.shape[-2:], mode="bilinear", align_corners=False)


def flatten(images: Tensor, mask: Tensor, settings: DiversitySettings, generator: torch.Generator) -> Tensor:
    """Hands with less contrast inside their outline, some nearly without any.

    Args:
        images: (B, 3, S, S) RGB in [0, 1].
        mask: (B, 1, S, S) share of each pixel that shows the hand.
        settings: how many.
        generator: where the chances come from.
    """
    count = images.shape[0]
    chances = Chances(generator, images.device)
    chosen = chances.even(count, 1, 1, 1) < settings.flat_share
    kept = chances.even(count, 1, 1, 1)
    mean = (images * mask).sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True).clamp_min(1e-3)
    lost = torch.where(chosen, 1.0 - kept, 0.0) * mask
    return torch.lerp(images, mean.expand_as(images), lost)


def reshade(images: Tensor, mask: Tensor, settings: DiversitySettings, generator: torch.Generator) -> Tensor:
    """Hands under uneven light: smooth patches, and a middle brighter or darker than the rim.

    Rendered palms are hollow and so darker in the middle than backs; under a lamp beside the camera real ones
    are not, and a network that has learnt the difference takes them for backs.

    Args:
        images: (B, 3, S, S) RGB in [0, 1].
        mask: (B, 1, S, S) share of each pixel that shows the hand; the rest stays as it is.
        settings: how many, how much.
        generator: where the chances come from.
    """
    count, _, side, _ = images.shape
    chances = Chances(generator, images.device)
    chosen = chances.even(count, 1, 1, 1) < settings.shade_share
    patches = chances.normal(count, 1, 4, 4)
    patches = F.interpolate(patches, size=(side, side), mode="bilinear", align_corners=True)
    along = (torch.arange(side, dtype=torch.float32, device=images.device) + 0.5) / side
    x, y = along.view(1, 1, 1, side), along.view(1, 1, side, 1)
    area = mask.sum((2, 3), keepdim=True).clamp_min(1e-3)
    away = (x - (mask * x).sum((2, 3), keepdim=True) / area).square()
    away = away + (y - (mask * y).sum((2, 3), keepdim=True) / area).square()
    spread = ((away * mask).sum((2, 3), keepdim=True) / area).clamp_min(1e-4).sqrt()
    rim = (away.sqrt() / spread - 1.0).clamp(-1.0, 1.5)
    rim = rim * chances.normal(count, 1, 1, 1)
    gain = torch.exp(settings.shade * (0.7 * patches + rim))
    return images * (1.0 + (gain - 1.0) * mask * chosen)


def erase(images: Tensor, chosen: Tensor, sides: tuple[float, float], chances: Chances) -> Tensor:
    """Paint a random rectangle of the chosen images in a random colour.

    Args:
        images: (B, C, S, S) in [0, 1].
        chosen: (B, 1, 1, 1) bool.
        sides: smallest and largest side of the rectangle, as shares of S.
        chances: where place, size and colour come from.
    """
    count, channels, side, _ = images.shape
    low, high = sides
    extent = side * (low + (high - low) * chances.even(2, count, 1, 1, 1))
    start = chances.even(2, count, 1, 1, 1) * (side - extent)
    along = torch.arange(side, dtype=torch.float32, device=images.device)
    rows = (along.view(side, 1) >= start[0]) & (along.view(side, 1) < start[0] + extent[0])
    columns = (along >= start[1]) & (along < start[1] + extent[1])
    colour = chances.even(count, channels, 1, 1)
    return torch.where(rows & columns & chosen, colour, images)
