"""The 3D view's camera, and what a drag in its plane means in the frame."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.hand.camera import Camera
from handstudio.hand.lift import lift_scale_free, to_25d
from handstudio.hand.skeleton import REFERENCE_CHILD, ROOT
from handstudio.hand.template import TEMPLATE_MM
from handstudio.project.records import Pose
from handstudio.ui.view3d.content import HandInSpace, joint_to_25d
from handstudio.ui.view3d.orbit import Orbit, camera_view
from handstudio.ui.view3d.quality import Quality

SIZE = (420.0, 300.0)
HAND = TEMPLATE_MM - TEMPLATE_MM[ROOT]


@pytest.mark.parametrize("yaw", [-2.0, 0.0, 0.7])
@pytest.mark.parametrize("pitch", [-0.9, 0.0, 1.2])
def test_a_point_of_the_screen_and_its_depth_give_the_point_in_space(yaw, pitch):
    orbit = Orbit(yaw=yaw, pitch=pitch).framed(HAND).moved(20, -10, SIZE)
    at, depth = orbit.to_screen(HAND[8], SIZE)
    assert np.allclose(orbit.from_screen(tuple(at), float(depth), SIZE), HAND[8], atol=1e-6)


def test_the_matrices_say_the_same_as_the_screen():
    orbit = Orbit(yaw=0.4, pitch=-0.3).framed(HAND)
    clip = np.c_[HAND, np.ones(21)] @ orbit.view().T @ orbit.projection(SIZE).T
    flat = clip[:, :2] / clip[:, 3:]
    at, _ = orbit.to_screen(HAND, SIZE)
    expected = (flat * (1, -1) + 1) / 2 * SIZE
    assert np.allclose(at, expected, atol=1e-6)
    assert (np.abs(clip[:, 2] / clip[:, 3]) < 1).all()


def test_framing_shows_every_joint_from_any_direction():
    for yaw in np.linspace(-3, 3, 13):
        at, _ = Orbit(yaw=yaw, pitch=0.5).framed(HAND).to_screen(HAND, SIZE)
        assert (at > 0).all()
        assert (at < SIZE).all()


def test_the_cameras_view_is_a_crop_of_the_frame():
    xyz = HAND + np.array([60, -40, 480])
    camera = Camera(np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1]]))
    uv = camera.project(xyz)
    at, _ = camera_view(HAND, (-60, 40, -480)).to_screen(HAND, SIZE)
    source, goal = uv - uv.mean(0), at - at.mean(0)
    scale = (source * goal).sum() / (source**2).sum()
    assert np.abs(goal - scale * source).max() < 1e-3
    assert (at > 0).all()
    assert (at < SIZE).all()


def test_a_moved_joint_goes_where_the_camera_sees_it():
    xyz = (HAND + np.array([30, 20, 500])).astype(np.float32)
    camera = Camera(np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1]]))
    uv, depth = to_25d(xyz, camera.K)
    bone = float(np.linalg.norm(xyz[REFERENCE_CHILD] - xyz[ROOT]))
    root = xyz[ROOT]
    hand = HandInSpace(1, xyz - root, True, bone, -root, np.zeros(21, np.uint8), Pose(uv, depth), camera)
    goal = xyz[8] + (5, -3, 12)
    found, found_depth = joint_to_25d(hand, 8, goal - root)
    moved = xyz.copy()
    moved[8] = goal
    expected_uv, expected_depth = to_25d(moved, camera.K)
    assert np.allclose(found, expected_uv[8], atol=1e-3)
    assert found_depth == pytest.approx(expected_depth[8], abs=1e-4)
    assert joint_to_25d(hand, ROOT, (0, 0, 9))[1] is None


def test_a_moved_joint_of_a_scale_free_hand_goes_as_far_in_px():
    xyz = (HAND + np.array([30, 20, 5000])).astype(np.float32)
    camera = Camera(np.array([[3000, 0, 320], [0, 3000, 240], [0, 0, 1]]))
    pose = Pose(*to_25d(xyz, camera.K))
    free, px_per_bone = lift_scale_free(pose.uv, pose.depth)
    free = np.asarray(free - free[ROOT], np.float32)
    hand = HandInSpace(1, free, False, 1.0, None, np.zeros(21, np.uint8), pose, None)
    found, depth = joint_to_25d(hand, 8, free[8] + (0.5, 0, 0.25))
    assert np.allclose(found - pose.uv[8], (0.5 * float(px_per_bone), 0), atol=0.5)
    assert depth == pytest.approx(pose.depth[8] + 0.25, abs=0.02)


def test_a_slow_machine_gets_smaller_pictures_while_something_moves():
    quality = Quality()
    for _ in range(20):
        quality.drawn(400 * 400, 28.0, moving=True)
        quality.drawn(400 * 400, 20.0, moving=False)
    assert quality.scale(400, 400, moving=True) <= 0.55
    assert quality.scale(400, 400, moving=False) == 1.0
    for _ in range(60):
        quality.drawn(400 * 400, 2.0, moving=True)
    assert quality.scale(400, 400, moving=True) == 1.0
