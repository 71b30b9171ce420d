"""What a camera does to a picture: exposure, white balance, tone, softness, motion, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class CameraFaults:
    """Strength of each fault, 1 = the usual spread, 0 = none."""

    exposure: float = 1.0
    white_balance: float = 1.0
    softness: float = 1.0
    motion: float = 1.0
    noise: float = 1.0
    chroma: float = 1.0


def degrade(
    rgb: Tensor, generator: torch.Generator, faults: CameraFaults, grain_from: torch.Generator | None = None
) -> Tensor:
    """A photograph of ``rgb`` (B, 3, S, S), display values in and out, [0, 1].

    Args:
        generator: decides the faults.
        grain_from: decides the noise of each picture; with it the pictures come from one camera, so that all
            other faults are the same for all.
    """
    count, _, size, _ = rgb.shape
    device = rgb.device
    rows = count if grain_from is None else 1

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(rows, *shape, generator=generator)
        return (low + (high - low) * drawn).to(device).expand(count, *shape)

    def normal(*shape: int) -> Tensor:
        return torch.randn(rows, *shape, generator=generator).to(device).expand(count, *shape)

    one = (1, 1, 1)
    image = rgb * (1.0 + 0.16 * faults.exposure * normal(*one)).clamp(0.55, 1.5)
    image = image * (1.0 + 0.05 * faults.white_balance * normal(3, 1, 1)).clamp(0.8, 1.2)
    grey = image.mean(dim=1, keepdim=True)
    image = grey + (image - grey) * (1.0 + 0.18 * faults.white_balance * normal(*one)).clamp(0.3, 1.6)
    image = image.clamp(1e-4, 1.0) ** (1.0 + 0.14 * faults.exposure * normal(*one)).clamp(0.65, 1.5)
    contrast = (1.0 + 0.12 * faults.exposure * normal(*one)).clamp(0.7, 1.4)
    image = (image - 0.5) * contrast + 0.5

    if faults.motion > 0:
        angle = uniform(0.0, 6.2832)
        reach = uniform(0.0, 1.0) ** 2 * 0.035 * faults.motion * (uniform(0, 1) < 0.3)
        step = torch.stack((reach * torch.cos(angle), reach * torch.sin(angle)), dim=1)
        moving = (reach > 1e-3).nonzero()[:, 0]
        if moving.numel():
            part = image[moving]
            theta = torch.zeros(moving.numel(), 2, 3, device=device)
            theta[:, 0, 0] = theta[:, 1, 1] = 1.0
            total = torch.zeros_like(part)
            for k in (-1.0, -0.5, 0.0, 0.5, 1.0):
                theta[:, :, 2] = k * 2.0 * step[moving]
                grid = F.affine_grid(theta, list(part.shape), align_corners=False)
                total += F.grid_sample(part, grid, padding_mode="border", align_corners=False)
            image = image.index_copy(0, moving, total / 5.0)

    soft = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, 1)
    amount = uniform(-0.6, 0.8, *one)
    amount = torch.where(amount < 0, 0.9 * amount, amount) * faults.softness
    image = torch.lerp(image, soft, amount)
    coarse = F.avg_pool2d(image - image.mean(1, keepdim=True), 2)
    smeared = F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=False)
    luma = image.mean(1, keepdim=True)
    smear = uniform(0.0, 1.0, *one) * min(1.0, faults.chroma)
    image = luma + torch.lerp(image - luma, smeared, smear)

    grain = torch.randn(image.shape, generator=grain_from or generator).to(device)
    blotch = F.interpolate(grain[:, :, ::2, ::2], size=(size, size), mode="bilinear", align_corners=False)
    level = uniform(0.0, 1.0, *one) ** 2 * 0.038 * faults.noise
    image = image + level * torch.lerp(grain, blotch, uniform(0.0, 1.0, *one))
    return image.clamp(0.0, 1.0)
