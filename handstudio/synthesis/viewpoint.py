"""Where the camera stands: turn of the hand in camera coordinates, distance, framing of the crop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from handstudio.synthesis.kinematics import rotation_about

EDGEWISE_SHARE: Final = 0.7
"""Share of edgewise poses that are turned to the side when they would show palm or back."""


@dataclass(frozen=True)
class ViewMix:
    """Shares of viewpoints (they need not sum to one) and their spread.

    Attributes:
        palm, back, side: palm, back or thumb edge / pinky edge to the camera, fingers mostly up.
        any: any turn at all.
        roll_deg: standard deviation of the turn in the image plane for the first three.
        tilt_deg: standard deviation of the two other turns for the first three.
    """

    palm: float = 0.50
    back: float = 0.16
    side: float = 0.12
    any: float = 0.22
    roll_deg: float = 22.0
    tilt_deg: float = 20.0


def random_rotation(count: int, generator: torch.Generator) -> Tensor:
    """(count, 3, 3) uniform rotations (normalised Gaussian quaternions)."""
    q = torch.randn(count, 4, generator=generator)
    q = q / q.norm(dim=1, keepdim=True)
    angle = 2.0 * torch.acos(q[:, 0].clamp(-1, 1))
    axis = q[:, 1:] / q[:, 1:].norm(dim=1, keepdim=True).clamp_min(1e-9)
    return rotation_about(axis, angle)


def axis_rotation(axis: int, angle: Tensor) -> Tensor:
    """Rotation about a coordinate axis: angle (...) rad -> (..., 3, 3)."""
    unit = torch.zeros(3, device=angle.device)
    unit[axis] = 1.0
    return rotation_about(unit.expand(*angle.shape, 3), angle)


def random_view(
    count: int, generator: torch.Generator, mix: ViewMix, edgewise: Tensor | None = None
) -> Tensor:
    """(count, 3, 3) turn from the hand's frame into the camera's.

    Args:
        edgewise: (count,) bool, poses that people mostly show from the side (a zero, a beak).
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    kind = torch.multinomial(
        torch.tensor((mix.palm, mix.back, mix.side, mix.any), dtype=torch.float32),
        count,
        True,
        generator=generator,
    )
    if edgewise is not None:
        turned = edgewise & (kind < 2) & (torch.rand(count, generator=generator) < EDGEWISE_SHARE)
        kind = torch.where(turned, 2, kind)
    sign = torch.where(torch.rand(count, generator=generator) < 0.6, -1.0, 1.0)
    yaw = torch.stack((torch.zeros(count), torch.full((count,), math.pi), sign * math.pi / 2), 1)
    yaw = yaw.gather(1, kind.clamp_max(2)[:, None])[:, 0]
    tilt = math.radians(mix.tilt_deg) * normal(count, 2)
    roll = math.radians(mix.roll_deg) * normal(count)
    upright = axis_rotation(2, roll) @ axis_rotation(0, tilt[:, 0]) @ axis_rotation(1, yaw + tilt[:, 1])
    free = random_rotation(count, generator)
    chosen = torch.where((kind == 3)[:, None, None], free, upright)
    arm_at_camera = chosen[:, 2, 1] < -0.6
    about = axis_rotation(1, torch.full((count,), math.pi))
    return torch.where(arm_at_camera[:, None, None], about @ chosen, chosen)


@dataclass(frozen=True)
class Framing:
    """How a crop is laid about the hand.

    Attributes:
        low, high: side of the joints' box as a share of the crop's side.
        wander: how far the box strays, 1 = up to the border of the crop.
        truncated: share of crops that cut off part of the hand.
        near_mm, far_mm: distance of the camera from the hand.
        off_axis_deg: how far from the optical axis of the (uncropped) camera the hand may stand.
    """

    low: float = 0.42
    high: float = 0.90
    wander: float = 0.8
    truncated: float = 0.08
    near_mm: float = 280.0
    far_mm: float = 900.0
    off_axis_deg: float = 14.0


def random_place(count: int, generator: torch.Generator, framing: Framing) -> Tensor:
    """(count, 3) where the middle of the hand stands in camera coordinates, mm."""
    share = torch.rand(count, generator=generator)
    distance = framing.near_mm * (framing.far_mm / framing.near_mm) ** share
    slope = (
        math.tan(math.radians(framing.off_axis_deg))
        * torch.randn(count, 2, generator=generator).clamp(-2, 2)
        * 0.5
    )
    return torch.cat((slope * distance[:, None], distance[:, None]), dim=1)


def frame_joints(joints: Tensor, size: int, generator: torch.Generator, framing: Framing) -> Tensor:
    """Intrinsics (B, 3, 3) of crops of side ``size`` px about joints (B, 21, 3) in camera coordinates, mm."""
    count = joints.shape[0]
    rays = joints[..., :2].cpu() / joints[..., 2:].cpu()
    low, high = rays.min(dim=1).values, rays.max(dim=1).values
    side = (high - low).max(dim=1).values
    share = framing.low + (framing.high - framing.low) * torch.rand(count, generator=generator)
    focal = share * size / side
    room = (size - (high - low) * focal[:, None]).clamp_min(0.0) / 2.0
    stray = framing.wander * room * (2.0 * torch.rand(count, 2, generator=generator) - 1.0)
    cut = torch.rand(count, 1, generator=generator) < framing.truncated
    stray = torch.where(cut, stray + 0.16 * size * torch.randn(count, 2, generator=generator), stray)
    centre = size / 2.0 + stray - focal[:, None] * (low + high) / 2.0
    K = torch.zeros(count, 3, 3)
    K[:, 0, 0] = K[:, 1, 1] = focal
    K[:, :2, 2] = centre
    K[:, 2, 2] = 1.0
    return K.to(joints.device)
