"""What each point of the skin at rest bears: nails, creases, the lines of the palm, redness, veins."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS
from handstudio.synthesis.anatomy import REST_JOINTS_MM
from handstudio.synthesis.binding import segment_distance
from handstudio.synthesis.kinematics import pad_direction

ATTRIBUTES = ("palmar", "nail", "nail_rim", "crease", "redness", "forearm", "noise", "vein")
"""What each disc knows about the skin on it; see :mod:`handstudio.synthesis.skin`."""

PALM_LINES = (
    ((31.0, -66.0), (18.0, -60.0), (8.0, -46.0), (4.0, -28.0), (6.0, -12.0)),
    ((31.0, -67.0), (14.0, -62.0), (-8.0, -50.0), (-26.0, -42.0)),
    ((-38.0, -60.0), (-20.0, -64.0), (0.0, -72.0), (10.0, -84.0)),
    ((2.0, -14.0), (0.0, -40.0), (2.0, -66.0)),
)
"""Life, head, heart and fate line in the rest palm, (x, y) mm."""


def attributes_of(points: Tensor, normals: Tensor, groups: Tensor, generator: torch.Generator) -> Tensor:
    """(N, len(ATTRIBUTES)) of points (N, 3) with their normals (N, 3) and group distances (N, 6)."""
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
        torch.stack([segment_distance(points, REST_JOINTS_MM[0], REST_JOINTS_MM[c[0]]) for c in FINGERS[1:]])
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


def _polyline(points: Tensor, corners: tuple[tuple[float, float], ...]) -> Tensor:
    flat = torch.cat((points[:, :2], torch.zeros_like(points[:, :1])), dim=1)
    stops = [torch.tensor((x, y, 0.0)) for x, y in corners]
    return torch.stack([segment_distance(flat, a, b) for a, b in pairwise(stops)]).min(0).values


def _bump(value: Tensor, width: float) -> Tensor:
    return torch.exp(-0.5 * (value / width).square())
