"""The skin as many small discs, bound to the moving parts of the hand.

The discs are sampled once on the union of spheres (:mod:`handstudio.synthesis.shape`) at rest; posing a
batch is one matrix product per group of discs (linear blend skinning; half-turned parts at the joints keep
the knuckles' volume).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS
from handstudio.synthesis.anatomy import FOREARM_MM, REST_JOINTS_MM, Anatomy
from handstudio.synthesis.kinematics import (
    FOREARM,
    PALM,
    PART_COUNT,
    PINKY_METACARPAL,
    RING_METACARPAL,
    WRIST_HALF,
    PosedHand,
    finger_part,
    pad_direction,
)
from handstudio.synthesis.shape import SweptSpheres, nearest_primitive, rest_shape, skin_distance

SPARSE_FROM_MM = 40.0
"""Discs lie farther apart on the forearm, from here on below the wrist, and are drawn larger."""
LINING_MM = 26.0
"""Discs this near to a finger's first joint are drawn from inside too."""
BASE_SHAPES = 5
"""Number of different base shapes."""

ATTRIBUTES = ("palmar", "nail", "nail_rim", "crease", "redness", "forearm", "noise", "vein")
"""What each disc knows about the skin on it; see :mod:`handstudio.synthesis.skin`."""


@dataclass(frozen=True)
class Block:
    """Discs that depend on the same few parts: ``rest`` (4 K, n) is weight x (x, y, z, 1), ``turn`` (3 K, n)
    weight x normal."""

    parts: Tensor
    rest: Tensor
    turn: Tensor


@dataclass(frozen=True)
class RestSurface:
    """Sampled skin at rest: ``blocks`` in the order of the discs, ``attributes`` (N, len(ATTRIBUTES)),
    ``along_forearm`` (N,) mm below the wrist, ``lining`` (N,) bool: discs whose inside may show where skin is
    torn (the webs between fingers that bend apart)."""

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
    """The skin of base shape ``base`` (0 to BASE_SHAPES - 1) with about ``count`` discs; made once."""
    return _rest_surface(base, count, str(device))


@lru_cache(maxsize=32)
def _rest_surface(base: int, count: int, device: str) -> RestSurface:
    if device != "cpu":
        return _rest_surface(base, count, "cpu").to(device)
    generator = torch.Generator().manual_seed(7_919 * (base + 1))
    shape = rest_shape(generator)
    points, normals, groups = _sample(shape, count, generator)
    weights = _weights(points, groups)
    attributes = _attributes(points, normals, groups, generator)
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


def _past(points: Tensor, joint: int, before: int, after: int, half_width: float) -> Tensor:
    """0 before a joint, 1 after it, linear within ``half_width`` mm of it along the finger."""
    rest = REST_JOINTS_MM
    direction = rest[after] - rest[joint]
    back = rest[joint] - rest[before]
    direction = direction / direction.norm() + back / back.norm()
    direction = direction / direction.norm()
    share: Tensor = ((points - rest[joint]) @ direction) / (2.0 * half_width) + 0.5
    return share.clamp(0.0, 1.0)


