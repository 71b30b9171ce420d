"""A promise that holds is hardly ever withdrawn, however often one looks; one that does not, soon is."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.scoring.spot_check import evidence, failures_allowed

RISK = 0.1


def withdrawn(accepted: int, bad: int, share: float, rng: np.random.Generator, checks: int = 60) -> bool:
    """Whether somebody who looks after each check ever withdraws."""
    failed = np.cumsum(rng.permutation(accepted)[:checks] < bad)
    return any(
        evidence(accepted, share, look + 1, int(failed[look])) >= 1.0 / RISK for look in range(len(failed))
    )


@pytest.mark.parametrize("accepted", [40, 200, 5000])
def test_looking_after_each_check_withdraws_a_promise_that_just_holds_no_more_often_than_allowed(
    accepted: int,
) -> None:
    rng = np.random.default_rng(accepted)
    times = np.mean([withdrawn(accepted, int(0.1 * accepted), 0.1, rng) for _ in range(150)])
    assert times <= RISK + 3 * np.sqrt(RISK * (1 - RISK) / 150)


def test_a_promise_that_is_broken_threefold_is_withdrawn_within_sixty_checks() -> None:
    rng = np.random.default_rng(0)
    assert np.mean([withdrawn(1000, 300, 0.1, rng) for _ in range(60)]) > 0.9


@given(st.integers(2, 500), st.sampled_from([0.01, 0.05, 0.2]), st.data())
def test_evidence_is_a_fair_bet_while_the_promise_holds(
    accepted: int, share: float, data: st.DataObject
) -> None:
    """Whatever was seen so far, the next check does not raise it on the mean."""
    bad = data.draw(st.integers(0, int(share * accepted + 1e-9)))
    checked = data.draw(st.integers(0, accepted - 1))
    failed = data.draw(st.integers(max(0, checked - (accepted - bad)), min(checked, bad)))
    next_is_bad = (bad - failed) / (accepted - checked)
    expected = 0.0
    if next_is_bad > 0.0:
        expected += next_is_bad * evidence(accepted, share, checked + 1, failed + 1)
    if next_is_bad < 1.0:
        expected += (1.0 - next_is_bad) * evidence(accepted, share, checked + 1, failed)
    assert expected <= evidence(accepted, share, checked, failed) * (1.0 + 1e-6) + 1e-9


def test_before_any_check_nothing_speaks_against_a_promise() -> None:
    assert evidence(100, 0.05, 0, 0) == pytest.approx(1.0)


def test_more_wrong_hands_than_were_promised_among_all_prove_it() -> None:
    assert evidence(100, 0.05, 10, 6) == inf


def test_more_checks_allow_more_failures() -> None:
    allowed = [failures_allowed(5000, 0.05, checks, 0.05) for checks in (1, 10, 50, 100, 200)]
    assert allowed == sorted(allowed)
    assert allowed[0] == 1
    assert 0.05 * 200 < allowed[-1] < 0.15 * 200
