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


def pose_hand(anatomy: Anatomy, articulation: Articulation) -> PosedHand:
    """Forward kinematics; differentiable in the angles."""
    rest = anatomy.joints
    count, device = rest.shape[0], rest.device
    eye = torch.eye(3, device=device).expand(count, 3, 3)
    x_axis = torch.tensor((1.0, 0.0, 0.0), device=device).expand(count, 3)
    z_axis = torch.tensor((0.0, 0.0, 1.0), device=device).expand(count, 3)
    rotation: list[Tensor] = [eye] * PART_COUNT
    origin: list[Tensor] = [torch.zeros(count, 3, device=device)] * PART_COUNT
    joints: list[Tensor] = [torch.zeros(count, 3, device=device)]

    flexion, deviation = articulation.wrist.unbind(-1)
    for part, share in ((FOREARM, 1.0), (WRIST_HALF, 0.5)):
        rotation[part] = rotation_about(z_axis, -share * deviation) @ rotation_about(x_axis, -share * flexion)
    for part, share in ((RING_METACARPAL, 0.45), (PINKY_METACARPAL, 1.0)):
        rotation[part] = rotation_about(x_axis, share * articulation.cup)

    for finger in range(5):
        chain = range(1 + 4 * finger, 5 + 4 * finger)
        a, b, c, d = articulation.fingers[:, finger].unbind(-1)
        parent = {3: rotation[RING_METACARPAL], 4: rotation[PINKY_METACARPAL]}.get(finger, eye)
        position = (parent @ rest[:, chain[0], :, None])[..., 0]
        joints.append(position)
        bones = [rest[:, chain[k + 1]] - rest[:, chain[k]] for k in range(3)]
        pads = [pad_direction(bone, finger) for bone in bones]
        axes = [torch.linalg.cross(_unit(bone), pad) for bone, pad in zip(bones, pads, strict=True)]
        for order, share in ((0, 0.5), (1, 1.0)):
            if finger == 0:
                along = _unit(bones[0])
                lift = torch.linalg.cross(along, -z_axis)
                twist = -(0.75 * a + 0.45 * b)
                turn = rotation_about(-z_axis, share * b) @ rotation_about(_unit(lift), share * a)
                turn = turn @ rotation_about(along, share * twist)
            else:
                fade = 1.0 - 0.55 * (b / 1.6).clamp(0.0, 1.0)
                turn = rotation_about(z_axis, share * a * fade) @ rotation_about(axes[0], share * b)
            rotation[finger_part(finger, order)] = parent @ turn
            origin[finger_part(finger, order)] = position
        bend = (c, d)
        for k in range(1, 4):
            before = rotation[finger_part(finger, 2 * k - 1)]
            position = position + (before @ bones[k - 1][..., None])[..., 0]
            joints.append(position)
            if k == 3:
                break
            for order, share in ((2 * k, 0.5), (2 * k + 1, 1.0)):
                rotation[finger_part(finger, order)] = before @ rotation_about(axes[k], share * bend[k - 1])
                origin[finger_part(finger, order)] = position
    return PosedHand(torch.stack(joints, 1), torch.stack(rotation, 1), torch.stack(origin, 1))
