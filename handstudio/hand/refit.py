"""The rest of a hand once a person has placed some of its joints (numpy, one hand).

What is sought is the most likely hand that goes through the placed joints, given

- the method's proposal: errors of joints go together along a finger and between bases, and are as large as
  the method's doubt, so that a joint that was off takes its neighbours along;
- the peaks of its heatmaps, all of them: a joint that was taken along comes near another peak than before and
  settles there;
- the lengths of bones in space.

A hand is 63 numbers in reference bones: x and y in the image and the depth, the scale staying the proposal's.
The search alternates between asking which peak a joint belongs to and solving for the hand, at first with
wide peaks and loose bones (expectation maximisation with annealing). It depends on the proposal and the
placed joints alone, not on the order or the way in which they were placed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.lift import scale_free_px_per_bone
from handstudio.hand.peaks import Peaks
from handstudio.hand.skeleton import BONES, JOINT_COUNT, ROOT
from handstudio.hand.template import relative_bone_lengths

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_PARENTS, _CHILDREN = np.array(BONES).T
_BONE_ROWS: Final = np.arange(len(BONES))
_EYE: Final = np.eye(3 * JOINT_COUNT)
_WITHIN_FINGER: Final = (
    (1.0, 0.58, 0.26, 0.12),
    (0.58, 1.0, 0.69, 0.38),
    (0.26, 0.69, 1.0, 0.86),
    (0.12, 0.38, 0.86, 1.0),
)
_WITHIN_THUMB: Final = (
    (1.0, 0.57, 0.5, 0.4),
    (0.57, 1.0, 0.7, 0.46),
    (0.5, 0.7, 1.0, 0.84),
    (0.4, 0.46, 0.84, 1.0),
)
_BETWEEN_FINGERS: Final = (
    (
        (0.66, 0.27, 0.01, -0.05),
        (0.27, 0.24, -0.01, -0.13),
        (0.01, -0.01, -0.03, -0.08),
        (-0.05, -0.13, -0.08, -0.04),
    ),
    (
        (0.33, 0.11, -0.04, -0.05),
        (0.11, 0.11, -0.05, -0.11),
        (-0.04, -0.05, -0.06, -0.09),
        (-0.05, -0.11, -0.09, -0.06),
    ),
    (
        (-0.15, -0.14, -0.15, -0.1),
        (-0.14, -0.02, -0.07, -0.08),
        (-0.15, -0.07, -0.02, -0.01),
        (-0.1, -0.08, -0.01, 0.05),
    ),
)
"""Fingers that are next to each other, one and two apart.

