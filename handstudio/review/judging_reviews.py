"""Which reviewed proposals were right: what promises are computed from.

A proposal that was accepted was right; of one that was fixed the error is its distance from the label, mean
over the joints. A hand that was rejected or skipped counts as wrong, since nobody said that it is right, as
does one whose proposal of then is not known any more.

A hand that was removed is decided, and wrong, too: its proposal was one of something that is no hand. It
cannot leave the sample, since the hands to be accepted are accepted unseen, false detections among them, in
about the share in which the sample has them: without these, the promise would be tested on better hands than
those that it is given for. Nobody can take the unseen ones out of the population. Counted as wrong, as
rejected ones are, they leave the draw what it was, one by lot from all of the pool, and the promise covers
what comes out of the project. Whoever undoes the removal has the hand to review again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID
from handstudio.project.promise_records import Reviewed
from handstudio.project.records import State
from handstudio.review.reviewed_errors import told_by

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judged:
    """What reviews say of proposals; all (N,).

    Attributes:
        decided: whether a person did, or removed it.
        wrong: by more than what is promised; of decided ones only.
        error: px as people would see it: expected of joints that were left; NaN where there is no label.
        lost: undecided, and the proposal that was drawn is gone.
        unseen: px, mean over the joints, up to which reviewers leave a hand of usual size.
    """

    decided: Marks
    wrong: Marks
    error: Floats
    lost: Marks
    unseen: float


def judge(found: Reviewed, worse_than: float, last_proposal: int) -> Judged:
    """Judge what became of hands.

    Args:
        found: the hands.
        worse_than: px, mean over the joints; more is wrong.
        last_proposal: the newest proposal that there was when they were drawn.
    """
    decided = looked_at(found)
    labelled = np.array([state.labelled for state in found.state], np.bool_) & decided & ~found.removed
    known = found.proposal <= last_proposal
    moved = _mean_over_joints(found.shift)
    right = labelled & known & (moved <= worse_than)
    error = np.full(len(decided), np.nan)
    usable = labelled & known & np.isfinite(found.shift).all(axis=1) & np.isfinite(found.doubt).all(axis=1)
    cell = np.maximum(found.side, 1e-6) / GRID
    unseen = 0.0
    if usable.any() and found.doubt[usable].sum() > 0.0:
        told = told_by(found.doubt[usable] / cell[usable, None], found.shift[usable] / cell[usable, None])
        error[usable] = told.cells * cell[usable]
        unseen = told.unseen * float(np.median(cell[usable])) * _mean_over_worst(found.shift[usable])
    return Judged(decided, decided & ~right, error, ~decided & ~known, unseen)


def looked_at(found: Reviewed) -> Marks:
    """(N,) whether a person decided each hand, or removed it."""
    person = [state.decided and state is not State.AUTO_ACCEPTED for state in found.state]
    return np.array(person, np.bool_) | found.removed


def _mean_over_worst(shift: Floats) -> float:
    """How much of the error of its worst joint a hand has on the mean, from those that were dragged."""
    worst = shift.max(axis=1)
    dragged = worst > 0.0
    return float((shift[dragged].mean(axis=1) / worst[dragged]).mean()) if dragged.any() else 0.5


def _mean_over_joints(shift: Floats) -> Floats:
    """(N,) over the joints that are known; infinite where none is."""
    known = np.isfinite(shift)
    total = np.where(known, shift, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.inf)
