"""Whether hands that were reviewed are like those that are to be accepted.

A doubt is a continuous figure whose distribution may shift in any way: Kolmogorov and Smirnov's test asks for
the largest difference of shares, whatever the figure's unit. Sequences are names, many of them with few
reviewed hands, so their mixture is compared by a chi-square whose distribution is simulated, not looked up.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

SIMULATIONS: Final = 2000


def same_distribution(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """p-value of Kolmogorov and Smirnov's test on counts by ascending bins (coarser bins only hide more).

    Args:
        first, second: (B,) counts.
    """
    counts = np.stack([np.asarray(first, np.float64), np.asarray(second, np.float64)])
    totals = counts.sum(axis=1)
    if totals.min() == 0:
        return 1.0
    shares = np.cumsum(counts, axis=1) / totals[:, None]
    apart = float(np.abs(shares[0] - shares[1]).max())
    root = float(np.sqrt(totals.prod() / totals.sum()))
    scaled = (root + 0.12 + 0.11 / root) * apart
    if scaled < 0.2:
        return 1.0
    terms = np.arange(1, 101)
    series = 2.0 * np.sum((-1.0) ** (terms - 1) * np.exp(-2.0 * (terms * scaled) ** 2))
    return float(np.clip(series, 0.0, 1.0))


def same_mixture(reviewed: npt.ArrayLike, others: npt.ArrayLike, seed: int = 0) -> float:
    """p-value that reviewed hands were drawn from the same mixture of sequences as the others.

    Args:
        reviewed, others: (S,) hands of each sequence.
        seed: of the simulated draws.
    """
    drawn, rest = np.asarray(reviewed, np.float64), np.asarray(others, np.float64)
    whole = drawn + rest
    drawn, whole = drawn[whole > 0], whole[whole > 0]
    count = int(drawn.sum())
    if len(whole) < 2 or count == 0 or count == int(whole.sum()):
        return 1.0
    shares = whole / whole.sum()
    expected = count * shares
    found = float((((drawn - expected) ** 2) / expected).sum())
    simulated = np.random.default_rng(seed).multinomial(count, shares, SIMULATIONS)
    statistics = ((simulated - expected) ** 2 / expected).sum(axis=1)
    return float((1 + (statistics >= found - 1e-9).sum()) / (1 + SIMULATIONS))
