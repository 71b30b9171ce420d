"""The expected error stays near the true one, whatever a reviewer lets pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.review.reviewed_errors import UNSEEN_CELLS, left, told_by

JOINTS = 21


def reviewed(
    hands: int, mean: float, tolerance: float, spread: float, shape: str, estimate: float = 1.0
) -> tuple[Any, Any, Any]:
    """Errors, doubts, and what a reviewer who leaves ``tolerance`` drags of them; cells, (N, J) each."""
    rng = np.random.default_rng(hands)
    expected = mean * _even(rng, spread, (hands, 1)) * _even(rng, 0.3, (hands, JOINTS))
    draw = {
        "alike": rng.rayleigh(1.0 / 1.2533, (hands, JOINTS)),
        "mixed": rng.exponential(1.0, (hands, JOINTS)),
        "gone astray": _even(rng, 0.8, (hands, JOINTS)),
    }[shape]
    errors = expected * draw
    doubt = estimate * expected * _even(rng, 0.3, (hands, JOINTS))
    return errors, doubt, np.where(errors > tolerance, errors, 0.0)


def _even(rng: np.random.Generator, spread: float, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    return np.asarray(np.exp(rng.normal(0.0, spread, size)) / np.exp(spread**2 / 2.0))


@pytest.mark.parametrize("hands", [10, 30, 100, 500])
@pytest.mark.parametrize("mean", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("tolerance", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("shape", ["alike", "mixed", "gone astray"])
def test_reviewers_who_let_pass_what_they_do_not_see_leave_the_expected_error_true(
    hands: int, mean: float, tolerance: float, shape: str
) -> None:
    for spread in (0.3, 0.8):
        errors, doubt, shift = reviewed(hands, mean, tolerance, spread, shape)
        expected = told_by(doubt, shift).factor * doubt.mean()
        assert errors.mean() / 1.5 < expected < errors.mean() * 1.5


@pytest.mark.parametrize("estimate", [0.4, 2.5])
def test_drags_put_an_estimate_right_that_was_far_off(estimate: float) -> None:
    errors, doubt, shift = reviewed(200, 3.0, 2.0, 0.5, "mixed", estimate)
    expected = told_by(doubt, shift).factor * doubt.mean()
    assert errors.mean() / 1.5 < expected < errors.mean() * 1.5


def test_ten_plain_acceptances_change_little() -> None:
    doubt = np.full((10, JOINTS), 1.5)
    assert 0.8 < told_by(doubt, np.zeros_like(doubt)).factor <= 1.0


def test_many_acceptances_of_what_was_doubted_far_beyond_what_is_seen_take_the_doubt_down() -> None:
    doubt = np.full((300, JOINTS), 9.0)
    found = told_by(doubt, np.zeros_like(doubt))
    assert found.factor * 9.0 < UNSEEN_CELLS
    assert found.cells.max() <= UNSEEN_CELLS


def test_the_drags_tell_what_a_reviewer_lets_pass() -> None:
    careful = told_by(*reviewed(200, 0.8, 0.75, 0.5, "mixed")[1:])
    generous = told_by(*reviewed(200, 0.8, 3.0, 0.5, "mixed")[1:])
    assert careful.unseen < generous.unseen


@given(st.floats(0.0, 1e4), st.floats(0.1, 10.0))
def test_what_is_left_is_less_than_what_is_seen_and_than_what_was_expected(
    expected: float, unseen: float
) -> None:
    value = float(left(np.array([expected]), unseen)[0])
    assert 0.0 <= value <= min(max(expected, 1e-6) * (1.0 + 1e-6), unseen)
    assert float(left(np.array([expected * 2.0]), unseen)[0]) >= value - 1e-4 * unseen


@given(st.integers(1, 40), st.floats(0.01, 30.0), st.floats(0.0, 30.0))
def test_the_factor_lies_between_the_estimate_and_what_the_drags_say(
    hands: int, doubt: float, shift: float
) -> None:
    found = told_by(np.full((hands, JOINTS), doubt), np.full((hands, JOINTS), shift))
    assert np.isfinite(found.factor)
    if shift > 0.25:
        low, high = sorted((1.0, shift / doubt))
        assert low * (1 - 1e-6) <= found.factor <= high * (1 + 1e-6)
