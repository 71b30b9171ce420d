"""Plausible joint angles: named gestures, the digits of sign language, correlated random poses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from handstudio.synthesis.kinematics import Articulation

_DEGREE: Final = math.pi / 180.0

LIMITS: Final[Tensor] = _DEGREE * torch.tensor(
    (
        ((-12.0, 46.0), (-22.0, 44.0), (-12.0, 60.0), (-15.0, 80.0)),
        ((-18.0, 24.0), (-20.0, 92.0), (-2.0, 110.0), (-4.0, 80.0)),
        ((-12.0, 12.0), (-20.0, 94.0), (-2.0, 112.0), (-4.0, 80.0)),
        ((-20.0, 12.0), (-20.0, 94.0), (-2.0, 112.0), (-4.0, 80.0)),
        ((-36.0, 14.0), (-20.0, 96.0), (-2.0, 110.0), (-4.0, 80.0)),
    )
)
"""(5, 4, 2) lowest and highest angle of :class:`Articulation`'s ``fingers``, rad."""

_E = (0.0, 2.0, 5.0, 3.0)
_F = (0.0, 78.0, 102.0, 58.0)
_H = (0.0, 12.0, 88.0, 55.0)
_C = (0.0, 50.0, 55.0, 32.0)
_R = (0.0, 22.0, 32.0, 18.0)
_FLAT_BENT = (0.0, 75.0, 12.0, 8.0)

_OUT = (5.0, -12.0, -2.0, -2.0)
_SIDE = (4.0, 6.0, 2.0, 0.0)
_ACROSS = (22.0, 38.0, 30.0, 42.0)
_OVER = (40.0, 28.0, 28.0, 40.0)
_RELAXED = (20.0, 5.0, 12.0, 12.0)


@dataclass(frozen=True)
class Gesture:
    """A key pose: angles in degrees (as :class:`Articulation`'s ``fingers``), the finger that is touched."""

    thumb: tuple[float, ...]
    fingers: tuple[tuple[float, ...], ...]
    touch: int | None = None
    looseness: float = 1.0


GESTURES: Final[dict[str, Gesture]] = {
    "open": Gesture(_OUT, (_E, _E, _E, _E)),
    "flat": Gesture(_SIDE, ((-3.0, 0.0, 3.0, 2.0), _E, (3.0, 0.0, 3.0, 2.0), (8.0, 0.0, 3.0, 2.0))),
    "fist": Gesture(_OVER, (_F, _F, _F, _F)),
    "fist thumb up": Gesture((8.0, -12.0, 0.0, -2.0), (_F, _F, _F, _F)),
    "fist thumb inside": Gesture((40.0, 40.0, 40.0, 40.0), ((0.0, 72.0, 90.0, 50.0),) * 4),
    "point": Gesture(_OVER, (_E, _F, _F, _F)),
    "point thumb out": Gesture(_OUT, (_E, _F, _F, _F)),
    "two": Gesture(_OVER, ((8.0, 0.0, 4.0, 2.0), (-6.0, 0.0, 4.0, 2.0), _F, _F)),
    "two thumb out": Gesture(_OUT, (_E, _E, _F, _F)),
    "three": Gesture(_OUT, ((6.0, 0.0, 4.0, 2.0), (-3.0, 0.0, 4.0, 2.0), _F, _F)),
    "three fingers": Gesture(_OVER, (_E, _E, _E, _F)),
    "four": Gesture(_ACROSS, (_E, _E, _E, _E)),
    "pinky": Gesture(_OVER, (_F, _F, _F, _E)),
    "call": Gesture(_OUT, (_F, _F, _F, _E)),
    "horns": Gesture(_OVER, (_E, _F, _F, _E)),
    "ok": Gesture((34.0, 12.0, 20.0, 25.0),
                  ((0.0, 52.0, 58.0, 28.0), (0.0, 14.0, 10.0, 6.0), _E, _E), touch=1),
    "touch middle": Gesture((40.0, 20.0, 18.0, 25.0), (_E, (0.0, 60.0, 58.0, 30.0), _E, _E), touch=2),
    "touch ring": Gesture((44.0, 30.0, 22.0, 30.0), (_E, _E, (0.0, 66.0, 60.0, 30.0), _E), touch=3),
    "touch pinky": Gesture((44.0, 40.0, 30.0, 30.0), (_E, _E, _E, (0.0, 62.0, 62.0, 32.0)), touch=4),
    "pinch": Gesture((34.0, 12.0, 15.0, 20.0), ((0.0, 50.0, 52.0, 26.0), _R, _R, _R), touch=1),
    "zero": Gesture((38.0, 12.0, 12.0, 22.0), (_C, _C, _C, (4.0, 50.0, 52.0, 30.0)), touch=2),
    "bunch": Gesture((38.0, 18.0, 12.0, 15.0), ((-6.0, 58.0, 38.0, 18.0), (0.0, 60.0, 36.0, 18.0),
                                              (4.0, 60.0, 36.0, 18.0), (10.0, 60.0, 36.0, 18.0)), touch=2),
    "claw": Gesture((24.0, -8.0, 18.0, 30.0), (_H, _H, _H, _H)),
    "hook": Gesture(_SIDE, (_H, _H, _H, _H)),
    "grasp": Gesture((38.0, 2.0, 12.0, 18.0), ((0.0, 38.0, 45.0, 25.0),) * 4),
    "table": Gesture(_SIDE, (_FLAT_BENT,) * 4),
    "relaxed": Gesture(_RELAXED, ((0.0, 18.0, 28.0, 15.0), (0.0, 24.0, 34.0, 18.0),
                                 (0.0, 28.0, 36.0, 20.0), (0.0, 30.0, 34.0, 20.0)), looseness=1.5),
}  # fmt: skip
"""Key poses by name."""

