"""Colour of skin, nails and sleeves, and how light falls on them. Linear light throughout."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from handstudio.synthesis.rows import Rows


@dataclass(frozen=True)
class Appearance(Rows):
    """What one hand looks like and how it is lit, one row per hand.

    Attributes:
        albedo: (B, 3) skin of the back; ``palm``: (B, 3) skin of the palm; ``nail``: (B, 3).
        crease, redness, blotch, vein, gloss: (B,) strengths.
        sleeve: (B, 3) colour; ``sleeve_from``: (B,) mm below the wrist where it begins (large: bare arm).
        key: (B, 3) direction to the main light in camera coordinates.
        key_colour, ambient, ground: (B, 3) light from there, from above and from below.
        wrap: (B,) how far light creeps round; ``occlusion``, ``shadow``: (B,) strengths.
        tone: (B,) darkness of the skin, 0 to 1.
    """

    albedo: Tensor
    palm: Tensor
    nail: Tensor
    crease: Tensor
    redness: Tensor
    blotch: Tensor
    vein: Tensor
    gloss: Tensor
    sleeve: Tensor
    sleeve_from: Tensor
    key: Tensor
    key_colour: Tensor
    ambient: Tensor
    ground: Tensor
    wrap: Tensor
    occlusion: Tensor
    shadow: Tensor
    tone: Tensor


def to_linear(srgb: Tensor) -> Tensor:
    """Display values to linear light (power 2.2)."""
    return srgb.clamp_min(0.0) ** 2.2


def to_display(linear: Tensor) -> Tensor:
    """Linear light to display values (power 1 / 2.2)."""
    return linear.clamp(1e-6, 1.0) ** (1.0 / 2.2)


_TONES = (
    (0.93, 0.78, 0.70),
    (0.86, 0.68, 0.57),
    (0.76, 0.57, 0.44),
    (0.60, 0.42, 0.31),
    (0.40, 0.27, 0.20),
    (0.26, 0.18, 0.14),
)


def random_appearance(
    count: int,
    generator: torch.Generator,
    sleeve_share: float,
    flash_share: float,
    glove_share: float = 0.0,
    light_tint: float = 0.0,
) -> Appearance:
    """Random skin and light.

    Args:
        sleeve_share: share of arms that end in a sleeve or cuff.
        flash_share: share lit from beside the camera, the rest from anywhere in front or above.
        glove_share: share of hands in gloves.
        light_tint: spread of the colours of light, 0 = from cold to warm white.
    """

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    def normal(*shape: int) -> Tensor:
        return torch.randn(count, *shape, generator=generator)

    tones = to_linear(torch.tensor(_TONES))
    level = uniform(0.0, 1.0) ** 1.3 * (len(_TONES) - 1.001)
    floor = level.long()
    share = (level - floor)[:, None]
    albedo = tones[floor] * (1 - share) + tones[floor + 1] * share
    albedo = albedo * (1.0 + 0.06 * normal(3)).clamp(0.8, 1.2) * (1.0 + 0.10 * normal(1)).clamp(0.75, 1.25)
    lighter = (level / (len(_TONES) - 1)).clamp(0, 1)[:, None]
    pale = to_linear(torch.tensor((0.84, 0.64, 0.54)))
    palm = albedo + (0.10 + 0.50 * lighter * lighter) * (pale - albedo)
    nail_paint = uniform(0.0, 1.0, 3) ** 2.0
    natural = 0.75 * palm + 0.25 * to_linear(torch.tensor((0.95, 0.78, 0.75)))
    painted = uniform(0.0, 1.0, 1) < 0.14
    nail = torch.where(painted, nail_paint, natural * uniform(0.85, 1.25, 1))

    flash = uniform(0.0, 1.0) < flash_share
    near = torch.stack((0.30 * normal(), -0.15 + 0.25 * normal(), -torch.ones(count)), dim=1)
    free = torch.stack((0.9 * normal(), -0.7 + 0.7 * normal(), -0.25 - normal().abs()), dim=1)
    key = torch.where(flash[:, None], near, free)
    key = key / key.norm(dim=1, keepdim=True)
    balance = uniform(0.0, 1.0, 1)
    warm = torch.tensor((1.08, 1.0, 0.80)) * balance + torch.tensor((0.94, 1.0, 1.10)) * (1.0 - balance)
    strength = torch.where(flash, uniform(0.7, 1.1), uniform(0.35, 1.0))[:, None]
    room = 0.5 * (warm + 1.0 + 0.10 * normal(3)) * uniform(0.2, 0.55, 1)
    bare = uniform(0.0, 1.0) >= sleeve_share
    look = Appearance(
        albedo=albedo.clamp(0.005, 0.95),
        palm=palm.clamp(0.005, 0.95),
        nail=nail.clamp(0.005, 0.95),
        crease=uniform(0.15, 0.75),
        redness=uniform(0.0, 1.0),
        blotch=uniform(0.02, 0.12),
        vein=uniform(0.0, 0.16),
        gloss=uniform(0.0, 0.22) ** 1.2,
        sleeve=to_linear(uniform(0.03, 0.9, 1) * (1.0 + 0.5 * normal(3))).clamp(0.005, 0.9),
        sleeve_from=torch.where(bare, torch.full((count,), 1e4), uniform(12.0, 110.0)),
        key=key,
        key_colour=warm * strength,
        ambient=room,
        ground=room * uniform(0.3, 1.0, 1) * (1.0 + 0.15 * normal(3)).clamp(0.5, 1.5),
        wrap=uniform(0.05, 0.45),
        occlusion=uniform(0.5, 1.0),
        shadow=uniform(0.25, 0.85),
        tone=lighter[:, 0],
    )
    if glove_share > 0.0:
        look = _gloved(look, uniform(0.0, 1.0) < glove_share, generator)
    return _tinted(look, light_tint, generator) if light_tint > 0.0 else look


def _gloved(look: Appearance, worn: Tensor, generator: torch.Generator) -> Appearance:
    """The same hands, those of some rows (B,) in gloves: one colour all over, without nails and veins."""
    count = len(worn)
    hue, grain = torch.rand(count, 3, generator=generator), torch.rand(count, 2, generator=generator)
    colour = to_linear(0.06 + 0.88 * hue).clamp(0.005, 0.9)
    bare = replace(
        look,
        albedo=colour,
        palm=colour * (0.8 + 0.2 * grain[:, :1]),
        nail=colour,
        crease=0.3 * look.crease,
        redness=torch.zeros(count),
        blotch=0.08 + 0.2 * grain[:, 1],
        vein=torch.zeros(count),
        tone=1.0 - colour.mean(dim=1),
    )
    chosen = torch.arange(count) + count * worn.long()
    return Appearance.joined([look, bare]).rows(chosen)


def _tinted(look: Appearance, spread: float, generator: torch.Generator) -> Appearance:
    """The same hands in coloured light of the same brightness: the main light one, the room another."""

    def tint() -> Tensor:
        colour = torch.exp(spread * torch.randn(len(look.tone), 3, generator=generator))
        return colour / colour.mean(dim=1, keepdim=True)

    key, room = tint(), tint()
    return replace(
        look, key_colour=look.key_colour * key, ambient=look.ambient * room, ground=look.ground * room
    )


def _per_pixel(value: Tensor) -> Tensor:
    """(B,) or (B, 3) to (B, 1 or 3, 1, 1)."""
    return value.reshape(value.shape[0], -1, 1, 1)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Inner product over axis 1: (B, 3, H, W) x (B, 3, H or 1, W or 1) -> (B, 1, H, W)."""
    return a[:, 0:1] * b[:, 0:1] + a[:, 1:2] * b[:, 1:2] + a[:, 2:3] * b[:, 2:3]


