"""The flesh of a hand at rest as a smooth union of spheres that run along its bones.

Each primitive is the sphere swept from one point to another while its radius changes. Fingers blend with
the palm but not with each other. The zero level of the union is the skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS
from handstudio.synthesis.anatomy import FOREARM_MM, REST_JOINTS_MM
from handstudio.synthesis.kinematics import pad_direction

PALM_GROUP: Final = 0
"""Group of the palm and forearm; finger ``f`` is group ``f + 1``."""


GROUP_BLEND_MM: Final = 3.0
"""Width of the fillets inside the palm; ``FINGER_BLEND_MM``: inside a finger."""
FINGER_BLEND_MM: Final = 0.7


@dataclass(frozen=True)
class SweptSpheres:
    """Primitives, one per row.

    Attributes:
        start, end: (P, 3) mm.
        radius: (P, 2) mm at both ends.
        group: (P,) long.
    """

    start: Tensor
    end: Tensor
    radius: Tensor
    group: Tensor


FINGER_RADII_MM = (
    (11.6, 10.6, 10.4, 9.4, 9.6, 9.2, 7.2),
    (9.6, 8.9, 8.9, 7.9, 7.9, 7.4, 5.9),
    (9.8, 9.1, 9.1, 8.1, 8.1, 7.6, 6.1),
    (9.2, 8.5, 8.5, 7.6, 7.6, 7.1, 5.8),
    (8.4, 7.5, 7.5, 6.7, 6.7, 6.3, 5.1),
)
"""Per finger the radius at its first joint, mid bone, second joint, mid bone, third joint, pad, tip."""

TIP_INSET = 1.0
"""The last sphere's centre lies this many tip radii before the TIP joint, so that TIP is on the skin."""


def rest_shape(generator: torch.Generator, variation: float = 1.0) -> SweptSpheres:
    """One random base shape (proportions of flesh; bone lengths and size come later, with the anatomy)."""
    rows: list[tuple[Tensor, Tensor, float, float, int]] = []

    def jitter(sigma: float) -> float:
        return 1.0 + variation * sigma * float(torch.randn((), generator=generator).clamp(-2, 2))

    def sweep(a: Tensor, b: Tensor, ra: float, rb: float, group: int) -> None:
        rows.append((a, b, ra, rb, group))

    def point(x: float, y: float, z: float) -> Tensor:
        return torch.tensor((x, y, z))

    joints = REST_JOINTS_MM
    knobby = jitter(0.03)
    for finger, chain in enumerate(FINGERS):
        profile = [r * jitter(0.02) for r in FINGER_RADII_MM[finger]]
        for index in (2, 4):
            profile[index] *= knobby
        base, second, third, tip = (joints[j] for j in chain)
        pad = pad_direction(tip - third, finger)
        last = tip - TIP_INSET * profile[6] * (tip - third) / (tip - third).norm()
        middle = third + 0.52 * (tip - third) + 0.9 * pad
        stops = [base, (base + second) / 2, second, (second + third) / 2, third, middle, last + 0.25 * pad]
        for k in range(6):
            sweep(stops[k], stops[k + 1], profile[k], profile[k + 1], finger + 1)
        if finger > 0:
            fat = 0.93 * profile[1]
            sweep(
                base + 0.35 * (second - base) + 1.6 * pad,
                base + 0.75 * (second - base) + 1.4 * pad,
                fat,
                0.96 * fat,
                finger + 1,
            )

    thick = jitter(0.05)
    carpus = [point(12.0, -8.0, 0.5), point(4.0, -6.0, 1.5), point(-5.0, -6.0, 1.0), point(-13.0, -8.0, 0.0)]
    for finger, start in zip(range(1, 5), carpus, strict=True):
        knuckle = joints[FINGERS[finger][0]]
        sweep(start, start + 0.55 * (knuckle - start), 13.0 * thick, 10.6 * thick, PALM_GROUP)
        sweep(start + 0.55 * (knuckle - start), knuckle + point(0, 0, 0.5), 10.6 * thick, 10.4, PALM_GROUP)
        ball = knuckle + point(0.0, -3.0, -4.0)
        sweep(knuckle + point(0, 16.0, -3.5), ball, 8.5 * thick, 9.4, PALM_GROUP)
    for finger in range(1, 4):
        a, b = joints[FINGERS[finger][0]], joints[FINGERS[finger + 1][0]]
        u = (joints[FINGERS[finger][1]] - a) / (joints[FINGERS[finger][1]] - a).norm()
        v = (joints[FINGERS[finger + 1][1]] - b) / (joints[FINGERS[finger + 1][1]] - b).norm()
        sweep((a + b) / 2, (a + 14.0 * u + b + 14.0 * v) / 2 + point(0, 0, -1.5), 9.0, 6.0, PALM_GROUP)
        sweep((a + b) / 2 + point(0, 40, 0), (a + b) / 2, 10.2 * thick, 9.8, PALM_GROUP)
    cmc, mcp = joints[1], joints[2]
    thenar = jitter(0.07)
    sweep(
        point(12, -14, -5),
        cmc + 0.45 * (mcp - cmc) + point(-5, 0, -2),
        13.0 * thenar,
        14.0 * thenar,
        PALM_GROUP,
    )
    sweep(cmc, mcp, 12.5 * thenar, 11.4, PALM_GROUP)
    sweep(
        cmc + 0.45 * (mcp - cmc) + point(-5, 0, -2),
        mcp + point(-4.0, 3.0, 0.0),
        13.5 * thenar,
        9.8,
        PALM_GROUP,
    )
    knuckle_of_index = joints[5]
    for share, radius in ((0.45, 8.0), (0.8, 6.3)):
        sweep(
            cmc + (share + 0.1) * (mcp - cmc),
            0.25 * joints[0] + 0.75 * knuckle_of_index + point(0, 12.0 - 26.0 * (share - 0.45), 0),
            radius,
            radius + 1.5,
            PALM_GROUP,
        )
    hypothenar = jitter(0.07)
    sweep(point(-16, -14, -5), point(-27, -42, -6), 12.5 * hypothenar, 12.0 * hypothenar, PALM_GROUP)
    sweep(point(-27, -42, -6), point(-31, -66, -4), 12.0 * hypothenar, 9.6, PALM_GROUP)
    wrist = jitter(0.05)
    for x in (-11.5, 0.0, 11.5):
        sweep(point(x * 1.0, 2.0, 0.0), point(x * 1.0, 22.0, 1.0), 16.2 * wrist, 15.8 * wrist, PALM_GROUP)
        sweep(
            point(x * 1.0, 22.0, 1.0), point(x * 2.1, FOREARM_MM, 3.0), 15.8 * wrist, 32.0 * wrist, PALM_GROUP
        )
    return SweptSpheres(
        start=torch.stack([row[0] for row in rows]),
        end=torch.stack([row[1] for row in rows]),
        radius=torch.tensor([row[2:4] for row in rows]),
        group=torch.tensor([row[4] for row in rows]),
    )


