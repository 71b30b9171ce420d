"""What is kept of a heatmap: the places where a joint may be, most likely first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.peaks import KEPT, highest, packed, unpacked


def bumps(*places: tuple[float, float, float], side: int = 32, spread: float = 1.0) -> np.ndarray:
    """A heatmap of Gaussians: u, v in cells of the 64 x 64 grid, and their shares."""
    centres = (np.arange(side) + 0.5) * (64 / side)
    maps = [
        share * np.exp(-((centres - u) ** 2 + (centres[:, None] - v) ** 2) / (2 * (spread * 64 / side) ** 2))
        for u, v, share in places
    ]
    return (sum(maps) / sum(one.sum() / share for one, (*_, share) in zip(maps, places, strict=True))).astype(
        np.float32
    ) * len(places)


@pytest.mark.parametrize("side", [16, 32, 64])
def test_two_fingers_that_look_alike_are_two_peaks(side: int) -> None:
    found = highest(bumps((20.0, 40.0, 0.6), (44.0, 18.0, 0.4), side=side))
    np.testing.assert_allclose(found.uv[0], (20.0, 40.0), atol=1.0)
    np.testing.assert_allclose(found.uv[1], (44.0, 18.0), atol=1.0)
    assert found.share[0] > found.share[1] > 0.25


@given(st.floats(4.0, 60.0), st.floats(4.0, 60.0))
def test_the_first_peak_is_where_the_heatmap_is_highest(u: float, v: float) -> None:
    found = highest(bumps((u, v, 1.0)))
    np.testing.assert_allclose(found.uv[0], (u, v), atol=0.3)
    assert found.share[0] > 0.9
    assert 0.7 * 2.0 < found.spread[0] < 1.2 * 2.0


def test_shares_are_parts_of_the_whole_and_batches_change_nothing() -> None:
    heat = (
        np.random.default_rng(0).dirichlet(np.ones(1024), (3, 21)).reshape(3, 21, 32, 32).astype(np.float32)
    )
    found = highest(heat)
    assert found.uv.shape == (3, 21, KEPT, 2)
    assert (found.share.sum(axis=-1) <= 1.0 + 1e-5).all()
    np.testing.assert_array_equal(packed(highest(heat[1, 4])), packed(found)[1, 4])


def test_an_empty_map_has_no_peaks() -> None:
    found = highest(np.zeros((21, 32, 32), np.float32))
    assert not found.told
    assert np.isfinite(packed(found)).all()


def test_packing_loses_nothing() -> None:
    found = highest(bumps((20.0, 40.0, 1.0)))
    again = unpacked(packed(found))
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one, other)
