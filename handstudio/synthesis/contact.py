"""Hands that touch without passing through themselves: a few steps of descent on the joint angles."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from handstudio.synthesis.anatomy import Anatomy
from handstudio.synthesis.articulation import LIMITS
from handstudio.synthesis.kinematics import Articulation, PosedHand, pose_hand, rest_frames
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


def _spheres(posed: PosedHand) -> Tensor:
    """(B, 5, 6, 3) centres along the fingers: mid bone, joint, mid bone, joint, mid bone, pad."""
    a, b, c, d = posed.joints[:, 1:].unflatten(1, (5, 4)).unbind(2)
    return torch.stack((0.5 * (a + b), b, 0.5 * (b + c), c, 0.65 * c + 0.35 * d, 0.3 * c + 0.7 * d), dim=2)


def overlap(anatomy: Anatomy, posed: PosedHand) -> tuple[Tensor, Tensor]:
    """How far spheres of different fingers, and of fingers and palm, pass into each other.

    Returns:
        (B, 30, 30) and (B, 30, 7) mm, 0 where they do not.
    """
    centres = _spheres(posed).flatten(1, 2)
    radii = (anatomy.thickness[:, :, None] * _RADII.to(centres)).flatten(1)
    owner = torch.arange(30, device=centres.device) // 6
    apart = torch.cdist(centres, centres, compute_mode="donot_use_mm_for_euclid_dist")
    deep = (radii[:, :, None] + radii[:, None] - _TOLERATED_MM - apart).clamp_min(0.0)
    deep = deep * (owner[:, None] != owner[None])
    stretch = torch.stack((anatomy.palm_width, anatomy.palm_length, anatomy.palm_thickness), dim=1)
    palm = _PALM.to(centres) * stretch[:, None]
    palm_radii = _PALM_RADII.to(centres) * anatomy.palm_thickness[:, None]
    reach = torch.cdist(centres, palm, compute_mode="donot_use_mm_for_euclid_dist")
    into = (radii[:, :, None] + palm_radii[:, None] - _TOLERATED_MM - reach).clamp_min(0.0)
    free = torch.ones(30, 1, device=centres.device)
    free[0::6] = 0.0
    free[1] = 0.0
    return deep, into * free


def settle(anatomy: Anatomy, articulation: Articulation, touched: Tensor, steps: int = 12) -> Articulation:
    """Move angles a little so that the thumb reaches the finger it touches and nothing passes through anything.

    Args:
        touched: (B,) finger 1 to 4 whose pad the thumb's pad is to meet, 0 for none.
        steps: descent steps; 0 returns the input.
    """
    if not steps:
        return articulation
    frames = rest_frames(anatomy)
    low, high = LIMITS.to(articulation.fingers).unbind(-1)
    start = articulation.fingers
    angles = start.clone().requires_grad_(True)
    velocity = torch.zeros_like(start)
    square = torch.zeros_like(start)
    rows = torch.arange(start.shape[0], device=start.device)
    reach = (anatomy.thickness[:, :1] * _RADII[0, 5] + anatomy.thickness * _RADII[:, 5].to(start))[
        rows, touched
    ]
    wanted = (touched > 0).to(start)
    free = torch.ones_like(start)
    free[:, 1:, 0] = 0.3
    with torch.enable_grad():
        for step in range(steps):
            posed = pose_hand(anatomy, Articulation(angles, articulation.cup, articulation.wrist), frames)
            deep, into = overlap(anatomy, posed)
            pads = _spheres(posed)[:, :, 5]
            gap = (pads[rows, touched] - pads[:, 0] + 1e-4).norm(dim=1) - reach + _TOLERATED_MM
            far = wanted * gap.clamp_min(0.0)
            energy = 0.5 * deep.square().sum() + into.square().sum() + 1.5 * far.square().sum()
            energy = energy + 30.0 * (angles - start).square().sum()
            (slope,) = torch.autograd.grad(energy, angles)
            with torch.no_grad():
                velocity = 0.7 * velocity + 0.3 * slope
                square = 0.9 * square + 0.1 * slope.square()
                scale = (square / (1.0 - 0.9 ** (step + 1))).sqrt() + 1.0
                move = 0.11 * (1.0 - 0.75 * step / steps) * velocity / (1.0 - 0.7 ** (step + 1)) / scale
                angles = (angles - free * move).clamp(low, high).requires_grad_(True)
    return Articulation(angles.detach(), articulation.cup, articulation.wrist)
