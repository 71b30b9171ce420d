"""From posed discs to depth, masks and shaded pixels: a depth buffer, shadows, occlusion, light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from handstudio.synthesis.markings import ATTRIBUTES
from handstudio.synthesis.skin import Appearance, dot, illuminate, surface_albedo, to_display
from handstudio.synthesis.surface import SPARSE_FROM_MM, RestSurface

_INDEX_BITS: Final = 20
_EMPTY: Final = 2**62
_DEPTH_STEPS_PER_MM: Final = 256.0
_NAIL: Final = ATTRIBUTES.index("nail")
_FOREARM: Final = ATTRIBUTES.index("forearm")
DISC_SPACING_MM: Final = 1.7
"""Distance between neighbours of 20,000 discs."""
FINE_GRID: Final = 128
"""On finer grids skin that is stretched about the knuckles tears wider: its discs are drawn larger there, and
wider tears are closed."""
_FLAT_MM: Final = 7.0
_NEIGHBOURS: Final = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
_RIM: Final = tuple(
    (dy, dx)
    for dy in range(-2, 3)
    for dx in range(-2, 3)
    if 2 in (abs(dy), abs(dx)) and abs(dy) + abs(dx) < 4
)
"""Cells two away from one, without the corners."""
NEAREST_MM: Final = 40.0
"""Nothing nearer to the camera is drawn."""


@dataclass(frozen=True)
class Layers:
    """Rendered hands without background.

    Attributes:
        colour: (B, 3, S, S) display values times ``coverage``.
        coverage: (B, 1, S, S) share of the pixel that hand and arm cover.
        hand_coverage: (B, 1, S, S) the same without the forearm.
        depth_mm: (B, 1, S, S) camera z of the nearest surface, 0 where ``coverage`` is below one half.
    """

    colour: Tensor
    coverage: Tensor
    hand_coverage: Tensor
    depth_mm: Tensor


def depth_buffer(places: Tensor, normals: Tensor, K: Tensor, size: int, surface: RestSurface) -> Tensor:
    """Nearest disc of each pixel: (B, size * size) packed ``depth << 20 | disc``, ``2**62`` where none.

    Args:
        places, normals: (B, 3, N) in camera coordinates, mm.
        K: (B, 3, 3) intrinsics for an image of side ``size``.
        surface: says which discs are large and which may show their inside.
    """
    count, _, discs = places.shape
    x, y, z = places.unbind(1)
    p, q, r = normals.unbind(1)
    facing = x * p + y * q + z * r
    inverse = z.clamp_min(NEAREST_MM).reciprocal()
    u = x * inverse * K[:, 0, :1] + (K[:, 0, 2:] - 0.5)
    v = y * inverse * K[:, 1, 1:2] + (K[:, 1, 2:] - 0.5)
    keep = ((facing < 0) | surface.lining) & (z > NEAREST_MM) & (u > -1) & (v > -1) & (u < size) & (v < size)
    flat = keep.view(-1).nonzero()[:, 0]
    row = torch.div(flat, discs, rounding_mode="floor")
    disc = flat - row * discs
    column = u.reshape(-1)[flat].floor().long() + 1  # the other way about, 63.999996 + 1 rounds to 65
    line = v.reshape(-1)[flat].floor().long() + 1
    pitch = size + 2
    cell = (row * pitch + line) * pitch + column
    packed = ((z.reshape(-1)[flat] * _DEPTH_STEPS_PER_MM).long() << _INDEX_BITS) | disc
    buffer = torch.full((count * pitch * pitch,), _EMPTY, dtype=torch.int64, device=places.device)
    for offset in (0, 1, pitch, pitch + 1):
        buffer.scatter_reduce_(0, cell + offset, packed, "amin")
    spacing = DISC_SPACING_MM * (20_000 / discs) ** 0.5 * K[:, 0, 0] / z.mean(dim=1)
    sparse = surface.along_forearm > SPARSE_FROM_MM
    wide = surface.lining if size > FINE_GRID else torch.zeros_like(sparse)
    chosen = ((spacing > 1.2)[row] | (sparse | wide)[disc]).nonzero()[:, 0]
    if chosen.numel():
        row, disc, packed, flat = row[chosen], disc[chosen], packed[chosen], flat[chosen]
        across, down = (place.reshape(-1)[flat].add(0.5).floor().long() + 1 for place in (u, v))
        nearest = (row * pitch + down) * pitch + across
        within = torch.minimum(torch.minimum(across, down), size + 1 - torch.maximum(across, down))
        for where, around in ((wide[disc] & (within > 1), _RIM), (within > 0, _NEIGHBOURS)):
            _spread(buffer, nearest[where], packed[where], tuple(dy * pitch + dx for dy, dx in around))
    closed = _close_holes(buffer.view(count, pitch, pitch), 1, (_Pass(1, 6),))
    near = ((spacing > 0.9) | (size > FINE_GRID)).nonzero()[:, 0]
    if near.numel():
        widest = max(round(2 * size / FINE_GRID), 2)
        tears = tuple(_Pass(reach, 7, _FLAT_MM) for reach in range(widest, 2, -1) for _ in range(2))
        part = F.pad(closed[near], (widest,) * 4, value=_EMPTY)
        closed[near] = _close_holes(part, widest, (*tears, *_LAST_PASSES))
    return closed.reshape(count, size * size)


def _spread(buffer: Tensor, cell: Tensor, packed: Tensor, steps: tuple[int, ...]) -> None:
    """Draw discs at cells so many steps from their own."""
    if cell.numel():
        for step in steps:
            buffer.scatter_reduce_(0, cell + step, packed, "amin")


class _Pass(NamedTuple):
    """One look at every cell: those behind at least ``least`` of the eight cells ``reach`` away are filled.

    With ``flat_mm`` only where those cells differ by less in depth, from the farthest of them: a tear in one
    skin, not a corner between two.
    """

    reach: int
    least: int
    flat_mm: float | None = None


_LAST_PASSES: Final = (_Pass(2, 6), _Pass(2, 6), _Pass(1, 5), _Pass(1, 5))


def _close_holes(buffer: Tensor, border: int, passes: tuple[_Pass, ...]) -> Tensor:
    """Fill holes, in place.

    Args:
        buffer: (B, S + 2 * border, S + 2 * border) packed.
        border: cells all round that are looked at and not filled; as wide as the farthest reach.
        passes: one after the other.

    Returns:
        (B, S, S), without the border.
    """
    pitch = buffer.shape[-1]
    size = pitch - 2 * border
    inner = slice(border, border + size)
    flat = buffer.view(-1)
    depth = (buffer >> _INDEX_BITS).clamp_max(2**30).to(torch.int32)
    for reach, least, flat_mm in passes:
        low, high = border - reach, border + reach
        beside = [(low, border), (border, low), (border, high), (high, border)]
        corners = [(low, low), (low, high), (high, low), (high, high)]
        limit = depth[:, inner, inner] - int(4.0 * _DEPTH_STEPS_PER_MM)
        nearer = torch.zeros(limit.shape, dtype=torch.uint8, device=buffer.device)
        for dy, dx in beside:
            nearer += depth[:, dy : dy + size, dx : dx + size] < limit
        image, line, column = (nearer >= least - len(corners)).nonzero(as_tuple=True)
        cell = (image * pitch + line) * pitch + column
        near = torch.stack([flat[cell + dy * pitch + dx] for dy, dx in beside + corners])
        before = (near >> _INDEX_BITS) < limit[image, line, column]
        behind = (before.sum(dim=0) >= least).nonzero()[:, 0]
        near, before = near[:, behind], before[:, behind]
        cell = cell[behind] + border * (pitch + 1)
        filled = near.amin(dim=0)
        if flat_mm is not None:
            farthest = torch.where(before, near, -1).amax(dim=0)
            even = (farthest >> _INDEX_BITS) - (filled >> _INDEX_BITS) < int(flat_mm * _DEPTH_STEPS_PER_MM)
            filled, cell = farthest[even], cell[even]
        flat[cell] = filled
        depth.view(-1)[cell] = (filled >> _INDEX_BITS).clamp_max(2**30).to(torch.int32)
    return buffer[:, inner, inner].contiguous()


def unpack_depth(buffer: Tensor) -> Tensor:
    """Depth in mm of a packed buffer, +inf where it is empty."""
    depth = (buffer >> _INDEX_BITS).to(torch.float32) / _DEPTH_STEPS_PER_MM
    return torch.where(buffer == _EMPTY, torch.full_like(depth, torch.inf), depth)


def _openness(depth: Tensor, radius: Tensor) -> Tensor:
    """Screen-space ambient occlusion.

    Args:
        depth: (B, S, S) mm, +inf in the background.
        radius: (B,) pixels that 14 mm span.

    Returns:
        (B, S, S) in [0, 1], 1 = nothing near in front.
    """
    size = depth.shape[-1]
    blocked = torch.zeros_like(depth)
    finite = torch.where(torch.isinf(depth), torch.full_like(depth, 1e5), depth)
    reach = int(radius.median().clamp(1, 12).round().item())
    total = 0.0
    for scale, weight in ((0.5, 1.0), (1.0, 1.0)):
        step = max(1, round(reach * scale))
        padded = F.pad(finite[:, None], (step,) * 4, mode="replicate")[:, 0]
        for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
            other = padded[
                :, step + dy * step : step + dy * step + size, step + dx * step : step + dx * step + size
            ]
            nearer = finite - other
            blocked += weight * ((nearer - 1.5) / 9.0).clamp(0.0, 1.0)
            total += weight
    return 1.0 - (1.6 * blocked / total).clamp(0.0, 1.0)


def _lit(places: Tensor, key: Tensor, points: Tensor, normal: Tensor) -> Tensor:
    """Share of the main light that reaches points (B, 3, H, W), by a shadow map: (B, 1, H, W).

    Args:
        places: (B, 3, N) discs.
        key: (B, 3) unit direction to the light. ``normal``: (B, 3, H, W) unit, of the surface.
    """
    side, cell = 72, 4.0
    count = key.shape[0]
    helper = torch.where(
        key[:, :1].abs() < 0.7, key.new_tensor((1.0, 0.0, 0.0)), key.new_tensor((0.0, 1.0, 0.0))
    )
    first = torch.linalg.cross(key, helper)
    first = first / first.norm(dim=1, keepdim=True)
    frame = torch.stack((first, torch.linalg.cross(key, first), -key), dim=1)
    middle = places[:, :, ::97].mean(dim=2, keepdim=True)
    seen = frame @ (places[:, :, ::2] - middle)
    a = (seen[:, 0] / cell + side / 2).clamp(1, side - 2).long()
    b = (seen[:, 1] / cell + side / 2).clamp(1, side - 2).long()
    base = (torch.arange(count, device=key.device) * side * side)[:, None]
    near = torch.full((count * side * side,), 1e6, device=key.device)
    near.scatter_reduce_(0, (base + b * side + a).view(-1), seen[:, 2].reshape(-1), "amin")
    moved = points + 5.0 * normal - middle[..., None]
    mine = [dot(moved, frame[:, k, :, None, None]) for k in range(3)]
    p = (mine[0] / cell + side / 2 - 0.5).clamp(1, side - 3)
    q = (mine[1] / cell + side / 2 - 0.5).clamp(1, side - 3)
    i, j = p.long(), q.long()
    s, t = p - i, q - j
    start = base[:, :, None, None] + j * side + i
    lit = torch.zeros_like(s)
    for offset, weight in ((0, (1 - s) * (1 - t)), (1, s * (1 - t)), (side, (1 - s) * t), (side + 1, s * t)):
        lit += weight * (1.0 - ((mine[2] - near[start + offset] - 4.0) / 5.0).clamp(0.0, 1.0))
    return lit


def _pixel_points(depth: Tensor, K: Tensor) -> Tensor:
    """Points (B, 3, S, S) mm of a depth map (B, S, S) whose background is infinite (1 m there)."""
    z = torch.where(torch.isinf(depth), torch.full_like(depth, 1000.0), depth)
    middle = torch.arange(depth.shape[-1], device=depth.device) + 0.5
    x = (middle[None, None, :] - K[:, 0, 2, None, None]) / K[:, 0, 0, None, None]
    y = (middle[None, :, None] - K[:, 1, 2, None, None]) / K[:, 1, 1, None, None]
    return torch.stack((x * z, y * z, z), dim=1)


def render_layers(
    surface: RestSurface,
    places: Tensor,
    normals: Tensor,
    K: Tensor,
    size: int,
    look: Appearance,
    oversample: int = 2,
) -> Layers:
    """Draw posed skin.

    Args:
        surface: the discs' attributes.
        places, normals: (B, 3, N) in camera coordinates, mm.
        K: (B, 3, 3) for images of side ``size`` px.
        look: skin and light, B rows.
        oversample: samples per pixel and axis.
    """
    count, _, discs = places.shape
    fine = size * oversample
    scaled = K * K.new_tensor((oversample, oversample, 1.0))[:, None]
    buffer = depth_buffer(places, normals, scaled, fine, surface)
    samples = buffer.view(count, size, oversample, size, oversample)
    nearest = samples[:, :, 0, :, 0]
    covered = (nearest != _EMPTY).to(places)
    for k in range(1, oversample**2):
        sample = samples[:, :, k // oversample, :, k % oversample]
        nearest = torch.minimum(nearest, sample)
        covered += sample != _EMPTY
    coverage = covered[:, None] / oversample**2
    flat = (covered.view(-1) > 0).nonzero()[:, 0]
    row = torch.div(flat, size * size, rounding_mode="floor")
    table = torch.cat((surface.along_forearm[:, None], surface.attributes), dim=1)
    turns = normals.reshape(-1)
    fallback = nearest.reshape(-1)[flat]
    gathered = torch.zeros(flat.shape[0], table.shape[1] + 3, device=places.device)
    for k in range(oversample):
        cell = samples[:, :, k, :, k].reshape(-1)[flat]
        disc = torch.where(cell == _EMPTY, fallback, cell) & (2**_INDEX_BITS - 1)
        source = row * (3 * discs) + disc
        facts = (table[disc], *(turns[source + axis * discs, None] for axis in range(3)))
        gathered += torch.cat(facts, dim=1)
    canvas = torch.zeros(count * size * size, gathered.shape[1], device=places.device)
    canvas[flat] = gathered / oversample
    image = canvas.view(count, size, size, -1).permute(0, 3, 1, 2).contiguous()
    along, attributes, normal = image[:, :1], image[:, 1:-3], image[:, -3:]
    near = unpack_depth(nearest)
    point = _pixel_points(near, K)
    normal = normal * dot(normal, normal).clamp_min(1e-6).rsqrt()
    view = -point * dot(point, point).clamp_min(1e-6).rsqrt()
    normal = torch.where(dot(normal, view) < -0.1, -normal, normal)

    span = 14.0 * K[:, 0, 0] / places[:, 2].mean(dim=1)
    openness = _openness(near, span)[:, None]
    lit = _lit(places, look.key, point, normal)
    albedo = surface_albedo(look, attributes, along)
    nail, forearm = attributes[:, _NAIL, None], attributes[:, _FOREARM, None]
    shaded = to_display(illuminate(look, albedo, normal, view, lit, openness, nail))
    surface_z = torch.where(coverage[:, 0] >= 0.5, near, torch.zeros_like(near))
    return Layers(shaded * coverage, coverage, coverage * (forearm < 0.5), surface_z[:, None])
