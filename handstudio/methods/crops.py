"""From a frame and a hand's box to the crop that a network sees, and back."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID, Box
from handstudio.hand.skeleton import Side

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

_FINEST = 8
"""Most samples per pixel and axis of a crop; larger boxes are reduced before."""


def crop(rgb: Pixels, box: Box, side: Side, size: int = GRID) -> Pixels:
    """The square about a box as a network sees it.

    Args:
        rgb: (H, W, 3) the frame.
        box: px; the square about it may reach beyond the frame, whose border is then repeated.
        side: a left hand is mirrored.
        size: side of the crop, px.

    Returns:
        (size, size, 3) uint8.
    """
    square = box.square()
    step = square.side / size
    rgb, square, step = _reduced(rgb, square, step)
    finer = max(1, min(math.ceil(step - 1e-6), _FINEST))
    fine = size * finer
    scale = square.side / fine
    offset = 0.5 * scale - 0.5
    matrix = np.array([[scale, 0.0, square.x + offset], [0.0, scale, square.y + offset]])
    picture = cv2.warpAffine(
        rgb,
        matrix,
        (fine, fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if finer > 1:
        picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    if side == "left":
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture, dtype=np.uint8)


def _reduced(rgb: Pixels, square: Box, step: float) -> tuple[Pixels, Box, float]:
    """Frame and box shrunk by a whole factor where a pixel of the crop covers very many of the frame."""
    factor = int(step // _FINEST)
    if factor < 2:
        return rgb, square, step
    height, width = rgb.shape[0] // factor, rgb.shape[1] // factor
    if not height or not width:
        return rgb, square, step
    cut = rgb[: height * factor, : width * factor]
    small = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    shrunk = Box(*(value / factor for value in (square.x, square.y, square.width, square.height)))
    return np.asarray(small, dtype=np.uint8), shrunk, step / factor


def cells_to_px(uv: Floats, box: Box, side: Side) -> Floats:
    """Joints (..., 2) in cells of the crop as px of the frame."""
    cells = uv if side == "right" else _mirrored(uv)
    return np.asarray(box.from_cells(cells), dtype=np.float32)


def px_to_cells(uv: Floats, box: Box, side: Side) -> Floats:
    """Joints (..., 2) in px of the frame as cells of the crop."""
    cells = np.asarray(box.to_cells(np.asarray(uv, dtype=np.float32)), dtype=np.float32)
    return cells if side == "right" else _mirrored(cells)


def mask_of_box(mask: Floats, side: Side) -> Floats:
    """A mask (64, 64) over the crop as one over the box in the frame."""
    return mask if side == "right" else np.ascontiguousarray(mask[..., ::-1])


def _mirrored(cells: Floats) -> Floats:
    turned = cells.copy()
    turned[..., 0] = GRID - turned[..., 0]
    return turned
