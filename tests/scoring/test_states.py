"""Agreement on states: what is beyond chance."""

from __future__ import annotations

import math

import pytest

from handstudio.scoring.states import state_agreement

KINDS = ("usable", "rejected")


def test_kappa_of_a_textbook_table() -> None:
    # 20 both yes, 15 both no, 5 and 10 apart: Cohen's kappa is 0.4
    first = ["usable"] * 25 + ["rejected"] * 25
    second = ["usable"] * 20 + ["rejected"] * 5 + ["usable"] * 10 + ["rejected"] * 15
    found = state_agreement(first, second, KINDS)
    assert found.table.tolist() == [[20, 5], [10, 15]]
    assert (found.observed, found.expected, found.kappa) == pytest.approx((0.7, 0.5, 0.4))
    assert found.count == 50


def test_always_the_same_is_one_and_nothing_is_unknown() -> None:
    assert state_agreement(["usable", "rejected"], ["usable", "rejected"], KINDS).kappa == 1.0
    alike = state_agreement(["usable"] * 3, ["usable"] * 3, KINDS)
    assert alike.observed == 1.0
    assert math.isnan(alike.kappa)
    assert state_agreement([], [], KINDS).to_json()["kappa"] is None


def test_what_is_no_category_is_refused() -> None:
    with pytest.raises(ValueError, match="no category"):
        state_agreement(["skipped"], ["usable"], KINDS)
    with pytest.raises(ValueError, match="same things"):
        state_agreement(["usable"], [], KINDS)
