"""What is behind the hand: plain walls with gradients and paper edges, and procedural clutter."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

LEAVES: Final = 40
"""Things in a picture of the most crowded kind."""


def _uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator)


def _grid(size: int) -> tuple[Tensor, Tensor]:
    step = (torch.arange(size) + 0.5) / size - 0.5
    return step[None, None, :], step[None, :, None]


def smooth_noise(count: int, channels: int, size: int, cells: int, generator: torch.Generator) -> Tensor:
    """(count, channels, size, size) Gaussian noise with about ``cells`` bumps across."""
    seed = torch.randn(count, channels, cells + 1, cells + 1, generator=generator)
    return F.interpolate(
        seed, size=(size, size), mode="bilinear" if 2 * cells > size else "bicubic", align_corners=True
    )


def plain_walls(count: int, size: int, generator: torch.Generator) -> Tensor:
    """(count, 3, size, size) display values: a nearly uniform wall, a light gradient, faint paper edges."""
    x, y = _grid(size)

    def per_image(low: float, high: float) -> Tensor:
        return _uniform(generator, low, high, count, 1, 1)

    level = per_image(0.35, 1.0) ** 0.6
    tint = (
        1.0
        + 0.035 * torch.randn(count, 3, generator=generator)
        + _uniform(generator, -1, 1, count, 1) * torch.tensor((0.05, 0.0, -0.06))
    )
    vivid = _uniform(generator, 0, 1, count, 1) < 0.12
    tint = torch.where(vivid, 1.0 + 0.30 * torch.randn(count, 3, generator=generator), tint)
    cx, cy = per_image(-0.35, 0.35), per_image(-0.35, 0.35)
    radius2 = (x - cx).square() + (y - cy).square()
    falloff = 1.0 - per_image(0.0, 0.75) * radius2
    slope = per_image(-0.25, 0.25) * x + per_image(-0.25, 0.25) * y
    shade = level * (falloff + slope)
    shade = shade + 0.03 * per_image(0, 1) * smooth_noise(count, 1, size, 3, generator)[:, 0]
    for _ in range(2):
        angle = torch.where(
            per_image(0, 1) < 0.6, 0.12 * torch.randn(count, 1, 1, generator=generator), per_image(-1.6, 1.6)
        )
        across = x * torch.sin(angle) + y * torch.cos(angle) - per_image(-0.5, 0.5)
        width = per_image(0.004, 0.02)
        strength = per_image(-0.12, 0.09) * (per_image(0, 1) < 0.5)
        shade = shade + strength * torch.exp(-(across / width).square())
        step = per_image(-0.12, 0.12) * (per_image(0, 1) < 0.15)
        shade = shade + step * torch.sigmoid(across / 0.006)
    colour = shade[:, None] * tint[:, :, None, None]
    return colour.clamp(0.02, 1.0)


def _shapes(
    count: int,
    size: int,
    generator: torch.Generator,
    number: int = 9,
    sizes: tuple[float, float, float] = (0.04, 0.5, 1.7),
    palette: Tensor | None = None,
) -> Tensor:
    """Random boxes, ellipses and bars over each other.

    Args:
        count: pictures.
        size: their side, px.
        generator: decides everything.
        number: of things in each picture.
        sizes: least half width, what chance adds at most, and the power of that chance: larger powers make
            more small things.
        palette: (count, P, 3) colours to choose from; any by default.
    """
    x, y = _grid(size)
    image = _uniform(generator, 0.0, 1.0, count, 3, 1, 1).expand(count, 3, size, size).clone()
    least, more, power_of_size = sizes
    for _ in range(number):
        angle = _uniform(generator, 0.0, 3.1416, count, 1, 1)
        cx, cy = (_uniform(generator, -0.6, 0.6, count, 1, 1) for _ in range(2))
        w, h = (least + more * _uniform(generator, 0.0, 1.0, count, 1, 1) ** power_of_size for _ in range(2))
        u = ((x - cx) * torch.cos(angle) + (y - cy) * torch.sin(angle)) / w
        v = ((y - cy) * torch.cos(angle) - (x - cx) * torch.sin(angle)) / h
        power = torch.where(torch.rand(count, 1, 1, generator=generator) < 0.5, 2.0, 10.0)
        inside = u.abs().clamp(1e-4, 8.0) ** power + v.abs().clamp(1e-4, 8.0) ** power
        soft = ((1.0 - inside) * _uniform(generator, 2.0, 12.0, count, 1, 1)).clamp(0.0, 1.0)[:, None]
        colour = _uniform(generator, 0.0, 1.0, count, 3, 1, 1)
        if palette is not None:
            drawn = torch.randint(palette.shape[1], (count,), generator=generator)
            near = palette[torch.arange(count), drawn][:, :, None, None]
            colour = (near + 0.25 * (colour - 0.5)).clamp(0.0, 1.0)
        colour = colour * (1.0 + _uniform(generator, -0.5, 0.5, count, 1, 1, 1) * v[:, None].clamp(-1, 1))
        image = torch.lerp(image, colour, soft)
    return image


def _leaves(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Many things of all sizes over each other, few colours to a picture, some of them like skin: the dead
    leaves by which Lee, Mumford and Huang (2001) explain the statistics of natural images."""
    palette = _uniform(generator, 0.0, 1.0, count, 5, 3)
    skin = torch.tensor((0.80, 0.58, 0.46)) * _uniform(generator, 0.3, 1.15, count, 1)
    palette[:, 0] = skin.clamp(0.0, 1.0)
    sharp = _shapes(count, size, generator, LEAVES, (0.015, 0.45, 3.0), palette)
    soft = F.avg_pool2d(sharp, 5, 1, 2, count_include_pad=False)
    return torch.lerp(sharp, soft, _uniform(generator, 0.0, 1.0, count, 1, 1, 1))


