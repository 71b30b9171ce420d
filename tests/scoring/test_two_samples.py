"""Differences between reviewed and other hands are seen when they are there, and seldom when not."""

from __future__ import annotations

import numpy as np

from handstudio.scoring.two_samples import same_distribution, same_mixture


def test_samples_of_the_same_hands_are_seldom_said_to_differ() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.5, 0.2, 0.2, 0.07, 0.03])
    pairs = [(rng.multinomial(80, shares), rng.multinomial(3000, shares)) for _ in range(300)]
    assert np.mean([same_distribution(*pair) < 0.05 for pair in pairs]) <= 0.08
    assert np.mean([same_mixture(*pair) < 0.05 for pair in pairs]) <= 0.09


def test_a_shift_of_doubt_is_seen() -> None:
    assert same_distribution([30, 30, 20, 10], [100, 100, 600, 900]) < 0.001


def test_a_sequence_that_was_hardly_reviewed_is_seen() -> None:
    assert same_mixture([60, 2], [1000, 1000]) < 0.001
    assert same_mixture([31, 31], [1000, 1000]) > 0.5


def test_where_there_is_nothing_to_compare_nothing_differs() -> None:
    assert same_distribution([0, 0], [5, 5]) == 1.0
    assert same_mixture([0, 0], [5, 5]) == 1.0
    assert same_mixture([5], [50]) == 1.0
