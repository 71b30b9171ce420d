"""What holds on rendered hands of exactly known pose that the project did not make itself."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.hand.circles import circle_centres, circle_radii, hand_scale
from handstudio.hand.consistency import d2m
from handstudio.hand.fitting import mask_agreement
from handstudio.hand.lift import lift, lift_scale_free, reference_length, root_depth, to_25d
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.registration import register_pose
from handstudio.hand.skeleton import ROOT


def _reference(xyz: np.ndarray) -> float:
    return float(np.linalg.norm(xyz[10] - xyz[9]))


def test_their_cameras_project_where_their_truth_says(true_hands: list[Any]) -> None:
    for hand in true_hands[::7]:
        camera = Camera(hand.K, R=hand.R, t=hand.t)
        np.testing.assert_allclose(camera.to_camera(hand.xyz_world), hand.xyz, atol=0.02)
        np.testing.assert_allclose(camera.project(hand.xyz), hand.uv, atol=0.02)


def test_their_25d_pose_lifts_back_to_their_joints(true_hands: list[Any]) -> None:
    for hand in true_hands:
        uv, depth = to_25d(hand.xyz, hand.K)
        np.testing.assert_allclose(
            lift(uv, depth, hand.K, _reference(hand.xyz), hand.xyz[ROOT, 2]), hand.xyz, atol=0.05
        )


def test_the_template_tells_how_far_away_they_are(true_hands: list[Any]) -> None:
    """Within what their bones differ from the template's."""
    ratios = []
    for hand in true_hands:
        uv, depth = to_25d(hand.xyz, hand.K)
        ratios.append(root_depth(uv, depth, hand.K) * _reference(hand.xyz) / hand.xyz[ROOT, 2])
    assert abs(np.median(ratios) - 1.0) < 0.05
    assert (np.abs(np.array(ratios) - 1.0) < 0.2).mean() > 0.99


def test_without_a_camera_they_lift_to_their_shape(true_hands: list[Any]) -> None:
    errors = []
    for hand in true_hands:
        uv, depth = to_25d(hand.xyz, hand.K)
        lifted, _ = lift_scale_free(uv, depth)
        relative = (hand.xyz - hand.xyz[ROOT]) / _reference(hand.xyz)
        view = relative @ _turn_to_axis(hand.xyz[ROOT]).T
        errors.append(
            min(np.linalg.norm(lifted - shape, axis=-1).mean() for shape in (relative, view)) * 44.0
        )
    assert np.mean(errors) < 8.0


def _turn_to_axis(point: np.ndarray) -> np.ndarray:
    direction = point / np.linalg.norm(point)
    axis = np.cross(direction, (0.0, 0.0, 1.0))
    return cv2.Rodrigues(axis / np.linalg.norm(axis) * np.arccos(direction[2]))[0].astype(np.float32)


def test_their_joints_bend_within_the_limits(true_hands: list[Any]) -> None:
    right = [mirror_xyz(hand.xyz) if hand.side == "left" else hand.xyz for hand in true_hands]
    excess = np.abs(limit_violation(joint_angles(np.stack(right))))
    assert (excess.max((1, 2)) < np.radians(2)).mean() > 0.98


def test_correcting_their_pose_moves_it_by_what_their_bones_differ(true_hands: list[Any]) -> None:
    moved = []
    for hand in true_hands:
        uv, depth = to_25d(hand.xyz, hand.K)
        corrected, _ = register_pose(uv, depth, camera=hand.K)
        moved.append(np.linalg.norm(corrected - uv, axis=-1).mean() / Box.around(uv).side)
    assert np.mean(moved) < 0.03


def test_the_circles_cover_their_masks(true_hands: list[Any]) -> None:
    masks, cells, depths = [], [], []
    for hand in true_hands[::4]:
        mask = _hand_without_forearm(hand)
        uv, depth = to_25d(AS_POINTED_AT.moved(hand.xyz), hand.K, reference_length(hand.xyz))
        box = Box.around(uv, 0.2)
        square = box.square()
        scale = 64 / square.side
        to_crop = np.array(
            [
                [scale, 0, -square.x * scale + 0.5 * scale - 0.5],
                [0, scale, -square.y * scale + 0.5 * scale - 0.5],
            ]
        )
        masks.append(cv2.warpAffine(mask, to_crop, (64, 64)))
        cells.append(box.to_cells(uv))
        depths.append(depth)
    uv, depth = torch.from_numpy(np.stack(cells)), torch.from_numpy(np.stack(depths))
    target = torch.from_numpy(np.stack(masks))
    iou, _ = mask_agreement(target, circle_centres(uv), circle_radii(hand_scale(uv, depth)))
    assert iou > 0.78
    away = d2m(uv + 4.0, target[:, None], depth)
    assert (d2m(uv, target[:, None], depth) < away).float().mean() > 0.97


def _hand_without_forearm(hand: Any) -> np.ndarray:
    """(H, W) float32: what lies beyond the wrist, by the depth image."""
    path = hand.folder / hand.camera / "depth" / f"{hand.frame:04d}.png"
    z = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) / 10
    v, u = np.mgrid[: z.shape[0], : z.shape[1]] + 0.5
    surface = Camera(hand.K).back_project(np.stack((u, v), axis=-1), z)
    axis = hand.xyz[ROOT] - hand.xyz[0]
    beyond = (surface - hand.xyz[0]) @ (axis / np.linalg.norm(axis)) > -8
    return ((z > 0) & beyond).astype(np.float32)
