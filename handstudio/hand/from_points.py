"""A hand in space through joints that were pointed at in the image (numpy, one hand).

Pointing says where a joint is seen, not how deep it lies, and of joints that are hidden it says nothing. What
is sought is the hand of the person's bones, turned, bent and scaled, that is seen at the points: its angles
near those of a resting hand and within their limits, which is what tells a finger that comes towards the
camera from one that goes away. Found by damped least squares from several views of the palm and of the back;
the best of them is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import LIMITS, bent
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.skeleton import BONES, FINGER_BASES, JOINT_COUNT, REFERENCE_CHILD, ROOT, WRIST, Side
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_ANGLES: Final = 30
_POINT_ERROR: Final = 0.04
"""Reference bones by which a person points beside a joint."""
_RESTING: Final = np.radians(
    np.array(((15, 5), (15, 0), (15, 0)) + ((15, 0), (25, 0), (15, 0)) * 4, dtype=np.float64)
)
"""(15, 2) flexion and abduction of a hand at rest, rows as in ``angles.FLEXION_JOINTS``."""
_BENDS_BY: Final = np.radians(np.array(((20, 12),) * 3 + ((35, 8), (35, 5), (25, 5)) * 4, dtype=np.float64))
"""(15, 2) how far from rest hands are found."""
_BEYOND_LIMITS: Final = 0.06
"""Radians by which a limit may be left."""
_SIZE_ERROR: Final = 0.35
"""Of the logarithm of the size that the box tells."""
_BOX_IN_BONES: Final = 4.3
"""Longer side of the box of a hand, in reference bones."""
_TILTS: Final = (-45.0, 0.0, 45.0)
"""Degrees by which palm and back are leant and turned to begin with."""
_FEW: Final = 3
"""Beginnings that are followed to the end."""
_FIRST_STEPS, _LAST_STEPS = 4, 10
_PERSPECTIVE_ROUNDS: Final = 2
_STEP: Final = 1e-4
_WIDE: Final = 0.7
"""Radians that one step may turn something."""


@dataclass
class _Hands:
    """Several guesses of one hand, N of them; lengths are reference bones.

    Attributes:
        turn: (N, 3, 3) of the palm.
        angles: (N, 15, 2) rad.
        size: (N,) logarithm of px per reference bone.
        shift: (N, 2) px of the wrist.
        damping: (N,).
    """

    turn: Doubles
    angles: Doubles
    size: Doubles
    shift: Doubles
    damping: Doubles

    def rows(self, which: Any) -> _Hands:
        return _Hands(*(values[which] for values in vars(self).values()))


class Pointed:
    """Finds one hand again and again, as its joints are pointed at.

    Args:
        side: of the hand.
        box_side: longer side of its box, px.
        bone_lengths: (20,) reference bones; the template's by default.
        limits: (15, 2, 2) rad; those from anatomy by default.
        K: (3, 3) px of the camera, if known.
    """

    def __init__(
        self,
        side: Side,
        box_side: float,
        bone_lengths: npt.ArrayLike | None = None,
        limits: npt.ArrayLike | None = None,
        K: npt.ArrayLike | None = None,
    ) -> None:
        lengths = relative_bone_lengths() if bone_lengths is None else bone_lengths
        self._lengths: Doubles = np.asarray(lengths, np.float64)
        bounds = LIMITS if limits is None else limits
        self._low, self._high = np.moveaxis(np.asarray(bounds, np.float64), -1, 0)
        self._rest = np.clip(_RESTING, self._low, self._high)
        self._palm = _palm(self._lengths)
        self._size = float(np.log(max(box_side, 1e-3) / _BOX_IN_BONES))
        self._flip = np.array((-1.0 if side == "left" else 1.0, 1.0))
        self._K = None if K is None else np.asarray(K, np.float64)

    def hand(self, points: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """The hand that is seen at points.

        Args:
            points: (21, 2) px; not a number where a joint was not pointed at.

        Returns:
            (21, 2) px, with points where they are known, and (21,) depths in reference bones.

        Raises:
            ValueError: when there is no point.
        """
        given = np.asarray(points, np.float64)
        known = np.asarray(np.isfinite(given).all(axis=-1))
        if given.shape != (JOINT_COUNT, 2) or not known.any():
            raise ValueError("a hand is found through at least one of 21 points")
        flat = given.copy()
        for _ in range(1 if self._K is None else _PERSPECTIVE_ROUNDS):
            xyz, size, shift = self._found(flat * self._flip, known)
            depth = xyz[:, 2] - xyz[ROOT, 2]
            uv = (size * xyz[:, :2] + shift) * self._flip
            if self._K is None:
                break
            uv, flat = self._in_perspective(uv, flat, given, depth, size)
        uv[known] = given[known]
        return uv.astype(np.float32), depth.astype(np.float32)

    def _in_perspective(
        self, uv: Doubles, flat: Doubles, given: Doubles, depth: Doubles, size: float
    ) -> tuple[Doubles, Doubles]:
        """Where a hand that was found without perspective is seen with it, and points without theirs."""
        assert self._K is not None
        focal, centre = self._K[0, 0], self._K[:2, 2]
        nearer = np.maximum(1.0 + depth * size / focal, 0.2)[:, None]
        return centre + (uv - centre) / nearer, centre + (given - centre) * nearer

    def _found(self, points: Doubles, known: npt.NDArray[np.bool_]) -> tuple[Doubles, float, Doubles]:
        """(21, 3) of a right hand about its wrist, px per reference bone, and the wrist (2,)."""
        hands = self._beginnings(points, known)
        costs = np.full(len(hands.size), np.inf)
        for step in range(_FIRST_STEPS + _LAST_STEPS):
            if step == _FIRST_STEPS:
                best = np.argsort(costs)[:_FEW]
                hands, costs = hands.rows(best), costs[best]
            hands, costs = self._better(hands, costs, points, known)
        best_one = hands.rows(slice(int(costs.argmin()), int(costs.argmin()) + 1))
        xyz = self._posed(best_one.angles)[0] @ best_one.turn[0].T
        return xyz, float(np.exp(best_one.size[0])), best_one.shift[0]

    def _posed(self, angles: Doubles) -> Doubles:
        """(N, 21, 3) hands of the angles (N, 15, 2), their palms as the template's."""
        palms = np.broadcast_to(self._palm, (len(angles), JOINT_COUNT, 3))
        found: Doubles = bent(palms, angles, self._lengths)
        return found

    def _beginnings(self, points: Doubles, known: npt.NDArray[np.bool_]) -> _Hands:
        turns = _first_turns()
        angles = np.repeat(self._rest[None], len(turns), axis=0)
        seen = np.einsum("nij,kj->nki", turns, self._posed(self._rest[None])[0])[:, known, :2]
        goal = points[known]
        sizes = np.full(len(turns), self._size)
        if known.sum() > 1:  # turned in the image and scaled as the points want it
            a, b = _complex(seen - seen.mean(axis=1, keepdims=True)), _complex(goal - goal.mean(axis=0))
            factor = (a.conj() * b).sum(axis=1) / np.maximum((np.abs(a) ** 2).sum(axis=1), 1e-9)
            about = np.exp(1j * np.angle(factor))
            spin = np.zeros((len(turns), 3, 3))
            spin[:, 0, 0] = spin[:, 1, 1] = about.real
            spin[:, 1, 0], spin[:, 0, 1], spin[:, 2, 2] = about.imag, -about.imag, 1.0
            turns = spin @ turns
            told = np.log(np.maximum(np.abs(factor), 1e-6))
            trust = min(1.0, (known.sum() - 1) / 6.0)
            sizes = trust * np.clip(told, self._size - 1.5, self._size + 1.5) + (1.0 - trust) * sizes
            seen = np.einsum("nij,kj->nki", turns, self._posed(self._rest[None])[0])[:, known, :2]
        shift = goal.mean(axis=0) - np.exp(sizes)[:, None] * seen.mean(axis=1)
        return _Hands(turns, angles, sizes, shift, np.full(len(turns), 1e-2))

    def _residuals(
        self, xyz: Doubles, hands: _Hands, points: Doubles, known: npt.NDArray[np.bool_]
    ) -> Doubles:
        """(N, R): points, angles, limits and size, each in what it may be off by."""
        unit = np.exp(self._size) * _POINT_ERROR
        seen = np.exp(hands.size)[:, None, None] * xyz[:, known, :2] + hands.shift[:, None]
        beyond = np.maximum(hands.angles - self._high, 0.0) + np.minimum(hands.angles - self._low, 0.0)
        parts = (
            (seen - points[known]) / unit,
            (hands.angles - self._rest) / _BENDS_BY,
            beyond / _BEYOND_LIMITS,
            (hands.size - self._size) / _SIZE_ERROR,
        )
        return np.concatenate([part.reshape(len(xyz), -1) for part in parts], axis=1)

    def _better(
        self, hands: _Hands, costs: Doubles, points: Doubles, known: npt.NDArray[np.bool_]
    ) -> tuple[_Hands, Doubles]:
        """One step of damped least squares, taken where it helps."""
        count, numbers = len(hands.size), known.sum()
        local = self._posed(hands.angles)
        xyz = local @ hands.turn.transpose(0, 2, 1)
        now = self._residuals(xyz, hands, points, known)
        slopes = np.zeros((count, now.shape[1], _ANGLES + 6))
        unit = np.exp(self._size) * _POINT_ERROR
        scale = (np.exp(hands.size) / unit)[:, None]
        images = slopes[:, : 2 * numbers].reshape(count, numbers, 2, _ANGLES + 6)
        moved = np.repeat(hands.angles.reshape(count, 1, _ANGLES), _ANGLES, axis=1)
        moved[:, range(_ANGLES), range(_ANGLES)] += _STEP
        other = self._posed(moved.reshape(-1, 15, 2)).reshape(count, _ANGLES, JOINT_COUNT, 3)
        turned = np.einsum("naki,nji->nakj", (other - local[:, None]) / _STEP, hands.turn)
        images[..., :_ANGLES] = scale[..., None, None] * turned[:, :, known, :2].transpose(0, 2, 3, 1)
        x, y, z = np.moveaxis(xyz[:, known], -1, 0)
        images[:, :, 1, _ANGLES], images[:, :, 0, _ANGLES + 1] = -scale * z, scale * z
        images[:, :, 0, _ANGLES + 2], images[:, :, 1, _ANGLES + 2] = -scale * y, scale * x
        images[..., _ANGLES + 3] = scale[..., None] * xyz[:, known, :2]
        images[:, :, 0, _ANGLES + 4] = images[:, :, 1, _ANGLES + 5] = 1.0 / unit
        slopes[:, : 2 * numbers] = images.reshape(count, 2 * numbers, -1)
        rows = 2 * numbers + np.arange(_ANGLES)
        slopes[:, rows, range(_ANGLES)] = 1.0 / _BENDS_BY.ravel()
        outside = (hands.angles > self._high) | (hands.angles < self._low)
        slopes[:, rows + _ANGLES, range(_ANGLES)] = outside.reshape(count, -1) / _BEYOND_LIMITS
        slopes[:, -1, _ANGLES + 3] = 1.0 / _SIZE_ERROR
        system = slopes.transpose(0, 2, 1) @ slopes
        diagonal = np.einsum("nii->ni", system)
        diagonal += hands.damping[:, None] * (diagonal + 1e-6)
        pull = slopes.transpose(0, 2, 1) @ now[..., None]
        step: Doubles = np.asarray(-np.linalg.solve(system, pull)[..., 0], np.float64)
        widest = np.abs(step[:, : _ANGLES + 4]).max(axis=1)
        step *= np.minimum(1.0, _WIDE / np.maximum(widest, 1e-9))[:, None]
        tried = _Hands(
            _rotations(step[:, _ANGLES : _ANGLES + 3]) @ hands.turn,
            hands.angles + step[:, :_ANGLES].reshape(-1, 15, 2),
            hands.size + step[:, _ANGLES + 3],
            hands.shift + step[:, _ANGLES + 4 :],
            hands.damping,
        )
        xyz = self._posed(tried.angles) @ tried.turn.transpose(0, 2, 1)
        found = (self._residuals(xyz, tried, points, known) ** 2).sum(axis=1)
        before = (now**2).sum(axis=1)
        helps = found < before
        kept = _Hands(
            *(
                np.where(helps.reshape((-1,) + (1,) * (new.ndim - 1)), new, old)
                for new, old in zip(vars(tried).values(), vars(hands).values(), strict=True)
            )
        )
        kept.damping = np.clip(np.where(helps, hands.damping / 5.0, hands.damping * 5.0), 1e-5, 1e3)
        return kept, np.minimum(found, before)


