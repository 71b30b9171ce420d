"""Hands through joints that were pointed at in the image."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.hand.angles import bent
from handstudio.hand.camera import Camera
from handstudio.hand.from_points import Pointed
from handstudio.hand.lift import project_scale_free, to_25d
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.template import TEMPLATE_MM

BOX = 260.0


def curled() -> np.ndarray:
    """(21, 3) reference bones: a right hand whose fingers bend towards the camera, its palm leant."""
    angles = np.zeros((15, 2), np.float32)
    angles[3:, 0] = 0.7
    hand = bent(AS_POINTED_AT.moved(TEMPLATE_MM) / np.float32(44.0), angles)
    lean = np.float32(0.4)
    c, s = np.cos(lean), np.sin(lean)
    return np.asarray(hand @ np.array(((1, 0, 0), (0, c, -s), (0, s, c)), np.float32).T)


def seen(hand: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return project_scale_free(hand, 50.0, np.float32((300.0, 250.0)))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("back", [False, True])
def test_fingers_bend_towards_the_palm_that_the_image_shows(side, back) -> None:
    hand = curled()
    if back:
        hand = hand * np.float32((-1, 1, -1))
    if side == "left":
        hand = mirror_xyz(hand)
    uv, depth = seen(hand)
    found, deep = Pointed(side, BOX).hand(uv)
    np.testing.assert_array_equal(found, uv.astype(np.float32))
    assert np.abs(deep - depth).mean() < 0.2 < np.abs(depth).mean()
    tips = [8, 12, 16, 20]
    assert (np.sign(deep[tips] - deep[5]) == np.sign(depth[tips] - depth[5])).all()


def test_hidden_joints_are_guessed_near_their_places() -> None:
    uv, _ = seen(curled())
    points = uv.copy()
    hidden = [3, 11, 16]
    points[hidden] = np.nan
    found, _ = Pointed("right", BOX).hand(points)
    assert np.linalg.norm(found[hidden] - uv[hidden], axis=1).max() < 30.0


def test_one_point_makes_a_hand_of_the_size_of_its_box() -> None:
    points = np.full((21, 2), np.nan)
    points[0] = (120.0, 340.0)
    found, depth = Pointed("left", BOX).hand(points)
    assert np.isfinite(found).all()
    assert np.isfinite(depth).all()
    assert 0.5 * BOX < np.ptp(found, axis=0).max() < 1.5 * BOX


def test_a_camera_near_the_hand_is_taken_into_account() -> None:
    camera = Camera(np.array(((500, 0, 320), (0, 500, 240), (0, 0, 1)), np.float32))
    hand = curled() * 44.0
    uv, depth = to_25d(hand - hand[9] + np.float32((40, 10, 260)), camera.K)
    errors = [np.abs(Pointed("right", BOX, K=K).hand(uv)[1] - depth).mean() for K in (camera.K, None)]
    assert errors[0] < min(0.25, errors[1])


def test_without_a_point_there_is_no_hand() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Pointed("right", BOX).hand(np.full((21, 2), np.nan))
