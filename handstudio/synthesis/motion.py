"""Hands that move: key poses with holds and smooth changes between them, and a drift of place and turn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from handstudio.synthesis.anatomy import Anatomy
from handstudio.synthesis.articulation import GestureMix, articulate, choose_gestures, touched_finger
from handstudio.synthesis.contact import settle
from handstudio.synthesis.kinematics import Articulation
from handstudio.synthesis.viewpoint import axis_rotation


@dataclass(frozen=True)
class Motion:
    """One moving hand, T instants.

    Attributes:
        articulation: T rows.
        turn: (T, 3, 3) turn of the hand about its middle, in world coordinates, from the hand's frame.
        drift_mm: (T, 3) how far its middle strays.
        gesture: (T,) key pose near it, -1 where it is random or changing.
    """

    articulation: Articulation
    turn: Tensor
    drift_mm: Tensor
    gesture: Tensor


def _ease(share: Tensor) -> Tensor:
    return share * share * share * (share * (6.0 * share - 15.0) + 10.0)


def _wander(count: int, channels: int, period: float, generator: torch.Generator) -> Tensor:
    """(count, channels) smooth noise of about unit size whose bumps are ``period`` instants long."""
    t = torch.arange(count, dtype=torch.float32)[:, None, None]
    rates = (0.35 + torch.rand(1, channels, 4, generator=generator)) * (6.2832 / (2.0 * period))
    phases = 6.2832 * torch.rand(1, channels, 4, generator=generator)
    return 1.3 * torch.tanh(torch.sin(rates * t + phases).sum(-1) / 2.0)


def random_motion(
    anatomy: Anatomy,
    count: int,
    generator: torch.Generator,
    mix: GestureMix,
    instants_per_pose: float = 8.0,
    instants_per_frame: float = 1.0,
    gestures: Tensor | None = None,
) -> Motion:
    """A smooth motion through random (or given) key poses.

    Args:
        anatomy: one row, the hand that moves.
        count: number of instants T.
        instants_per_pose: how long a pose and the way to it last.
        instants_per_frame: more than 1 where each frame is seen at several instants.
        gestures: key poses to go through instead of random ones.
    """
    if gestures is None:
        gestures = choose_gestures(max(2, 1 + round(count / instants_per_pose)), generator, mix)
    poses = gestures.shape[0]
    hands = anatomy.rows(torch.zeros(poses, dtype=torch.long))
    keys = settle(hands, articulate(gestures, generator), touched_finger(gestures), steps=30)
    position = torch.linspace(0.0, poses - 1.001, count) if poses > 1 else torch.zeros(count)
    before = position.floor().long()
    share = ((position - before) / 0.75).clamp(0.0, 1.0)
    after = (before + 1).clamp_max(poses - 1)
    way = _ease(share)
    fingers = torch.lerp(keys.fingers[before], keys.fingers[after], way[:, None, None])
    fingers = fingers + 0.02 * _wander(count, 20, 10.0 * instants_per_frame, generator).view(count, 5, 4)
    moving = Articulation(
        fingers,
        torch.lerp(keys.cup[before], keys.cup[after], way),
        0.22 * _wander(count, 2, 14.0 * instants_per_frame, generator) * torch.tensor((1.0, 0.5)),
    )
    settled = settle(
        anatomy.rows(torch.zeros(count, dtype=torch.long)), moving, torch.zeros(count, dtype=torch.long)
    )
    swing = _wander(count, 3, 18.0 * instants_per_frame, generator) * torch.tensor((0.22, 0.38, 0.22))
    turn = axis_rotation(2, swing[:, 2]) @ axis_rotation(0, swing[:, 0]) @ axis_rotation(1, swing[:, 1])
    named = torch.where(way < 0.02, gestures[before], torch.where(way > 0.98, gestures[after], -1))
    return Motion(settled, turn, 14.0 * _wander(count, 3, 16.0 * instants_per_frame, generator), named)