def _palm(lengths: Doubles) -> Doubles:
    """(21, 3): wrist at the origin, bases where the template's rays put them; reference bones."""
    template = AS_POINTED_AT.moved(TEMPLATE_MM).astype(np.float64)
    palm: Doubles = (template - template[WRIST]) / np.linalg.norm(template[REFERENCE_CHILD] - template[ROOT])
    for base in FINGER_BASES:
        palm[base] *= lengths[base - 1] / np.linalg.norm(palm[base])
    for parent, child in BONES:
        if parent != WRIST:
            palm[child] = palm[parent] + template[child] - template[parent]
    return palm


@cache
def _first_turns() -> Doubles:
    """(N, 3, 3): palm and back, leant and turned."""
    turns = []
    for back in (0.0, 180.0):
        for lean in _TILTS:
            for side in _TILTS if lean == 0.0 else (0.0,):
                turns.append(
                    _rotations(np.radians(((lean, 0.0, 0.0), (0.0, back + side, 0.0)), dtype=np.float64))
                )
    found: Doubles = np.stack([lean @ turn for lean, turn in turns])
    return found


def _rotations(about: Doubles) -> Doubles:
    """(N, 3, 3) of rotation vectors (N, 3), rad."""
    angle = np.linalg.norm(about, axis=1)
    x, y, z = (about / np.maximum(angle, 1e-12)[:, None]).T
    zero = np.zeros_like(x)
    skew = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=1).reshape(-1, 3, 3)
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    found: Doubles = np.eye(3) + sine * skew + (1.0 - cosine) * (skew @ skew)
    return found


def _complex(points: Doubles) -> npt.NDArray[np.complex128]:
    """Points (..., 2) as complex numbers."""
    found: npt.NDArray[np.complex128] = points[..., 0] + 1j * points[..., 1]
    return found