def surface_albedo(look: Appearance, attributes: Tensor, along: Tensor) -> Tensor:
    """Colour (B, 3, H, W) of the surface from its attributes (B, 8, H, W) and mm below the wrist."""
    palmar, nail, rim, crease, redness, _, noise, vein = attributes.chunk(8, dim=1)
    mix = ((palmar + 0.25) / 0.6).clamp(0.0, 1.0)
    colour = torch.lerp(_per_pixel(look.albedo), _per_pixel(look.palm), mix)
    lines = _per_pixel(look.crease) * (0.75 * crease + 0.5 * rim)
    tone = 1.0 + _per_pixel(look.blotch) * noise - lines - _per_pixel(look.vein) * vein
    red = _per_pixel(look.redness) * redness * colour.new_tensor((0.05, -0.22, -0.20)).view(1, 3, 1, 1)
    colour = colour * tone.clamp_min(0.1) * (1.0 + red)
    colour = torch.lerp(colour, _per_pixel(look.nail).expand_as(colour), 0.9 * nail)
    cloth = ((along - _per_pixel(look.sleeve_from)) / 1.5).clamp(0.0, 1.0)
    weave = 1.0 + 0.12 * torch.cos(along * 1.1)
    return torch.lerp(colour, _per_pixel(look.sleeve) * weave, cloth)


def illuminate(
    look: Appearance,
    albedo: Tensor,
    normal: Tensor,
    view: Tensor,
    lit: Tensor,
    openness: Tensor,
    nail: Tensor,
) -> Tensor:
    """Light leaving the surface (B, 3, H, W).

    Args:
        normal, view: (B, 3, H, W) unit, away from the surface.
        lit: (B, 1, H, W) share of the main light that arrives; ``openness``: share of the surroundings.
        nail: (B, 1, H, W) 1 on nails (glossier).
    """
    key, wrap = _per_pixel(look.key), _per_pixel(look.wrap)
    diffuse = ((dot(normal, key) + wrap) / (1.0 + wrap)).clamp_min(0.0)
    diffuse = diffuse * (1.0 - _per_pixel(look.shadow) * (1.0 - lit))
    upward = 0.5 - 0.5 * normal[:, 1:2]
    hidden = 1.0 - _per_pixel(look.occlusion) * (1.0 - openness)
    around = torch.lerp(_per_pixel(look.ground), _per_pixel(look.ambient), upward) * hidden
    half = key + view
    shine = dot(normal, half).clamp_min(0.0) * dot(half, half).clamp_min(1e-6).rsqrt()
    shine8 = shine.square().square().square()
    shine32 = shine8.square().square()
    gloss = (
        _per_pixel(look.gloss) * (0.5 * shine8 * shine.square() + 0.35 * shine32)
        + 0.25 * nail * shine32 * shine32
    ) * lit
    bleed = 1.0 + (1.0 - diffuse) * hidden * albedo.new_tensor((0.06, -0.03, -0.05)).view(1, 3, 1, 1)
    light = _per_pixel(look.key_colour)
    return albedo * (diffuse * (0.55 + 0.45 * hidden) * light + around) * bleed + gloss * light