def _to_axes(shape: SweptSpheres, points: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Per point and primitive (N, P): place along its axis in mm x length, the same as a share within [0, 1],
    distance to the axis, distance to its surface."""
    axis = shape.end - shape.start
    length2 = axis.square().sum(-1).clamp_min(1e-6)
    across = points @ axis.T - (shape.start * axis).sum(-1)
    along = (across / length2).clamp(0.0, 1.0)
    square = points.square().sum(-1, keepdim=True) - 2.0 * points @ shape.start.T
    square = square + shape.start.square().sum(-1)
    reach = (square + along * (along * length2 - 2.0 * across)).clamp_min(1e-6).sqrt()
    radius = shape.radius[:, 0] + along * (shape.radius[:, 1] - shape.radius[:, 0])
    return across, along, reach, reach - radius


def nearest_primitive(shape: SweptSpheres, points: Tensor) -> Tensor:
    """Distance (N,) mm to the primitives without fillets, negative inside."""
    return _to_axes(shape, points)[3].amin(dim=1)


def skin_distance(shape: SweptSpheres, points: Tensor, blend: float = 3.0) -> tuple[Tensor, Tensor, Tensor]:
    """Signed distance to the skin.

    Args:
        points: (N, 3) mm.
        blend: width of the fillet between a finger and the palm, mm.

    Returns:
        distance (N,) mm, gradient (N, 3), distance to the palm and each finger (N, 6) mm.
    """
    axis = shape.end - shape.start
    length2 = axis.square().sum(-1).clamp_min(1e-6)
    rise = shape.radius[:, 1] - shape.radius[:, 0]
    across, along, reach, distance = _to_axes(shape, points)

    merged, shares = [], []
    for group in range(6):
        part = -distance[:, shape.group == group] / (
            GROUP_BLEND_MM if group == PALM_GROUP else FINGER_BLEND_MM
        )
        merged.append(torch.logsumexp(part, dim=1))
        shares.append(torch.softmax(part, dim=1))
    width = points.new_tensor((GROUP_BLEND_MM, *(FINGER_BLEND_MM,) * 5))
    groups = -width * torch.stack(merged, dim=1)
    pair = -torch.stack((groups[:, :1].expand(-1, 5), groups[:, 1:]), dim=-1) / blend
    joined = -blend * torch.logsumexp(pair, dim=-1)
    result, finger = joined.min(dim=1)
    mix = torch.softmax(pair, dim=-1)[torch.arange(points.shape[0]), finger]
    weight = torch.zeros_like(distance)
    for group in range(6):
        share = mix[:, 0] if group == PALM_GROUP else mix[:, 1] * (finger == group - 1)
        weight[:, shape.group == group] = share[:, None] * shares[group]
    pull = weight / reach
    inside = ((across > 0) & (across < length2)).to(points)
    gradient = points * pull.sum(1, keepdim=True) - pull @ shape.start - (pull * along) @ axis
    return result, gradient - (weight * inside * rise / length2) @ axis, groups
