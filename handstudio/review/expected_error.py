"""From C, a squared distance in cells, to the error that a reviewer should expect, in px.

Until hands have been reviewed, the square root of C itself is shown; with a few reviews a factor on it is
fitted; with enough, an isotonic curve: the error that hands of about this C turned out to have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID, Box
from handstudio.hand.distance import LAMBDA_D
from handstudio.project import Project
from handstudio.project.records import LABELLED, Floats, HandQuery, Proposal, State
from handstudio.scoring.confidence import isotonic

ENOUGH_FOR_FACTOR: Final = 8
ENOUGH_FOR_CURVE: Final = 60
UNSEEN_CELLS: Final = 1.0
"""Cells by which a pose that was accepted is still taken to be off: people accept what is off by less than
they see, so a label that is its own proposal does not say that there was no error."""
_LATEST: Final = 1000
"""Reviews that a fit looks at."""


@dataclass(frozen=True, eq=False)
class ExpectedError:
    """A map from C to cells of the network's grid.

    Attributes:
        kind: ``assumed`` (nothing reviewed), ``factor`` or ``curve``.
        reviewed: number of hands behind it.
        factor: cells per square root of C.
        root_c, cells: the curve's nodes, both ascending.
    """

    kind: Literal["assumed", "factor", "curve"] = "assumed"
    reviewed: int = 0
    factor: float = 1.0
    root_c: npt.NDArray[np.float64] | None = None
    cells: npt.NDArray[np.float64] | None = None

    @property
    def basis(self) -> str:
        """How the figure came about, for people."""
        if self.kind == "assumed":
            return "not calibrated: the square root of C"
        if self.kind == "factor":
            return f"the square root of C, scaled to {self.reviewed} reviewed hands"
        return f"calibrated on {self.reviewed} reviewed hands"

    def of_hand(self, confidence: float, box: Box) -> float:
        """Expected error in px, mean over the joints of a hand with this C and box."""
        return float(self._cells(np.sqrt(max(confidence, 0.0)))) * box.side / GRID

    def of_hands(self, confidence: npt.ArrayLike, sides: npt.ArrayLike) -> Floats:
        """The same for (N,) C and (N,) sides of boxes in px; NaN stays NaN."""
        root = np.sqrt(np.maximum(np.asarray(confidence, dtype=np.float64), 0.0))
        return (self._cells(root) * np.asarray(sides, dtype=np.float64) / GRID).astype(np.float32)

    def of_joints(self, proposal: Proposal, box: Box) -> Floats:
        """(21,) px: the hand's expected error, shared out by what each joint adds to C (Eq. 8)."""
        cell = max(box.side, 1e-6) / GRID
        terms = _joint_terms(proposal.pose.uv - proposal.corrected.uv, cell)
        terms = terms + LAMBDA_D * (proposal.pose.depth - proposal.corrected.depth) ** 2
        if proposal.perturbed is None:
            terms = terms + proposal.c_stability
        else:
            terms = terms + _joint_terms(proposal.pose.uv - proposal.perturbed.uv, cell)
            terms = terms + LAMBDA_D * (proposal.pose.depth - proposal.perturbed.depth) ** 2
        root = np.sqrt(np.nan_to_num(terms))
        mean = float(root.mean())
        share = root / mean if mean > 0.0 else np.ones_like(root)
        return (share * self.of_hand(proposal.confidence, box)).astype(np.float32)

    def _cells(self, root_c: npt.ArrayLike) -> npt.NDArray[np.float64]:
        root = np.asarray(root_c, dtype=np.float64)
        if self.root_c is None or self.cells is None:
            return root * self.factor
        inside = np.interp(root, self.root_c, self.cells)
        last = max(float(self.root_c[-1]), 1e-9)
        beyond = np.maximum(root / last, 1.0)
        return np.asarray(inside * beyond)


def _joint_terms(shift: Floats, cell: float) -> Floats:
    terms: Floats = ((shift / cell) ** 2).sum(axis=-1)
    return terms


def fit(confidence: npt.ArrayLike, error_cells: npt.ArrayLike) -> ExpectedError:
    """Fit the map to reviewed hands.

    Args:
        confidence: (N,) C of their proposals.
        error_cells: (N,) mean distance of proposal and label, in cells.
    """
    root = np.sqrt(np.maximum(np.asarray(confidence, dtype=np.float64).reshape(-1), 0.0))
    error = np.asarray(error_cells, dtype=np.float64).reshape(-1)
    good = np.isfinite(root) & np.isfinite(error)
    root, error = root[good], error[good]
    if len(root) < ENOUGH_FOR_FACTOR or root.sum() <= 0.0:
        return ExpectedError(reviewed=len(root))
    factor = float(error.sum() / root.sum())
    if factor <= 0.0:
        return ExpectedError(reviewed=len(root))
    if len(root) < ENOUGH_FOR_CURVE:
        return ExpectedError("factor", len(root), factor)
    nodes, values = isotonic(root, error)
    return ExpectedError("curve", len(root), factor, nodes, values)


def fit_project(project: Project) -> ExpectedError:
    """Fit the map to the project's latest reviewed hands (accepted or fixed by people)."""
    states = tuple(state for state in LABELLED if state is not State.AUTO_ACCEPTED)
    ids = project.hand_ids(HandQuery(states=states, order="recent", min_confidence=0.0), _LATEST)
    if len(ids) == 0:
        return ExpectedError()
    labels = project.poses("label", ids)
    proposals = project.poses("proposal", labels.hand_ids)
    labels = labels if len(labels) == len(proposals) else project.poses("label", proposals.hand_ids)
    records = project.hands(proposals.hand_ids.tolist())
    sides = np.array([record.box.side for record in records], dtype=np.float64)
    confidence = np.array([record.confidence for record in records], dtype=np.float64)
    error = np.linalg.norm(labels.uv - proposals.uv, axis=-1).mean(axis=-1)
    return fit(confidence, np.maximum(error * GRID / np.maximum(sides, 1e-6), UNSEEN_CELLS))
