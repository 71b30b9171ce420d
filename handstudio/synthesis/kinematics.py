"""From joint angles to joints and to the rigid motion of every part of the hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from handstudio.synthesis.anatomy import THUMB_PAD, Anatomy

PALM: Final = 0
FOREARM: Final = 1
WRIST_HALF: Final = 2
RING_METACARPAL: Final = 3
PINKY_METACARPAL: Final = 4
FIRST_FINGER_PART: Final = 5
PARTS_PER_FINGER: Final = 6
PART_COUNT: Final = FIRST_FINGER_PART + 5 * PARTS_PER_FINGER
"""Per finger: half-turned base, first bone, half-turned joint, second bone, half-turned joint, last bone."""


def finger_part(finger: int, order: int) -> int:
    """Index of a finger's part, ``order`` 0 (half-turned base) to 5 (last bone)."""
    return FIRST_FINGER_PART + finger * PARTS_PER_FINGER + order


@dataclass(frozen=True)
class Articulation:
    """Joint angles in radians, one hand per row.

    Attributes:
        fingers: (B, 5, 4). Index to pinky: abduction (towards the thumb positive), MCP, PIP and DIP flexion.
            Thumb: palmar abduction (away from the palm), flexion across the palm, MCP and IP flexion.
        cup: (B,) flexion of the pinky's metacarpal (the ring's follows by half).
        wrist: (B, 2) flexion and radial deviation of the hand against the forearm.
    """

    fingers: Tensor
    cup: Tensor
    wrist: Tensor

    def rows(self, index: Tensor) -> Articulation:
        """The hands of ``index`` (long)."""
        return Articulation(self.fingers[index], self.cup[index], self.wrist[index])

    def to(self, device: torch.device | str) -> Articulation:
        """The same angles on another device."""
        return replace(
            self, fingers=self.fingers.to(device), cup=self.cup.to(device), wrist=self.wrist.to(device)
        )


@dataclass(frozen=True)
class PosedHand:
    """Hands in their own frame (that of :mod:`handstudio.synthesis.anatomy`).

    Attributes:
        joints: (B, 21, 3) mm.
        rotation: (B, PART_COUNT, 3, 3) turn of each part from rest.
        origin: (B, PART_COUNT, 3) where the part's pivot is, mm.
    """

    joints: Tensor
    rotation: Tensor
    origin: Tensor


def rotation_about(axis: Tensor, angle: Tensor) -> Tensor:
    """Rodrigues' rotation: axis (..., 3) of unit length, angle (...) rad -> (..., 3, 3)."""
    x, y, z = axis.unbind(-1)
    c, s = torch.cos(angle), torch.sin(angle)
    k = 1.0 - c
    rows = (
        c + x * x * k, x * y * k - z * s, x * z * k + y * s,
        y * x * k + z * s, c + y * y * k, y * z * k - x * s,
        z * x * k - y * s, z * y * k + x * s, c + z * z * k,
    )  # fmt: skip
    return torch.stack(rows, dim=-1).unflatten(-1, (3, 3))


def _unit(vector: Tensor) -> Tensor:
    return vector / vector.norm(dim=-1, keepdim=True).clamp_min(1e-9)


def pad_direction(bone: Tensor, finger: int) -> Tensor:
    """Where the pad of a bone looks at rest: (..., 3) unit, perpendicular to ``bone`` (..., 3)."""
    look = THUMB_PAD if finger == 0 else torch.tensor((0.0, 0.0, -1.0))
    look = look.to(bone).expand_as(bone)
    along = _unit(bone)
    return _unit(look - (look * along).sum(-1, keepdim=True) * along)


@dataclass(frozen=True)
class RestFrames:
    """Bones and axes of fingers at rest: ``base`` (B, 5, 3), ``bones`` (B, 5, 3, 3) by order, axes as they turn."""

    base: Tensor
    bones: Tensor
    flexion: Tensor
    second: Tensor
    along: Tensor


