"""From a measure of confidence to the error that a reviewer should expect, in px.

Until hands have been reviewed, the model's own estimate is shown; reviews scale it, many more than few; with
enough, an isotonic curve bends it: the error that hands of about this doubt turned out to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID, Box
from handstudio.hand.distance import LAMBDA_D
from handstudio.project import Project
from handstudio.project.conditions import ErrorScale
from handstudio.project.records import (
    BY_PEOPLE,
    Confidences,
    Floats,
    HandQuery,
    HandRecord,
    Ids,
    Measure,
    Proposal,
)
from handstudio.review.reviewed_errors import told_by
from handstudio.scoring.confidence import isotonic

ENOUGH_FOR_CURVE: Final = 60
_LATEST: Final = 1000
"""Reviews that a fit looks at."""
ROOT_OF_C: Final = "the square root of C"


@dataclass(frozen=True, eq=False)
class ExpectedError:
    """A map from doubt to error, both in cells of the hand's box (or px: it is scaled with the box).

    Attributes:
        measure: what doubt is: that of the joints, or the square root of C.
        kind: ``assumed`` (nothing reviewed), ``factor`` or ``curve``.
        reviewed: number of hands behind it.
        factor: error per doubt.
        doubt, cells: the curve's nodes, both ascending.
        estimate: what is scaled, in words.
    """

    measure: Measure = "doubt"
    kind: Literal["assumed", "factor", "curve"] = "assumed"
    reviewed: int = 0
    factor: float = 1.0
    doubt: npt.NDArray[np.float64] | None = None
    cells: npt.NDArray[np.float64] | None = None
    estimate: str = "the model's own estimate"

    @property
    def basis(self) -> str:
        """How the figure came about, for people."""
        if self.kind == "assumed":
            return f"not calibrated, no hand is reviewed yet: {self.estimate}"
        hands = "1 reviewed hand" if self.reviewed == 1 else f"{self.reviewed} reviewed hands"
        if self.kind == "factor":
            return f"{self.estimate}, scaled to {hands}"
        return f"calibrated on {hands}"

    @property
    def scale(self) -> ErrorScale:
        """The same map for the database."""
        by_c = self.measure == "C"
        if self.doubt is None or self.cells is None:
            return ErrorScale(by_c, self.factor)
        nodes = zip(self.doubt.tolist(), self.cells.tolist(), strict=True)
        return ErrorScale(by_c, self.factor, self._share, tuple(nodes))

    @property
    def _share(self) -> float:
        """How much the curve counts beside the factor."""
        return self.reviewed / (self.reviewed + ENOUGH_FOR_CURVE)

    def of_hand(self, hand: HandRecord) -> float | None:
        """Expected error in px, mean over the joints of a hand's latest proposal; ``None`` without one."""
        doubt = doubt_of_hand(hand, self.measure)
        return None if doubt is None else float(self.of_doubts([doubt], [hand.box.side])[0])

    def of_sequence(self, found: Confidences) -> Floats:
        """(N,) px of the hands of a sequence; NaN where there is no proposal."""
        if self.measure == "doubt":
            return self.of_doubts(found.doubt, found.box_side)
        c = np.asarray(found.c_stability, np.float64) + np.asarray(found.c_plausibility, np.float64)
        return self.of_doubts(_root_px(c, found.box_side), found.box_side)

    def of_doubts(self, doubt_px: npt.ArrayLike, sides: npt.ArrayLike) -> Floats:
        """The same for (N,) doubts in px and (N,) sides of boxes in px; NaN stays NaN."""
        cell = np.maximum(np.asarray(sides, dtype=np.float64), 1e-6) / GRID
        return (self._cells(np.asarray(doubt_px, dtype=np.float64) / cell) * cell).astype(np.float32)

    def of_joints(self, proposal: Proposal, hand: HandRecord) -> Floats:
        """(21,) px: each joint's own doubt, scaled as that of its hand.

        With C as the measure, the hand's expected error is shared out by what each joint adds to C (Eq. 8).
        """
        own = None if self.measure == "C" else proposal.joint_doubt
        shares = _roots_of_terms(proposal, hand.box) if own is None else np.asarray(own, np.float64)
        whole, mean = self.of_hand(hand), float(shares.mean())
        if whole is None:
            return np.full(len(shares), np.nan, np.float32)
        return ((shares / mean if mean > 0.0 else np.ones_like(shares)) * whole).astype(np.float32)

    def _cells(self, doubt: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The factor, and the curve as far as it is behind it, for doubts in cells."""
        straight = np.maximum(doubt, 0.0) * self.factor
        if self.doubt is None or self.cells is None:
            return straight
        last = max(float(self.doubt[-1]), 1e-9)
        bent = np.interp(doubt, self.doubt, self.cells) * np.maximum(doubt / last, 1.0)
        return np.asarray(self._share * bent + (1.0 - self._share) * straight)


def doubt_of_hand(hand: HandRecord, measure: Measure) -> float | None:
    """A hand's doubt in px by a measure; ``None`` without a proposal."""
    if measure == "doubt":
        return hand.doubt
    return None if hand.confidence is None else float(_root_px(hand.confidence, hand.box.side))


def fit(
    doubt_cells: npt.ArrayLike,
    shift_cells: npt.ArrayLike,
    measure: Measure = "doubt",
    estimate: str = ExpectedError.estimate,
) -> ExpectedError:
    """Fit the map to reviewed hands.

    Args:
        doubt_cells: (N, J) of their proposals' joints.
        shift_cells: (N, J) from proposal to label: 0 where a joint was left as it was.
        measure: what the doubt is.
        estimate: the same in words.
    """
    doubt, shift = (np.asarray(values, dtype=np.float64) for values in (doubt_cells, shift_cells))
    good = (np.isfinite(doubt) & np.isfinite(shift)).all(axis=1) if len(doubt) else np.zeros(0, np.bool_)
    doubt, shift = doubt[good], shift[good]
    if not len(doubt) or doubt.sum() <= 0.0:
        return ExpectedError(measure, reviewed=len(doubt), estimate=estimate)
    told = told_by(doubt, shift)
    if len(doubt) < ENOUGH_FOR_CURVE:
        return ExpectedError(measure, "factor", len(doubt), told.factor, estimate=estimate)
    nodes, values = isotonic(doubt.mean(axis=1), told.cells)
    return ExpectedError(measure, "curve", len(doubt), told.factor, nodes, values, estimate)


def fit_project(project: Project, measure: Measure = "doubt") -> ExpectedError:
    """Fit the map to the project's latest reviewed hands (accepted or fixed by people)."""
    model = project.adopted_model()
    estimate = ROOT_OF_C if measure == "C" else _estimate(model.lineage if model is not None else {})
    ids = project.hand_ids(HandQuery(states=BY_PEOPLE, order="recent", min_confidence=0.0), _LATEST)
    if len(ids) == 0:
        return ExpectedError(measure, estimate=estimate)
    labels = project.poses("label", ids)
    proposals = project.poses("proposal", labels.hand_ids)
    labels = labels if len(labels) == len(proposals) else project.poses("label", proposals.hand_ids)
    records = project.hands(proposals.hand_ids.tolist())
    cell = np.array([max(record.box.side, 1e-6) / GRID for record in records], dtype=np.float64)[:, None]
    shift = np.linalg.norm(labels.uv - proposals.uv, axis=-1)
    doubt = _joint_doubts(project, records, proposals.hand_ids, measure, shift.shape[1])
    return fit(doubt / cell, shift / cell, measure, estimate)


def _joint_doubts(
    project: Project, records: list[HandRecord], ids: Ids, measure: Measure, joints: int
) -> npt.NDArray[np.float64]:
    """(N, J) px: each joint's own, or the hand's for all of them where no more is known."""
    own = [doubt_of_hand(record, measure) for record in records]
    doubt = np.repeat(np.array(own, dtype=np.float64)[:, None], joints, axis=1)
    if measure == "doubt":
        told = project.joint_doubts(ids)
        known = np.isfinite(told).all(axis=1)
        doubt[known] = told[known]
    return doubt


def _estimate(lineage: Mapping[str, Any]) -> str:
    """What the model's own estimate stands on."""
    figures = lineage.get("figures")
    measured = isinstance(figures, Mapping) and figures.get("error_of_doubt") is not None
    return "the model's own estimate, known from rendered hands alone" if measured else ExpectedError.estimate


def _root_px(c: npt.ArrayLike, sides: npt.ArrayLike) -> npt.NDArray[np.float64]:
    root = np.sqrt(np.maximum(np.asarray(c, dtype=np.float64), 0.0))
    return np.asarray(root * np.asarray(sides, dtype=np.float64) / GRID)


def _roots_of_terms(proposal: Proposal, box: Box) -> npt.NDArray[np.float64]:
    """(21,) square roots of what each joint adds to C."""
    cell = max(box.side, 1e-6) / GRID

    def term(uv: Floats, depth: Floats) -> npt.NDArray[np.float64]:
        apart = (((proposal.pose.uv - uv) / cell) ** 2).sum(axis=-1)
        return np.asarray(apart + LAMBDA_D * (proposal.pose.depth - depth) ** 2, dtype=np.float64)

    terms = term(proposal.corrected.uv, proposal.corrected.depth)
    if proposal.perturbed is None:
        terms = terms + proposal.c_stability
    else:
        terms = terms + term(proposal.perturbed.uv, proposal.perturbed.depth)
    return np.sqrt(np.nan_to_num(terms))