def _weights(points: Tensor, groups: Tensor) -> Tensor:
    """(N, PART_COUNT) skinning weights."""
    rest = REST_JOINTS_MM
    weights = torch.zeros(points.shape[0], PART_COUNT)

    def split(mass: Tensor, past: Tensor, half_part: int) -> tuple[Tensor, Tensor]:
        weights[:, half_part] += mass * (1.0 - (2.0 * past - 1.0).abs())
        return mass * (1.0 - 2.0 * past).clamp_min(0.0), mass * (2.0 * past - 1.0).clamp_min(0.0)

    thumb = torch.sigmoid((groups[:, 2:].min(dim=1).values - groups[:, 1]) / 1.0)
    in_thumb_meta = torch.sigmoid((_ray_distance(points, 0) * -1.0 + _palm_distance(points)) / 4.0)
    thumb_share = torch.where(groups[:, 1] < 1.0, thumb, torch.zeros_like(thumb))
    thumb_share = torch.maximum(thumb_share, in_thumb_meta)
    other = groups[:, 2:].min(dim=1).values < groups[:, :2].min(dim=1).values
    thumb_share = torch.where(other, torch.zeros_like(thumb_share), thumb_share)
    past = _past(points, 1, 0, 2, 14.0)
    thumb_share = thumb_share * (past > 0)

    advance = torch.stack([_past(points, chain[0], 0, chain[1], 12.0) for chain in FINGERS[1:]], dim=1)
    lateral = torch.stack([_ray_distance(points, finger) for finger in range(1, 5)], dim=1)
    sigma = 4.5 - 3.5 * advance.max(dim=1, keepdim=True).values
    share = torch.softmax(-lateral.square() / (2.0 * sigma.square()), dim=1) * (1.0 - thumb_share)[:, None]

    wrist = ((points[:, 1] - 4.0) / 26.0 + 0.5).clamp(0.0, 1.0)
    for finger, chain in enumerate(FINGERS):
        mass = thumb_share if finger == 0 else share[:, finger - 1]
        first = past if finger == 0 else advance[:, finger - 1]
        before, after = split(mass, first, finger_part(finger, 0))
        metacarpal = {3: RING_METACARPAL, 4: PINKY_METACARPAL}.get(finger, PALM)
        hand, arm = split(before, wrist, WRIST_HALF)
        weights[:, metacarpal] += hand
        weights[:, FOREARM] += arm
        for k in (1, 2):
            width = (8.0, 7.0)[k - 1] * (1.15 if finger == 0 else 1.0)
            bend = _past(points, chain[k], chain[k - 1], chain[k + 1], width)
            stay, after = split(after, bend, finger_part(finger, 2 * k))
            weights[:, finger_part(finger, 2 * k - 1)] += stay
        weights[:, finger_part(finger, 5)] += after
    assert rest.shape[0] == 21
    return weights / weights.sum(1, keepdim=True)


def _segment_distance(points: Tensor, start: Tensor, end: Tensor) -> Tensor:
    axis = end - start
    along = (((points - start) @ axis) / axis.square().sum()).clamp(0.0, 1.0)
    distance: Tensor = torch.linalg.vector_norm(points - start - along[:, None] * axis, dim=1)
    return distance


def _ray_distance(points: Tensor, finger: int) -> Tensor:
    """Distance to a finger's chain of bones (metacarpal included), mm."""
    chain = (0, *FINGERS[finger]) if finger else FINGERS[0]
    pairs = pairwise(chain)
    return (
        torch.stack([_segment_distance(points, REST_JOINTS_MM[a], REST_JOINTS_MM[b]) for a, b in pairs])
        .min(0)
        .values
    )


def _palm_distance(points: Tensor) -> Tensor:
    return (
        torch.stack([_segment_distance(points, REST_JOINTS_MM[0], REST_JOINTS_MM[j]) for j in (5, 9)])
        .min(0)
        .values
    )


def _bump(value: Tensor, width: float) -> Tensor:
    return torch.exp(-0.5 * (value / width).square())


def _polyline(points: Tensor, corners: tuple[tuple[float, float], ...]) -> Tensor:
    flat = torch.cat((points[:, :2], torch.zeros_like(points[:, :1])), dim=1)
    stops = [torch.tensor((x, y, 0.0)) for x, y in corners]
    return torch.stack([_segment_distance(flat, a, b) for a, b in pairwise(stops)]).min(0).values


PALM_LINES = (
    ((31.0, -66.0), (18.0, -60.0), (8.0, -46.0), (4.0, -28.0), (6.0, -12.0)),
    ((31.0, -67.0), (14.0, -62.0), (-8.0, -50.0), (-26.0, -42.0)),
    ((-38.0, -60.0), (-20.0, -64.0), (0.0, -72.0), (10.0, -84.0)),
    ((2.0, -14.0), (0.0, -40.0), (2.0, -66.0)),
)
"""Life, head, heart and fate line in the rest palm, (x, y) mm."""


