"""Masks against circles, and poses against their neighbours in time."""

from __future__ import annotations

import numpy as np

from handstudio.hand.disagreement import SIDE, circle_mask, jumps, mask_mismatch
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
