"""The closer look: where it is cut, and how it leads back to the frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.hand.template import TEMPLATE_MM
from handstudio.methods.closer import CLOSEST, ROOM, CropOfHand, closer_box, crop_of, look_closer, looking_at
from handstudio.methods.contract import HandProposals, Proposer

SHAPE = (TEMPLATE_MM[:, :2] - TEMPLATE_MM[9, :2]) / 180.0
BOX = Box(40.0, 30.0, 120.0, 120.0)


def frame_with(uv: np.ndarray, size: int = 220) -> np.ndarray:
    """A dark frame with a bright dot of 5 px on every joint."""
    rgb = np.zeros((size, size, 3), np.uint8)
    for u, v in uv.round().astype(int):
        rgb[max(v - 2, 0) : v + 3, max(u - 2, 0) : u + 3] = 255
    return rgb


class Pointing(Proposer):
    """Finds the same joints in every crop."""

    def __init__(self, uv: np.ndarray, filled: float | None) -> None:
        self.uv, self.filled = uv, filled

    def propose(self, crops: np.ndarray) -> HandProposals:
        raise AssertionError("a glance is enough")

    def glance(self, crops: np.ndarray) -> np.ndarray:
        return np.repeat(self.uv[None], len(crops), axis=0)


def first_look(uv: np.ndarray, side: Side = "right") -> CropOfHand:
    return crop_of(7, frame_with(uv), BOX, side, 64)


@given(
    st.floats(20.0, 60.0), st.floats(60.0, 140.0), st.floats(60.0, 130.0), st.sampled_from(["left", "right"])
)
def test_the_closer_crop_shows_the_joints_where_its_cells_say(
    scale: float, u: float, v: float, side: Side
) -> None:
    uv = (SHAPE * scale + (u, v)).astype(np.float32)
    closer = looking_at(first_look(uv, side), uv, 0.8)
    cells = closer.in_cells(uv)
    np.testing.assert_allclose(closer.in_px(cells), uv, atol=1e-3)
    bright = closer.pixels.max(axis=-1)
    inside = cells[((cells > 0.5) & (cells < 63.5)).all(axis=-1)]
    assert len(inside) >= 15
    for column, row in inside:
        assert bright[int(row), int(column)] > 60


def test_the_hand_fills_the_closer_crop_to_its_share() -> None:
    uv = (SHAPE * 50.0 + (100.0, 95.0)).astype(np.float32)
    (closer,) = look_closer(Pointing(first_look(uv).in_cells(uv), 0.8), [first_look(uv)])
    cells = closer.in_cells(uv)
    assert abs((cells.max(axis=0) - cells.min(axis=0)).max() - 0.8 * 64) < 0.1
    assert not closer.wide.size


def test_methods_that_look_once_keep_their_crops() -> None:
    uv = (SHAPE * 50.0 + (100.0, 95.0)).astype(np.float32)
    first = first_look(uv)
    assert look_closer(Pointing(uv, None), [first]) == [first]


def test_the_closer_look_never_leaves_what_is_kept_nor_shrinks_to_nothing() -> None:
    for place in ((0.0, 0.0), (400.0, -300.0), (100.0, 90.0)):
        for scale in (0.01, 30.0, 3000.0):
            look = closer_box(BOX, (SHAPE * scale + place).astype(np.float32), 0.8)
            kept = BOX.scaled(ROOM)
            assert look.side >= CLOSEST * BOX.side - 1e-3
            assert look.x >= kept.x - 1e-3
            assert look.y >= kept.y - 1e-3
            assert look.x + look.side <= kept.x + kept.side + 1e-3
            assert look.y + look.side <= kept.y + kept.side + 1e-3


def test_a_pose_that_is_nowhere_is_not_looked_at() -> None:
    uv = (SHAPE * 50.0 + (100.0, 95.0)).astype(np.float32)
    first = first_look(uv)
    assert looking_at(first, np.full((21, 2), np.nan, np.float32), 0.8) is first


def test_maps_of_the_closer_crop_are_laid_over_the_box() -> None:
    uv = (SHAPE * 40.0 + (90.0, 85.0)).astype(np.float32)
    for side in ("left", "right"):
        closer = looking_at(first_look(uv, side), uv, 0.8)
        cell = closer.in_cells(uv)[12]
        seen = np.zeros((2, 64, 64), np.float32)
        column, row = cell.astype(int)
        seen[1, max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = 1.0
        over = closer.over_box(seen)
        there = BOX.square().to_cells(uv[12])
        assert over[1, int(there[1]), int(there[0])] > 0.5
        assert not over[0].any()


@pytest.mark.parametrize("side", ["left", "right"])
def test_nothing_of_a_map_within_the_box_is_lost(side: Side) -> None:
    uv = (SHAPE * 30.0 + (100.0, 90.0)).astype(np.float32)
    closer = looking_at(first_look(uv, side), uv, 0.8)
    maps = np.random.default_rng(0).random((3, 32, 32), dtype=np.float32)
    zoom = BOX.side / closer.look.side
    assert zoom > 1.5
    np.testing.assert_allclose(closer.over_box(maps).sum((1, 2)) * zoom**2, maps.sum((1, 2)), rtol=1e-4)
