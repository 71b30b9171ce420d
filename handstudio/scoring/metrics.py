"""The measures of hand pose: EPE, PCK, AUC, N-MPJPE, and the alignments that they are taken after."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import ROOT

Floats = npt.NDArray[np.floating[Any]]


def pose_errors(prediction: npt.ArrayLike, reference: npt.ArrayLike) -> Floats:
    """Distance of each joint from its reference.

    Args:
        prediction, reference: (..., J, D) in one unit, D = 2 or 3; a joint with a NaN is unknown.

    Returns:
        (..., J) float64 in the same unit; NaN for unknown joints.
    """
    difference = np.asarray(prediction, dtype=np.float64) - np.asarray(reference, dtype=np.float64)
    return np.asarray(np.sqrt((difference * difference).sum(axis=-1)))


def epe(prediction: npt.ArrayLike, reference: npt.ArrayLike, mask: npt.ArrayLike | None = None) -> float:
    """Mean end point error over all known joints; NaN when there are none.

    Args:
        prediction, reference: (..., J, D) in one unit.
        mask: (..., J) joints to count; all by default.
    """
    return mean_of(_chosen(pose_errors(prediction, reference), mask))


def mean_of(errors: npt.ArrayLike) -> float:
    """The mean of the values that are numbers; NaN when there are none."""
    known = _known(errors)
    return float(known.mean()) if known.size else float("nan")


def median_of(errors: npt.ArrayLike) -> float:
    """The median of the values that are numbers; NaN when there are none."""
    known = _known(errors)
    return float(np.median(known)) if known.size else float("nan")


def pck(errors: npt.ArrayLike, thresholds: npt.ArrayLike) -> Floats:
    """Share of joints whose error is at most each threshold (the curve's points).

    Args:
        errors: any shape; NaN is unknown and not counted.
        thresholds: (T,) in the same unit.

    Returns:
        (T,) 0 to 1; NaN when no error is known.
    """
    limits = np.asarray(thresholds, dtype=np.float64)
    ordered = np.sort(_known(errors))
    if not ordered.size:
        return np.full(limits.shape, np.nan)
    return np.asarray(np.searchsorted(ordered, limits, side="right") / ordered.size)


def auc(errors: npt.ArrayLike, low: float, high: float, steps: int | None = None) -> float:
    """Area under the PCK curve between two thresholds, as a share of the largest possible area.

    Args:
        errors: any shape; NaN is unknown and not counted.
        low, high: thresholds in the unit of the errors.
        steps: evaluate the curve at so many thresholds and take trapezoids, as the evaluation code of public
            benchmarks does (FreiHAND: 100 from 0 to 50 mm); by default the area is exact.
    """
    if not high > low:
        raise ValueError("the upper threshold must be above the lower one")
    known = _known(errors)
    if not known.size:
        return float("nan")
    if steps is None:
        # the curve rises by 1/N at each error, so each error holds the part of the range above it
        return float(1.0 - (np.clip(known, low, high) - low).mean() / (high - low))
    thresholds = np.linspace(low, high, steps)
    return float(np.trapezoid(pck(known, thresholds), thresholds) / (high - low))


def success_rate(errors: npt.ArrayLike, thresholds: npt.ArrayLike) -> Floats:
    """Share of hands of which no joint is further off than each threshold.

    Args:
        errors: (N, J); a hand with an unknown joint is judged by its others, one with none is not counted.
        thresholds: (T,).
    """
    values = np.asarray(errors, dtype=np.float64)
    worst = np.where(np.isnan(values), -np.inf, values).max(axis=-1)
    return pck(worst[np.isfinite(worst)], thresholds)


def root_aligned(xyz: npt.ArrayLike, root: int = ROOT) -> Floats:
    """(..., J, 3) moved so that the root lies at the origin."""
    points = np.asarray(xyz, dtype=np.float64)
    return points - points[..., root : root + 1, :]


def similarity_aligned(prediction: npt.ArrayLike, reference: npt.ArrayLike) -> Floats:
    """The prediction turned, moved and scaled onto the reference by least squares (orthogonal Procrustes).

    Args:
        prediction, reference: (..., J, 3).

    Returns:
        (..., J, 3) in the reference's coordinates. Mirroring is not excluded, as in the evaluation of
        FreiHAND.
    """
    source, target = np.asarray(prediction, np.float64), np.asarray(reference, np.float64)
    source_centre, target_centre = source.mean(-2, keepdims=True), target.mean(-2, keepdims=True)
    a, b = source - source_centre, target - target_centre
    u, weights, vt = np.linalg.svd(np.swapaxes(b, -1, -2) @ a)
    rotation = u @ vt
    scale = weights.sum(-1) / np.maximum((a * a).sum((-1, -2)), 1e-300)
    return np.asarray(scale[..., None, None] * (a @ np.swapaxes(rotation, -1, -2)) + target_centre)


def scale_aligned(prediction: npt.ArrayLike, reference: npt.ArrayLike, root: int | None = ROOT) -> Floats:
    """Both poses root-relative, the prediction with the one scale per hand that fits best by least squares.

    Args:
        prediction, reference: (..., J, 3).
        root: the joint that is laid at the origin; ``None`` when both are relative already.

    Returns:
        (..., J, 3), to be compared with the root-relative reference.
    """
    a = np.asarray(prediction, np.float64) if root is None else root_aligned(prediction, root)
    b = np.asarray(reference, np.float64) if root is None else root_aligned(reference, root)
    scale = (a * b).sum((-1, -2), keepdims=True) / np.maximum((a * a).sum((-1, -2), keepdims=True), 1e-300)
    return np.asarray(scale * a)


def n_mpjpe(prediction: npt.ArrayLike, reference: npt.ArrayLike, root: int | None = ROOT) -> float:
    """N-MPJPE (Rhodin et al. 2018): mean joint error after the scale of each pose was fitted.

    Args:
        prediction, reference: (..., J, 3) in one unit.
        root: as for :func:`scale_aligned`.
    """
    target = np.asarray(reference, np.float64) if root is None else root_aligned(reference, root)
    return epe(scale_aligned(prediction, reference, root), target)


def _known(errors: npt.ArrayLike) -> Floats:
    values = np.asarray(errors, dtype=np.float64).ravel()
    return values[~np.isnan(values)]


def _chosen(errors: Floats, mask: npt.ArrayLike | None) -> Floats:
    return errors if mask is None else np.where(np.asarray(mask, dtype=np.bool_), errors, np.nan)