def _patterns(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Stripes, checks and tiles at any angle."""
    x, y = _grid(size)
    angle = _uniform(generator, 0.0, 3.1416, count, 1, 1)
    rate = _uniform(generator, 8.0, 60.0, count, 1, 1)
    warp = 0.06 * smooth_noise(count, 1, size, 3, generator)[:, 0]
    u = torch.sin(rate * (x * torch.cos(angle) + y * torch.sin(angle) + warp))
    v = torch.sin(rate * (y * torch.cos(angle) - x * torch.sin(angle) + warp))
    hard = _uniform(generator, 1.0, 8.0, count, 1, 1)
    kind = torch.randint(3, (count, 1, 1), generator=generator)
    wave = torch.where(kind == 0, u, torch.where(kind == 1, u * v, torch.maximum(u, v) - 0.6))
    share = torch.sigmoid(hard * wave)[:, None]
    first, second = (_uniform(generator, 0.0, 1.0, count, 3, 1, 1) for _ in range(2))
    return torch.lerp(first, second, share)


def clutter(count: int, size: int, generator: torch.Generator) -> Tensor:
    """(count, 3, size, size) display values: noise of several scales, things and patterns, lit unevenly."""
    noise = _uniform(generator, 0.1, 0.9, count, 3, 1, 1)
    for cells, strength in ((2, 0.25), (5, 0.16), (14, 0.10), (min(40, size), 0.06)):
        amount = strength * _uniform(generator, 0.0, 1.4, count, 1, 1, 1)
        wave = smooth_noise(count, 4, size, cells, generator)
        noise = noise + amount * (0.7 * wave[:, :1] + 0.5 * wave[:, 1:])
    kind = torch.rand(count, generator=generator)
    image = noise.clone()
    for low, high, paint in ((0.0, 0.25, _shapes), (0.25, 0.5, _leaves), (0.5, 0.7, _patterns)):
        chosen = (kind >= low) & (kind < high)
        if int(chosen.sum()):
            image[chosen] = paint(int(chosen.sum()), size, generator)
    mixed = torch.lerp(image, noise, _uniform(generator, 0.0, 0.6, count, 1, 1, 1))
    grey = mixed.mean(dim=1, keepdim=True)
    mixed = torch.lerp(grey, mixed, _uniform(generator, 0.05, 1.0, count, 1, 1, 1))
    x, y = _grid(size)
    light = (
        1.0
        + _uniform(generator, -0.8, 0.8, count, 1, 1) * x
        + _uniform(generator, -0.8, 0.8, count, 1, 1) * y
    )
    return (mixed * light[:, None]).clamp(0.0, 1.0)


def backgrounds(
    count: int, size: int, generator: torch.Generator, plain_share: float
) -> tuple[Tensor, Tensor]:
    """Backgrounds and which of them are plain walls: (count, 3, size, size), (count,) bool."""
    plain = torch.rand(count, generator=generator) < plain_share
    image = torch.empty(count, 3, size, size)
    walls = int(plain.sum())
    if walls:
        image[plain] = plain_walls(walls, size, generator)
    if walls < count:
        image[~plain] = clutter(count - walls, size, generator)
    return image, plain


def cast_shadow(
    image: Tensor,
    coverage: Tensor,
    plain: Tensor,
    generator: torch.Generator,
    share: float,
    same: bool = False,
) -> Tensor:
    """Darken walls where the hand's shadow falls: a shifted, blurred copy of its silhouette.

    Args:
        image: (B, 3, S, S); ``coverage``: (B, 1, S, S); ``plain``: (B,) bool, only those get a shadow.
        share: share of plain walls with a shadow.
        same: one shadow's direction and strength for all pictures.
    """
    count, _, size, _ = coverage.shape
    rows = 1 if same else count
    wanted = plain & (torch.rand(rows, generator=generator) < share)
    strength = _uniform(generator, 0.1, 0.75, rows) * wanted.float()
    reach = 0.01 + 0.07 * torch.rand(rows, generator=generator) ** 1.5
    angle = _uniform(generator, -0.6, 1.6, rows)
    shift = torch.stack((reach * torch.cos(angle), 0.8 * reach * torch.sin(angle)), dim=1).to(image.device)
    strength = strength.to(image.device).expand(count)
    theta = torch.zeros(count, 2, 3, device=image.device)
    theta[:, 0, 0] = theta[:, 1, 1] = 1.0 / 1.02
    theta[:, :, 2] = -2.0 * shift
    moved = F.grid_sample(
        coverage, F.affine_grid(theta, list(coverage.shape), align_corners=False), align_corners=False
    )
    kernel = max(3, 2 * (size // 40) + 1)
    soft = F.avg_pool2d(moved, kernel, 1, kernel // 2, count_include_pad=False)
    softer = F.avg_pool2d(soft, kernel, 1, kernel // 2, count_include_pad=False)
    softness = torch.rand(rows, 1, 1, 1, generator=generator).to(image.device)
    shadow = torch.lerp(soft, softer, softness)
    return image * (1.0 - strength[:, None, None, None] * shadow)
