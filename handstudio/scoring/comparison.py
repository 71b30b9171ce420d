"""Two evaluations on the same hands side by side: what a new model made better, and what worse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.scoring.evaluation import Evaluation
from handstudio.scoring.metrics import Floats

NOTICED: Final = 0.01
"""A hand counts as better or worse when its mean error moved by more than this share of its box's side."""


@dataclass(frozen=True)
class Pair:
    """One figure before and after."""

    before: float
    after: float

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before


@dataclass(frozen=True, eq=False)
class Comparison:
    """The second evaluation against the first, on the hands that both have.

    Attributes:
        hands: number of common hands.
        figures: ``epe_px``, ``pck_005``, ``auc_px``, and ``epe_mm``, ``auc_mm`` where both know 3D.
        per_joint, per_finger: mean error in px by name.
        thresholds, curve_before, curve_after: (T,) the two PCK curves over thresholds in sides of the box.
        hand_ids: (N,) common hands, those that got most better first.
        change_px: (N,) change of each hand's mean error, px; negative is better.
        change_share: (N,) the same in sides of its box.
    """

    hands: int
    figures: dict[str, Pair]
    per_joint: dict[str, Pair]
    per_finger: dict[str, Pair]
    thresholds: Floats
    curve_before: Floats
    curve_after: Floats
    hand_ids: npt.NDArray[np.int64]
    change_px: Floats
    change_share: Floats

    @property
    def better(self) -> npt.NDArray[np.int64]:
        """Ids of the hands that got better by more than :data:`NOTICED`, most first."""
        return self.hand_ids[self.change_share < -NOTICED]

    @property
    def worse(self) -> npt.NDArray[np.int64]:
        """Ids of the hands that got worse by more than :data:`NOTICED`, most first."""
        return self.hand_ids[self.change_share > NOTICED][::-1]

    def to_json(self) -> dict[str, Any]:
        """Plain numbers; what is not known is left out."""
        return {
            "hands": self.hands,
            **{name: _pair(pair) for name, pair in self.figures.items()},
            "per_joint": {name: _pair(pair) for name, pair in self.per_joint.items()},
            "per_finger": {name: _pair(pair) for name, pair in self.per_finger.items()},
            "better": self.better.tolist(),
            "worse": self.worse.tolist(),
        }


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """Compare two evaluations; per-hand changes are of the hands that both have.

    The figures of the whole are each evaluation's own, so evaluate both on the same hands.
    """
    common, first, second = np.intersect1d(before.hand_ids, after.hand_ids, return_indices=True)
    change_px = after.hand_px[second] - before.hand_px[first]
    change_share = after.hand_share[second] - before.hand_share[first]
    known = np.isfinite(change_share)
    order = np.flatnonzero(known)[np.argsort(change_share[known], kind="stable")]
    names = ("epe_px", "pck_005", "auc_px", "epe_mm", "auc_mm")
    figures = {name: Pair(getattr(before, name), getattr(after, name)) for name in names}
    return Comparison(
        hands=len(order),
        figures={name: pair for name, pair in figures.items() if math.isfinite(pair.change)},
        per_joint={
            name: Pair(part.epe_px, after.per_joint[name].epe_px) for name, part in before.per_joint.items()
        },
        per_finger={
            name: Pair(part.epe_px, after.per_finger[name].epe_px) for name, part in before.per_finger.items()
        },
        thresholds=before.thresholds,
        curve_before=before.curve,
        curve_after=after.curve,
        hand_ids=common[order],
        change_px=change_px[order],
        change_share=change_share[order],
    )


def _pair(pair: Pair) -> dict[str, float]:
    values = {"before": pair.before, "after": pair.after, "change": pair.change}
    return {name: value for name, value in values.items() if math.isfinite(value)}
