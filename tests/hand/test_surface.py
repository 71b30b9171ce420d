"""What a depth map says of the hand in a box."""

from __future__ import annotations

import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.surface import REACH_MM, range_mm

BOX = Box(15, 15, 50, 50)


def scene() -> np.ndarray:
    """A hand at 503 to 588 mm with a hole in it, before a wall at 1.8 m."""
    depth = np.full((100, 100), 1800.0, np.float32)
    depth[20:60, 20:60] = np.linspace(503, 588, 1600).reshape(40, 40)
    depth[30:34, 30:34] = 0.0
    return depth


def test_the_range_is_that_of_the_hand_and_not_of_what_is_far_behind_it() -> None:
    near, far = range_mm(scene(), BOX) or (0.0, 0.0)
    assert near == 500.0
    assert 590.0 <= far <= 500.0 + REACH_MM + 10.0


def test_a_mask_says_what_is_the_hand_where_it_says_anything() -> None:
    depth = scene()
    mask = depth < 1000
    assert range_mm(depth, BOX, mask) == (500.0, 590.0)
    assert range_mm(depth, BOX, np.zeros_like(mask)) == range_mm(depth, BOX)


def test_without_a_box_the_range_is_that_of_all_that_was_measured() -> None:
    assert range_mm(scene()) == (500.0, 1800.0)


def test_where_nothing_was_measured_there_is_no_range() -> None:
    assert range_mm(np.zeros((4, 4), np.float32)) is None
    assert range_mm(np.full((4, 4), np.nan, np.float32)) is None
    assert range_mm(scene(), Box(-50, -50, 20, 20)) is None


def test_a_flat_surface_has_a_range_of_its_own() -> None:
    assert range_mm(np.full((8, 8), 500.0, np.float32), Box(0, 0, 8, 8)) == (500.0, 510.0)
