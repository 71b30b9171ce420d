"""Crops, and the way back to the frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.methods.crops import cells_to_px, crop, mask_of_box, px_to_cells


def _spot(width: int, height: int, u: float, v: float, wide: float) -> np.ndarray:
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    grey = 255 * np.exp(-((x[None] - u) ** 2 + (y[:, None] - v) ** 2) / (2 * wide**2))
    return np.repeat(grey[..., None], 3, -1).astype(np.uint8)


def _middle(picture: np.ndarray) -> tuple[float, float]:
    grey = picture.astype(np.float64).sum(-1)
    along = np.arange(picture.shape[0]) + 0.5
    return float((grey.sum(0) * along).sum() / grey.sum()), float((grey.sum(1) * along).sum() / grey.sum())


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize(
    "box",
    [Box(10, 20, 60, 40), Box(0, 0, 320, 240), Box(-40, 15.5, 200.3, 180), Box(95.25, 70.5, 33, 31)],
)
def test_a_spot_lies_in_the_crop_where_its_cells_say(box: Box, side: str) -> None:
    place = np.array((box.centre[0] + 0.08 * box.side, box.centre[1] - 0.05 * box.side), np.float32)
    frame = _spot(320, 240, *place, wide=0.06 * box.side)
    found = _middle(crop(frame, box, side))  # type: ignore[arg-type]
    expected = px_to_cells(place[None], box, side)[0]  # type: ignore[arg-type]
    assert found == pytest.approx(expected.tolist(), abs=0.2)


def test_a_box_of_thousands_of_pixels_is_reduced_and_stays_in_place() -> None:
    frame = cv2.resize(_spot(400, 300, 220, 130, 20), (4000, 3000), interpolation=cv2.INTER_LINEAR)
    box = Box(500, 100, 2800, 2800)
    expected = px_to_cells(np.array([[2200.0, 1300.0]], np.float32), box, "right")[0]
    assert _middle(crop(frame, box, "right")) == pytest.approx(expected.tolist(), abs=0.3)


@pytest.mark.parametrize("side", ["right", "left"])
def test_cells_and_pixels_are_inverses(side: str) -> None:
    uv = np.random.default_rng(0).uniform(0, 300, (4, 21, 2)).astype(np.float32)
    box = Box(12, 30, 110, 90)
    back = cells_to_px(px_to_cells(uv, box, side), box, side)  # type: ignore[arg-type]
    assert np.allclose(back, uv, atol=1e-3)


def test_a_left_hand_is_seen_as_the_right_hand_of_the_mirrored_frame() -> None:
    frame = np.random.default_rng(1).integers(0, 255, (90, 120, 3)).astype(np.uint8)
    frame = cv2.GaussianBlur(frame, (0, 0), 4)
    box = Box(20, 10, 64, 64)
    mirrored = crop(np.ascontiguousarray(frame[:, ::-1]), box.mirrored(120), "right")
    assert np.abs(crop(frame, box, "left").astype(int) - mirrored).max() <= 1


def test_beyond_the_frame_its_border_goes_on() -> None:
    frame = np.full((50, 50, 3), 200, np.uint8)
    assert (crop(frame, Box(-100, -100, 120, 120), "right") == 200).all()


def test_a_mask_turns_with_a_left_hand() -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[:, :8] = 1
    assert mask_of_box(mask, "left")[:, -8:].all()
    assert mask_of_box(mask, "right") is mask
