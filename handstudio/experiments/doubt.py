"""Measures of doubt compared: which one tells good proposals from bad ones best, and can be calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.scoring.confidence import isotonic, reliability, risk_coverage
from handstudio.scoring.metrics import Floats

POINTS: Final = 41
"""Points of a kept risk-coverage curve."""


def compared(
    doubts: Mapping[str, npt.ArrayLike], error_px: npt.ArrayLike, calibrated_on: int, seed: int
) -> dict[str, dict[str, Any]]:
    """What each measure of doubt is worth, by its name.

    A sample of the hands plays those that a person has reviewed: doubt is calibrated on it, and all figures
    are of the others.

    Args:
        doubts: (N,) each. ``error_px``: (N,) mean error of the proposals.
        calibrated_on: size of the sample; half of the hands at most.
        seed: of the sample.

    Returns:
        ``area`` (px) and ``captured`` of the risk-coverage curve, ``gap`` (px) between expected and found
        error after calibration, ``curve`` (risk at even coverages), ``expected`` and ``found`` by tenths.
    """
    errors = np.asarray(error_px, dtype=np.float64)
    order = np.random.default_rng((seed, 3)).permutation(len(errors))
    count = min(calibrated_on, len(errors) // 2)
    sample, others = order[:count], order[count:]
    table = {}
    for name, values in doubts.items():
        doubt = np.asarray(values, dtype=np.float64)
        risk = risk_coverage(doubt[others], errors[others])
        met = reliability(calibrated(doubt, errors, sample)[others], errors[others])
        table[name] = {
            "area": round(risk.area, 4),
            "captured": round(risk.captured, 4),
            "gap": round(met.gap, 4),
            "curve": _rounded(np.interp(np.linspace(0, 1, POINTS)[1:], risk.coverage, risk.risk)),
            "expected": _rounded(met.expected),
            "found": _rounded(met.found),
        }
    best = risk_coverage(errors[others], errors[others])
    table["the error itself"] = {
        "area": round(best.area, 4),
        "captured": 1.0,
        "gap": 0.0,
        "curve": _rounded(np.interp(np.linspace(0, 1, POINTS)[1:], best.coverage, best.risk)),
        "expected": [],
        "found": [],
    }
    return table


def calibrated(doubt: Floats, errors: Floats, sample: npt.NDArray[np.int64]) -> Floats:
    """Expected errors (N,) px: the isotonic curve of a sample, read at every doubt."""
    nodes, values = isotonic(doubt[sample], errors[sample])
    return np.asarray(np.interp(doubt, nodes, values))


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 3) for value in values]
