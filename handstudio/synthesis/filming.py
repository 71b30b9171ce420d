"""Sequences of a moving hand: what is planned, and how each camera sees it.

:mod:`handstudio.synthesis.recording` writes them as recordings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.skeleton import Side
from handstudio.synthesis.anatomy import Anatomy, random_anatomy
from handstudio.synthesis.articulation import GESTURES, RANDOM
from handstudio.synthesis.background import backgrounds
from handstudio.synthesis.motion import Motion, random_motion
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
from handstudio.synthesis.skin import Appearance, random_appearance
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


def plan_recording(
    plan: SequencePlan,
    size: int,
    views: int,
    settings: SceneSettings,
    generator: torch.Generator,
    person: torch.Generator,
) -> Recording:
    """Choose motion, cameras and backgrounds of a sequence by ``generator``, the person (anatomy, skin) and
    the light by ``person``."""
    anatomy = random_anatomy(1, person, settings.anatomy)
    exposures = EXPOSURES if plan.shutter > 0 else 1
    spacing = exposures / plan.shutter if plan.shutter > 0 else 1.0
    moments = round(plan.frames * spacing)
    chosen = None
    if plan.gestures:
        order = list(GESTURES)
        chosen = torch.tensor([-1 if name == RANDOM else order.index(name) for name in plan.gestures])
    motion = random_motion(
        anatomy, moments, generator, settings.poses, plan.instants_per_pose * spacing, spacing, chosen
    )
    if exposures > 1:
        middle = (torch.arange(plan.frames) * spacing + spacing / 2).long()
        kept = middle[:, None] + torch.arange(exposures) - exposures // 2
        motion = motion_rows(motion, kept.clamp(0, moments - 1).flatten())
    facing = math.radians(plan.facing_deg) + 0.3 * float(torch.randn((), generator=generator))
    roll = 0.2 * float(torch.randn((), generator=generator))
    heading = axis_rotation(1, torch.tensor(facing)) @ axis_rotation(2, torch.tensor(roll)) @ _UPRIGHT
    turn = heading @ motion.turn
    target = torch.tensor((0.0, 950.0, 0.0)) + 40.0 * torch.randn(3, generator=generator)
    extent = 205.0 * float(anatomy.palm_length[0])
    K, R, t = random_rig(views, target, extent, size, generator)
    scenery = []
    for _ in range(views):
        back, plain = backgrounds(1, size, generator, settings.plain_share)
        seed = int(torch.randint(2**31, (), generator=generator))
        scenery.append(Scenery(back, bool(plain[0]), seed))
    return Recording(
        plan=plan,
        anatomy=anatomy,
        motion=motion,
        look=random_appearance(1, person, settings.sleeve_share, settings.flash_share),
        turn=turn,
        place=target + motion.drift_mm - (turn @ _MIDDLE_OF_HAND[:, None])[..., 0],
        K=K,
        R=R,
        t=t,
        base=int(torch.randint(BASE_SHAPES, (), generator=person)),
        scenery=tuple(scenery),
    )


def motion_rows(motion: Motion, index: Tensor) -> Motion:
    """Some instants of a motion."""
    return Motion(
        motion.articulation.rows(index), motion.turn[index], motion.drift_mm[index], motion.gesture[index]
    )


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
    layers = draw_layers(parts.rows(0, len(index), "cpu"), size, settings, recording.base)
    middle = torch.arange(count) * exposures + exposures // 2
    if exposures > 1:
        blurred = {
            name: getattr(layers, name).unflatten(0, (count, exposures)).mean(dim=1)
            for name in ("colour", "coverage")
        }
        sharp = Layers(*(getattr(layers, f.name)[middle] for f in fields(Layers)))
        middle_parts = parts_in_view(hands.rows(middle)).rows(0, count, "cpu")
        drawn = finish(middle_parts, replace(sharp, **blurred), settings, generator, recording.scenery[view])
        covered = (sharp.coverage >= 0.5).float()
        return replace(drawn, mask=covered, hand_mask=covered * (sharp.hand_coverage >= 0.5))
    return finish(parts.rows(0, count, "cpu"), layers, settings, generator, recording.scenery[view])


def lit_in_view(look: Appearance, first: Tensor, rotation: Tensor) -> Appearance:
    """The first camera's light as another camera sees it; ``first``, ``rotation``: world to camera."""
    return replace(look, key=look.key @ (rotation @ first.T).T)
