"""The skin as many small discs, bound to the moving parts of the hand.

The discs are sampled once on the union of spheres (:mod:`handstudio.synthesis.shape`) at rest; posing a
batch is one matrix product per group of discs (linear blend skinning; half-turned parts at the joints keep
the knuckles' volume).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS
from handstudio.synthesis import shape as shapes
from handstudio.synthesis.anatomy import FOREARM_MM, REST_JOINTS_MM, Anatomy
from handstudio.synthesis.binding import weights_of
from handstudio.synthesis.kept_samples import kept_sample
from handstudio.synthesis.kinematics import PART_COUNT, PosedHand, finger_part
from handstudio.synthesis.markings import attributes_of
from handstudio.synthesis.shape import SweptSpheres, nearest_primitive, rest_shape, skin_distance

SPARSE_FROM_MM = 40.0
"""Discs lie farther apart on the forearm, from here on below the wrist, and are drawn larger."""
LINING_MM = 26.0
"""Discs this near to a finger's first joint are drawn from inside too."""
BASE_SHAPES = 5
"""Number of different base shapes."""
_MAKING: Final = tuple(Lock() for _ in range(BASE_SHAPES))
"""Held while a base shape is sampled, which takes seconds."""


@dataclass(frozen=True)
class Block:
    """Discs that depend on the same few parts: ``rest`` (4 K, n) is weight x (x, y, z, 1), ``turn`` (3 K, n)
    weight x normal."""

    parts: Tensor
    rest: Tensor
    turn: Tensor


@dataclass(frozen=True)
class RestSurface:
    """Sampled skin at rest.

    Attributes:
        blocks: in the order of the discs.
        attributes: (N, A), see :mod:`handstudio.synthesis.markings`.
        along_forearm: (N,) mm below the wrist.
        lining: (N,) bool: discs whose inside may show where skin is torn (the webs between fingers that bend
            apart).
    """

    blocks: tuple[Block, ...]
    attributes: Tensor
    along_forearm: Tensor
    lining: Tensor

    @property
    def count(self) -> int:
        """Number of discs."""
        return self.attributes.shape[0]

    def to(self, device: torch.device | str) -> RestSurface:
        """The same skin on another device."""
        blocks = tuple(Block(b.parts.to(device), b.rest.to(device), b.turn.to(device)) for b in self.blocks)
        return RestSurface(
            blocks, self.attributes.to(device), self.along_forearm.to(device), self.lining.to(device)
        )


def rest_surface(base: int, count: int, device: torch.device | str = "cpu") -> RestSurface:
    """The skin of base shape ``base`` (0 to BASE_SHAPES - 1) with about ``count`` discs; made once, also
    where several threads want it at the same time."""
    with _MAKING[base % BASE_SHAPES]:
        return _rest_surface(base, count, str(device))


@lru_cache(maxsize=32)
def _rest_surface(base: int, count: int, device: str) -> RestSurface:
    if device != "cpu":
        return _rest_surface(base, count, "cpu").to(device)
    generator = torch.Generator().manual_seed(7_919 * (base + 1))
    shape = rest_shape(generator)
    points, normals, groups = kept_sample(
        lambda: _sample(shape, count, generator),
        generator,
        *(shape.start, shape.end, shape.radius, shape.group, count),
        *(Path(__file__), Path(shapes.__file__)),
    )
    weights = weights_of(points, groups)
    attributes = attributes_of(points, normals, groups, generator)
    owner = groups.argmin(dim=1)
    order = torch.argsort(owner, stable=True)
    blocks = []
    for group in range(6):
        rows = order[owner[order] == group]
        blocks.append(_block(points[rows], normals[rows], weights[rows]))
    knuckles = torch.stack([REST_JOINTS_MM[chain[0]] for chain in FINGERS])
    lining = torch.cdist(points[order], knuckles).amin(dim=1) < LINING_MM
    return RestSurface(tuple(blocks), attributes[order].contiguous(), points[order, 1].clone(), lining)


def _block(points: Tensor, normals: Tensor, weights: Tensor) -> Block:
    parts = (weights > 1e-3).any(dim=0).nonzero()[:, 0]
    used = weights[:, parts]
    used = used / used.sum(1, keepdim=True)
    homogeneous = torch.cat((points, torch.ones_like(points[:, :1])), dim=1)
    rest = (used[:, :, None] * homogeneous[:, None]).flatten(1).T.contiguous()
    turn = (used[:, :, None] * normals[:, None]).flatten(1).T.contiguous()
    return Block(parts, rest, turn)


