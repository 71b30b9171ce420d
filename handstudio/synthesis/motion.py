"""Hands that move: key poses with holds and smooth changes between them, and a drift of place and turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from handstudio.synthesis.anatomy import Anatomy
from handstudio.synthesis.articulation import GestureMix, articulate, choose_gestures, touched_finger
from handstudio.synthesis.contact import settle
from handstudio.synthesis.kinematics import Articulation
from handstudio.synthesis.rows import Rows
from handstudio.synthesis.viewpoint import axis_rotation


@dataclass(frozen=True)
class Motion(Rows):
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


@dataclass(frozen=True)
class Course:
    """What chance says of a motion, before its poses are made such that a hand can take them.

    Attributes:
        anatomy: one row, the hand that moves.
        gestures: (P,) key poses, evenly apart.
        keys: their P articulations.
        along: (T,) where between the key poses each instant is, 0 to P - 1.
        stray: (T, 20) by how much the fingers' angles stray, rad.
        wrist: (T, 2) its angles, rad.
        turn, drift_mm: as a :class:`Motion` has them.
    """

    anatomy: Anatomy
    gestures: Tensor
    keys: Articulation
    along: Tensor
    stray: Tensor
    wrist: Tensor
    turn: Tensor
    drift_mm: Tensor

    def rows(self, index: Tensor) -> Course:
        """Some of its instants."""
        return replace(
            self,
            **{name: getattr(self, name)[index] for name in ("along", "stray", "wrist", "turn", "drift_mm")},
        )


def random_course(
    anatomy: Anatomy,
    count: int,
    generator: torch.Generator,
    mix: GestureMix,
    instants_per_pose: float = 8.0,
    instants_per_frame: float = 1.0,
    gestures: Tensor | None = None,
) -> Course:
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
    keys = articulate(gestures, generator)
    along = torch.linspace(0.0, poses - 1.001, count) if poses > 1 else torch.zeros(count)
    stray = 0.02 * _wander(count, 20, 10.0 * instants_per_frame, generator)
    wrist = 0.22 * _wander(count, 2, 14.0 * instants_per_frame, generator) * torch.tensor((1.0, 0.5))
    swing = _wander(count, 3, 18.0 * instants_per_frame, generator) * torch.tensor((0.22, 0.38, 0.22))
    turn = axis_rotation(2, swing[:, 2]) @ axis_rotation(0, swing[:, 0]) @ axis_rotation(1, swing[:, 1])
    drift = 14.0 * _wander(count, 3, 16.0 * instants_per_frame, generator)
    return Course(anatomy, gestures, keys, along, stray, wrist, turn, drift)


def motions(courses: Sequence[Course]) -> list[Motion]:
    """The motions of courses. All their hands are settled together: many cost hardly more than one."""
    keys = _settled(courses, [course.keys for course in courses], touching=True, steps=30)
    ways = [_way(course, own) for course, own in zip(courses, keys, strict=True)]
    settled = _settled(courses, [moving for moving, _ in ways], touching=False, steps=14)
    return [
        Motion(moving, course.turn, course.drift_mm, named)
        for course, moving, (_, named) in zip(courses, settled, ways, strict=True)
    ]


def _settled(
    courses: Sequence[Course], poses: Sequence[Articulation], touching: bool, steps: int
) -> list[Articulation]:
    """Each course's poses, settled."""
    counts = [len(own.cup) for own in poses]
    hands = Anatomy.joined([course.anatomy for course in courses]).rows(
        torch.repeat_interleave(torch.tensor(counts))
    )
    touched = torch.cat(
        [
            touched_finger(course.gestures) if touching else torch.zeros(count, dtype=torch.long)
            for course, count in zip(courses, counts, strict=True)
        ]
    )
    settled = settle(hands, Articulation.joined(poses), touched, steps)
    return [settled.rows(own) for own in torch.split(torch.arange(sum(counts)), counts)]


def _way(course: Course, keys: Articulation) -> tuple[Articulation, Tensor]:
    """Poses (T rows) on the way between key poses, and the key pose that each is, -1 where it is none."""
    before = course.along.floor().long()
    after = (before + 1).clamp_max(len(course.gestures) - 1)
    way = _ease(((course.along - before) / 0.75).clamp(0.0, 1.0))
    fingers = torch.lerp(keys.fingers[before], keys.fingers[after], way[:, None, None])
    moving = Articulation(
        fingers + course.stray.view(-1, 5, 4),
        torch.lerp(keys.cup[before], keys.cup[after], way),
        course.wrist,
    )
    named = torch.where(way > 0.98, course.gestures[after], -1)
    return moving, torch.where(way < 0.02, course.gestures[before], named)
