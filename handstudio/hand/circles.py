"""The circle model G: a hand's mask as 55 circles about its joints (SemiHand, Sec. 3.3), and its spheres.

The paper does not print the layout. Here every finger has 9 circles: its 4 joints, 2 between base and middle
joint, 2 in the next segment and 1 in the last; the palm has 10: 2 on each of the five rays from the wrist to
a finger's base. A circle's radius is one ratio of the hand's scale (px per reference bone); the ratios are
data, fitted to rendered masks by :func:`handstudio.hand.fitting.fit_radii`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.arrays import Array, like, namespace
from handstudio.hand.lift import reference_length, scale_free_px_per_bone
from handstudio.hand.skeleton import BONES, FINGER_BASES, FINGERS, JOINT_COUNT, REFERENCE_CHILD, WRIST
from handstudio.hand.template import relative_bone_lengths

Floats = npt.NDArray[np.float32]

CIRCLE_COUNT: Final = 55

_BETWEEN: Final = ((1 / 3, 2 / 3), (1 / 3, 2 / 3), (1 / 2,))
"""Where circles lie in a finger's three segments, as shares of the segment."""
_PALM_RAY: Final = (0.30, 0.68)
"""Where circles lie on the ray from the wrist to a finger's base."""
_LONGEST_SEEN: Final = 5
"""How many of the least foreshortened bones make the scale when depth is not known."""


def _layout() -> Floats:
    rows = []

    def between(start: int, end: int, share: float) -> None:
        row = np.zeros(JOINT_COUNT, dtype=np.float32)
        row[start] = 1.0 - share
        row[end] = share
        rows.append(row)

    for finger in FINGERS:
        for start, end, shares in zip(finger[:-1], finger[1:], _BETWEEN, strict=True):
            for share in (0.0, *shares):
                between(start, end, share)
        between(finger[-1], finger[-1], 1.0)
    for base in FINGER_BASES:
        for share in _PALM_RAY:
            between(WRIST, base, share)
    layout = np.stack(rows)
    layout.flags.writeable = False
    return layout


LAYOUT: Final[Floats] = _layout()
"""(55, 21): each centre as a mixture of joints; fingers from the thumb, each from its base, then the palm."""


@cache
def fitted_ratios() -> Floats:
    """(55,) radius of each circle in reference bones, as shipped in ``circle_radii.json``."""
    stored = json.loads(files("handstudio.hand").joinpath("circle_radii.json").read_text(encoding="utf-8"))
    ratios = np.array(stored["ratios"], dtype=np.float32)
    ratios.flags.writeable = False
    return ratios


def circle_centres(uv: Array) -> Array:
    """(..., 21, 2) joints (or (..., 21, 3)) to (..., 55, 2) centres in the same unit."""
    return like(LAYOUT, uv) @ uv


def hand_scale(uv: Array, depth: Array | None = None) -> Array:
    """The hand's size in its frame, (...): units of ``uv`` per reference bone.

    Args:
        uv: (..., 21, 2) px or cells.
        depth: (..., 21) in reference bones. Without it, the bones that look longest for their length are
            taken to lie in the image's plane.
    """
    if depth is not None:
        return scale_free_px_per_bone(uv, depth)
    xp = namespace(uv)
    chords = uv[..., [child for _, child in BONES], :] - uv[..., [parent for parent, _ in BONES], :]
    x, y = chords[..., 0], chords[..., 1]
    ratio = xp.sqrt(x * x + y * y + 1e-12) / like(relative_bone_lengths(), uv)
    return xp.sort(ratio)[..., -_LONGEST_SEEN:].mean(-1)


def circle_radii(uv_or_scale: Array, ratios: Array | None = None) -> Array:
    """Radii of the 55 circles.

    Args:
        uv_or_scale: the hand's scale (...), or joints (..., 21, 2) that :func:`hand_scale` takes it from.
        ratios: (55,) in reference bones; the fitted ones by default.

    Returns:
        (..., 55) in the unit of the scale.
    """
    scale = hand_scale(uv_or_scale) if tuple(uv_or_scale.shape[-2:]) == (JOINT_COUNT, 2) else uv_or_scale
    return scale[..., None] * like(fitted_ratios() if ratios is None else ratios, scale)


def sphere_model(xyz: Array, ratios: Array | None = None) -> tuple[Array, Array]:
    """The circles' counterpart in 3D.

    Args:
        xyz: (..., 21, 3) in any unit.
        ratios: (55,) in reference bones; the fitted ones by default.

    Returns:
        centres (..., 55, 3) and radii (..., 55) in that unit.
    """
    scale = reference_length(xyz) / float(relative_bone_lengths()[REFERENCE_CHILD - 1])
    return circle_centres(xyz), scale[..., None] * like(fitted_ratios() if ratios is None else ratios, xyz)
