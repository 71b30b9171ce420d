"""What a machine may accept: for each position of the slider how many hands, how wrong, and what is promised.

The order is that of the doubt (or C) that the model itself told: no review has touched it. An expected error
that was fitted to the same reviews would be tested on what it was fitted to; it is only shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID
from handstudio.project import Project
from handstudio.project.promise_records import (
    Pool,
    PromiseRecord,
    Reviewed,
    Sample,
    StillOpen,
    Terms,
    thresholds_of,
)
from handstudio.project.records import Ids, Measure
from handstudio.review.expected_error import ExpectedError
from handstudio.review.judging_reviews import Judged, judge
from handstudio.scoring.risk_control import level_of_round, p_value, proven, reviews_needed, starts

Counts = npt.NDArray[np.int64]
Stage = Literal["nothing", "no sample", "reviewing", "outdated", "refused", "holds"]
FAILURES_FORESEEN: Final = 2
"""Wrong hands that a sample of the suggested size can bear, were every hand to be accepted."""
_USUAL_SIDES: Final = 200


@dataclass(frozen=True)
class Position:
    """One position of the slider.

    Attributes:
        threshold: doubt in px, or C, up to which hands are accepted.
        expected_px: expected error of a hand of usual size there.
        count: hands that would be accepted.
        reviewed: sampled hands up to there. ``wrong``: of these.
        error_px: mean error of what would be accepted, estimated from these; from the model's doubt
            without any; ``None`` where neither is known.
        p: of the hypothesis that the promise is broken there.
        holds: whether it is promised.
    """

    threshold: float
    expected_px: float
    count: int
    reviewed: int = 0
    wrong: int = 0
    error_px: float | None = None
    p: float = 1.0
    holds: bool = False


@dataclass(frozen=True, eq=False)
class Survey:
    """The state of acceptance by a machine.

    Attributes:
        stage: how far it is.
        terms: what is promised; the sample's, or those that were asked for.
        positions: of the slider, ascending.
        size: hands of the sample. ``reviewed``: of these. ``unseen``: px that reviewers leave.
        suggested: size of a first sample. ``used``: whether a promise stands on this one already;
            ``withdrawn``: why one that stood on it was taken back.
        level: error probability of this look.
        open_ids: ids that position ``j`` adds to the one before.
        sequences: (S,) ids; ``open_mixture`` (T, S) and ``sample_mixture`` (T, S) count the hands of each
            that a position adds.
    """

    stage: Stage
    terms: Terms
    sample: Sample | None = None
    model_id: str | None = None
    measure: Measure = "doubt"
    positions: tuple[Position, ...] = ()
    size: int = 0
    reviewed: int = 0
    lost: int = 0
    newer: int = 0
    outside: int = 0
    unseen: float = 0.0
    suggested: int = 0
    used: bool = False
    withdrawn: str = ""
    level: float = 0.0
    open_ids: tuple[Ids, ...] = ()
    sequences: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    open_mixture: Counts = field(default_factory=lambda: np.empty((0, 0), np.int64))
    sample_mixture: Counts = field(default_factory=lambda: np.empty((0, 0), np.int64))

    @property
    def best(self) -> int | None:
        """The largest position at which the promise holds."""
        held = [place for place, position in enumerate(self.positions) if position.holds]
        return held[-1] if held else None

    @property
    def total(self) -> int:
        """Hands that the whole slider reaches."""
        return self.positions[-1].count if self.positions else 0

    def ids(self, place: int) -> Ids:
        """(N,) ids of the hands that a position accepts."""
        return np.concatenate(self.open_ids[: place + 1])


def survey(project: Project, expected: ExpectedError, terms: Terms | None = None) -> Survey:
    """Look at the latest sample, or where there is none at what could be sampled. Any thread may.

    Args:
        project: an open project.
        expected: what says expected errors, of the measure in force.
        terms: what is to be promised where no sample says it.
    """
    drawn = project.latest_sample()
    if drawn is not None:
        found = project.reviewed(drawn.hands, drawn.measure)
        told = survey_of(drawn, found, project.still_open(drawn), expected)
        told = _after_promises(told, [made for made in project.promises() if made.sample_id == drawn.id])
        if told.stage != "outdated":
            return told
        fresh = project.pool(expected.measure)
        if fresh is None or not len(fresh.ids):
            return told
        return _of_pool(project, fresh, expected, drawn.terms if terms is None else terms, told)
    pool = project.pool(expected.measure)
    wanted = Terms() if terms is None else terms
    if pool is None or not len(pool.ids):
        return Survey("nothing", wanted)
    return _of_pool(project, pool, expected, wanted)


def _after_promises(found: Survey, made: list[PromiseRecord]) -> Survey:
    """A survey in view of what was promised on its sample: what checks spoke against is not promised anew."""
    found = replace(found, used=any(one.state == "standing" for one in made))
    if not made or made[-1].state != "withdrawn" or found.stage not in ("holds", "refused"):
        return found
    positions = tuple(replace(position, holds=False) for position in found.positions)
    return replace(found, stage="refused", positions=positions, withdrawn=made[-1].reason)


def suggested_size(total: int, terms: Terms, number: int = 1) -> int:
    """Hands to draw from ``total`` for look ``number``: all of them where fewer would not do."""
    level = level_of_round(terms.risk, number)
    for failures in (FAILURES_FORESEEN, 1, 0):
        needed = reviews_needed(total, terms.share, level, failures)
        if needed is not None:
            return needed
    return total


def _of_pool(
    project: Project, pool: Pool, expected: ExpectedError, terms: Terms, before: Survey | None = None
) -> Survey:
    """What could be sampled: counts, and what the model itself expects."""
    step = max(len(pool.ids) // _USUAL_SIDES, 1)
    sides = [record.box.side for record in project.hands(pool.ids[::step].tolist())]
    side = float(np.median(sides)) if sides else float(GRID)
    errors = _expected(expected, pool.figures, pool.measure, side)
    thresholds = thresholds_of(pool.figures)
    counts = np.searchsorted(pool.figures, thresholds, side="right")
    means = np.cumsum(errors)[counts - 1] / counts
    positions = tuple(
        Position(float(high), float(errors[count - 1]), int(count), error_px=float(mean))
        for high, count, mean in zip(thresholds, counts, means, strict=True)
    )
    number = 1 if before is None or before.sample is None else before.sample.round + 1
    return Survey(
        "no sample" if before is None else "outdated",
        terms,
        None if before is None else before.sample,
        pool.model_id,
        pool.measure,
        positions,
        suggested=suggested_size(len(pool.ids), terms, number),
        lost=0 if before is None else before.lost,
        newer=0 if before is None else before.newer,
    )


def survey_of(drawn: Sample, found: Reviewed, still: StillOpen, expected: ExpectedError) -> Survey:
    """What a sample says, from what became of its hands and what is still to be accepted."""
    judged = judge(found, drawn.terms.worse_than, drawn.last_proposal)
    place = np.searchsorted(drawn.thresholds, found.figure)
    place = np.minimum(place, len(drawn.thresholds) - 1)
    level = level_of_round(drawn.terms.risk, drawn.round)
    complete = bool(judged.decided.all())
    positions = _positions(drawn, found, judged, place, still, expected, level if complete else None)
    sequences = np.unique(np.concatenate([found.sequence, *still.sequences]))
    stage: Stage = "holds" if any(position.holds for position in positions) else "refused"
    if not complete:
        stage = "reviewing"
    if judged.lost.any() or (still.newer and not sum(len(ids) for ids in still.ids)):
        stage = "outdated"
    return Survey(
        stage,
        drawn.terms,
        drawn,
        drawn.model_id,
        drawn.measure,
        positions,
        len(drawn.hands),
        int(judged.decided.sum()),
        int(judged.lost.sum()),
        still.newer,
        still.outside,
        judged.unseen,
        level=level,
        open_ids=still.ids,
        sequences=sequences,
        open_mixture=_mixture(still.sequences, sequences),
        sample_mixture=_mixture(
            [found.sequence[place == number] for number in range(len(drawn.thresholds))], sequences
        ),
    )


def _positions(
    drawn: Sample,
    found: Reviewed,
    judged: Judged,
    place: Ids,
    still: StillOpen,
    expected: ExpectedError,
    level: float | None,
) -> tuple[Position, ...]:
    """``level`` is ``None`` until the whole sample is reviewed: looking earlier would be choosing when."""
    many = len(drawn.thresholds)
    counts = np.cumsum([len(ids) for ids in still.ids])
    reviewed = np.cumsum(np.bincount(place[judged.decided], minlength=many))
    wrong = np.cumsum(np.bincount(place[judged.wrong], minlength=many))
    known = np.isfinite(judged.error)
    summed = np.cumsum(np.bincount(place[known], judged.error[known], minlength=many))
    told = np.cumsum(np.bincount(place[known], minlength=many))
    side = float(np.median(found.side)) if len(found.side) else float(GRID)
    errors = _expected(expected, drawn.thresholds, drawn.measure, side)
    share = drawn.terms.share

    def p_values(failed: Counts) -> list[float]:
        rows = zip(drawn.totals, reviewed, failed, counts, strict=True)
        return [p_value(int(total), int(n), int(k), int(left), share) for total, n, k, left in rows]

    p = p_values(wrong) if level is not None else [1.0] * many
    held = np.zeros(many, np.bool_)
    if level is not None:
        begins = starts(reviewed.tolist(), p_values(np.zeros_like(wrong)), level)
        held = proven(p, begins, level) & (counts > 0)
    return tuple(
        Position(
            float(drawn.thresholds[at]),
            float(errors[at]),
            int(counts[at]),
            int(reviewed[at]),
            int(wrong[at]),
            float(summed[at] / told[at]) if told[at] else None,
            p[at],
            bool(held[at]),
        )
        for at in range(many)
    )


def _expected(
    expected: ExpectedError, figures: npt.NDArray[np.float64], measure: Measure, side: float
) -> npt.NDArray[np.float64]:
    """(N,) px that are expected at doubts in px (or at C) of hands with boxes of one size."""
    doubts = figures if measure == "doubt" else np.sqrt(np.maximum(figures, 0.0)) * side / GRID
    if expected.measure != measure:
        return np.asarray(doubts, np.float64)
    return expected.of_doubts(doubts, np.full(len(doubts), side)).astype(np.float64)


def _mixture(parts: tuple[Ids, ...] | list[Ids], sequences: Ids) -> Counts:
    """(T, S) how many hands of each sequence are in each part."""
    rows = [np.bincount(np.searchsorted(sequences, part), minlength=len(sequences)) for part in parts]
    return np.stack(rows) if rows else np.empty((0, len(sequences)), np.int64)


def sentence(position: Position, terms: Terms) -> str:
    """The promise of a position, for people."""
    return f"Of {hands_words(position.count)}, {terms.sentence()}"


def hands_words(count: int) -> str:
    """How many hands."""
    return "1 hand" if count == 1 else f"{count:,} hands".replace(",", "\u202f")
