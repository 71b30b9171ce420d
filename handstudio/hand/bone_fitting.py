"""Fits a person's bone lengths to labelled hands: 2.5D poses, with a camera or without (numpy).

A 2.5D pose shows its bones at a scale of its own, which depends on the lengths that are sought. So the two
are found in turn: hands are lifted with the lengths so far, and each bone's new length is the median over the
hands. The reference bone keeps the template's share, which is the same for every hand by the way labels are
placed; so there is one unit for all hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.lift import lift, lift_scale_free, root_depth
from handstudio.hand.skeleton import BONE_COUNT, BONES, JOINT_COUNT, REFERENCE_CHILD
from handstudio.hand.template import relative_bone_lengths

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

LEAST_HANDS: Final = 5
"""Hands that must show a bone: of fewer, a median follows the mistakes of single labels."""

_ROUNDS: Final = 40
_STILL: Final = 1e-5
"""Change of all lengths, in reference bones, below which the rounds end."""
_SPREAD_OF_MAD: Final = 1.4826
_PARENTS: Final = np.array([parent for parent, _ in BONES])
_CHILDREN: Final = np.array([child for _, child in BONES])


@dataclass(frozen=True, eq=False)
class BoneFit:
    """What a fit found; a bone that too few hands show keeps the template's length.

    Attributes:
        lengths: (20,) in reference bones, between joints as they are labelled.
        hands: (20,) how many hands stand behind each bone.
        spread: (20,) how far single hands lie from the length, as a share of it (from the median of the
            deviations, times 1.48 as for a normal distribution); NaN where nothing shows the bone.
        fitted: (20,) which bones enough hands show.
    """

    lengths: Floats
    hands: npt.NDArray[np.int64]
    spread: Floats
    fitted: Flags


def fit_bone_lengths(
    uv: npt.NDArray[Any],
    depth: npt.NDArray[Any],
    K: npt.NDArray[Any] | None = None,
    known: Flags | None = None,
    least: int = LEAST_HANDS,
) -> BoneFit:
    """The bone lengths on which the 2.5D poses of one person agree best.

    Args:
        uv: (N, 21, 2) px.
        depth: (N, 21) in reference bones.
        K: (N, 3, 3) px; NaN for hands without a camera, ``None`` where none has one.
        known: (N, 21) joints to rely on; all by default.
        least: hands that must show a bone.

    Raises:
        ValueError: when shapes do not fit, or too few hands show the reference bone.
    """
    uv, depth = np.asarray(uv, np.float64), np.asarray(depth, np.float64)
    count = len(uv)
    if uv.shape != (count, JOINT_COUNT, 2) or depth.shape != (count, JOINT_COUNT):
        raise ValueError("uv is (N, 21, 2) and depth (N, 21)")
    whole = np.isfinite(uv).all((1, 2)) & np.isfinite(depth).all(1)
    joints = np.broadcast_to(True if known is None else np.asarray(known, bool), depth.shape)[whole]
    shown = joints[:, _PARENTS] & joints[:, _CHILDREN]
    fitted = shown.sum(0) >= least
    reference = REFERENCE_CHILD - 1
    if not fitted[reference]:
        raise ValueError(f"{int(shown[:, reference].sum())} hands show the reference bone, {least} must")
    cameras = np.full((count, 3, 3), np.nan) if K is None else np.asarray(K, np.float64)
    lift_with = _Lifting(uv[whole], depth[whole], cameras[whole])
    template = relative_bone_lengths().astype(np.float64)
    lengths = template.copy()
    middles, spreads = lengths, np.full(BONE_COUNT, np.nan)
    for _ in range(_ROUNDS):
        before = lengths
        middles, spreads = _middles(lift_with(lengths), shown)
        lengths = np.where(fitted, middles * (template[reference] / middles[reference]), template)
        if np.abs(lengths - before).max() < _STILL:
            break
    return BoneFit(
        lengths.astype(np.float32),
        shown.sum(0).astype(np.int64),
        (spreads / middles).astype(np.float32),
        fitted,
    )


class _Lifting:
    """Lifts the same poses with one set of bone lengths after the other."""

    def __init__(self, uv: npt.NDArray[Any], depth: npt.NDArray[Any], K: npt.NDArray[Any]) -> None:
        self._uv, self._depth, self._K = uv, depth, K
        self._seen = np.isfinite(K).all((1, 2))

    def __call__(self, lengths: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(N, 20): the bones of each hand, in reference bones."""
        xyz = np.empty((len(self._uv), JOINT_COUNT, 3))
        for rows in (self._seen, ~self._seen):
            if not rows.any():
                continue
            uv, depth = self._uv[rows], self._depth[rows]
            if rows is self._seen:
                K = self._K[rows]
                xyz[rows] = lift(uv, depth, K, 1.0, root_depth(uv, depth, K, lengths))
            else:
                xyz[rows] = lift_scale_free(uv, depth, lengths)[0]
        bones: npt.NDArray[Any] = np.linalg.norm(xyz[:, _CHILDREN] - xyz[:, _PARENTS], axis=-1)
        return bones


def _middles(bones: npt.NDArray[Any], shown: Flags) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """(20,) medians of the hands that show a bone, and the spread about them."""
    middles, spreads = np.full(BONE_COUNT, np.nan), np.full(BONE_COUNT, np.nan)
    for bone in range(BONE_COUNT):
        seen = bones[shown[:, bone], bone]
        if len(seen):
            middles[bone] = np.median(seen)
            spreads[bone] = _SPREAD_OF_MAD * np.median(np.abs(seen - middles[bone]))
    return middles, spreads
