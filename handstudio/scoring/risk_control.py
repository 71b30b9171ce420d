"""Promises about hands that nobody looks at, from a random sample that somebody did: distribution-free.

Learn then Test (Angelopoulos et al. 2021): every threshold is a hypothesis, "more than a share of what is
accepted up to here is wrong", with an exact p-value; the hypotheses are tested in an order that was fixed
before the sample was looked at. Samples of a project are drawn without replacement, so the exact tail is the
hypergeometric one; of many hands it is the binomial one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, floor, inf, lgamma
from typing import Final

import numpy as np
import numpy.typing as npt

ROUND_SHARE: Final = 1.0 / 3.0
"""What a look at the sample leaves of the error probability for all later looks together."""
START_GROWTH: Final = 1.6
"""Reviews at each start of the order of tests, over those at the start before."""
STARTS: Final = 3
_ROUNDING: Final = 1e-9


def lower_tail(total: int, bad: int, drawn: int, found: int) -> float:
    """Probability that of ``drawn`` hands out of ``total`` at most ``found`` are wrong, ``bad`` being so.

    Args:
        total, bad, drawn, found: counts; ``bad`` and ``drawn`` at most ``total``.
    """
    least = max(0, drawn - (total - bad))
    if found < least:
        return 0.0
    if found >= min(bad, drawn):
        return 1.0
    whole = _log_choose(total, drawn)
    terms = (
        exp(_log_choose(bad, wrong) + _log_choose(total - bad, drawn - wrong) - whole)
        for wrong in range(least, found + 1)
    )
    return min(sum(terms), 1.0)


def broken_from(share: float, count: int) -> int:
    """The least number of wrong hands among ``count`` that breaks a promise of at most ``share``."""
    return floor(share * count + _ROUNDING) + 1


def p_value(total: int, drawn: int, found: int, accepted: int, share: float) -> float:
    """Of the hypothesis that more than ``share`` of what is accepted is wrong.

    Args:
        total: hands up to the threshold among those that the sample was drawn from.
        drawn: of them in the sample. ``found``: of these, wrong.
        accepted: of the others, those that would be accepted: all, unless people decided some meanwhile.
        share: promised at most.
    """
    if drawn == 0 or accepted == 0:
        return 1.0
    return lower_tail(total, min(broken_from(share, accepted), total), drawn, found)


def reviews_needed(total: int, share: float, level: float, found: int = 0) -> int | None:
    """The least sample of ``total`` hands, ``found`` of them wrong, with which the promise holds.

    Returns:
        ``None`` where hardly any hand would be left to be accepted.
    """
    high = max(found, 1)
    while not _holds(total, high, found, share, level):
        high *= 2
        if high >= total:
            return None
    low = high // 2
    while low < high:
        middle = (low + high) // 2
        if _holds(total, middle, found, share, level):
            high = middle
        else:
            low = middle + 1
    return low


def level_of_round(risk: float, number: int) -> float:
    """Error probability that look ``number`` (from 1) may spend; all looks together spend ``risk``.

    Whoever looks again after more reviews has another chance to be lucky, so each look has its own share.
    """
    return risk * (1.0 - ROUND_SHARE) * ROUND_SHARE ** (number - 1)


def starts(drawn: Sequence[int], best: Sequence[float], level: float) -> list[int]:
    """Where the tests begin: the first threshold at which they can be passed, and further ones with more
    reviews each, from which they go on where one before was failed. Knows nothing of what was wrong.

    Args:
        drawn: reviews up to each threshold, ascending.
        best: the p-value of each if none of these hands were wrong.
        level: family-wise error probability, shared evenly by the starts.
    """
    for number in range(STARTS, 0, -1):
        found: list[int] = []
        for place, (count, value) in enumerate(zip(drawn, best, strict=True)):
            enough = not found or count >= START_GROWTH * drawn[found[-1]]
            if len(found) < number and enough and value <= level / number:
                found.append(place)
        if len(found) == number:
            return found
    return []


def proven(p_values: npt.ArrayLike, begins: Sequence[int], level: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected, all together wrongly with at most the probability ``level``.

    Fixed-sequence testing with several starts (the fallback procedure, Wiens 2003): each start has its part
    of the level and hands it on for as long as tests are passed.

    Args:
        p_values: (T,) in the order of the tests. ``begins``: places of the starts.
        level: family-wise error probability.
    """
    values = np.asarray(p_values, dtype=np.float64)
    rejected = np.zeros(len(values), dtype=np.bool_)
    kept = 0.0
    for place, value in enumerate(values.tolist()):
        kept += level / len(begins) if place in begins else 0.0
        rejected[place] = kept > 0.0 and value <= kept
        kept = kept if rejected[place] else 0.0
    return rejected


def _holds(total: int, drawn: int, found: int, share: float, level: float) -> bool:
    return p_value(total, drawn, found, total - drawn, share) <= level


def _log_choose(n: int, k: int) -> float:
    if k < 0 or k > n:
        return -inf
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