SIGN_DIGITS: Final[tuple[str, ...]] = (
    "zero", "point", "two", "three", "four", "open", "touch pinky", "touch ring", "touch middle", "ok",
)  # fmt: skip
"""The key pose of each digit 0 to 9 as signed with one hand (Turkish sign language's one-handed forms)."""

RANDOM: Final = "random"

MIXED_SHARE: Final = 0.4
"""Share of random poses in which each finger is straight, bent or folded on its own."""
_FINGER_SHAPES: Final[Tensor] = torch.tensor([shape[1:3] for shape in (_E, _F, _H, _C, _R, _FLAT_BENT)])
_SHAPE_SHARES: Final[Tensor] = torch.tensor((0.38, 0.27, 0.1, 0.1, 0.1, 0.05))


def _key_pose(gesture: Gesture) -> Tensor:
    return _DEGREE * torch.tensor((gesture.thumb, *gesture.fingers))


_NAMES: Final[tuple[str, ...]] = tuple(GESTURES)
_TABLE: Final[Tensor] = torch.stack([_key_pose(gesture) for gesture in GESTURES.values()])
_LOOSENESS: Final[Tensor] = torch.tensor([gesture.looseness for gesture in GESTURES.values()])
_TOUCH: Final[Tensor] = torch.tensor([gesture.touch or 0 for gesture in GESTURES.values()])


@dataclass(frozen=True)
class GestureMix:
    """Shares of the kinds of pose (they need not sum to one)."""

    digits: float = 0.45
    named: float = 0.25
    random: float = 0.30


