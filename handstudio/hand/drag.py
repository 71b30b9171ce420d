"""Dragging a joint as a hand would move: bones keep their lengths and joints their limits (numpy, one hand).

A finger is a chain of hinges in the frames of :mod:`handstudio.hand.angles`: its base bends and spreads, its
other joints bend. The dragged joint is brought to its target by damped least squares on those angles, with
the damping of Sugihara (2011): as large as the error that is left. Everything is plain floats, since one hand
at a time is too small for arrays.
"""

from __future__ import annotations

from collections.abc import Collection
from math import atan2, cos, exp, hypot, sin, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import LIMITS
from handstudio.hand.skeleton import FINGER_BASES, FINGERS, JOINT_COUNT, WRIST, Side, finger_of

Floats = npt.NDArray[np.float32]

_STEPS: Final = 24
_REACHED: Final = 1e-4
"""Share of the chain's length by which a target may be missed."""
_STUCK: Final = 1e-3
"""Share by which a step must reduce the smallest error so far, or it was in vain."""
_STEPS_IN_VAIN: Final = 3
"""A step may go too far; after so many that brought nothing the joint is left where it came nearest."""
_LONGEST_STEP: Final = 0.6
"""Radians that one step may turn one joint."""
_FIRST_BEND: Final = 0.12
"""Radians by which a straight finger is bent before it shortens, since its gradient is zero there."""
_GIVES_FROM: Final = 0.01
"""Share of the finger's length by which a target must be missed before limits give way."""
_GIVES_OVER: Final = 0.25
"""Share by which a target is missed when limits have given way by two thirds."""
_PULLS: Final = 4
"""Times that pinned joints and the hand pull at each other."""
_NORMAL_RAYS: Final = (((0, 1),), ((1, 2),), ((1, 2), (2, 3)), ((2, 3), (3, 4)), ((3, 4),))
"""Pairs of palm rays whose normals make a finger's."""


class _Vector(NamedTuple):
    x: float
    y: float
    z: float


class _Frame(NamedTuple):
    x: _Vector
    y: _Vector
    z: _Vector


def drag_joint(
    xyz: npt.NDArray[np.floating],
    joint: int,
    target: npt.ArrayLike,
    pinned: Collection[int] = (),
    side: Side = "right",
    hold_depth: bool = True,
    limits: npt.NDArray[np.floating] | None = LIMITS,
    give: float = 0.0,
) -> Floats:
    """Move a joint towards a target and what hangs on it with it.

    A finger's joint moves its finger between base and tip; the part beyond it keeps its bends. The wrist or a
    finger's base moves the whole hand: about a pinned joint of the palm it turns instead, and pinned joints
    of fingers stay, as far as the fingers reach; farther the hand does not go.

    Args:
        xyz: (21, 3) in any unit, in a camera's axes.
        joint: the joint that is dragged.
        target: (3,) where it should go, in the same unit.
        pinned: joints that stay. Below the dragged joint only what lies beyond a pinned joint moves; a pinned
            joint beyond it is brought back to its place as far as the finger can.
        side: of the hand, since fingers bend one way.
        hold_depth: whether z of the target counts too; otherwise x and y alone.
        limits: (15, 2, 2) rad; a joint outside them already may stay there. ``None`` for none.
        give: rad by which limits give way at most, the more the farther the target lies beyond them.

    Returns:
        (21, 3): the nearest pose found; bone lengths are those of ``xyz``.

    Raises:
        ValueError: when shapes are wrong or a value is not finite.
    """
    hand = np.array(xyz, dtype=np.float64)
    goal = np.array(target, dtype=np.float64)
    if hand.shape != (JOINT_COUNT, 3) or goal.shape != (3,):
        raise ValueError("a drag needs a hand (21, 3) and a target (3,)")
    if not (np.isfinite(hand).all() and np.isfinite(goal).all()):
        raise ValueError("a drag needs finite joints and a finite target")
    if not hold_depth and (joint == WRIST or joint in FINGER_BASES):
        goal[2] = hand[joint, 2]
    if joint == WRIST or joint in FINGER_BASES:
        return _move_hand(hand, joint, goal, pinned, side, limits, give).astype(np.float32)
    if joint in pinned:
        return hand.astype(np.float32)
    if side == "left":
        hand[:, 0] *= -1.0
        goal[0] *= -1.0
    _bend_finger(hand, joint, _Vector(*goal.tolist()), pinned, hold_depth, limits, give)
    if side == "left":
        hand[:, 0] *= -1.0
    return hand.astype(np.float32)


