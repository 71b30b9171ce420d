"""How well a measure of doubt tells good proposals from bad ones, and whether an expected error is met.

A *doubt* is any figure that is to grow with the error, in whatever unit: C of SemiHand, one of its terms, the
spread of several views. Risk and coverage after El-Yaniv and Wiener (2010): of the hands with the smallest
doubt, a share (the coverage) is taken as it is; the risk is their mean error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.scoring.metrics import Floats

CURVE_POINTS: Final = 41
"""Points of a risk-coverage curve that is told."""


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """What is risked at each coverage.

    Attributes:
        coverage: (N,) 1/N to 1. ``risk``: (N,) mean error of so many hands, those of the smallest doubt.
        best: (N,) the same if doubt were the error itself.
    """

    coverage: Floats
    risk: Floats
    best: Floats

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC), in the unit of the error."""
        return float(self.risk.mean())

    @property
    def excess(self) -> float:
        """How much of the area is due to doubt being not the error itself, same unit."""
        return float((self.risk - self.best).mean())

    @property
    def captured(self) -> float:
        """Share of the possible gain over a random order that the doubt captures: 1 at best, 0 at random."""
        possible = float((self.risk[-1] - self.best).mean())
        return 1.0 - self.excess / possible if possible > 0.0 else float("nan")

    def coverage_at(self, risk: float) -> float:
        """The largest share of hands whose mean error is at most ``risk``."""
        good = np.flatnonzero(self.risk <= risk)
        return float(self.coverage[good[-1]]) if len(good) else 0.0


def risk_coverage(doubt: npt.ArrayLike, error: npt.ArrayLike) -> RiskCoverage:
    """Risk over coverage. Hands of equal doubt are taken together, so that their order tells nothing.

    Args:
        doubt: (N,) any unit, larger where less sure; a NaN counts as the largest.
        error: (N,) of each hand.

    Raises:
        ValueError: when there is no hand.
    """
    doubts = np.nan_to_num(np.asarray(doubt, dtype=np.float64).ravel(), nan=np.inf, posinf=np.inf)
    errors = np.asarray(error, dtype=np.float64).ravel()
    if len(doubts) == 0 or len(doubts) != len(errors):
        raise ValueError(f"{len(doubts)} doubts and {len(errors)} errors cannot be compared")
    order = np.argsort(doubts, kind="stable")
    _, group, size = np.unique(doubts[order], return_inverse=True, return_counts=True)
    shared = np.bincount(group, weights=errors[order]) / size
    count = np.arange(1, len(errors) + 1)
    return RiskCoverage(
        count / len(errors), np.cumsum(shared[group]) / count, np.cumsum(np.sort(errors)) / count
    )


@dataclass(frozen=True, eq=False)
class Reliability:
    """Expected against found errors, hands of like expectation together.

    Attributes:
        expected, found: (B,) mean expected and mean found error of each group, one unit. ``hands``: (B,).
    """

    expected: Floats
    found: Floats
    hands: npt.NDArray[np.int64]

    @property
    def gap(self) -> float:
        """Mean distance between expected and found error, each hand counting once (the expected calibration
        error)."""
        return float(np.average(np.abs(self.expected - self.found), weights=self.hands))


def reliability(expected: npt.ArrayLike, found: npt.ArrayLike, groups: int = 10) -> Reliability:
    """Whether expected errors are met.

    Args:
        expected, found: (N,) of each hand, one unit.
        groups: of about equal size; fewer where there are fewer hands.

    Raises:
        ValueError: when there is no hand.
    """
    expect = np.asarray(expected, dtype=np.float64).ravel()
    meet = np.asarray(found, dtype=np.float64).ravel()
    if len(expect) == 0 or len(expect) != len(meet):
        raise ValueError(f"{len(expect)} expected and {len(meet)} found errors cannot be compared")
    parts = np.array_split(np.argsort(expect, kind="stable"), min(groups, len(expect)))
    return Reliability(
        np.array([expect[part].mean() for part in parts]),
        np.array([meet[part].mean() for part in parts]),
        np.array([len(part) for part in parts]),
    )


def told(doubt: npt.ArrayLike, expected: npt.ArrayLike, error: npt.ArrayLike) -> dict[str, Any]:
    """What a measure of doubt is worth, as plain values; hands of which one is not known are left out.

    Args:
        doubt: (N,) any unit. ``expected``: (N,) px that it promises. ``error``: (N,) px that was found.

    Returns:
        ``hands``; with any, ``aurc_px`` and ``captured`` (``None`` where all errors are alike) of the
        risk-coverage curve, ``risk_coverage`` itself at even coverages, ``reliability_gap_px`` and the
        ``reliability`` behind it.
    """
    values = np.stack([np.asarray(one, dtype=np.float64).ravel() for one in (doubt, expected, error)])
    unsure, promised, found = values[:, np.isfinite(values).all(axis=0)]
    if not len(found):
        return {"hands": 0}
    risk, met = risk_coverage(unsure, found), reliability(promised, found)
    coverage = np.linspace(0.0, 1.0, CURVE_POINTS)[1:]
    return {
        "hands": len(found),
        "aurc_px": risk.area,
        "captured": risk.captured if np.isfinite(risk.captured) else None,
        "risk_coverage": {
            "coverage": coverage.tolist(),
            "risk_px": np.interp(coverage, risk.coverage, risk.risk).tolist(),
        },
        "reliability_gap_px": met.gap,
        "reliability": {
            "expected_px": met.expected.tolist(),
            "found_px": met.found.tolist(),
            "hands": met.hands.tolist(),
        },
    }


def isotonic(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pool adjacent violators: the ascending step curve nearest to points, to be read between its nodes.

    scipy has it too, but takes 0.8 s to be imported, and the window would stand still for so long.

    Args:
        x, y: (N,) numbers.

    Returns:
        (P,) x and y of one node per pool, both ascending.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(x, kind="stable")
    pools: list[list[float]] = []
    for at, value in zip(x[order].tolist(), y[order].tolist(), strict=True):
        pools.append([value, 1.0, at])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            above = pools.pop()
            below = pools[-1]
            weight = below[1] + above[1]
            below[0] = (below[0] * below[1] + above[0] * above[1]) / weight
            below[2] = (below[2] * below[1] + above[2] * above[1]) / weight
            below[1] = weight
    table = np.array(pools)
    return table[:, 2], table[:, 0]
