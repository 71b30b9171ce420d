"""Points in space come back from where cameras see them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.triangulation import projected, triangulated

SEEDS = st.integers(0, 10_000)


def cameras(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 3, 4) about half a metre away from the origin, on different sides."""
    matrices = []
    for number in range(count):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        turn *= np.sign(np.linalg.det(turn))
        away = np.array([rng.uniform(-20, 20), rng.uniform(-20, 20), 500.0 + 40.0 * number])
        K = np.array([[700.0, 0.0, 112.0], [0.0, 690.0, 110.0], [0.0, 0.0, 1.0]])
        matrices.append(K @ np.concatenate([turn, away[:, None]], axis=1))
    return np.array(matrices)


@given(SEEDS, st.integers(2, 5))
def test_points_that_are_seen_exactly_come_back(seed: int, views: int) -> None:
    rng = np.random.default_rng(seed)
    matrices, xyz = cameras(rng, views), rng.uniform(-80, 80, (4, 21, 3))
    seen = projected(xyz, np.broadcast_to(matrices, (4, views, 3, 4)))
    found = triangulated(
        seen, np.broadcast_to(matrices, (4, views, 3, 4)), rng.uniform(0.5, 2.0, seen.shape[:-1])
    )
    np.testing.assert_allclose(found, xyz, atol=1e-3)


@given(SEEDS)
def test_a_view_that_counts_nothing_may_see_anything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrices, xyz = cameras(rng, 3), rng.uniform(-80, 80, (21, 3))
    seen = projected(xyz, matrices)
    seen[0] += 50.0
    weights = np.ones(seen.shape[:-1])
    weights[0] = 0.0
    np.testing.assert_allclose(triangulated(seen, matrices, weights), xyz, atol=1e-3)


def test_what_is_least_is_the_distance_in_the_planes_of_the_views() -> None:
    rng = np.random.default_rng(1)
    matrices, xyz = cameras(rng, 4), rng.uniform(-80, 80, (200, 21, 3))
    each = np.broadcast_to(matrices, (200, 4, 3, 4))
    seen = projected(xyz, each)
    noisy = seen + rng.normal(0.0, 2.0, seen.shape)
    found = triangulated(noisy, each, np.ones(seen.shape[:-1]))
    off = np.linalg.norm(projected(found, each) - noisy, axis=-1)
    assert (off**2).mean() < (np.linalg.norm(seen - noisy, axis=-1) ** 2).mean()
    assert np.linalg.norm(found - xyz, axis=-1).mean() < 2.5
