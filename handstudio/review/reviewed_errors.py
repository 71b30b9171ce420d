"""How far proposals were off, told from what reviewers did with them.

A joint that was dragged tells its error. One that was left where it was tells only that nobody saw one:
people accept what is off by less than they see, so its error is at most about that much, and how much it is
on average follows from the doubt (a gamma distribution of shape 2 about what is expected, cut off there: its
tail lies between those of errors of one size in every direction and of errors of very different sizes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRIOR_HANDS: Final = 12
"""Reviewed hands that the model's own estimate counts as."""
UNSEEN_CELLS: Final = 2.0
"""Error that people leave, cells, before their own drags tell how much it is."""
MOVED_CELLS: Final = 0.25
"""Joints that a drag carried along by less tell nothing of their own error."""
_UNSEEN_RANGE: Final = (0.75, 4.0)
_DRAGS_OF_A_GUESS: Final = 5
_LEAST_DRAGGED: Final = 0.2
_STEPS: Final = 60


@dataclass(frozen=True, eq=False)
class ReviewedErrors:
    """What reviews say.

    Attributes:
        factor: error per unit of doubt.
        cells: (N,) mean error of each hand's joints, cells: as dragged, or as expected of those left.
        unseen: error up to which this reviewer leaves joints, cells.
    """

    factor: float
    cells: Floats
    unseen: float


def told_by(doubt: Floats, shift: Floats) -> ReviewedErrors:
    """The errors behind reviews, and how many times the doubt they are.

    Args:
        doubt: (N, J) of each joint, cells; in the unit of the error before any review.
        shift: (N, J) from proposal to label, cells.
    """
    dragged = shift > MOVED_CELLS
    unseen = _unseen(shift[dragged.any(axis=1)])
    weight = PRIOR_HANDS * float(doubt.mean()) * doubt.shape[1]
    factor, errors = 1.0, shift
    for _ in range(_STEPS):
        errors = np.where(dragged, shift, left(factor * doubt, unseen))
        new = (weight + float(errors.sum())) / (weight + float(doubt.sum()))
        if abs(new - factor) < 1e-4 * factor:
            break
        factor = new
    return ReviewedErrors(factor, errors.mean(axis=1), unseen)


def left(expected: Floats, unseen: float) -> Floats:
    """Mean error of joints that were left where they were, by what was expected of them; cells.

    Args:
        expected: any shape, their mean error before anybody looked.
        unseen: what is left at most.
    """
    half = np.maximum(expected, 1e-6) / 2.0
    x = np.clip(unseen / half, 1e-2, 500.0)
    gone = np.exp(-x)
    below, mean_below = 1.0 - gone * (1.0 + x), 1.0 - gone * (1.0 + x + x * x / 2.0)
    return np.asarray(np.minimum(2.0 * half * mean_below / below, unseen * 2.0 / 3.0))


def _unseen(shift: Floats) -> float:
    """What a reviewer leaves: a hand is fixed for its worst joint, so the least of these were just seen."""
    if not len(shift):
        return UNSEEN_CELLS
    least = float(np.quantile(shift.max(axis=1), _LEAST_DRAGGED))
    mixed = (_DRAGS_OF_A_GUESS * UNSEEN_CELLS + len(shift) * least) / (_DRAGS_OF_A_GUESS + len(shift))
    return float(np.clip(mixed, *_UNSEEN_RANGE))
