from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.box import Box
from handstudio.hand.camera import Camera

K = np.array([[610.0, 0.0, 321.0], [0.0, 605.0, 243.0], [0.0, 0.0, 1.0]])
DISTORTION = (0.08, -0.15, 0.001, -0.0008, 0.04)
SEEDS = st.integers(0, 2**32 - 1)
BOXES = st.builds(
    Box,
    st.floats(-200, 800),
    st.floats(-200, 800),
    st.floats(4, 600),
    st.floats(4, 600),
)


def _points(seed: int, count: int = 30) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform((-200, -150, 400), (200, 150, 900), (count, 3)).astype(np.float32)


@given(SEEDS, st.sampled_from([None, DISTORTION]))
def test_back_projection_undoes_projection(seed: int, distortion: tuple[float, ...] | None) -> None:
    camera = Camera(K, np.array(distortion) if distortion else None)
    points = _points(seed)
    np.testing.assert_allclose(camera.back_project(camera.project(points), points[:, 2]), points, atol=5e-3)


@given(SEEDS)
def test_a_bent_lens_projects_as_opencv_does(seed: int) -> None:
    points = _points(seed)
    theirs, _ = cv2.projectPoints(
        points[:, None].astype(np.float64), np.zeros(3), np.zeros(3), K, np.array(DISTORTION)
    )
    np.testing.assert_allclose(Camera(K, np.array(DISTORTION)).project(points), theirs[:, 0], atol=2e-3)


@given(SEEDS)
def test_the_way_into_the_world_undoes_the_way_into_the_camera(seed: int) -> None:
    rng = np.random.default_rng(seed)
    R = cv2.Rodrigues(rng.normal(size=3))[0]
    camera = Camera(K, R=R, t=rng.normal(size=3) * 300)
    points = _points(seed)
    np.testing.assert_allclose(camera.to_world(camera.to_camera(points)), points, atol=2e-3)
    np.testing.assert_allclose(camera.to_camera(points), points @ R.T + camera.t, rtol=1e-4, atol=2e-3)
    np.testing.assert_allclose(camera.to_camera(camera.centre), np.zeros(3), atol=1e-6)


@given(SEEDS, BOXES)
def test_a_crops_camera_sees_what_the_crop_shows(seed: int, box: Box) -> None:
    points = _points(seed)
    cropped = Camera(K).crop(box, 64).project(points)
    np.testing.assert_allclose(cropped, box.to_cells(Camera(K).project(points)), rtol=1e-3, atol=2e-2)


def test_a_camera_projects_tensors_as_it_does_arrays() -> None:
    camera = Camera(K, np.array(DISTORTION), np.eye(3), np.array((1.0, 2.0, 3.0)))
    points = _points(0)
    tensors = torch.from_numpy(points)
    for ours, theirs in (
        (camera.project(tensors), camera.project(points)),
        (camera.to_camera(tensors), camera.to_camera(points)),
        (camera.to_world(tensors), camera.to_world(points)),
    ):
        assert isinstance(ours, torch.Tensor)
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-3)


def test_a_camera_survives_json() -> None:
    camera = Camera(K, np.array(DISTORTION), np.eye(3), np.zeros(3))
    assert Camera.from_dict(json.loads(json.dumps(camera.to_dict()))) == camera
    assert Camera.from_dict({"K": K.tolist()}) == Camera(K)


@pytest.mark.parametrize("broken", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
def test_a_matrix_that_is_no_camera_is_refused(broken: np.ndarray) -> None:
    with pytest.raises(ValueError):
        Camera(broken)


@given(BOXES, SEEDS, st.sampled_from([32, 64, 256]))
def test_cells_and_pixels_are_inverses(box: Box, seed: int, grid: int) -> None:
    uv = np.random.default_rng(seed).uniform(-300, 900, (21, 2)).astype(np.float32)
    np.testing.assert_allclose(box.from_cells(box.to_cells(uv, grid), grid), uv, rtol=1e-4, atol=1e-2)


@given(BOXES)
def test_the_grid_covers_the_square_of_a_box(box: Box) -> None:
    square = box.square()
    corners = np.array([(square.x, square.y), (square.x + square.width, square.y + square.height)])
    np.testing.assert_allclose(box.to_cells(corners), [(0, 0), (64, 64)], atol=1e-6)
    assert square.width == pytest.approx(square.height)
    assert square.side == pytest.approx(box.side)
    assert square.centre == pytest.approx(box.centre)


@given(SEEDS, st.floats(0, 0.5))
def test_the_box_around_a_hand_holds_every_joint(seed: int, margin: float) -> None:
    uv = np.random.default_rng(seed).uniform(0, 640, (21, 2))
    uv[3] = np.nan
    box = Box.around(uv, margin)
    known = np.delete(uv, 3, axis=0)
    assert (known >= (box.x - 1e-6, box.y - 1e-6)).all()
    assert (known <= (box.x + box.width + 1e-6, box.y + box.height + 1e-6)).all()
    assert box.side == pytest.approx((known.max(0) - known.min(0)).max() * (1 + 2 * margin))


def test_no_box_is_made_around_nothing() -> None:
    with pytest.raises(ValueError):
        Box.around(np.full((21, 2), np.nan))


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_one_only_for_itself(first: Box, second: Box) -> None:
    assert first.iou(second) == pytest.approx(second.iou(first))
    assert 0.0 <= first.iou(second) <= 1.0 + 1e-9
    assert first.iou(first) == pytest.approx(1.0)


def test_overlap_of_halves_is_a_third() -> None:
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert Box(0, 0, 10, 10).iou(Box(20, 0, 10, 10)) == 0.0


def test_a_clipped_box_lies_in_its_frame() -> None:
    assert Box(-5, 10, 20, 100).clipped(100, 50) == Box(0, 10, 15, 40)
    assert Box(200, 10, 20, 20).clipped(100, 50).area == 0.0