def _move_hand(
    hand: npt.NDArray[np.float64],
    joint: int,
    goal: npt.NDArray[np.float64],
    pinned: Collection[int],
    side: Side,
    limits: npt.NDArray[np.floating] | None,
    give: float,
) -> npt.NDArray[np.float64]:
    if joint in pinned:
        return hand
    palm = next((other for other in sorted(pinned) if other == WRIST or other in FINGER_BASES), None)
    if palm is not None:
        return _turned_about(hand, joint, goal, palm)
    moved: npt.NDArray[np.float64] = hand + (goal - hand[joint])
    if not pinned:
        return moved
    mirror = np.array((-1.0 if side == "left" else 1.0, 1.0, 1.0))
    places = hand * mirror
    moved *= mirror
    for _ in range(_PULLS):
        for other in sorted(pinned):
            beyond = {pin for pin in pinned if pin != other}
            _bend_finger(moved, other, _Vector(*places[other].tolist()), beyond, True, limits, give)
        missed = [places[other] - moved[other] for other in pinned]
        moved += np.mean(missed, axis=0)
    back: npt.NDArray[np.float64] = moved * mirror
    return back


def _turned_about(
    hand: npt.NDArray[np.float64], joint: int, goal: npt.NDArray[np.float64], about: int
) -> npt.NDArray[np.float64]:
    centre = hand[about]
    turned: npt.NDArray[np.float64] = (hand - centre) @ _turn(hand[joint] - centre, goal - centre).T + centre
    return turned


