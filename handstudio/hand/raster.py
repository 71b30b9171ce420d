"""R: circles drawn as a mask, spheres as depth and mask, differentiably and batched (torch).

Which circle or sphere owns a pixel is found without a graph, in a loop over the 55 circles that stays in the
cache; only the owner's distance is then computed for the gradient. So memory grows with the pixels, not with
pixels x circles.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

SOFTNESS: Final = 0.5
"""Width of a mask's soft edge, in the unit of the circles."""
_PIXELS_AT_ONCE: Final = 2**17
"""Pixels of a batch that a CPU takes through all circles before the next, so that they stay in its cache."""


def circle_field(centres: Tensor, radii: Tensor, size: int, extent: float | None = None) -> Tensor:
    """How deep inside the union of circles each pixel's centre lies, negative outside.

    It is ``max_i (r_i - |g - c_i|)``: the signed distance to the nearest circle's rim that Eq. 14 of SemiHand
    uses.

    Args:
        centres: (B, N, 2) in the unit of ``extent``.
        radii: (B, N) in the same unit.
        size: pixels on each side.
        extent: length of a side in the circles' unit; ``size`` (one unit per pixel) by default.

    Returns:
        (B, H, W) in that unit.
    """
    if centres.dtype not in (torch.float32, torch.float64):
        centres = centres.float()
    radii = radii.to(centres)
    axis = _pixel_centres(size, size if extent is None else extent, centres)
    with torch.no_grad():
        owner = _nearest_circle(centres.detach(), radii.detach(), axis)
    flat = owner.flatten(1)
    u = centres[..., 0].gather(1, flat).view_as(owner)
    v = centres[..., 1].gather(1, flat).view_as(owner)
    radius = radii.gather(1, flat).view_as(owner)
    du = axis[None, None, :] - u
    dv = axis[None, :, None] - v
    return radius - torch.sqrt(du * du + dv * dv + 1e-12)


def render_circles(
    centres: Tensor, radii: Tensor, size: int, softness: float = SOFTNESS, extent: float | None = None
) -> Tensor:
    """The mask of a union of circles with a soft edge.

    Each circle is the sigmoid of (radius - distance) / softness; the union is their maximum.

    Args:
        centres: (B, N, 2) in the unit of ``extent``.
        radii: (B, N) in the same unit.
        size: pixels on each side.
        softness: of the edge, in the same unit.
        extent: length of a side in the circles' unit; ``size`` by default.

    Returns:
        (B, 1, H, W) in [0, 1]; above 1/2 exactly where a pixel's centre lies inside a circle.
    """
    return torch.sigmoid(circle_field(centres, radii, size, extent) / softness)[:, None]


def render_spheres(
    centres: Tensor, radii: Tensor, K: Tensor, size: int, softness: float = SOFTNESS
) -> tuple[Tensor, Tensor]:
    """Depth and mask of a union of spheres through a pinhole camera.

    Args:
        centres: (B, N, 3) mm in camera coordinates, in front of the camera.
        radii: (B, N) mm.
        K: (3, 3) or (B, 3, 3) px, without skew.
        size: pixels on each side.
        softness: of the mask's edge, px.

    Returns:
        depth (B, 1, H, W) mm, 0 where there is no hand, and mask (B, 1, H, W) in [0, 1].
    """
    K = K.to(centres).expand(centres.shape[0], 3, 3)
    pixels = _pixel_centres(size, size, centres)
    x = (pixels[None, :] - K[:, 0, 2, None]) / K[:, 0, 0, None]
    y = (pixels[None, :] - K[:, 1, 2, None]) / K[:, 1, 1, None]
    with torch.no_grad():
        front, rim = _nearest_sphere(centres.detach(), radii.detach(), x, y)
    hit = front >= 0
    along, clearance = _ray_and_sphere(centres, radii, x, y, front.clamp(min=0))
    inside = torch.where(hit, clearance, torch.ones_like(clearance))
    half_chord = torch.sqrt(inside.clamp(min=1e-12))
    norm = torch.sqrt(x[:, None, :] ** 2 + y[:, :, None] ** 2 + 1.0)
    depth = torch.where(hit, (along - half_chord) / norm, torch.zeros_like(along))
    along, clearance = _ray_and_sphere(centres, radii, x, y, rim)
    radius = radii.gather(1, rim.flatten(1)).view_as(along)
    miss = torch.sqrt((radius * radius - clearance).clamp(min=1e-12))
    focal = (K[:, 0, 0] * K[:, 1, 1]).sqrt()[:, None, None]
    edge_px = (radius - miss) * focal * norm / along.clamp(min=1e-6)
    return depth[:, None], torch.sigmoid(edge_px / softness)[:, None]