def rest_frames(anatomy: Anatomy) -> RestFrames:
    """What :func:`pose_hand` needs of the anatomy."""
    chains = anatomy.joints[:, 1:].unflatten(1, (5, 4))
    bones = chains[:, :, 1:] - chains[:, :, :-1]
    along = _unit(bones)
    look = torch.zeros(5, 1, 3)
    look[:, :, 2] = -1.0
    look[0] = THUMB_PAD
    look = look.to(bones)
    pads = _unit(look - (look * along).sum(-1, keepdim=True) * along)
    flexion = torch.linalg.cross(along, pads)
    back = bones.new_tensor((0.0, 0.0, -1.0)).expand(bones.shape[0], 3)
    lift = _unit(torch.linalg.cross(along[:, 0, 0], back))
    second = torch.cat((lift[:, None], flexion[:, 1:, 0]), dim=1)
    return RestFrames(chains[:, :, 0], bones, flexion, second, along[:, :, 0])


def pose_hand(anatomy: Anatomy, articulation: Articulation, frames: RestFrames | None = None) -> PosedHand:
    """Forward kinematics; differentiable in the angles.

    Args:
        frames: :func:`rest_frames` of ``anatomy``, where it is at hand.
    """
    rest = frames or rest_frames(anatomy)
    count, device = rest.base.shape[0], rest.base.device
    unit = torch.eye(3, device=device)
    eye = unit.expand(count, 1, 3, 3)
    shares = torch.tensor((0.5, 1.0), device=device)

    flexion, deviation = articulation.wrist[:, :, None].unbind(1)
    arm = rotation_about(unit[2].expand(count, 2, 3), -shares * deviation)
    arm = arm @ rotation_about(unit[0].expand(count, 2, 3), -shares * flexion)
    cup = articulation.cup[:, None] * torch.tensor((0.0, 0.0, 0.0, 0.45, 1.0), device=device)
    palm = rotation_about(unit[0].expand(count, 5, 3), cup)

    a, b, c, d = articulation.fingers.unbind(-1)
    thumb = torch.tensor((1.0, 0.0, 0.0, 0.0, 0.0), device=device)
    fade = 1.0 - 0.55 * (b / 1.6).clamp(0.0, 1.0)
    turns = torch.stack((-thumb * b + (1 - thumb) * a * fade, thumb * a + (1 - thumb) * b), dim=-1)
    twist = -thumb * (0.75 * a + 0.45 * b)
    first = rotation_about(unit[2].expand(count, 5, 2, 3), turns[..., :1] * shares)
    first = first @ rotation_about(rest.second[:, :, None].expand(-1, -1, 2, -1), turns[..., 1:] * shares)
    first = first @ rotation_about(rest.along[:, :, None].expand(-1, -1, 2, -1), twist[..., None] * shares)
    turned = [palm[:, :, None] @ first]
    origin = [(palm @ rest.base[..., None])[..., 0]]
    for k, bend in ((1, c), (2, d)):
        before = turned[-1][:, :, 1]
        local = rotation_about(rest.flexion[:, :, k, None].expand(-1, -1, 2, -1), bend[..., None] * shares)
        turned.append(before[:, :, None] @ local)
        origin.append(origin[-1] + (before @ rest.bones[:, :, k - 1, :, None])[..., 0])
    tip = origin[-1] + (turned[-1][:, :, 1] @ rest.bones[:, :, 2, :, None])[..., 0]
    zero = torch.zeros(count, 1, 3, device=device)
    chains = torch.stack((*origin, tip), dim=2)
    rotations = torch.stack(turned, dim=2).flatten(1, 3)
    pivots = torch.stack(origin, dim=2)[:, :, :, None].expand(-1, -1, -1, 2, -1).flatten(1, 3)
    return PosedHand(
        joints=torch.cat((zero, chains.flatten(1, 2)), dim=1),
        rotation=torch.cat((eye, arm[:, 1:], arm[:, :1], palm[:, 3:], rotations), dim=1),
        origin=torch.cat((zero.expand(-1, FIRST_FINGER_PART, -1), pivots), dim=1),
    )
