"""From joint angles to joints and to the rigid motion of every part of the hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from handstudio.synthesis.anatomy import PADS, Anatomy
from handstudio.synthesis.rows import Rows

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
class Articulation(Rows):
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
    return _rotation(axis.movedim(-1, 0), angle).movedim((0, 1), (-2, -1))


def _rotation(axis: Tensor, angle: Tensor) -> Tensor:
    """Rodrigues' rotation with components first: axis (3, ...), angle (...) -> (3, 3, ...)."""
    x, y, z = axis.unbind(0)
    c, s = torch.cos(angle), torch.sin(angle)
    k = 1.0 - c
    kx, ky, kz = k * x, k * y, k * z
    xy, xz, yz = kx * y, kx * z, ky * z
    xs, ys, zs = x * s, y * s, z * s
    rows = (
        (c + kx * x, xy - zs, xz + ys),
        (xy + zs, c + ky * y, yz - xs),
        (xz - ys, yz + xs, c + kz * z),
    )
    return torch.stack([torch.stack(row) for row in rows])


def _compose(a: Tensor, b: Tensor) -> Tensor:
    """Matrix products with components first: (3, 3, ...) x (3, 3, ...)."""
    return a[:, 0, None] * b[0] + a[:, 1, None] * b[1] + a[:, 2, None] * b[2]


def _turn(a: Tensor, v: Tensor) -> Tensor:
    """Turned vectors with components first: (3, 3, ...) x (3, ...) -> (3, ...)."""
    return a[:, 0] * v[0] + a[:, 1] * v[1] + a[:, 2] * v[2]


def _unit(vector: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(vector, dim=-1, keepdim=True)
    return vector / length.clamp_min(1e-9)


def pad_direction(bone: Tensor, finger: int) -> Tensor:
    """Where the pad of a bone looks at rest: (..., 3) unit, perpendicular to ``bone`` (..., 3)."""
    look = PADS[finger].to(bone).expand_as(bone)
    along = _unit(bone)
    return _unit(look - (look * along).sum(-1, keepdim=True) * along)


@dataclass(frozen=True)
class RestFrames:
    """Fingers at rest, components first and hands last (the quickest order to compute in).

    Attributes:
        base: (3, 5, B) first joint of each finger, mm.
        bones: (3, 5, 3, B) its three bones, mm. ``flexion``: (3, 5, 3, B) unit axes of their flexion.
        second, along: (3, 5, B) unit axes of the first joint's second and third turn.
    """

    base: Tensor
    bones: Tensor
    flexion: Tensor
    second: Tensor
    along: Tensor


def rest_frames(anatomy: Anatomy) -> RestFrames:
    """What :func:`pose_hand` needs of the anatomy."""
    chains = anatomy.joints[:, 1:].reshape(-1, 5, 4, 3)
    bones = chains[:, :, 1:] - chains[:, :, :-1]
    along = _unit(bones)
    look = PADS[:, None].to(bones)
    pads = _unit(look - (look * along).sum(-1, keepdim=True) * along)
    flexion = torch.linalg.cross(along, pads)
    back = bones.new_tensor((0.0, 0.0, -1.0)).expand(bones.shape[0], 3)
    lift = _unit(torch.linalg.cross(along[:, 0, 0], back))
    second = torch.cat((lift[:, None], flexion[:, 1:, 0]), dim=1)
    return RestFrames(
        *(
            part.movedim(0, -1).movedim(-2, 0).contiguous()
            for part in (chains[:, :, 0], bones, flexion, second, along[:, :, 0])
        )
    )


def pose_hand(
    anatomy: Anatomy, articulation: Articulation, frames: RestFrames | None = None, halves: bool = True
) -> PosedHand:
    """Forward kinematics; differentiable in the angles.

    Args:
        frames: :func:`rest_frames` of ``anatomy``, where it is at hand.
        halves: also the half-turned parts; without them only ``joints`` is of use.
    """
    rest = frames or rest_frames(anatomy)
    count, device = rest.base.shape[-1], rest.base.device
    unit = torch.eye(3, device=device)[..., None]
    shares = torch.tensor((0.5, 1.0) if halves else (1.0,), device=device)[:, None]

    flexion, deviation = articulation.wrist.unbind(-1)
    arm = _rotation(unit[2][:, None], -shares * deviation)
    arm = _compose(arm, _rotation(unit[0][:, None], -shares * flexion))
    cup = torch.tensor((0.0, 0.0, 0.0, 0.45, 1.0), device=device)[:, None] * articulation.cup
    palm = _rotation(unit[0][:, None], cup)

    a, b, c, d = articulation.fingers.permute(2, 1, 0).contiguous()
    thumb = torch.tensor((1.0, 0.0, 0.0, 0.0, 0.0), device=device)[:, None]
    fade = 1.0 - 0.8 * (b / 1.6).clamp(0.0, 1.0)
    sideways = -thumb * b + (1.0 - thumb) * a * fade
    forwards = thumb * a + (1.0 - thumb) * b
    twist = -thumb * (0.5 * a + 0.25 * b)
    first = _rotation(unit[2][:, None, None], sideways[:, None] * shares)
    first = _compose(first, _rotation(rest.second[:, :, None], forwards[:, None] * shares))
    first = _compose(first, _rotation(rest.along[:, :, None], twist[:, None] * shares))
    turned = [_compose(palm[:, :, :, None], first)]
    origin = [_turn(palm, rest.base)]
    for k, bend in ((1, c), (2, d)):
        before = turned[-1][:, :, :, -1]
        local = _rotation(rest.flexion[:, :, k, None], bend[:, None] * shares)
        turned.append(_compose(before[:, :, :, None], local))
        origin.append(origin[-1] + _turn(before, rest.bones[:, :, k - 1]))
    tip = origin[-1] + _turn(turned[-1][:, :, :, -1], rest.bones[:, :, 2])
    chains = torch.stack((*origin, tip), dim=2).flatten(1, 2)
    zero = torch.zeros(3, 1, count, device=device)
    joints = torch.cat((zero, chains), dim=1).permute(2, 1, 0)
    if not halves:
        return PosedHand(joints, torch.empty(0), torch.empty(0))
    still = torch.eye(3, device=device)[..., None, None].expand(3, 3, 1, count)
    rotations = torch.stack(turned, dim=3).flatten(2, 4)
    pivots = torch.stack(origin, dim=2)[:, :, :, None].expand(-1, -1, -1, 2, -1).flatten(1, 3)
    return PosedHand(
        joints=joints.contiguous(),
        rotation=torch.cat((still, arm[:, :, 1:], arm[:, :, :1], palm[:, :, 3:], rotations), dim=2)
        .permute(3, 2, 0, 1)
        .contiguous(),
        origin=torch.cat((zero.expand(-1, FIRST_FINGER_PART, -1), pivots), dim=1)
        .permute(2, 1, 0)
        .contiguous(),
    )
