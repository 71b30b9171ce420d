"""Why a promise cannot be given (yet), what to do about it, and what to be wary of; in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from handstudio.review.survey import Position, Survey, hands_words
from handstudio.scoring.risk_control import level_of_round, p_value
from handstudio.scoring.two_samples import same_distribution, same_mixture

DIFFERENT: Final = 0.01
"""p-value below which the hands to be accepted are said to differ from those that were reviewed."""
_UNSEEN: Final = 1.25
"""How many times what is promised reviewers may leave before it is said."""
_MOST_TIMES: Final = 64


@dataclass(frozen=True)
class Refusal:
    """Why there is no promise.

    Attributes:
        reason: one sentence. ``remedy``: what to do.
        more: reviews that are missing; ``None`` where more of them would not help (or nobody knows).
    """

    reason: str
    remedy: str
    more: int | None = None


def refusal(found: Survey, names: Mapping[str, str] | None = None) -> Refusal | None:
    """Why nothing may be accepted; ``None`` where the promise holds at some position.

    Args:
        found: the survey.
        names: of models, by id.
    """
    if found.stage == "holds":
        return None
    if found.stage == "nothing":
        return Refusal("No undecided hand has a proposal", "Propose first")
    if found.stage == "no sample":
        return Refusal(
            "No random sample of these proposals was reviewed",
            f"Draw a sample of {found.suggested} hands and review all of it",
            found.suggested,
        )
    if found.stage == "outdated":
        model = (names or {}).get(found.model_id or "", "a newer model")
        return Refusal(
            f"The sample was drawn from other proposals: {model} proposed since, and a promise is about "
            "the proposals of one model",
            f"Draw a new sample of {found.suggested} hands",
            found.suggested or None,
        )
    if found.stage == "reviewing":
        left = found.size - found.reviewed
        hands = "1 sampled hand is" if left == 1 else f"{left} sampled hands are"
        return Refusal(
            f"{hands} still to be reviewed",
            "Review all of the sample: who stops when it looks good has chosen when to stop",
            left,
        )
    return _after_review(found)


def _after_review(found: Survey) -> Refusal:
    if found.withdrawn:
        return Refusal(
            f"The one that was made of this sample was withdrawn: {found.withdrawn}",
            "Finetune on what was reviewed, or draw another sample for a weaker promise",
        )
    if found.used and not found.total:
        return Refusal(
            "All hands that this sample speaks for are accepted already", "Spot-check some of them"
        )
    if not found.total:
        return Refusal("No hand is left that this sample speaks for", "Draw a new sample")
    if found.used:
        return Refusal(
            "What this sample can promise is accepted",
            "Review the others, the most doubtful ones, or finetune",
        )
    more = more_reviews(found)
    if more is not None:
        return Refusal(
            f"{found.size} reviews are too few for this promise",
            f"Draw about {more} more hands and review them",
            more,
        )
    shares = [
        position.wrong / position.reviewed
        for position in found.positions
        if position.reviewed and position.count
    ]
    if shares and min(shares) < found.terms.share:
        return Refusal("Too few hands are left to promise anything of them", "Review them as well")
    least = f"{min(shares, default=1.0):.0%}"
    return Refusal(
        f"Even the surest proposals are too often wrong: at least {least} of those that were reviewed are "
        f"worse than {found.terms.worse_than:g} px",
        "Finetune on what was reviewed, or draw another sample for a weaker promise",
    )


def more_reviews(found: Survey) -> int | None:
    """About how many more reviews would let the promise hold somewhere, were they like those so far."""
    assert found.sample is not None
    level = level_of_round(found.terms.risk, found.sample.round + 1)
    totals = found.sample.totals.tolist()
    needed = [
        times
        for total, position in zip(totals, found.positions, strict=True)
        if (times := _times(position, int(total), found.terms.share, level)) is not None
    ]
    return max(round((min(needed) - 1.0) * found.size), 1) if needed else None


def _times(position: Position, total: int, share: float, level: float) -> float | None:
    """How many times the reviews up to a position would do."""
    if not position.reviewed or not position.count:
        return None
    times = 1.0
    while times <= _MOST_TIMES:
        drawn = round(times * position.reviewed)
        failed = round(times * position.wrong)
        left = position.count - (drawn - position.reviewed)
        if left <= 0:
            return None
        if times > 1.0 and p_value(total, drawn, failed, left, share) <= level:
            return times
        times *= 1.1
    return None


def warnings(found: Survey, place: int, names: Mapping[int, str]) -> list[str]:
    """What to be wary of before a position is accepted: which differences, by which test.

    Args:
        found: the survey. ``place``: the position. ``names``: of sequences, by id.
    """
    told: list[str] = []
    if found.sample is None or found.stage == "outdated":
        return told
    if found.unseen > _UNSEEN * found.terms.worse_than:
        told.append(
            f"Reviewers here leave hands that are off by up to about {found.unseen:.1f} px, so reviews "
            f"cannot tell those that are worse than {found.terms.worse_than:g} px"
        )
    mine, theirs = found.sample_mixture[: place + 1], found.open_mixture[: place + 1]
    if mine.sum() and theirs.sum():
        told += _by_doubt(found, place)
        told += [] if found.sequences.size < 2 else _by_sequence(found, place, names)
    if found.newer:
        told.append(
            f"{hands_words(found.newer)} of the sample's pool got newer proposals and will not be accepted"
        )
    if found.outside:
        told.append(f"{hands_words(found.outside)} came after the sample was drawn and will not be accepted")
    return told


def _by_doubt(found: Survey, place: int) -> list[str]:
    mine, theirs = (
        mixture[: place + 1].sum(axis=1) for mixture in (found.sample_mixture, found.open_mixture)
    )
    p = same_distribution(mine, theirs)
    if p >= DIFFERENT:
        return []
    middles = [
        found.positions[int(np.searchsorted(np.cumsum(counts), counts.sum() / 2.0))].expected_px
        for counts in (mine, theirs)
    ]
    which = "more" if middles[1] >= middles[0] else "less"
    return [
        f"The hands to accept are {which} doubtful than those that were reviewed (median expected error "
        f"{middles[1]:.1f} px, reviewed {middles[0]:.1f} px; Kolmogorov-Smirnov, {_p(p)})"
    ]


def _by_sequence(found: Survey, place: int, names: Mapping[int, str]) -> list[str]:
    mine, theirs = (
        mixture[: place + 1].sum(axis=0) for mixture in (found.sample_mixture, found.open_mixture)
    )
    p = same_mixture(mine, theirs)
    if p >= DIFFERENT:
        return []
    reviewed, accepted = mine / mine.sum(), theirs / theirs.sum()
    worst = int(np.argmax(accepted - reviewed))
    name = names.get(int(found.sequences[worst]), f"sequence {found.sequences[worst]}")
    return [
        f"The hands to accept come from other sequences than those that were reviewed: {name} has "
        f"{accepted[worst]:.0%} of them and {reviewed[worst]:.0%} of the reviewed (chi-square, {_p(p)})"
    ]


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