def _pixel_centres(size: int, extent: float, reference: Tensor) -> Tensor:
    """(size,): where the pixels' centres lie along a side."""
    steps = torch.arange(size, dtype=reference.dtype, device=reference.device)
    return (steps + 0.5) * (extent / size)


def _nearest_circle(centres: Tensor, radii: Tensor, axis: Tensor) -> Tensor:
    """(B, H, W) int64: the circle in which a pixel lies deepest, or whose rim is nearest.

    A circle's number replaces the lowest bits of its distance, so that one minimum finds both. Of circles
    whose distances differ by less than some 1e-5 of their size, either may be taken.
    """
    batch, count = radii.shape
    size = len(axis)
    part = batch if centres.is_cuda else max(1, _PIXELS_AT_ONCE // (size * size))
    bits = torch.int64 if centres.dtype == torch.float64 else torch.int32
    numbers = 2 ** (count - 1).bit_length() - 1
    du = (axis - centres[..., 0, None]) ** 2
    dv = (axis - centres[..., 1, None]) ** 2
    below = (radii - radii.amax(1, keepdim=True))[..., None, None]
    owner = torch.empty((batch, size, size), dtype=torch.int64, device=centres.device)
    for start in range(0, batch, part):
        hands = slice(start, start + part)
        distance = centres.new_empty((len(radii[hands]), size, size))
        nearest = torch.full_like(distance, torch.inf)
        coded = distance.view(bits)
        for circle in range(count):
            torch.add(du[hands, circle, None, :], dv[hands, circle, :, None], out=distance)
            distance.sqrt_().sub_(below[hands, circle])
            coded.bitwise_and_(~numbers).bitwise_or_(circle)
            torch.minimum(nearest, distance, out=nearest)
        # What is no number has the bits of any circle, even of one that is not there.
        owner[hands] = nearest.view(bits).bitwise_and(numbers).clamp(max=count - 1)
    return owner


def _ray_and_sphere(
    centres: Tensor, radii: Tensor, x: Tensor, y: Tensor, sphere: Tensor
) -> tuple[Tensor, Tensor]:
    """Per pixel (B, H, W): mm along its ray to the point nearest the centre; r² - distance² there."""
    flat = sphere.flatten(1)
    cx, cy, cz = (centres[..., axis].gather(1, flat).view_as(sphere) for axis in range(3))
    radius = radii.gather(1, flat).view_as(sphere)
    rx, ry = x[:, None, :], y[:, :, None]
    norm = torch.sqrt(rx * rx + ry * ry + 1.0)
    along = (cx * rx + cy * ry + cz) / norm
    return along, radius * radius - _miss_squared(cx, cy, cz, rx, ry) / (norm * norm)


def _miss_squared(cx: Tensor, cy: Tensor, cz: Tensor, rx: Tensor, ry: Tensor) -> Tensor:
    """|c x (rx, ry, 1)|²: exact also for spheres far away, where a difference of squares is not."""
    return (cy - cz * ry) ** 2 + (cz * rx - cx) ** 2 + (cx * ry - cy * rx) ** 2


def _nearest_sphere(centres: Tensor, radii: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Per pixel (B, H, W) int64: the first sphere its ray meets (or -1), and the one it is deepest in."""
    batch, count = radii.shape
    height, width = y.shape[1], x.shape[1]
    rx, ry = x[:, None, :], y[:, :, None]
    norm = torch.sqrt(rx * rx + ry * ry + 1.0)
    nearest = centres.new_full((batch, height, width), torch.inf)
    deepest = centres.new_full((batch, height, width), -torch.inf)
    front = torch.full((batch, height, width), -1, dtype=torch.int64, device=centres.device)
    rim = torch.zeros_like(front)
    for sphere in range(count):
        cx, cy, cz = (centres[:, sphere, axis, None, None] for axis in range(3))
        radius = radii[:, sphere, None, None]
        along = (cx * rx + cy * ry + cz) / norm
        miss = _miss_squared(cx, cy, cz, rx, ry) / (norm * norm)
        clearance = radius * radius - miss
        entry = along - clearance.clamp(min=0.0).sqrt_()
        closer = (clearance >= 0.0) & (entry < nearest)
        front.masked_fill_(closer, sphere)
        nearest = torch.where(closer, entry, nearest)
        depth = radius - miss.sqrt_()
        rim.masked_fill_(depth > deepest, sphere)
        torch.maximum(deepest, depth, out=deepest)
    return front, rim
