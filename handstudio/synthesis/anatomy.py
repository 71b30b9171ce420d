"""Random hands at rest: where the joints are, how long and how thick the parts.

The rest hand is a right hand, open and flat, its palm towards a camera at -z: x points to the thumb,
y from the fingers to the wrist (so fingers are at negative y), z from the palm to the back. Millimetres,
the wrist joint at the origin. Mean lengths follow adult hand anthropometry (hand length about 185 mm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.skeleton import FINGERS, PARENTS
from handstudio.synthesis.rows import Rows


def _rest_joints() -> Tensor:
    chains = (
        (
            (24.0, -27.0, -9.0),
            ((0.66, -0.70, -0.27), (0.56, -0.80, -0.22), (0.50, -0.84, -0.22)),
            (41.5, 31.5, 25.5),
        ),
        ((25.0, -88.0, 1.0), ((0.09, -1.0, 0.0),) * 3, (42.0, 24.5, 23.0)),
        ((4.0, -91.0, 3.0), ((0.01, -1.0, 0.0),) * 3, (45.5, 28.0, 24.0)),
        ((-15.0, -85.0, 1.5), ((-0.07, -1.0, 0.0),) * 3, (41.5, 26.5, 24.0)),
        ((-32.0, -75.0, -2.0), ((-0.16, -1.0, 0.0),) * 3, (33.0, 19.5, 22.0)),
    )
    joints = [torch.zeros(3)]
    for base, directions, lengths in chains:
        joints.append(torch.tensor(base))
        for direction, length in zip(directions, lengths, strict=True):
            unit = torch.tensor(direction) / torch.tensor(direction).norm()
            joints.append(joints[-1] + length * unit)
    return torch.stack(joints)


REST_JOINTS_MM: Final[Tensor] = _rest_joints()
"""(21, 3) joints of the mean hand at rest, mm."""

THUMB_PAD: Final = (-0.72, -0.35, -0.60)
TOWARDS_THUMB_DEG: Final = (0.0, 6.0, 14.0, 25.0)
"""By how much the pads of index to pinky look towards the thumb at rest: bent fingers point at its base."""


def _pads() -> Tensor:
    turns = torch.deg2rad(torch.tensor(TOWARDS_THUMB_DEG))
    fingers = torch.stack((turns.sin(), torch.zeros(4), -turns.cos()), dim=1)
    return torch.cat((torch.tensor((THUMB_PAD,)), fingers))


PADS: Final[Tensor] = _pads()
"""(5, 3) where the pads look at rest, before they are made perpendicular to the bones."""

FOREARM_MM: Final = 290.0
"""Length of the forearm that hangs on the wrist."""


@dataclass(frozen=True)
class Anatomy(Rows):
    """Hands at rest, one per row.

    Attributes:
        joints: (B, 21, 3) rest joints, mm.
        thickness: (B, 5) ratio of each finger's thickness to the mean hand of the same length.
        palm_thickness: (B,) the same for the palm.
        palm_width: (B,) and ``palm_length``: ratios of the palm to the mean hand.
    """

    joints: Tensor
    thickness: Tensor
    palm_thickness: Tensor
    palm_width: Tensor
    palm_length: Tensor

    def bone_lengths(self) -> Tensor:
        """(B, 20) lengths in mm, bone ``i`` ending in joint ``i + 1``."""
        parents = torch.tensor(PARENTS[1:], device=self.joints.device)
        lengths: Tensor = torch.linalg.vector_norm(self.joints[:, 1:] - self.joints[:, parents], dim=-1)
        return lengths


def _spread(generator: torch.Generator, shape: tuple[int, ...], sigma: float, limit: float = 2.0) -> Tensor:
    return 1.0 + sigma * torch.randn(shape, generator=generator).clamp(-limit, limit)


def random_anatomy(count: int, generator: torch.Generator, variation: float = 1.0) -> Anatomy:
    """Random hands.

    Args:
        count: number of hands B.
        generator: CPU generator; the hands depend on nothing else.
        variation: 0 gives the mean hand up to size, 1 the spread of adults and children.
    """
    v = variation
    size = _spread(generator, (count,), 0.07 * v)
    width, length, depth = (_spread(generator, (count,), 0.05 * v) for _ in range(3))
    finger = _spread(generator, (count, 5), 0.05 * v) * (_spread(generator, (count, 1), 0.06 * v) + 0.03 * v)
    bone = _spread(generator, (count, 5, 3), 0.035 * v) * finger[..., None]
    stretch = torch.stack((width, length, depth), dim=-1)[:, None]
    rest = REST_JOINTS_MM[None]
    joints = [torch.zeros(count, 3)]
    for number, chain in enumerate(FINGERS):
        base = rest[:, chain[0]] * stretch[:, 0] + 1.2 * v * torch.randn(count, 3, generator=generator).clamp(
            -2, 2
        )
        joints.append(base)
        for part in range(3):
            step = rest[:, chain[part + 1]] - rest[:, chain[part]]
            joints.append(joints[-1] + step * bone[:, number, part, None])
    thickness = (_spread(generator, (count, 1), 0.10 * v) - 0.10 * v) * _spread(
        generator, (count, 5), 0.03 * v
    )
    return Anatomy(
        joints=torch.stack(joints, dim=1) * size[:, None, None],
        thickness=thickness * size[:, None],
        palm_thickness=depth * size,
        palm_width=width * size,
        palm_length=length * size,
    )
