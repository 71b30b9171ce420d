"""Whether random checks speak against a promise, by a test that may be looked at after each of them.

The hypothesis is the promise itself: at most so many of the accepted hands are wrong. For each way of being
worse, the probability of what was seen over that under the worst promise that still holds is a fair bet
against the promise (a supermartingale while it holds, also without replacement, since more wrong hands make
every wrong one likelier). Their mixture reaches 1/risk with a probability of at most ``risk``, whenever one
looks and however often (Ville's inequality), so there is no error of peeking.
"""

from __future__ import annotations

from math import exp, inf, lgamma, log
from typing import Final

import numpy as np

from handstudio.scoring.risk_control import broken_from

ALTERNATIVES: Final = 24
"""Shares of wrong hands that are bet on, evenly from the promised share to all in the logarithm."""


def evidence(accepted: int, share: float, checked: int, failed: int) -> float:
    """How much checks speak against "at most ``share`` of ``accepted`` hands are wrong".

    Args:
        accepted: hands that the promise is about.
        share: promised at most.
        checked: of them, drawn at random without replacement. ``failed``: of these, wrong.

    Returns:
        0 to infinity; 1 before any check.
    """
    most = broken_from(share, accepted) - 1
    if failed > most:
        return inf
    right = checked - failed
    if right > accepted - most:
        return 0.0  # so many were right that the promise is kept, whatever the others are
    held = _log_drawn(most, failed) + _log_drawn(accepted - most, right)
    bets = []
    for bad in _alternatives(accepted, most):
        seen = _log_drawn(bad, failed) + _log_drawn(accepted - bad, right)
        bets.append(exp(min(seen - held, 700.0)))
    return float(np.mean(bets)) if bets else 1.0


def failures_allowed(accepted: int, share: float, checked: int, risk: float) -> int:
    """How many of ``checked`` may be wrong without the promise being withdrawn."""
    failed = 0
    while failed <= checked and evidence(accepted, share, checked, failed) < 1.0 / risk:
        failed += 1
    return failed - 1


def _alternatives(accepted: int, most: int) -> list[int]:
    """Numbers of wrong hands that break the promise."""
    if most >= accepted:
        return []
    shares = np.exp(np.linspace(log(max(most + 1, 1) / accepted), 0.0, ALTERNATIVES))
    return [min(max(round(float(part) * accepted), most + 1), accepted) for part in shares]


def _log_drawn(among: int, times: int) -> float:
    """Logarithm of the ways to draw ``times`` of ``among`` one after the other."""
    return -inf if times > among else lgamma(among + 1) - lgamma(among - times + 1)