Correlations of errors, base to tip, as the shipped model made them on hands rendered from a mesh (6 subjects,
960 hands), means over fingers that are as far apart. Wrist and thumb go with nobody."""
_OWN_ERROR: Final = 0.065
"""Reference bones by which a joint may be off whatever the others do (and at least)."""
_BLUR: Final = 0.05
"""Reference bones by which peaks are widened."""
_ANYWHERE: Final = 0.0075
"""Density, per squared reference bone, of a joint that no peak tells of."""
_DEPTH_ERROR: Final = 0.35
_OWN_DEPTH_ERROR: Final = 0.1
_BONE_ERROR: Final = 0.15
"""Share of its length by which a bone may be off, while places in the image are sought."""
_BONE_ERROR_IN_DEPTH: Final = 0.05
"""The same once they are found, and depths follow."""
_DAMPING: Final = 30.0
"""Per squared reference bone, of a step in depth: a bone that lies flat says nothing of its slope."""
_SUREST: Final = 0.02
"""Reference bones by which a prior may always be off."""
_PRIOR_DEPTH_ERROR: Final = 0.12
_MEAN_OF_ERRORS: Final = 1.25
"""Mean distance of points that are off by one deviation in u and in v."""
_WARMTHS: Final = (8.0, 4.0, 2.0, 1.0)
_ROUNDS: Final = 3
_DEPTH_ROUNDS: Final = 6


@dataclass(frozen=True, eq=False)
class Prior:
    """Where a hand should be besides: what its label in the frame before says.

    Attributes:
        uv: (21, 2) px.
        depth: (21,) reference bones.
        error: (21,) px that joints may be off from there.
    """

    uv: Floats
    depth: Floats
    error: Floats


@dataclass(frozen=True, eq=False)
class Likely:
    """The most likely hand.

    Attributes:
        uv: (21, 2) px.
        depth: (21,) reference bones.
        error: (21,) px that its joints are expected to be off.
        support: (21,) how far peaks bear a joint out, 0 to 1.
    """

    uv: Floats
    depth: Floats
    error: Floats
    support: Floats


@dataclass(frozen=True, eq=False)
class Believed:
    """What is believed of a hand before a person touches it.

    Attributes:
        uv: (21, 2) px of the proposal.
        depth: (21,) reference bones.
        doubt: (21,) px.
        peaks: of its heatmaps, px.
        together: whether several cameras were asked: then the heatmaps of this one say little that the
            proposal does not know, and joints that are off are so on their own.
        bone_lengths: (20,) reference bones; the template's by default.
        prior: what else is known of it.
    """

    uv: Floats
    depth: Floats
    doubt: Floats
    peaks: Peaks
    together: bool = False
    bone_lengths: Floats | None = None
    prior: Prior | None = None


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a person put a joint.

    Attributes:
        uv: (2,) px.
        depth: reference bones, where the person chose it as well.
    """

    uv: Floats
    depth: float | None = None


