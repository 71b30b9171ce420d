"""Cameras that stand about a hand and look at it."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def look_at(position: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Rotation (3, 3) and translation (3,) of a camera at ``position`` that sees ``target`` in its middle.

    World coordinates have y up; the camera's x goes right, y down, z away from it.
    """
    forward = target - position
    forward = forward / forward.norm()
    right = torch.linalg.cross(forward, forward.new_tensor((0.0, 1.0, 0.0)))
    right = right / right.norm()
    down = torch.linalg.cross(forward, right)
    rotation = torch.stack((right, down, forward))
    return rotation, -rotation @ position


def random_rig(
    views: int, target: Tensor, extent_mm: float, size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Cameras about ``target``: K (V, 3, 3), R (V, 3, 3), t (V, 3) in mm.

    The first looks along the world's -z axis or so; the others stand 50 to 75 degrees further each.

    Args:
        target: (3,) world mm.
        extent_mm: what has to fit into the picture.
        size: side of the pictures, px.
    """
    azimuth = 0.0
    K, R, t = [], [], []
    for view in range(views):
        if view:
            azimuth += math.radians(50.0 + 25.0 * float(torch.rand((), generator=generator)))
        sway, lift, far, fill = torch.rand(4, generator=generator).tolist()
        around = azimuth + math.radians(24.0 * (sway - 0.5))
        up = math.radians(-6.0 + 26.0 * lift)
        distance = 420.0 + 380.0 * far
        direction = torch.tensor(
            (math.sin(around) * math.cos(up), math.sin(up), math.cos(around) * math.cos(up))
        )
        rotation, translation = look_at(target + distance * direction, target)
        focal = (0.62 + 0.12 * fill) * size * distance / extent_mm
        squeeze = 1.0 + 0.002 * float(torch.randn((), generator=generator))
        centre = size / 2.0 + 0.03 * size * torch.randn(2, generator=generator)
        K.append(
            torch.tensor(
                ((focal, 0.0, float(centre[0])), (0.0, focal * squeeze, float(centre[1])), (0.0, 0.0, 1.0))
            )
        )
        R.append(rotation)
        t.append(translation)
    return torch.stack(K), torch.stack(R), torch.stack(t)
