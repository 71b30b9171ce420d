from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.media.opening import open_sequences, open_source
from handstudio.media.pointcloud import point_cloud
from handstudio.media.pointcloud_cleaning import clean

CAMERA = Camera(np.array([[100.0, 0.0, 32.0], [0.0, 110.0, 24.0], [0.0, 0.0, 1.0]]))


def plane(width: int = 64, height: int = 48, z: float = 500.0) -> np.ndarray:
    return np.full((height, width), z, dtype=np.float32)


def test_every_point_projects_into_the_middle_of_its_pixel() -> None:
    depth = plane()
    depth[5, 7] = 300.0
    cloud = point_cloud(depth, CAMERA)
    uv = CAMERA.project(cloud.points)
    rows, columns = np.mgrid[0:48, 0:64]
    expected = np.stack((columns.ravel() + 0.5, rows.ravel() + 0.5), axis=-1)
    np.testing.assert_allclose(uv, expected, atol=1e-3)
    assert cloud.points.dtype == np.float32
    assert cloud.points[5 * 64 + 7, 2] == 300.0


def test_a_box_and_a_mask_cut_the_cloud() -> None:
    mask = np.zeros((48, 64), dtype=np.bool_)
    mask[10:20, :] = True
    cloud = point_cloud(plane(), CAMERA, Box(4.0, 12.0, 10.0, 100.0), mask=mask)
    assert len(cloud.points) == 10 * 8
    assert len(point_cloud(plane(), CAMERA, Box(-50.0, -50.0, 20.0, 20.0)).points) == 0


def test_colours_are_those_of_the_pixels() -> None:
    rgb = np.arange(48 * 64 * 3, dtype=np.uint64).astype(np.uint8).reshape(48, 64, 3)
    cloud = point_cloud(plane(), CAMERA, Box(10.0, 10.0, 2.0, 1.0), rgb)
    np.testing.assert_array_equal(cloud.colours, rgb[10, 10:12])


def test_holes_and_values_that_are_no_numbers_give_no_points() -> None:
    depth = plane()
    depth[0], depth[1], depth[2] = 0.0, np.nan, np.inf
    cloud = point_cloud(depth, CAMERA)
    assert len(cloud.points) == 45 * 64
    assert np.isfinite(cloud.points).all()


def test_the_wall_behind_the_hand_is_left_out() -> None:
    depth = plane(z=1500.0)
    depth[10:30, 10:30] = 600.0
    cloud = point_cloud(depth, CAMERA, reach_mm=250.0)
    assert len(cloud.points) == 400


def test_large_clouds_are_thinned() -> None:
    cloud = point_cloud(plane(640, 480), CAMERA, most=5000)
    assert 2500 < len(cloud.points) <= 5100


def test_cleaning_drops_outliers_and_faces_the_camera() -> None:
    depth = plane()
    cloud = point_cloud(depth, CAMERA)
    outlier = np.array([[0.0, 0.0, 900.0], [np.nan, 0.0, 0.0]], dtype=np.float32)
    points = np.concatenate((cloud.points, outlier))
    colours = np.concatenate((cloud.colours, np.zeros((2, 3), dtype=np.uint8)))
    kept, kept_colours, normals = clean(points, colours, normal_radius_mm=20.0)
    assert 0.9 * len(cloud.points) < len(kept) <= len(cloud.points)
    assert len(kept) == len(kept_colours) == len(normals)
    np.testing.assert_allclose(normals, np.tile((0.0, 0.0, -1.0), (len(kept), 1)), atol=1e-3)
    few = clean(points[:2], colours[:2])
    assert [len(each) for each in few] == [2, 2, 2]


def test_the_cloud_of_a_recording_lies_around_its_joints(shared_data: Path) -> None:
    folder = shared_data / "meshhands" / "sequences" / "s01_seq1"
    if not folder.is_dir():
        pytest.skip("no rendered recordings here")
    sequence = open_sequences(folder).sequences[0]
    frame = open_source(sequence.kind, sequence.path, sequence.view, sequence.frame_names).read(0)
    hand = sequence.hands[0][0]
    assert frame.depth_mm is not None
    assert sequence.camera is not None
    assert hand.xyz_mm is not None
    cloud = point_cloud(frame.depth_mm, sequence.camera, hand.box, frame.rgb, frame.mask)
    distance = np.linalg.norm(cloud.points[:, None] - hand.xyz_mm[None], axis=-1)
    assert np.median(distance.min(axis=1)) < 30.0
    assert np.median(distance.min(axis=0)) < 20.0
