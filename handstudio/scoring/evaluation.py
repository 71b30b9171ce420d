"""How far a set of poses is from a reference: the figures that ``handstudio evaluate`` prints."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.lift import lift, reference_length
from handstudio.hand.skeleton import FINGER_NAMES, FINGERS, JOINT_NAMES, ROOT, WRIST
from handstudio.scoring.metrics import (
    Floats,
    auc,
    mean_of,
    median_of,
    pck,
    pose_errors,
    root_aligned,
)

PCK_AT: Final = 0.05
"""The threshold of PCK@0.05, in sides of the hand's box."""
CURVE_TO: Final = 0.1
"""Where the 2D curve ends: ``auc_px`` is its area from 0 to here, in sides of the hand's box."""
CURVE_POINTS: Final = 101
AUC_MM: Final = (20.0, 50.0)
"""The range of ``auc_mm``, as in the literature on STB and in SemiHand."""
CURVE_TO_MM: Final = 50.0

GROUPS: Final[dict[str, list[int]]] = {
    "wrist": [WRIST],
    **{name: list(joints) for name, joints in zip(FINGER_NAMES, FINGERS, strict=True)},
}


@dataclass(frozen=True, eq=False)
class Part:
    """The figures of one joint or one finger; those of 3D are NaN where it is not known.

    Attributes:
        epe_px, pck_005, auc_px, epe_mm, auc_mm: as of the whole hand.
        curve: (T,) PCK over the evaluation's thresholds.
    """

    epe_px: float
    pck_005: float
    auc_px: float
    epe_mm: float
    auc_mm: float
    curve: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of N hands against a reference.

    Attributes:
        hands, joints: how many were compared.
        epe_px: mean distance, px. median_px: its median.
        pck_005: share of joints within 0.05 of the side of their hand's box.
        auc_px: area under the PCK curve from 0 to 0.1 sides of the box, 1 at best.
        hands_mm: hands of which 3D is known; the next four are NaN when there are none.
        epe_mm: mean distance after the roots were laid on each other, with the reference's root depth and
            scale.
        auc_mm: area under the 3D PCK curve from 20 to 50 mm. auc_mm_0_50: the same from 0 to 50 mm.
        depth_bones: mean error of the relative depth, in reference bones; NaN where no depth is known.
        per_joint, per_finger: by name; ``per_finger`` counts the wrist as a group of its own.
        thresholds, curve: (T,) PCK over thresholds in sides of the box.
        thresholds_mm, curve_mm: (T,) PCK over thresholds in mm (NaN where 3D is not known).
        hand_ids: (N,) the caller's names of the hands.
        hand_px, hand_share, hand_mm: (N,) mean error per hand in px, in sides of its box, in mm.
        hand_doubt, hand_c: (N,) px: how unsure the method was of each hand, by its joints' doubt and by the
            square root of C; NaN where that is not known.
    """

    hands: int
    joints: int
    epe_px: float
    median_px: float
    pck_005: float
    auc_px: float
    hands_mm: int
    epe_mm: float
    auc_mm: float
    auc_mm_0_50: float
    depth_bones: float
    per_joint: dict[str, Part]
    per_finger: dict[str, Part]
    thresholds: Floats
    curve: Floats
    thresholds_mm: Floats
    curve_mm: Floats
    hand_ids: npt.NDArray[np.int64]
    hand_px: Floats
    hand_share: Floats
    hand_mm: Floats = field(repr=False)
    hand_doubt: Floats = field(repr=False)
    hand_c: Floats = field(repr=False)

    def to_json(self, with_hands: bool = False, with_curves_of_parts: bool = False) -> dict[str, Any]:
        """Plain numbers; what is not known is left out.

        Args:
            with_hands: also the errors of every hand.
            with_curves_of_parts: also the PCK curve of every joint and finger, at the whole's thresholds.
        """
        figures: dict[str, Any] = {"hands": self.hands, "joints": self.joints}
        for name in (
            "epe_px",
            "median_px",
            "pck_005",
            "auc_px",
            "epe_mm",
            "auc_mm",
            "auc_mm_0_50",
            "depth_bones",
        ):
            value = getattr(self, name)
            if math.isfinite(value):
                figures[name] = value
        if self.hands_mm:
            figures["hands_mm"] = self.hands_mm
        for name in ("per_joint", "per_finger"):
            parts: dict[str, Part] = getattr(self, name)
            figures[name] = {part: _figures(each, with_curves_of_parts) for part, each in parts.items()}
        figures["curve"] = {"thresholds": self.thresholds.tolist(), "pck": _finite(self.curve)}
        if self.hands_mm:
            figures["curve_mm"] = {"thresholds": self.thresholds_mm.tolist(), "pck": _finite(self.curve_mm)}
        if with_hands:
            figures["hand_ids"] = self.hand_ids.tolist()
            figures["hand_px"] = _finite(self.hand_px)
            figures["hand_share"] = _finite(self.hand_share)
            figures["hand_mm"] = _finite(self.hand_mm)
            figures["hand_doubt"] = _finite(self.hand_doubt)
            figures["hand_c"] = _finite(self.hand_c)
        return figures


def evaluate(
    uv: npt.ArrayLike,
    uv_reference: npt.ArrayLike,
    box_sides: npt.ArrayLike,
    *,
    depth: npt.ArrayLike | None = None,
    depth_reference: npt.ArrayLike | None = None,
    xyz_reference_mm: npt.ArrayLike | None = None,
    K: npt.ArrayLike | None = None,
    bone_mm: npt.ArrayLike | None = None,
    counted: npt.ArrayLike | None = None,
    hand_ids: npt.ArrayLike | None = None,
    hand_doubt: npt.ArrayLike | None = None,
    hand_c: npt.ArrayLike | None = None,
) -> Evaluation:
    """Compare poses with a reference.

    Args:
        uv, uv_reference: (N, 21, 2) px; joints with a NaN are not compared.
        box_sides: (N,) side of each hand's box, px.
        depth, depth_reference: (N, 21) relative to the root, in reference bones.
        xyz_reference_mm: (N, 21, 3) camera coordinates; NaN for hands whose 3D pose is not known.
        K: (N, 3, 3) px; NaN for hands without a camera. With ``depth`` and ``xyz_reference_mm`` it gives the
            3D figures: the pose is lifted with the reference's root depth and scale, as the papers do.
        bone_mm: (N,) length of the hands' reference bones, where the reference's labels lie apart from their
            joints; the distance of its labels by default.
        counted: (N, 21) whether a joint takes part; all by default.
        hand_ids: (N,) names of the hands; their row numbers by default.
        hand_doubt, hand_c: (N,) px, see :class:`Evaluation`.
    """
    points = np.asarray(uv, dtype=np.float64).reshape(-1, len(JOINT_NAMES), 2)
    count = len(points)
    errors = pose_errors(points, np.asarray(uv_reference, dtype=np.float64).reshape(points.shape))
    takes_part = np.ones(errors.shape, np.bool_) if counted is None else np.asarray(counted, np.bool_)
    errors = np.where(takes_part, errors, np.nan)
    sides = np.asarray(box_sides, dtype=np.float64).reshape(count)
    if count and not (sides > 0.0).all():
        raise ValueError("every hand's box needs a side longer than 0")
    shares = errors / sides[:, None]
    errors_mm = np.full(errors.shape, np.nan)
    if depth is not None and xyz_reference_mm is not None and K is not None:
        target = np.asarray(xyz_reference_mm, dtype=np.float64).reshape(count, -1, 3)
        bone = None if bone_mm is None else np.asarray(bone_mm, dtype=np.float64)
        pose = lifted_like(points, np.asarray(depth, np.float64), np.asarray(K, np.float64), target, bone)
        errors_mm = np.where(takes_part, pose_errors(root_aligned(pose), root_aligned(target)), np.nan)
    depth_error = float("nan")
    if depth is not None and depth_reference is not None:
        off = np.abs(_from_root(depth) - _from_root(depth_reference))
        depth_error = mean_of(np.where(takes_part, off, np.nan))
    thresholds = np.linspace(0.0, CURVE_TO, CURVE_POINTS)
    thresholds_mm = np.linspace(0.0, CURVE_TO_MM, CURVE_POINTS)
    return Evaluation(
        hands=int(np.isfinite(errors).any(axis=-1).sum()),
        joints=int(np.isfinite(errors).sum()),
        epe_px=mean_of(errors),
        median_px=median_of(errors),
        pck_005=float(pck(shares, [PCK_AT])[0]),
        auc_px=auc(shares, 0.0, CURVE_TO),
        hands_mm=int(np.isfinite(errors_mm).any(axis=-1).sum()),
        epe_mm=mean_of(errors_mm),
        auc_mm=auc(errors_mm, *AUC_MM),
        auc_mm_0_50=auc(errors_mm, 0.0, CURVE_TO_MM),
        depth_bones=depth_error,
        per_joint={
            name: _part(errors[:, joint], shares[:, joint], errors_mm[:, joint], thresholds)
            for joint, name in enumerate(JOINT_NAMES)
        },
        per_finger={
            name: _part(errors[:, joints], shares[:, joints], errors_mm[:, joints], thresholds)
            for name, joints in GROUPS.items()
        },
        thresholds=thresholds,
        curve=pck(shares, thresholds),
        thresholds_mm=thresholds_mm,
        curve_mm=pck(errors_mm, thresholds_mm),
        hand_ids=np.arange(count) if hand_ids is None else np.asarray(hand_ids, dtype=np.int64),
        hand_px=_mean_per_hand(errors),
        hand_share=_mean_per_hand(shares),
        hand_mm=_mean_per_hand(errors_mm),
        hand_doubt=_of_hands(hand_doubt, count),
        hand_c=_of_hands(hand_c, count),
    )


def _of_hands(values: npt.ArrayLike | None, count: int) -> Floats:
    if values is None:
        return np.full(count, np.nan)
    return np.asarray(values, dtype=np.float64).reshape(count)


def lifted_like(
    uv: Floats, depth: Floats, K: Floats, xyz_reference_mm: Floats, bone_mm: Floats | None = None
) -> Floats:
    """Lift 2.5D poses with the root depth and the reference bone's length of known 3D poses.

    Args:
        uv: (N, 21, 2) px. depth: (N, 21) reference bones. K: (N, 3, 3) px.
        xyz_reference_mm: (N, 21, 3) camera coordinates.
        bone_mm: (N,) length of the reference bones; measured in ``xyz_reference_mm`` by default.

    Returns:
        (N, 21, 3) mm; NaN where the reference or the camera is not known.
    """
    bone = reference_length(xyz_reference_mm) if bone_mm is None else bone_mm
    return np.asarray(lift(uv, depth, K, bone, xyz_reference_mm[:, ROOT, 2]))


def _from_root(depth: npt.ArrayLike) -> Floats:
    values = np.asarray(depth, dtype=np.float64)
    return values - values[:, ROOT : ROOT + 1]


def _part(errors: Floats, shares: Floats, errors_mm: Floats, thresholds: Floats) -> Part:
    return Part(
        mean_of(errors),
        float(pck(shares, [PCK_AT])[0]),
        auc(shares, 0.0, CURVE_TO),
        mean_of(errors_mm),
        auc(errors_mm, *AUC_MM),
        pck(shares, thresholds),
    )


def _mean_per_hand(errors: Floats) -> Floats:
    known = np.isfinite(errors)
    total = np.where(known, errors, 0.0).sum(axis=-1)
    number = known.sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _figures(part: Part, with_curve: bool) -> dict[str, Any]:
    names = ("epe_px", "pck_005", "auc_px", "epe_mm", "auc_mm")
    figures = {name: value for name in names if math.isfinite(value := getattr(part, name))}
    return {**figures, "curve": _finite(part.curve.round(4))} if with_curve else figures


def _finite(values: Floats) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]