def _random_fingers(count: int, generator: torch.Generator) -> Tensor:
    """Random poses, DIP following PIP: fingers with a common curl, neighbours alike, or each finger on its
    own."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator)

    common = uniform(count, 1)
    own = uniform(count, 4)
    share = uniform(count, 1) ** 0.7
    curl = share * own + (1.0 - share) * common
    extended = uniform(count, 4) < 0.22
    curl = torch.where(extended, 0.08 * uniform(count, 4), curl)
    mcp = -8.0 + 95.0 * (curl + 0.17 * normal(count, 4)).clamp(0, 1)
    pip = 108.0 * (curl + 0.17 * normal(count, 4)).clamp(0, 1) ** 1.1
    mixed = uniform(count, 1) < MIXED_SHARE
    drawn = _FINGER_SHAPES[torch.multinomial(_SHAPE_SHARES, 4 * count, True, generator=generator)]
    drawn = drawn.view(count, 4, 2) + 8.0 * normal(count, 4, 2)
    mcp, pip = torch.where(mixed, drawn[..., 0], mcp), torch.where(mixed, drawn[..., 1], pip)
    dip = 0.62 * pip + 8.0 * normal(count, 4)
    splay = 12.0 * normal(count, 1) * torch.tensor((0.7, 0.0, -0.6, -1.2)) + 4.0 * normal(count, 4)
    fingers = torch.stack((splay, mcp, pip, dip), dim=-1)
    low, high = LIMITS[0].unbind(-1)
    thumb = (low + (high - low) * (0.5 + 0.28 * normal(count, 4))) / _DEGREE
    return _DEGREE * torch.cat((thumb[:, None], fingers), dim=1)


def choose_gestures(count: int, generator: torch.Generator, mix: GestureMix) -> Tensor:
    """(count,) long: index into ``GESTURES`` or -1 for a random pose."""
    kind = torch.multinomial(
        torch.tensor((mix.digits, mix.named, mix.random), dtype=torch.float32),
        count,
        True,
        generator=generator,
    )
    digits = torch.tensor([_NAMES.index(name) for name in SIGN_DIGITS])
    digit = digits[torch.randint(10, (count,), generator=generator)]
    named = torch.randint(len(_NAMES), (count,), generator=generator)
    return torch.where(kind == 0, digit, torch.where(kind == 1, named, torch.full((count,), -1)))


def articulate(gestures: Tensor, generator: torch.Generator, looseness: float = 1.0) -> Articulation:
    """Angles for chosen gestures with natural variation, within :data:`LIMITS`.

    Args:
        gestures: (B,) as :func:`choose_gestures` gives.
        looseness: scale of the variation about the key poses.
    """
    count = gestures.shape[0]
    known = gestures.clamp_min(0)
    key = _TABLE[known]
    loose = looseness * _LOOSENESS[known][:, None, None]
    sigma = _DEGREE * torch.tensor(((5.0, 6.0, 8.0, 9.0),) + ((4.0, 8.0, 7.0, 5.0),) * 4)
    common = torch.randn(count, 1, 4, generator=generator) * torch.tensor((0.2, 0.7, 0.6, 0.6))
    own = torch.randn(count, 5, 4, generator=generator)
    splay = _DEGREE * (-3.0 + 24.0 * torch.rand(count, 1, generator=generator))
    fan = splay * torch.tensor((0.0, 0.8, 0.0, -0.6, -1.5))
    posed = key + loose * sigma * (0.75 * own + common)
    posed[..., 0] = posed[..., 0] + loose[:, 0] * fan
    chosen = torch.where((gestures < 0)[:, None, None], _random_fingers(count, generator), posed)
    low, high = LIMITS.unbind(-1)
    fingers = chosen.clamp(low, high)
    curl = (fingers[:, 4, 1] / 1.5).clamp(0.0, 1.0)
    cup = _DEGREE * (3.0 + 10.0 * curl + 3.0 * torch.randn(count, generator=generator)).clamp(-2.0, 22.0)
    wrist = torch.randn(count, 2, generator=generator) * torch.tensor((16.0, 8.0)) * _DEGREE
    limit = _DEGREE * torch.tensor((45.0, 20.0))
    return Articulation(fingers, cup, wrist.clamp(-limit, limit))


def touched_finger(gestures: Tensor) -> Tensor:
    """(B,) finger 1 to 4 that the thumb touches in each gesture, 0 for none."""
    return torch.where(gestures < 0, torch.zeros_like(gestures), _TOUCH[gestures.clamp_min(0)])


def is_edgewise(gestures: Tensor) -> Tensor:
    """(B,) bool: poses that people mostly show from the side."""
    edgewise = torch.tensor([name in ("zero", "bunch", "table") for name in _NAMES])
    return (gestures >= 0) & edgewise[gestures.clamp_min(0)]


def gesture_names(gestures: Tensor) -> Sequence[str]:
    """Names of chosen gestures; ``random`` for -1."""
    return [RANDOM if index < 0 else _NAMES[index] for index in gestures.tolist()]
