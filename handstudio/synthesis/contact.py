"""Hands that bend as hands do and do not pass through themselves: a few steps of descent on the angles."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.synthesis.anatomy import Anatomy
from handstudio.synthesis.articulation import LIMITS
from handstudio.synthesis.kinematics import Articulation, pose_hand, rest_frames
from handstudio.synthesis.shape import FINGER_RADII_MM

_RADII: Final = torch.tensor([(r[1], r[2], r[3], r[4], 0.5 * (r[4] + r[5]), r[5]) for r in FINGER_RADII_MM])
_PALM: Final = torch.tensor(
    (
        (14.0, -80.0, 1.0), (-6.0, -78.0, 1.0), (-24.0, -70.0, -1.0),
        (10.0, -56.0, 1.0), (-10.0, -52.0, 0.0), (-26.0, -44.0, -4.0), (0.0, -30.0, 0.0),
    )
)  # fmt: skip
_PALM_RADII: Final = torch.tensor((11.0, 11.0, 10.0, 11.5, 11.5, 12.5, 14.0))
_TOLERATED_MM: Final = 1.5
OVERLAP_LEFT_ALONE_MM: Final = 0.5
"""Hands whose parts pass into each other by less than this (beyond what soft flesh allows) are left alone."""
STRAIN_LEFT_ALONE: Final = math.radians(1.0)
"""So are hands whose joints lie outside :data:`handstudio.hand.angles.LIMITS` by less than this, rad."""


_PAIRS: Final = torch.tensor([(i, j) for i in range(30) for j in range(i) if i // 6 != j // 6]).T
_FREE: Final = torch.tensor([i for i in range(30) if i % 6 and i != 1])
"""Spheres that may meet the palm: not the first half of a proximal bone, nor the thumb's MCP."""


def _spheres(joints: Tensor) -> Tensor:
    """Centres along the fingers (mid bone, joint, mid bone, joint, mid bone, pad): joints (B, 21, 3) to
    (3, 5, 6, B)."""
    a, b, c, d = joints.permute(2, 1, 0)[:, 1:].reshape(3, 5, 4, -1).unbind(2)
    return torch.stack((0.5 * (a + b), b, 0.5 * (b + c), c, 0.65 * c + 0.35 * d, 0.3 * c + 0.7 * d), dim=2)


class Flesh:
    """The spheres of hands of given anatomy, and how far they pass into each other."""

    def __init__(self, anatomy: Anatomy) -> None:
        device = anatomy.joints.device
        self._i, self._j = _PAIRS.to(device)
        self._free = _FREE.to(device)
        radii = (anatomy.thickness[:, :, None] * _RADII.to(device)).flatten(1).T
        self.radii = radii
        self._together = radii[self._i] + radii[self._j] - _TOLERATED_MM
        stretch = torch.stack((anatomy.palm_width, anatomy.palm_length, anatomy.palm_thickness), dim=0)
        self._palm = _PALM.to(device).T[:, None, :, None] * stretch[:, None, None]
        palm_radii = _PALM_RADII.to(device)[:, None] * anatomy.palm_thickness
        self._above = radii[self._free][:, None] + palm_radii - _TOLERATED_MM

    def overlap(self, joints: Tensor) -> tuple[Tensor, Tensor]:
        """Depth in mm, 0 where apart: between fingers (pairs, B), into the palm (spheres, of palm, B)."""
        centres = _spheres(joints).flatten(1, 2)
        apart = _length(centres[:, self._i] - centres[:, self._j])
        reach = _length(centres[:, self._free, None] - self._palm)
        return (self._together - apart).clamp_min(0.0), (self._above - reach).clamp_min(0.0)


def _length(vector: Tensor) -> Tensor:
    x, y, z = vector.unbind(0)
    return (x * x + y * y + z * z + 1e-4).sqrt()


def settle(anatomy: Anatomy, articulation: Articulation, touched: Tensor, steps: int = 14) -> Articulation:
    """Move angles a little: the thumb reaches the finger it touches, nothing passes through anything, and all
    joints bend within the limits by which labels are judged.

    Args:
        touched: (B,) finger 1 to 4 whose pad the thumb's pad is to meet, 0 for none.
        steps: descent steps; 0 returns the input.
    """
    if not steps:
        return articulation
    joints = pose_hand(anatomy, articulation, halves=False).joints
    deep, into = Flesh(anatomy).overlap(joints)
    deepest = torch.maximum(deep.amax(dim=0), into.flatten(0, 1).amax(dim=0))
    strained = limit_violation(joint_angles(joints)).abs().flatten(1).amax(dim=1) > STRAIN_LEFT_ALONE
    rows = ((deepest > OVERLAP_LEFT_ALONE_MM) | strained | (touched > 0)).nonzero()[:, 0]
    if not rows.numel():
        return articulation
    moved = _descend(anatomy.rows(rows), articulation.rows(rows), touched[rows], steps)
    return replace(articulation, fingers=articulation.fingers.index_copy(0, rows, moved))


def _descend(anatomy: Anatomy, articulation: Articulation, touched: Tensor, steps: int) -> Tensor:
    """The settled angles (B, 5, 4) of :func:`settle`."""
    frames = rest_frames(anatomy)
    low, high = LIMITS.to(articulation.fingers).unbind(-1)
    start = articulation.fingers
    angles = start.clone().requires_grad_(True)
    velocity = torch.zeros_like(start)
    square = torch.zeros_like(start)
    rows = torch.arange(start.shape[0], device=start.device)
    flesh = Flesh(anatomy)
    pad = flesh.radii[5::6].T
    reach = pad[:, 0] + pad[rows, touched]
    wanted = (touched > 0).to(start)
    free = torch.ones_like(start)
    free[:, 1:, 0] = 0.3
    with torch.enable_grad():
        for step in range(steps):
            posed = pose_hand(
                anatomy, Articulation(angles, articulation.cup, articulation.wrist), frames, halves=False
            )
            deep, into = flesh.overlap(posed.joints)
            pads = _spheres(posed.joints)[:, :, 5]
            gap = _length(pads[:, touched, rows] - pads[:, 0]) - reach + _TOLERATED_MM
            far = wanted * gap.clamp_min(0.0)
            energy = 0.5 * deep.square().sum() + into.square().sum() + 1.5 * far.square().sum()
            energy = energy + 30.0 * (angles - start).square().sum()
            energy = energy + 400.0 * limit_violation(joint_angles(posed.joints)).square().sum()
            (slope,) = torch.autograd.grad(energy, angles)
            with torch.no_grad():
                velocity = 0.7 * velocity + 0.3 * slope
                square = 0.9 * square + 0.1 * slope.square()
                scale = (square / (1.0 - 0.9 ** (step + 1))).sqrt() + 1.0
                move = 0.13 * (1.0 - 0.75 * step / steps) * velocity / (1.0 - 0.7 ** (step + 1)) / scale
                angles = (angles - free * move).clamp(low, high).requires_grad_(True)
    return angles.detach()
