"""Which moving parts each point of the skin at rest follows, and by what share."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS
from handstudio.synthesis.anatomy import REST_JOINTS_MM
from handstudio.synthesis.kinematics import (
    FOREARM,
    PALM,
    PART_COUNT,
    PINKY_METACARPAL,
    RING_METACARPAL,
    WRIST_HALF,
    finger_part,
)


def weights_of(points: Tensor, groups: Tensor) -> Tensor:
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


def _past(points: Tensor, joint: int, before: int, after: int, half_width: float) -> Tensor:
    """0 before a joint, 1 after it, linear within ``half_width`` mm of it along the finger."""
    rest = REST_JOINTS_MM
    direction = rest[after] - rest[joint]
    back = rest[joint] - rest[before]
    direction = direction / direction.norm() + back / back.norm()
    direction = direction / direction.norm()
    share: Tensor = ((points - rest[joint]) @ direction) / (2.0 * half_width) + 0.5
    return share.clamp(0.0, 1.0)


def _ray_distance(points: Tensor, finger: int) -> Tensor:
    """Distance to a finger's chain of bones (metacarpal included), mm."""
    chain = (0, *FINGERS[finger]) if finger else FINGERS[0]
    pairs = pairwise(chain)
    return (
        torch.stack([segment_distance(points, REST_JOINTS_MM[a], REST_JOINTS_MM[b]) for a, b in pairs])
        .min(0)
        .values
    )


def _palm_distance(points: Tensor) -> Tensor:
    return (
        torch.stack([segment_distance(points, REST_JOINTS_MM[0], REST_JOINTS_MM[j]) for j in (5, 9)])
        .min(0)
        .values
    )


def segment_distance(points: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """(N,) mm from each point (N, 3) to the line from ``start`` to ``end``."""
    axis = end - start
    along = (((points - start) @ axis) / axis.square().sum()).clamp(0.0, 1.0)
    distance: Tensor = torch.linalg.vector_norm(points - start - along[:, None] * axis, dim=1)
    return distance