class Refit:
    """Fits one hand again and again, as its joints are placed.

    Args:
        believed: of this hand; all of it finite.

    Raises:
        ValueError: when something is not.
    """

    def __init__(self, believed: Believed) -> None:
        for values in (believed.uv, believed.depth, believed.doubt):
            if not np.isfinite(values).all():
                raise ValueError("a refit needs a finite pose and its doubt")
        lengths = believed.bone_lengths
        self._lengths: Doubles = np.asarray(
            relative_bone_lengths() if lengths is None else lengths, np.float64
        )
        self._px = float(
            scale_free_px_per_bone(believed.uv, believed.depth, self._lengths.astype(np.float32))
        )
        self._proposed = _flat(believed.uv / self._px, believed.depth - believed.depth[ROOT])
        self._precision = _precision(believed.doubt.astype(np.float64) / self._px, believed.together)
        self._pull: Doubles = self._precision @ self._proposed
        if believed.prior is not None:
            self._add_prior(believed.prior)
        peaks = believed.peaks
        self._places: Doubles = peaks.uv.astype(np.float64) / self._px
        self._variance: Doubles = (peaks.spread / self._px).astype(np.float64) ** 2 + _BLUR**2
        share = np.maximum(peaks.share.astype(np.float64), 1e-9)
        self._heights: Doubles = np.log(share) - np.log(2.0 * np.pi * self._variance)
        self._say = 0.25 if believed.together else 1.0

    def through(self, placed: Mapping[int, Placed]) -> tuple[Floats, Floats]:
        """The hand through placed joints: (21, 2) px, with these where they were put, and (21,) depths."""
        return self._pose(self._through(placed)[0], placed)

    def likely(self) -> Likely:
        """The most likely hand, nothing of which was placed, and how sure that is."""
        hand, system = self._through({})
        uv, depth = self._pose(hand, {})
        flat = np.sqrt(np.diag(np.linalg.inv(system))[: 2 * JOINT_COUNT]).reshape(2, JOINT_COUNT)
        error = _MEAN_OF_ERRORS * self._px * flat.mean(axis=0)
        support = self._weights(hand, 1.0).sum(axis=1)
        return Likely(uv, depth, error.astype(np.float32), support.astype(np.float32))

    def _through(self, placed: Mapping[int, Placed]) -> tuple[Doubles, Doubles]:
        """(63,) the hand, and (63, 63) the normal equations that gave its places in the image."""
        hand, held = self._proposed.copy(), np.zeros(3 * JOINT_COUNT, dtype=bool)
        for joint, one in placed.items():
            hand[[joint, JOINT_COUNT + joint]] = np.asarray(one.uv, np.float64) / self._px
            held[[joint, JOINT_COUNT + joint]] = True
            if one.depth is not None and joint != ROOT:
                hand[2 * JOINT_COUNT + joint] = one.depth
                held[2 * JOINT_COUNT + joint] = True
        if held[2 * JOINT_COUNT :].any():  # depths that hold are counted from the root
            hand[2 * JOINT_COUNT + ROOT] = 0.0
            held[2 * JOINT_COUNT + ROOT] = True
        hand = _solved(self._precision, self._pull, hand, held)
        for warmth in _WARMTHS:
            for _ in range(_ROUNDS):
                system, pull = self._with_peaks(hand, warmth)
                self._add_bones(system, pull, hand, _BONE_ERROR * np.sqrt(warmth), self._lengths)
                hand = _solved(system, pull, hand, held)
        firm = system
        held[: 2 * JOINT_COUNT] = True
        reached = np.maximum(self._lengths, _seen_lengths(hand))
        for _ in range(_DEPTH_ROUNDS):
            system, pull = self._precision.copy(), self._pull.copy()
            self._add_bones(system, pull, hand, _BONE_ERROR_IN_DEPTH, reached)
            system += _DAMPING * _EYE
            pull += _DAMPING * hand
            hand = _solved(system, pull, hand, held)
        return hand, firm

    def _add_prior(self, prior: Prior) -> None:
        error = np.maximum(prior.error.astype(np.float64) / self._px, _SUREST)
        flat = np.linalg.inv(_ALONE * np.outer(error, error))
        deep = np.linalg.inv((_PRIOR_DEPTH_ERROR**2) * _ALONE)
        precision = np.zeros((3, JOINT_COUNT, 3, JOINT_COUNT))
        precision[0, :, 0] = precision[1, :, 1] = flat
        precision[2, :, 2] = deep
        firm = precision.reshape(3 * JOINT_COUNT, 3 * JOINT_COUNT)
        place = _flat(prior.uv / self._px, prior.depth - prior.depth[ROOT])
        self._precision = self._precision + firm
        self._pull = self._pull + firm @ place
        self._proposed = np.asarray(np.linalg.solve(self._precision, self._pull), np.float64)

    def _weights(self, hand: Doubles, warmth: float) -> Doubles:
        """(21, K) how far each joint belongs to each peak."""
        points = hand[: 2 * JOINT_COUNT].reshape(2, JOINT_COUNT).T
        apart = ((points[:, None] - self._places) ** 2).sum(axis=-1)
        weights: Doubles = np.exp((self._heights - apart / (2.0 * self._variance)) / warmth)
        weights /= weights.sum(axis=1, keepdims=True) + _ANYWHERE ** (1.0 / warmth)
        return weights

    def _with_peaks(self, hand: Doubles, warmth: float) -> tuple[Doubles, Doubles]:
        """The normal equations of proposal and peaks, each joint belonging to peaks as far as it is near."""
        system, pull = self._precision.copy(), self._pull.copy()
        weights = self._weights(hand, warmth)
        weights *= self._say / (warmth * self._variance)
        firm = weights.sum(axis=1)
        for axis in range(2):
            rows = np.arange(axis * JOINT_COUNT, (axis + 1) * JOINT_COUNT)
            system[rows, rows] += firm
            pull[rows] += (weights * self._places[..., axis]).sum(axis=1)
        return system, pull

    def _add_bones(
        self, system: Doubles, pull: Doubles, hand: Doubles, error: float, lengths: Doubles
    ) -> None:
        """The lengths that bones (20,) should have, made linear about a hand.

        No depth makes a bone shorter than it is seen: where depths alone are sought, one that is drawn out
        has to be asked for what is seen, or its slope is turned over again and again.
        """
        joints = hand.reshape(3, JOINT_COUNT)
        bones = joints[:, _CHILDREN] - joints[:, _PARENTS]
        long = np.sqrt((bones * bones).sum(axis=0)) + 1e-9
        slopes = np.zeros((len(BONES), 3, JOINT_COUNT))
        towards = (bones / long).T
        slopes[_BONE_ROWS, :, _CHILDREN] = towards
        slopes[_BONE_ROWS, :, _PARENTS] = -towards
        slopes = slopes.reshape(len(BONES), -1) / (error * self._lengths)[:, None]
        wanted = lengths / (error * self._lengths)
        system += slopes.T @ slopes
        pull += slopes.T @ wanted

    def _pose(self, hand: Doubles, placed: Mapping[int, Placed]) -> tuple[Floats, Floats]:
        uv = (hand[: 2 * JOINT_COUNT].reshape(2, JOINT_COUNT).T * self._px).astype(np.float32)
        for joint, one in placed.items():
            uv[joint] = one.uv
        depth = hand[2 * JOINT_COUNT :]
        return np.ascontiguousarray(uv), (depth - depth[ROOT]).astype(np.float32)


