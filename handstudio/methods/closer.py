"""A second, closer look: hands rarely fill the boxes that people draw, so a method finds the hand in the box
and then looks at the hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from handstudio.hand.box import GRID, Box
from handstudio.hand.skeleton import Side
from handstudio.methods.contract import Proposer
from handstudio.methods.crops import Floats, Pixels, cells_to_px, crop, mask_of_box, px_to_cells

ROOM: Final = 1.3
"""Side of what is kept of a frame, in sides of the box: the closer look may reach beyond the box."""
WIDEST: Final = 192
"""Side in px of what is kept at most."""
CLOSEST: Final = 0.25
"""Smallest side of the closer look, in sides of the box."""


@dataclass(frozen=True)
class CropOfHand:
    """One hand on its way through the network.

    Attributes:
        hand_id: of the stored hand.
        box: its box, px of the frame.
        side: left hands are mirrored in ``pixels`` and ``wide``.
        size: width and height of its frame, px.
        look: the box that ``pixels`` shows.
        pixels: (S, S, 3) as the network sees it.
        wide: (W, W, 3) the box and :data:`ROOM` about it; empty when no closer look is to come.
    """

    hand_id: int
    box: Box
    side: Side
    size: tuple[int, int]
    look: Box
    pixels: Pixels
    wide: Pixels

    def in_px(self, cells: Floats) -> Floats:
        """Joints (..., 2) in cells of the crop as px of the frame."""
        return cells_to_px(cells, self.look, self.side)

    def in_cells(self, uv: Floats) -> Floats:
        """Joints (..., 2) in px of the frame as cells of the crop."""
        return px_to_cells(uv, self.look, self.side)

    def px_of_cells(self, lengths: Floats) -> Floats:
        """Lengths in cells of the crop as px of the frame."""
        return np.asarray(lengths * (self.look.side / GRID), dtype=np.float32)

    def over_box(self, maps: Floats) -> Floats:
        """Maps (..., h, w) over the crop as maps over the square about the hand's box: means over each of its
        cells, 0 where it was not seen."""
        look, square = self.look, self.box.square()
        height, width = maps.shape[-2:]
        rows = _covered(look.y - square.y, look.side, square.side, height)
        columns = _covered(look.x - square.x, look.side, square.side, width)
        return np.asarray(rows @ mask_of_box(maps, self.side) @ columns.T, dtype=np.float32)


def _covered(start: float, length: float, whole: float, cells: int) -> Floats:
    """(cells, cells): which share of each cell of a side ``whole`` each cell of a stretch of it covers."""
    edges = np.arange(cells + 1) / cells
    ours, theirs = edges * whole, start + edges * length
    low = np.maximum(ours[:-1, None], theirs[None, :-1])
    high = np.minimum(ours[1:, None], theirs[None, 1:])
    covered: Floats = (np.clip(high - low, 0.0, None) * (cells / whole)).astype(np.float32)
    return covered


def crop_of(hand_id: int, rgb: Pixels, box: Box, side: Side, size: int, *, closer: bool = True) -> CropOfHand:
    """The first look at a hand: its whole box.

    Args:
        hand_id: of the stored hand.
        rgb: (H, W, 3) its frame.
        box: px.
        side: of the body.
        size: side of the network's crops, px.
        closer: whether a closer look is to follow.
    """
    height, width = rgb.shape[:2]
    square = box.square()
    if closer:
        around = square.scaled(ROOM)
        wide = crop(rgb, around, side, max(size, min(round(around.side), WIDEST)))
    else:
        wide = np.zeros((0, 0, 3), np.uint8)
    return CropOfHand(hand_id, box, side, (width, height), square, crop(rgb, square, side, size), wide)


def look_closer(proposer: Proposer, crops: Sequence[CropOfHand]) -> list[CropOfHand]:
    """The crops about the hands that a method finds in them; as they are for methods that look but once."""
    filled = proposer.filled
    if filled is None or not crops:
        return list(crops)
    found = proposer.glance(np.stack([one.pixels for one in crops]))
    return [looking_at(one, one.in_px(uv), filled) for one, uv in zip(crops, found, strict=True)]


def looking_at(one: CropOfHand, uv: Floats, filled: float) -> CropOfHand:
    """The crop about a pose.

    Args:
        one: a first look.
        uv: (21, 2) px of the frame.
        filled: share of the crop's side that the pose takes.
    """
    if not one.wide.size or not np.isfinite(uv).all():
        return one
    look = closer_box(one.box.square(), uv, filled)
    around = one.box.square().scaled(ROOM)
    scale = one.wide.shape[0] / around.side
    there = look if one.side == "right" else look.mirrored(2.0 * around.x + around.side)
    within = Box(
        (there.x - around.x) * scale, (there.y - around.y) * scale, there.side * scale, there.side * scale
    )
    pixels = crop(one.wide, within, "right", one.pixels.shape[0])
    return replace(one, look=look, pixels=pixels, wide=np.zeros((0, 0, 3), np.uint8))


def closer_box(square: Box, uv: Floats, filled: float) -> Box:
    """The square about a pose (21, 2) px that it fills to a share, within what is kept about ``square``."""
    low, high = uv.min(axis=0), uv.max(axis=0)
    widest = ROOM * square.side
    side = float(np.clip((high - low).max() / filled, CLOSEST * square.side, widest))
    u, v = (float(value) for value in (low + high) / 2.0)
    most = (widest - side) / 2.0
    middle_u, middle_v = square.centre
    u = min(max(u, middle_u - most), middle_u + most)
    v = min(max(v, middle_v - most), middle_v + most)
    return Box(u - side / 2.0, v - side / 2.0, side, side)
