"""Masks against circles, and poses against their neighbours in time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.box import Box
from handstudio.hand.circles import sphere_model
from handstudio.hand.disagreement import SIDE, circle_mask, jumps, mask_mismatch, surface_apart
from handstudio.hand.template import TEMPLATE_MM

UV = ((TEMPLATE_MM[:, :2] - TEMPLATE_MM[:, :2].min(0) + 30.0) / 300.0).astype(np.float32)[None]
DEPTH = (TEMPLATE_MM[:, 2] / 44.0).astype(np.float32)[None]


def test_a_mask_that_is_the_circles_own_agrees_and_a_moved_one_does_not() -> None:
    drawn = circle_mask(UV, DEPTH)
    mask = np.repeat(np.repeat(drawn, 2, axis=1), 2, axis=2).astype(np.float32)
    assert mask_mismatch(UV, DEPTH, mask)[0] == 0.0
    moved = [mask_mismatch(UV, DEPTH, np.roll(mask, shift, axis=2))[0] for shift in (4, 8, 24)]
    assert 0.1 < moved[0] < moved[1] < moved[2] <= 1.0
    assert np.isnan(mask_mismatch(UV, DEPTH, np.zeros((1, 2 * SIDE, 2 * SIDE), np.float32))[0])


def test_a_pose_that_left_its_path_jumps_and_its_neighbours_hardly() -> None:
    frames = np.array([0, 1, 2, 4, 5, 6, 7, 8, 9], dtype=np.int64)
    uv = UV * 100.0 + 3.0 * frames[:, None, None].astype(np.float32)
    assert np.nanmax(jumps(frames, uv)) < 1e-3
    uv[4] += 20.0
    found = jumps(frames, uv)
    assert np.isnan(found[[0, -1]]).all()
    assert found[4] == np.float32(np.hypot(20.0, 20.0)) or abs(found[4] - 28.284) < 1e-2
    assert np.nanmax(np.delete(found, 4)) < found[4] / 2


def test_far_frames_and_single_ones_say_nothing() -> None:
    uv = np.repeat(UV, 3, axis=0)
    assert np.isnan(jumps(np.array([0, 50, 100]), uv)).all()
    assert np.isnan(jumps(np.array([0]), uv[:1])).all()


CAMERA = np.array([[300.0, 0, 150], [0, 300, 150], [0, 0, 1]], np.float32)


def _bent() -> np.ndarray:
    """A hand, mm, whose fingers come towards the camera."""
    xyz = TEMPLATE_MM - TEMPLATE_MM[9]
    xyz[:, 2] = -0.008 * np.minimum(xyz[:, 1], 0.0) ** 2
    return (xyz + np.array((0, 0, 500))).astype(np.float32)


def _seen(xyz: np.ndarray) -> np.ndarray:
    """What a depth camera would see of it, 300 x 300, a wall behind it."""
    pixels = np.arange(300) + 0.5
    centres, radii = sphere_model(xyz)
    x = (pixels - 150) / 300
    depth = np.full((300, 300), 900.0)
    for centre, radius in zip(centres, radii, strict=True):
        off = (x[None] * centre[2] - centre[0]) ** 2 + (x[:, None] * centre[2] - centre[1]) ** 2
        front = centre[2] - np.sqrt(np.maximum(radius**2 - off, 0.0))
        depth = np.where(off < radius**2, np.minimum(depth, front), depth)
    return depth


@given(st.floats(-150.0, 150.0))
def test_a_hand_lies_on_its_own_surface_at_whatever_distance_it_is_thought(moved: float) -> None:
    xyz = _bent()
    square = Box.around(xyz[:, :2] / xyz[:, 2:] * 300 + 150).square()
    depth = _seen(xyz) + moved
    apart = surface_apart(xyz, CAMERA, square, depth)
    assert apart.mean() < 0.02


def test_a_hand_that_bends_the_other_way_lies_elsewhere_than_the_surface_and_mismatches() -> None:
    xyz = _bent()
    uv = xyz[:, :2] / xyz[:, 2:] * 300 + 150
    square = Box.around(uv).square()
    depth = _seen(xyz)
    wrong = xyz.copy()
    wrong[:, 2] = 1000.0 - wrong[:, 2]
    wrong[:, :2] *= (wrong[:, 2] / xyz[:, 2])[:, None]
    shares, flat = square.to_cells(uv, 1)[None].astype(np.float32), np.zeros((1, 21), np.float32)
    mask = circle_mask(shares, flat).astype(np.float32)
    values = [
        mask_mismatch(shares, flat, mask, surface_apart(pose, CAMERA, square, depth)[None])[0]
        for pose in (xyz, wrong)
    ]
    assert values[0] < 0.05
    assert values[1] > 0.25


def test_holes_of_a_depth_map_and_what_lies_outside_it_say_nothing() -> None:
    xyz = _bent()
    square = Box.around(xyz[:, :2] / xyz[:, 2:] * 300 + 150).square()
    for depth in (np.zeros((300, 300)), np.full((300, 300), np.nan), np.full((4, 4), 500.0)):
        assert not surface_apart(xyz, CAMERA, square, depth).any()