def _sample(shape: SweptSpheres, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """About ``count`` evenly spread points on the skin: points, normals, group distances."""
    axis = shape.end - shape.start
    area = 6.2832 * shape.radius.mean(1) * (axis.norm(dim=1) + 1.2 * shape.radius.mean(1))
    pick = torch.multinomial(area, 5 * count, replacement=True, generator=generator)
    along = torch.rand(pick.shape[0], 1, generator=generator) * 1.3 - 0.15
    direction = torch.randn(pick.shape[0], 3, generator=generator)
    direction = direction / direction.norm(dim=1, keepdim=True)
    centre = shape.start[pick] + along.clamp(0, 1) * axis[pick]
    radius = shape.radius[pick, :1] + along.clamp(0, 1) * (shape.radius[pick, 1:] - shape.radius[pick, :1])
    points = centre + radius * direction
    points = points[points[:, 1] < FOREARM_MM]
    near = torch.cat([nearest_primitive(shape, chunk) > -4.0 for chunk in _chunks(points)])
    points = _thin(points[near], 3 * count // 2)
    for step_number in range(3):
        if step_number == 2:
            points = _thin(points, count)
        moved = []
        for chunk in _chunks(points):
            distance, gradient, _ = skin_distance(shape, chunk)
            step = distance[:, None] * gradient / gradient.square().sum(1, keepdim=True).clamp_min(0.2)
            moved.append(chunk - step)
        points = torch.cat(moved)
    parts = [skin_distance(shape, chunk) for chunk in _chunks(points)]
    distance, gradient, groups = (torch.cat(items) for items in zip(*parts, strict=True))
    keep = distance.abs() < 0.8
    return points[keep], gradient[keep] / gradient[keep].norm(dim=1, keepdim=True), groups[keep]


def _chunks(points: Tensor) -> tuple[Tensor, ...]:
    return points.chunk(max(1, points.shape[0] // 2048))


def _thin(points: Tensor, count: int) -> Tensor:
    """The most central point of each cell of a grid as fine as ``count`` points allow.

    Coarser on the forearm, finer about the knuckles, whose skin stretches.
    """
    knuckles = torch.stack([REST_JOINTS_MM[chain[0]] for chain in FINGERS[1:]])
    dense = torch.cdist(points, knuckles).amin(dim=1, keepdim=True) < LINING_MM
    size = torch.where(points[:, 1:2] > SPARSE_FROM_MM, 2.2, torch.where(dense, 0.7, 1.0))
    apart = torch.where(points[:, 1:2] > SPARSE_FROM_MM, 1000.0, torch.where(dense, 2000.0, 0.0))

    def cells(edge: float) -> tuple[Tensor, Tensor]:
        scaled = points / (edge * size) + apart + 4096.0
        whole = scaled.floor()
        place = whole.long() % 65_536
        key = (place[:, 0] << 32) | (place[:, 1] << 16) | place[:, 2]
        return key, (scaled - whole - 0.5).square().sum(1)

    low, high = 0.2, 8.0
    for _ in range(9):
        edge = (low * high) ** 0.5
        if torch.unique(cells(edge)[0]).numel() > count:
            low = edge
        else:
            high = edge
    key, off_centre = cells(high)
    order = torch.argsort(off_centre, stable=True)
    order = order[torch.argsort(key[order], stable=True)]
    first = torch.ones_like(order, dtype=torch.bool)
    first[1:] = key[order][1:] != key[order][:-1]
    return points[order[first]]


def part_transforms(anatomy: Anatomy, posed: PosedHand) -> tuple[Tensor, Tensor]:
    """Affine motion of each part from the *mean* rest hand: (B, PART_COUNT, 3, 3) and (B, PART_COUNT, 3)."""
    count, device = anatomy.joints.shape[0], anatomy.joints.device
    mean = REST_JOINTS_MM.to(device)
    eye = torch.eye(3, device=device)
    palm = torch.diag_embed(
        torch.stack((anatomy.palm_width, anatomy.palm_length, anatomy.palm_thickness), dim=-1)
    )
    scale = palm[:, None].repeat(1, PART_COUNT, 1, 1)
    pivot = torch.zeros(PART_COUNT, 3, device=device)
    for finger, chain in enumerate(FINGERS):
        stretch = []
        for k in range(3):
            a, b = chain[k], chain[k + 1]
            bone = mean[b] - mean[a]
            along = bone / bone.norm()
            length = (anatomy.joints[:, b] - anatomy.joints[:, a]).norm(dim=-1) / bone.norm()
            outer = along[:, None] * along[None]
            stretch.append(
                anatomy.thickness[:, finger, None, None] * (eye - outer) + length[:, None, None] * outer
            )
        for k in range(3):
            before = stretch[k - 1] if k else palm
            scale[:, finger_part(finger, 2 * k)] = 0.5 * (before + stretch[k])
            scale[:, finger_part(finger, 2 * k + 1)] = stretch[k]
            pivot[finger_part(finger, 2 * k)] = pivot[finger_part(finger, 2 * k + 1)] = mean[chain[k]]
    linear = posed.rotation @ scale
    shift = posed.origin - (linear @ pivot[None, :, :, None])[..., 0]
    assert linear.shape[0] == count
    return linear, shift


def skin(surface: RestSurface, linear: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Pose the discs: (B, 3, N) positions and (B, 3, N) normals (of about unit length)."""
    count = linear.shape[0]
    affine = torch.cat((linear, shift[..., None]), dim=-1)
    places, normals = [], []
    for block in surface.blocks:
        chosen = affine[:, block.parts]
        move = chosen.permute(0, 2, 1, 3).reshape(count * 3, -1)
        turn = chosen[..., :3].permute(0, 2, 1, 3).reshape(count * 3, -1)
        places.append((move @ block.rest).view(count, 3, -1))
        normals.append((turn @ block.turn).view(count, 3, -1))
    return torch.cat(places, 2), torch.cat(normals, 2)
