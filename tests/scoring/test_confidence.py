"""A measure of doubt is as good as the errors that it keeps out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.scoring.confidence import reliability, risk_coverage, told

ERRORS = np.array([4.0, 1.0, 3.0, 2.0])


def test_doubt_that_is_the_error_itself_captures_all_there_is_to_gain() -> None:
    found = risk_coverage(ERRORS, ERRORS)
    assert found.risk.tolist() == [1.0, 1.5, 2.0, 2.5]
    assert found.area == pytest.approx(1.75)
    assert found.excess == 0.0
    assert found.captured == 1.0


def test_doubt_that_says_nothing_captures_nothing() -> None:
    found = risk_coverage(np.ones(4), ERRORS)
    assert found.risk.tolist() == [2.5] * 4
    assert found.captured == pytest.approx(0.0)


def test_doubt_that_is_upside_down_is_worse_than_chance() -> None:
    assert risk_coverage(-ERRORS, ERRORS).captured < -0.5


def test_the_coverage_at_a_risk_is_the_largest_share_that_keeps_it() -> None:
    found = risk_coverage(ERRORS, ERRORS)
    assert found.coverage_at(1.6) == 0.5
    assert found.coverage_at(0.5) == 0.0
    assert found.coverage_at(9.0) == 1.0


def test_unknown_doubt_comes_last() -> None:
    assert risk_coverage([np.nan, 1.0], [9.0, 1.0]).risk.tolist() == [1.0, 5.0]


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=30), st.randoms())
def test_neither_the_order_of_hands_nor_the_unit_of_doubt_matters(
    pairs: list[tuple[float, float]], chance
) -> None:  # type: ignore[no-untyped-def]
    before = risk_coverage([doubt for doubt, _ in pairs], [error for _, error in pairs])
    chance.shuffle(pairs)
    after = risk_coverage([np.exp(doubt) for doubt, _ in pairs], [error for _, error in pairs])
    np.testing.assert_allclose(before.risk[-1], np.mean([error for _, error in pairs]), atol=1e-9)
    if len({doubt for doubt, _ in pairs}) == len({np.exp(doubt) for doubt, _ in pairs}):
        np.testing.assert_allclose(before.risk, after.risk, atol=1e-9)


def test_an_expectation_that_is_met_has_no_gap() -> None:
    expected = np.repeat([1.0, 2.0, 5.0], 10)
    found = expected + np.tile([-0.5, 0.5], 15)
    result = reliability(expected, found, groups=3)
    assert result.gap == pytest.approx(0.0)
    assert result.hands.tolist() == [10, 10, 10]
    assert reliability(expected, found + 1.0, groups=3).gap == pytest.approx(1.0)


def test_figures_of_different_hands_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="2 doubts and 1 errors"):
        risk_coverage([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="0 expected"):
        reliability([], [])


def test_what_a_measure_is_worth_is_told_of_the_hands_that_are_known() -> None:
    doubt = np.array([4.0, 1.0, np.nan, 3.0, 2.0])
    errors = np.array([4.0, 1.0, 9.0, 3.0, 2.0])
    found = told(doubt, 2.0 * doubt, errors)
    assert (found["hands"], found["captured"]) == (4, pytest.approx(1.0))
    assert found["aurc_px"] == pytest.approx(1.75)
    assert found["reliability_gap_px"] == pytest.approx(2.5)
    assert found["risk_coverage"]["risk_px"][-1] == pytest.approx(2.5)
    assert sum(found["reliability"]["hands"]) == 4
    assert told([np.nan], [1.0], [1.0]) == {"hands": 0}
    assert told([1.0, 2.0], [1.0, 2.0], [3.0, 3.0])["captured"] is None
