"""Promises rest on exact tails, on an order of tests fixed beforehand, and on each look having its share."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.scoring.risk_control import (
    broken_from,
    level_of_round,
    lower_tail,
    p_value,
    proven,
    reviews_needed,
    starts,
)


def exact_tail(total: int, bad: int, drawn: int, found: int) -> float:
    ways = sum(comb(bad, wrong) * comb(total - bad, drawn - wrong) for wrong in range(found + 1))
    return float(Fraction(ways, comb(total, drawn)))


@given(st.data())
def test_the_tail_is_that_of_counting_all_draws(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, 60))
    bad, drawn = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    found = data.draw(st.integers(0, drawn))
    assert lower_tail(total, bad, drawn, found) == pytest.approx(
        exact_tail(total, bad, drawn, found), abs=1e-9
    )


def test_of_very_many_hands_the_tail_is_the_binomial_one() -> None:
    binomial = sum(comb(90, wrong) * 0.05**wrong * 0.95 ** (90 - wrong) for wrong in range(3))
    assert lower_tail(10_000_000, 500_000, 90, 2) == pytest.approx(binomial, rel=1e-4)


@given(st.data())
def test_more_wrong_hands_make_a_good_sample_less_likely(data: st.DataObject) -> None:
    total = data.draw(st.integers(2, 2000))
    drawn, bad = data.draw(st.integers(1, total)), data.draw(st.integers(0, total - 1))
    found = data.draw(st.integers(0, min(drawn, 20)))
    assert lower_tail(total, bad + 1, drawn, found) <= lower_tail(total, bad, drawn, found) + 1e-9


@given(st.data())
def test_a_p_value_is_small_no_more_often_than_it_says(data: st.DataObject) -> None:
    """Over all samples of a project in which the promise is just broken."""
    total, share = data.draw(st.integers(20, 400)), data.draw(st.sampled_from([0.02, 0.05, 0.1, 0.3]))
    drawn = data.draw(st.integers(1, total - 1))
    bad = min(broken_from(share, total - drawn), total)
    level = data.draw(st.floats(0.001, 0.3))
    passing = [
        found
        for found in range(min(drawn, bad) + 1)
        if p_value(total, drawn, found, total - drawn, share) <= level
    ]
    probability = exact_tail(total, bad, drawn, max(passing)) if passing else 0.0
    assert probability <= level + 1e-9


def test_a_broken_promise_begins_with_the_first_hand_beyond_the_share() -> None:
    assert [broken_from(0.05, count) for count in (0, 19, 20, 40, 41)] == [1, 1, 2, 3, 3]
    assert broken_from(0.1, 30) == 4


def test_nothing_to_accept_and_nothing_reviewed_prove_nothing() -> None:
    assert p_value(100, 0, 0, 100, 0.05) == 1.0
    assert p_value(100, 50, 0, 0, 0.05) == 1.0


def test_fifty_nine_reviews_without_a_wrong_hand_are_the_least_for_one_in_twenty_at_95_percent() -> None:
    assert reviews_needed(10_000_000, 0.05, 0.05) == 59
    more = reviews_needed(10_000_000, 0.05, 0.05, found=1)
    assert more is not None
    assert more == 93
    assert reviews_needed(30, 0.01, 0.05) is None


@given(st.floats(0.001, 0.5), st.integers(1, 30))
def test_all_looks_together_spend_no_more_than_the_promise_allows(risk: float, looks: int) -> None:
    assert sum(level_of_round(risk, number) for number in range(1, looks + 1)) <= risk + 1e-12
    assert level_of_round(risk, 2) < level_of_round(risk, 1) < risk


def test_tests_stop_at_the_first_that_fails_and_begin_again_at_the_next_start() -> None:
    p = [0.5, 0.01, 0.01, 0.2, 0.01, 0.01]
    assert proven(p, [1], 0.05).tolist() == [False, True, True, False, False, False]
    assert proven(p, [1, 4], 0.05).tolist() == [False, True, True, False, True, True]
    assert proven([0.04, 0.04], [0, 1], 0.05).tolist() == [False, False]
    assert proven([0.02, 0.04], [0, 1], 0.05).tolist() == [True, True]
    assert not proven(p, [], 0.05).any()


@given(st.integers(1, 12), st.integers(0, 11), st.integers(0, 10_000))
def test_tests_together_are_wrong_no_more_often_than_the_level(many: int, start: int, seed: int) -> None:
    """Where every hypothesis is true, with p-values that are dependent in the worst way or not at all."""
    rng = np.random.default_rng(seed)
    begins = sorted({0, start % many})
    alone = rng.random((4000, many))
    wrong = np.mean([proven(row, begins, 0.1).any() for row in alone[:400]])
    assert wrong <= 0.1 + 4 * np.sqrt(0.1 * 0.9 / 400)


def test_tests_begin_where_they_can_be_passed_whatever_was_found() -> None:
    drawn = [10, 60, 70, 100, 160, 300]
    best = [0.5, 0.04, 0.02, 0.01, 0.001, 1e-6]
    assert starts(drawn, best, 0.05) == [3, 4, 5]
    assert starts([10, 60], [0.5, 0.04], 0.05) == [1]
    assert starts([10], [0.5], 0.05) == []