def _attributes(points: Tensor, normals: Tensor, groups: Tensor, generator: torch.Generator) -> Tensor:
    count = points.shape[0]
    owner = groups[:, 1:].argmin(dim=1)
    is_finger = groups.argmin(dim=1) > 0
    nail, rim, crease, redness = (torch.zeros(count) for _ in range(4))
    palmar = -normals[:, 2]
    for finger, chain in enumerate(FINGERS):
        mine = is_finger & (owner == finger)
        bones = [(chain[k], chain[k + 1]) for k in range(3)]
        tip, third = REST_JOINTS_MM[chain[3]], REST_JOINTS_MM[chain[2]]
        along = (tip - third) / (tip - third).norm()
        pad = pad_direction(tip - third, finger)
        side = torch.linalg.cross(along, pad)
        local = points - third
        s, x = local @ along, local @ side
        length = float((tip - third).norm())
        look = normals @ pad
        palmar = torch.where(mine, look, palmar)
        half = 0.62 * 1.5 * (5.2 if finger else 6.6) * (0.9 if finger == 4 else 1.0)
        u = (s - 0.73 * length) / (0.27 * length)
        v = x / half
        shape = (u.abs().pow(3) + v.abs().pow(3)).pow(1 / 3)
        dorsal = mine & (look < -0.1)
        nail = torch.where(dorsal, ((1.0 - shape) * 6.0).clamp(0.0, 1.0), nail)
        rim = torch.where(dorsal, _bump(shape - 1.0, 0.1), rim)
        for number, (a, b) in enumerate(bones):
            joint, after = REST_JOINTS_MM[a], REST_JOINTS_MM[b]
            direction = (after - joint) / (after - joint).norm()
            t = (points - joint) @ direction
            if number == 0 and finger > 0:
                fold = 0.7 * _bump(t - 19.0, 1.0) * (look > 0.15)
            elif number == 0:
                fold = 0.6 * _bump(t, 0.8) * (look > 0.2)
            else:
                fold = (0.75 * _bump(t, 1.0) + 0.4 * _bump(t - 2.2, 0.7) * (2 - number)) * (look > 0.1)
                wrinkle = (
                    0.35
                    * torch.cos(t * 2.2).clamp_min(0.0)
                    * _bump(t, 3.0 if number == 1 else 2.0)
                    * (look < -0.3)
                )
                fold = fold + wrinkle
                redness = torch.where(
                    mine & (look < -0.2), torch.maximum(redness, 0.7 * _bump(t, 5.0)), redness
                )
            crease = torch.where(mine, torch.maximum(crease, fold), crease)
        redness = torch.where(
            mine & (look > 0.0), torch.maximum(redness, _bump(s - 0.85 * length, 6.0)), redness
        )
    on_palm = (~is_finger) & (normals[:, 2] < -0.3) & (points[:, 1] < -6.0)
    for number, line in enumerate(PALM_LINES):
        depth = (1.0, 0.9, 0.9, 0.4)[number]
        crease = torch.where(
            on_palm, torch.maximum(crease, depth * _bump(_polyline(points, line), 0.9)), crease
        )
    wrist = _bump(points[:, 1] - 2.0, 0.9) + 0.7 * _bump(points[:, 1] - 7.0, 0.8)
    crease = torch.where((normals[:, 2] < -0.2) & ~is_finger, torch.maximum(crease, 0.8 * wrist), crease)
    redness = torch.where(
        on_palm, torch.maximum(redness, 0.35 + 0.25 * _bump(_palm_ball(points), 12.0)), redness
    )
    knuckles = torch.stack([(points - REST_JOINTS_MM[c[0]]).norm(dim=1) for c in FINGERS[1:]]).min(0).values
    redness = torch.where(
        (normals[:, 2] > 0.3), torch.maximum(redness, 0.6 * _bump(knuckles - 9.0, 5.0)), redness
    )
    phase = 6.2832 * torch.rand(6, generator=generator)
    waves = torch.randn(6, 3, generator=generator) / torch.tensor((28.0, 22.0, 14.0, 9.0, 6.0, 4.0))[:, None]
    noise = (torch.sin(points @ waves.T * 3.0 + phase) * torch.tensor((1.0, 1.0, 0.8, 0.6, 0.5, 0.4))).sum(
        1
    ) / 2.2
    tendon = (
        torch.stack([_segment_distance(points, REST_JOINTS_MM[0], REST_JOINTS_MM[c[0]]) for c in FINGERS[1:]])
        .min(0)
        .values
    )
    vein = torch.where(
        (normals[:, 2] > 0.3) & ~is_finger, torch.cos(0.35 * tendon).clamp_min(0) ** 4, torch.zeros(count)
    )
    forearm = ((points[:, 1] - 4.0) / 6.0).clamp(0.0, 1.0)
    return torch.stack(
        (palmar.clamp(-1, 1), nail, rim, crease.clamp(0, 1), redness, forearm, noise, vein), dim=1
    )


def _palm_ball(points: Tensor) -> Tensor:
    centres = torch.stack(
        (REST_JOINTS_MM[1] * 0.5 + REST_JOINTS_MM[2] * 0.5, torch.tensor((-28.0, -40.0, -8.0)))
    )
    distance: Tensor = torch.linalg.vector_norm(points[:, None] - centres, dim=2)
    return distance.min(1).values


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
