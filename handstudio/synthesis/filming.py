"""Sequences of a moving hand: what is planned, and how each camera sees it.

:mod:`handstudio.synthesis.recording` writes them as recordings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.skeleton import Side
from handstudio.synthesis.anatomy import Anatomy, random_anatomy
from handstudio.synthesis.articulation import GESTURES, RANDOM
from handstudio.synthesis.background import backgrounds
from handstudio.synthesis.motion import Course, Motion, motions, random_course
from handstudio.synthesis.render import Layers
from handstudio.synthesis.rig import random_rig
from handstudio.synthesis.scene import (
    HandsInView,
    RenderedHands,
    Scenery,
    SceneSettings,
    draw_layers,
    finish,
    parts_in_view,
)
from handstudio.synthesis.skin import Appearance
from handstudio.synthesis.surface import BASE_SHAPES
from handstudio.synthesis.viewpoint import axis_rotation

FRAMES_PER_SEQUENCE: Final = 40
EXPOSURES: Final = 5
"""Moments that a motion-blurred picture is the mean of."""

_MIDDLE_OF_HAND = torch.tensor((0.0, -82.0, 0.0))
_UPRIGHT = torch.diag(torch.tensor((1.0, -1.0, -1.0)))


@dataclass(frozen=True)
class SequencePlan:
    """What one recording shows.

    Attributes:
        subject: name of the person.
        side: of the hand.
        frames: instants.
        shutter: share of the time between frames that the shutter is open; 0 = no motion blur.
        gestures: names of key poses to go through, random ones if empty.
        instants_per_pose: smaller = faster.
        facing_deg: turn of the hand about the vertical, 0 = palm to the first camera, 180 = back.
        number: which sequence of the person it is.
    """

    subject: str
    side: Side
    frames: int = FRAMES_PER_SEQUENCE
    shutter: float = 0.0
    gestures: tuple[str, ...] = ()
    instants_per_pose: float = 8.0
    facing_deg: float = 0.0
    number: int = 1

    @property
    def name(self) -> str:
        """Of the sequence."""
        return f"{self.subject}_seq{self.number}"


@dataclass(frozen=True)
class Recording:
    """A sequence ready to be drawn: the hand at each exposure, in world coordinates, and the cameras."""

    plan: SequencePlan
    anatomy: Anatomy
    motion: Motion
    look: Appearance
    turn: Tensor
    place: Tensor
    K: Tensor
    R: Tensor
    t: Tensor
    base: int
    scenery: tuple[Scenery, ...] = field(default_factory=tuple)

    @property
    def exposures(self) -> int:
        """Moments per frame."""
        return EXPOSURES if self.plan.shutter > 0 else 1


@dataclass(frozen=True)
class _Outline:
    """What chance says of a recording: all but the settled motion and where it takes place."""

    plan: SequencePlan
    course: Course
    look: Appearance
    heading: Tensor
    target: Tensor
    cameras: tuple[Tensor, Tensor, Tensor]
    base: int
    scenery: tuple[Scenery, ...]

    def with_motion(self, motion: Motion) -> Recording:
        turn = self.heading @ motion.turn
        K, R, t = self.cameras
        return Recording(
            plan=self.plan,
            anatomy=self.course.anatomy,
            motion=motion,
            look=self.look,
            turn=turn,
            place=self.target + motion.drift_mm - (turn @ _MIDDLE_OF_HAND[:, None])[..., 0],
            K=K,
            R=R,
            t=t,
            base=self.base,
            scenery=self.scenery,
        )


@dataclass(frozen=True)
class Chances:
    """Where a recording's chances come from: ``own`` for motion, cameras and backgrounds, ``person`` for
    anatomy, skin and light."""

    own: torch.Generator
    person: torch.Generator


def plan_recordings(
    plans: Sequence[SequencePlan],
    chances: Sequence[Chances],
    size: int,
    views: int,
    settings: SceneSettings,
) -> list[Recording]:
    """Choose motion, cameras and backgrounds of sequences, each by its own chances.

    They are planned together because their hands are settled together, which takes hardly longer than for
    one.
    """
    outlines = [
        _outline(plan, size, views, settings, chance) for plan, chance in zip(plans, chances, strict=True)
    ]
    moving = motions([outline.course for outline in outlines])
    return [outline.with_motion(motion) for outline, motion in zip(outlines, moving, strict=True)]


def _outline(
    plan: SequencePlan, size: int, views: int, settings: SceneSettings, chances: Chances
) -> _Outline:
    generator, person = chances.own, chances.person
    anatomy = random_anatomy(1, person, settings.anatomy)
    course = _course(plan, anatomy, settings, generator)
    facing = math.radians(plan.facing_deg) + 0.3 * float(torch.randn((), generator=generator))
    roll = 0.2 * float(torch.randn((), generator=generator))
    target = torch.tensor((0.0, 950.0, 0.0)) + 40.0 * torch.randn(3, generator=generator)
    cameras = random_rig(views, target, 205.0 * float(anatomy.palm_length[0]), size, generator)
    scenery = []
    for _ in range(views):
        back, plain = backgrounds(1, size, generator, settings.plain_share)
        seed = int(torch.randint(2**31, (), generator=generator))
        scenery.append(Scenery(back, bool(plain[0]), seed))
    return _Outline(
        plan=plan,
        course=course,
        look=settings.appearance(1, person),
        heading=axis_rotation(1, torch.tensor(facing)) @ axis_rotation(2, torch.tensor(roll)) @ _UPRIGHT,
        target=target,
        cameras=cameras,
        base=int(torch.randint(BASE_SHAPES, (), generator=person)),
        scenery=tuple(scenery),
    )


def _course(
    plan: SequencePlan, anatomy: Anatomy, settings: SceneSettings, generator: torch.Generator
) -> Course:
    """The instants at which the shutter is open."""
    exposures = EXPOSURES if plan.shutter > 0 else 1
    spacing = exposures / plan.shutter if plan.shutter > 0 else 1.0
    moments = round(plan.frames * spacing)
    chosen = None
    if plan.gestures:
        order = list(GESTURES)
        chosen = torch.tensor([-1 if name == RANDOM else order.index(name) for name in plan.gestures])
    pace = plan.instants_per_pose * spacing
    course = random_course(anatomy, moments, generator, settings.poses, pace, spacing, chosen)
    if exposures == 1:
        return course
    middle = (torch.arange(plan.frames) * spacing + spacing / 2).long()
    open_at = middle[:, None] + torch.arange(exposures) - exposures // 2
    return course.rows(open_at.clamp(0, moments - 1).flatten())


def render_view(
    recording: Recording,
    view: int,
    start: int,
    end: int,
    settings: SceneSettings,
    generator: torch.Generator,
) -> RenderedHands:
    """Frames ``start`` to ``end`` as one camera sees them; poses are those of the middle of the exposure."""
    exposures, count = recording.exposures, end - start
    index = torch.arange(start * exposures, end * exposures)
    same = torch.zeros(len(index), dtype=torch.long)
    rotation, translation = recording.R[view], recording.t[view]
    hands = HandsInView(
        anatomy=recording.anatomy.rows(same),
        articulation=recording.motion.articulation.rows(index),
        look=lit_in_view(recording.look, recording.R[0], rotation).rows(same),
        rotation=rotation @ recording.turn[index],
        translation=recording.place[index] @ rotation.T + translation,
        K=recording.K[view].expand(len(index), 3, 3),
        left=torch.full((len(index),), recording.plan.side == "left"),
    )
    size = recording.scenery[view].backdrop.shape[-1]
    parts = parts_in_view(hands)
    layers = draw_layers(parts, size, settings, recording.base)
    middle = torch.arange(count) * exposures + exposures // 2
    if exposures > 1:
        blurred = {
            name: getattr(layers, name).unflatten(0, (count, exposures)).mean(dim=1)
            for name in ("colour", "coverage")
        }
        sharp = Layers(*(getattr(layers, f.name)[middle] for f in fields(Layers)))
        middle_parts = parts_in_view(hands.rows(middle))
        drawn = finish(middle_parts, replace(sharp, **blurred), settings, generator, recording.scenery[view])
        covered = (sharp.coverage >= 0.5).float()
        return replace(drawn, mask=covered, hand_mask=covered * (sharp.hand_coverage >= 0.5))
    return finish(parts, layers, settings, generator, recording.scenery[view])


def lit_in_view(look: Appearance, first: Tensor, rotation: Tensor) -> Appearance:
    """The first camera's light as another camera sees it; ``first``, ``rotation``: world to camera."""
    return replace(look, key=look.key @ (rotation @ first.T).T)