def _turn(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(3, 3): the smallest rotation from one direction to another."""
    lengths = np.linalg.norm(start) * np.linalg.norm(end)
    if lengths == 0.0:
        return np.eye(3)
    axis = np.cross(start, end) / lengths
    cosine = float(start @ end) / float(lengths)
    if cosine < -1.0 + 1e-9:
        away = np.eye(3)[int(np.argmin(np.abs(start)))]
        half = np.cross(start, away)
        half /= np.linalg.norm(half)
        opposite: npt.NDArray[np.float64] = 2.0 * np.outer(half, half) - np.eye(3)
        return opposite
    skew = np.array(((0.0, -axis[2], axis[1]), (axis[2], 0.0, -axis[0]), (-axis[1], axis[0], 0.0)))
    rotation: npt.NDArray[np.float64] = np.eye(3) + skew + skew @ skew / (1.0 + cosine)
    return rotation


def _bend_finger(
    hand: npt.NDArray[np.float64],
    joint: int,
    goal: _Vector,
    pinned: Collection[int],
    hold_depth: bool,
    limits: npt.NDArray[np.floating] | None,
    give: float,
) -> None:
    number = finger_of(joint)
    assert number is not None
    finger = FINGERS[number]
    end = finger.index(joint)
    start = max((place for place in range(end) if finger[place] in pinned), default=0)
    chain = _Chain(hand, number, limits)
    chain.reach(start, end, goal, hold_depth)
    missed = chain.missed(end, goal, hold_depth)
    if give > 0.0 and missed > _GIVES_FROM:
        chain.give_way(give * (1.0 - exp(-missed / _GIVES_OVER)))
        chain.reach(start, end, goal, hold_depth)
    beyond = [place for place in range(end + 1, 4) if finger[place] in pinned]
    if beyond:
        chain.reach(end, beyond[0], _Vector(*hand[finger[beyond[0]]].tolist()), True)
    hand[list(finger)] = chain.points


class _Chain:
    """One finger: where its joints are, and the angles that put them there."""

    def __init__(
        self, hand: npt.NDArray[np.float64], number: int, limits: npt.NDArray[np.floating] | None
    ) -> None:
        joints = [_Vector(*row) for row in hand.tolist()]
        finger = FINGERS[number]
        self.points = [joints[joint] for joint in finger]
        self._base = _base_frame(joints, number)
        self._lengths: list[float] = []
        self._angles: list[list[float]] = []
        self._frames = [self._base]
        self._measure()
        self._limits = self._limits_about_now(number, limits)

    def reach(self, start: int, end: int, goal: _Vector, hold_depth: bool) -> None:
        """Turn the joints from ``start`` up to ``end`` so that joint ``end`` comes near ``goal``."""
        hinges = [(segment, 0) for segment in range(start, end)]
        if start == 0:
            hinges.append((0, 1))
        size = sum(self._lengths[start:end])
        error = self._error(end, goal, hold_depth)
        left = _norm(error)
        best = left, [list(angles) for angles in self._angles]
        if end - start > 1 or not hold_depth:
            self._unlock(start, end, goal)
            error = self._error(end, goal, hold_depth)
            left = _norm(error)
        in_vain = 0
        for _ in range(_STEPS):
            if left <= _REACHED * size:
                break
            self._step(hinges, end, error, hold_depth)
            error = self._error(end, goal, hold_depth)
            left = _norm(error)
            in_vain = 0 if left < best[0] * (1.0 - _STUCK) else in_vain + 1
            if left < best[0]:
                best = left, [list(angles) for angles in self._angles]
            if in_vain == _STEPS_IN_VAIN:
                break
        self._angles = best[1]
        self._place()

    def missed(self, end: int, goal: _Vector, hold_depth: bool) -> float:
        """How far joint ``end`` is from ``goal``, as a share of the finger's length."""
        return _norm(self._error(end, goal, hold_depth)) / max(sum(self._lengths), 1e-12)

    def give_way(self, by: float) -> None:
        """Let flexion, and the base's spreading, leave their limits by so many radians."""
        for segment, row in enumerate(self._limits):
            self._limits[segment] = [
                (low - by, high + by) if kind == 0 or segment == 0 else (low, high)
                for kind, (low, high) in enumerate(row)
            ]

    def _measure(self) -> None:
        frame = self._base
        for start, end in zip(self.points[:-1], self.points[1:], strict=True):
            bone = _minus(end, start)
            length = _norm(bone)
            x, y, z = _dot(bone, frame.x), _dot(bone, frame.y), _dot(bone, frame.z)
            self._lengths.append(length)
            self._angles.append([atan2(x, z), atan2(y, hypot(x, z))] if length > 0.0 else [0.0, 0.0])
            frame = _turned(frame, *self._angles[-1])
            self._frames.append(frame)

    def _place(self) -> None:
        frame, point = self._base, self.points[0]
        for segment, (flexion, abduction) in enumerate(self._angles):
            frame = _turned(frame, flexion, abduction)
            point = _along(point, frame.z, self._lengths[segment])
            self._frames[segment + 1] = frame
            self.points[segment + 1] = point

    def _limits_about_now(
        self, number: int, limits: npt.NDArray[np.floating] | None
    ) -> list[list[tuple[float, float]]]:
        if limits is None:
            return [[(-3.2, 3.2), (-1.6, 1.6)] for _ in self._angles]
        rows = limits[3 * number : 3 * number + 3].tolist()
        return [
            [(min(low, now), max(high, now)) for (low, high), now in zip(row, angles, strict=True)]
            for row, angles in zip(rows, self._angles, strict=True)
        ]

    def _unlock(self, start: int, end: int, goal: _Vector) -> None:
        base = self.points[start]
        if _norm(_minus(goal, base)) > 0.995 * _norm(_minus(self.points[end], base)):
            return
        if end - start == 1:
            self._angles[start][0] = min(self._angles[start][0] + _FIRST_BEND, self._limits[start][0][1])
        for segment in range(start + 1, end):
            low, high = self._limits[segment][0]
            self._angles[segment][0] = min(max(self._angles[segment][0], _FIRST_BEND, low), high)
        self._place()

    def _error(self, end: int, goal: _Vector, hold_depth: bool) -> _Vector:
        error = _minus(goal, self.points[end])
        return error if hold_depth else _Vector(error.x, error.y, 0.0)

    def _step(self, hinges: list[tuple[int, int]], end: int, error: _Vector, hold_depth: bool) -> None:
        columns = []
        for segment, kind in hinges:
            frame = self._frames[segment]
            axis = frame.y if kind == 0 else _spread_axis(frame, self._angles[segment][0])
            column = _cross(axis, _minus(self.points[end], self.points[segment]))
            columns.append(column if hold_depth else _Vector(column.x, column.y, 0.0))
        free = []
        for place, (segment, kind) in enumerate(hinges):
            low, high = self._limits[segment][kind]
            now, pull = self._angles[segment][kind], _dot(columns[place], error)
            if not ((now >= high and pull > 0.0) or (now <= low and pull < 0.0)):
                free.append(place)
        weights = _damped(
            [columns[place] for place in free], error, 0.5 * _dot(error, error) + 1e-6 * self._lengths[0] ** 2
        )
        turns = [_dot(columns[place], weights) for place in free]
        longest = max((abs(turn) for turn in turns), default=0.0)
        share = min(1.0, _LONGEST_STEP / longest) if longest > 0.0 else 0.0
        for place, turn in zip(free, turns, strict=True):
            segment, kind = hinges[place]
            low, high = self._limits[segment][kind]
            self._angles[segment][kind] = min(max(self._angles[segment][kind] + share * turn, low), high)
        self._place()


def _base_frame(joints: list[_Vector], number: int) -> _Frame:
    rays = [_minus(joints[base], joints[WRIST]) for base in FINGER_BASES]
    normals = [_unit(_cross(rays[second], rays[first])) for first, second in _NORMAL_RAYS[number]]
    z = _unit(rays[number])
    x = _unit(_Vector(*(-sum(parts) for parts in zip(*normals, strict=True))))
    if _dot(x, x) == 0.0 or _dot(z, z) == 0.0:
        x, z = _Vector(1.0, 0.0, 0.0), _Vector(0.0, 0.0, 1.0)
    return _Frame(x, _cross(z, x), z)


def _turned(frame: _Frame, flexion: float, abduction: float) -> _Frame:
    """The frame bent by ``flexion`` about its y, then spread by ``abduction`` towards its y."""
    c, s = cos(flexion), sin(flexion)
    (xx, xy, xz), y, (zx, zy, zz) = frame
    x = _Vector(c * xx - s * zx, c * xy - s * zy, c * xz - s * zz)
    bx, by, bz = c * zx + s * xx, c * zy + s * xy, c * zz + s * xz
    c, s = cos(abduction), sin(abduction)
    return _Frame(
        x,
        _Vector(c * y.x - s * bx, c * y.y - s * by, c * y.z - s * bz),
        _Vector(c * bx + s * y.x, c * by + s * y.y, c * bz + s * y.z),
    )


def _spread_axis(frame: _Frame, flexion: float) -> _Vector:
    """The axis about which abduction turns: minus x of the frame once it is bent."""
    x = _turned(frame, flexion, 0.0).x
    return _Vector(-x.x, -x.y, -x.z)


def _damped(columns: list[_Vector], error: _Vector, damping: float) -> _Vector:
    """Solve ``(J Jᵀ + damping) w = error`` for 3 x 3, by cofactors."""
    a = b = c = d = e = f = 0.0
    for x, y, z in columns:
        a += x * x
        b += x * y
        c += x * z
        d += y * y
        e += y * z
        f += z * z
    a, d, f = a + damping, d + damping, f + damping
    p, q, r = d * f - e * e, c * e - b * f, b * e - c * d
    determinant = a * p + b * q + c * r
    if determinant <= 0.0:
        return _Vector(0.0, 0.0, 0.0)
    x, y, z = error
    return _Vector(
        (p * x + q * y + r * z) / determinant,
        (q * x + (a * f - c * c) * y + (b * c - a * e) * z) / determinant,
        (r * x + (b * c - a * e) * y + (a * d - b * b) * z) / determinant,
    )


def _minus(a: _Vector, b: _Vector) -> _Vector:
    return _Vector(a.x - b.x, a.y - b.y, a.z - b.z)


def _along(point: _Vector, direction: _Vector, length: float) -> _Vector:
    return _Vector(
        point.x + length * direction.x, point.y + length * direction.y, point.z + length * direction.z
    )


def _dot(a: _Vector, b: _Vector) -> float:
    return a.x * b.x + a.y * b.y + a.z * b.z


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return _Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)


def _norm(a: _Vector) -> float:
    return sqrt(_dot(a, a))


def _unit(a: _Vector) -> _Vector:
    length = _norm(a)
    return _Vector(a.x / length, a.y / length, a.z / length) if length > 0.0 else a
