"""Masks of hands as a project keeps them: bytes over the square about the box that they were proposed for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.project.project import Project

MASK: Final = "mask"
BOX: Final = "mask_box"
"""Under these names the project's dense maps hold the masks and their boxes."""
_SAME_PX: Final = 1e-3


def store_masks(
    project: Project, hand_ids: npt.ArrayLike, boxes: Sequence[Box], masks: npt.ArrayLike
) -> None:
    """Store the masks of hands.

    Args:
        project: where.
        hand_ids: (N,).
        boxes: of the hands when the masks were proposed, px.
        masks: (N, G, G) in 0..1 over the squares about the boxes.
    """
    shares = np.clip(np.asarray(masks, dtype=np.float32), 0.0, 1.0)
    project.store_dense(MASK, hand_ids, (shares * 255.0 + 0.5).astype(np.uint8))
    places = np.array([_numbers(box) for box in boxes], dtype=np.float64).reshape(-1, 4)
    project.store_dense(BOX, hand_ids, places)


def read_mask(project: Project, hand_id: int, box: Box) -> npt.NDArray[np.uint8] | None:
    """The mask (G, G) of a hand in 0..255 over the square about its box; waits for nobody.

    ``None`` when there is none (yet), or when it is of another box: a mask whose box is not known is taken
    to be of this one.
    """
    mask = project.dense(MASK, hand_id, wait=False)
    if mask is None:
        return None
    place = project.dense(BOX, hand_id, wait=False)
    if place is not None and not np.allclose(place, _numbers(box), rtol=0.0, atol=_SAME_PX):
        return None
    return mask


def _numbers(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height