def _flat(xy: npt.NDArray[np.floating], z: npt.NDArray[np.floating]) -> Doubles:
    """(63,): all x, all y, all z."""
    return np.concatenate([xy[:, 0], xy[:, 1], z]).astype(np.float64)


def _seen_lengths(hand: Doubles) -> Doubles:
    """(20,) lengths of bones in the image."""
    flat = hand[: 2 * JOINT_COUNT].reshape(2, JOINT_COUNT)
    seen: Doubles = np.hypot(*(flat[:, _CHILDREN] - flat[:, _PARENTS]))
    return seen


def _correlation() -> Doubles:
    """(21, 21) of errors in the image."""
    found = np.eye(JOINT_COUNT)
    found[1:5, 1:5] = _WITHIN_THUMB
    between = np.array((_WITHIN_FINGER, *_BETWEEN_FINGERS))
    for first in range(4):
        for second in range(4):
            rows, columns = (slice(5 + 4 * finger, 9 + 4 * finger) for finger in (first, second))
            found[rows, columns] = between[abs(first - second)]
    return found


_CORRELATION: Final = _correlation()
_ALONE: Final = 0.5 * (_CORRELATION + np.eye(JOINT_COUNT))


def _precision(doubt: Doubles, together: bool) -> Doubles:
    """(63, 63): how firmly the proposal holds, of a doubt (21,) in reference bones."""
    correlation, scale = (_ALONE, 0.6) if together else (_CORRELATION, 1.0)
    error = scale * np.maximum(doubt, 0.0)
    flat = correlation * np.outer(error, error) + _OWN_ERROR**2 * np.eye(JOINT_COUNT)
    deep = _DEPTH_ERROR**2 * correlation + _OWN_DEPTH_ERROR**2 * np.eye(JOINT_COUNT)
    found = np.zeros((3, JOINT_COUNT, 3, JOINT_COUNT))
    found[0, :, 0] = found[1, :, 1] = np.linalg.inv(flat)
    found[2, :, 2] = np.linalg.inv(deep)
    return found.reshape(3 * JOINT_COUNT, 3 * JOINT_COUNT)


def _solved(system: Doubles, pull: Doubles, hand: Doubles, held: npt.NDArray[np.bool_]) -> Doubles:
    """The hand that balances the equations with some of its numbers held."""
    free = np.flatnonzero(~held)
    fixed = np.flatnonzero(held)
    moved = hand.copy()
    wanted = pull[free] - system[np.ix_(free, fixed)] @ hand[fixed]
    moved[free] = np.linalg.solve(system[np.ix_(free, free)], wanted)
    return moved
