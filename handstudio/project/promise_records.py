"""What a project keeps of random samples and of promises, as plain frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from handstudio.project.records import Ids, Measure, State

POSITIONS: Final = 40
"""Thresholds of a pool at most."""
PromiseState = Literal["standing", "withdrawn", "undone"]


@dataclass(frozen=True)
class Terms:
    """What is promised: at most ``share`` of the accepted hands are off by more than ``worse_than`` px (mean
    over the joints), wrongly so with a probability of at most 1 - ``confidence``."""

    share: float = 0.05
    worse_than: float = 6.0
    confidence: float = 0.95

    @property
    def risk(self) -> float:
        """Probability that the promise is broken."""
        return 1.0 - self.confidence

    def follows_from(self, stronger: Terms) -> bool:
        """Whether whoever promises ``stronger`` promises this as well."""
        return (
            self.share >= stronger.share - 1e-9
            and self.worse_than >= stronger.worse_than - 1e-9
            and self.confidence <= stronger.confidence + 1e-9
        )

    def sentence(self) -> str:
        """For people."""
        return (
            f"at most {percent(self.share)} of the accepted hands are worse than {self.worse_than:g} px, "
            f"at {percent(self.confidence)} confidence"
        )


@dataclass(frozen=True, eq=False)
class Pool:
    """The hands that a sample is drawn from: proposed by one model, undecided, not held out.

    Attributes:
        model_id: whose proposals. ``measure``: by which they are ordered.
        ids: (N,) by ascending figure. ``figures``: (N,) doubt in px, or C.
        last_proposal: the newest proposal that the project had then.
    """

    model_id: str | None
    measure: Measure
    ids: Ids
    figures: npt.NDArray[np.float64]
    last_proposal: int


@dataclass(frozen=True, eq=False)
class Sample:
    """Hands that were drawn at random to be reviewed; what is promised was said before.

    Attributes:
        round: which look of this model's proposals, from 1.
        hands: (n,) ids in the order in which they were drawn.
        pool: (M,) whether each id from 0 on was in the pool.
        thresholds: (T,) ascending, even quantiles of the pool. ``totals``: (T,) hands of the pool
            up to each.
    """

    id: int
    drawn_at: float
    who: str
    model_id: str | None
    round: int
    seed: int
    measure: Measure
    terms: Terms
    last_proposal: int
    hands: Ids
    pool: npt.NDArray[np.bool_]
    thresholds: npt.NDArray[np.float64]
    totals: Ids


@dataclass(frozen=True, eq=False)
class PromiseRecord:
    """What was accepted by a machine, and what was promised of it.

    Attributes:
        sample_id: the reviews behind it. ``terms``: what was promised. ``facts``: threshold, figures, model.
        hands: (N,) ids that were accepted. ``checks``: how many of them were drawn to be checked.
        reason: why it was withdrawn.
    """

    id: int
    sample_id: int
    state: PromiseState
    who: str
    made_at: float
    terms: Terms
    facts: Mapping[str, Any]
    hands: Ids
    checks: int
    reason: str


@dataclass(frozen=True, eq=False)
class Reviewed:
    """What became of hands; all (N,) but for the poses, in the order in which they were asked for.

    Attributes:
        state: of each. ``removed``: whether somebody said that it is no hand.
        figure: doubt in px, or C. ``sequence``: its sequence's id.
        side: longer side of the box, px.
        proposal: id of the proposal that was decided on (of an undecided hand, its latest).
        shift: (N, 21) px from that proposal to the label; NaN where there is no label.
        doubt: (N, 21) px of its joints; the hand's where it did not tell.
    """

    ids: Ids
    state: tuple[State, ...]
    removed: npt.NDArray[np.bool_]
    figure: npt.NDArray[np.float64]
    sequence: Ids
    side: npt.NDArray[np.float64]
    proposal: Ids
    shift: npt.NDArray[np.float64]
    doubt: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StillOpen:
    """Undecided hands of a sample's pool that still have the proposal they had then, by threshold.

    Attributes:
        ids: one array for each threshold, above the one before. ``sequences``: theirs.
        newer: hands of the pool that have a newer proposal since.
        outside: other undecided hands with a proposal, which no sample speaks for.
    """

    ids: tuple[Ids, ...]
    sequences: tuple[Ids, ...]
    newer: int
    outside: int


def thresholds_of(figures: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) ascending: the positions of the slider, even quantiles of a pool's figures."""
    even = np.arange(1, POSITIONS + 1) / POSITIONS
    return np.unique(np.quantile(figures, even, method="inverted_cdf"))


def percent(share: float) -> str:
    """A share for people: ``5 %``."""
    return f"{100 * share:.4g} %"
