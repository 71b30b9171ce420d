"""Peaks of hands' heatmaps as a project keeps them: the few places where a method sees each joint.

Heatmaps themselves are never stored. Their peaks are a kilobyte a hand, need no network to be read, and let
the rest of a hand follow the picture while its joints are dragged (:mod:`handstudio.hand.refit`). A hand
whose proposal came without any, or from before they were kept, has none until it is proposed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID, Box
from handstudio.hand.peaks import Peaks, packed, unpacked
from handstudio.hand.skeleton import Side
from handstudio.project.project import Project

Floats = npt.NDArray[np.float32]

PEAKS: Final = "peaks"
LOOK: Final = "peaks_look"
"""Under these names the project's dense maps hold the peaks, in cells of the square that was looked at, and
that square (x, y, side in px) with a sum that tells of which proposal they are."""
_SAME: Final = 1e-2


def peaks_in_px(peaks: Peaks, look: Box, side: Side) -> Peaks:
    """Peaks (..., 21, K) in cells of a crop as px of its frame."""
    cells = peaks.uv.copy()
    if side == "left":
        cells[..., 0] = GRID - cells[..., 0]
    scale = np.float32(look.side / GRID)
    corner = np.array((look.x, look.y), dtype=np.float32)
    return Peaks(cells * scale + corner, peaks.share, peaks.spread * scale)


def store_peaks(
    project: Project, hand_ids: npt.ArrayLike, uv: Floats, looks: Sequence[Box], peaks: Peaks
) -> None:
    """Store the peaks of hands; those of hands without any are left out.

    Args:
        project: where.
        hand_ids: (N,).
        uv: (N, 21, 2) px, the proposals that they belong to.
        looks: squares about them, from which they are kept to a hundredth of a cell or so.
        peaks: (N, 21, K) px.
    """
    told = (peaks.share > 0.0).any(axis=(1, 2))
    if not told.any():
        return
    places = np.array([(look.x, look.y, look.side) for look in looks], dtype=np.float64).reshape(-1, 3)
    scale = (GRID / places[:, 2])[:, None, None].astype(np.float32)
    cells = (peaks.uv - places[:, None, None, :2].astype(np.float32)) * scale[..., None]
    kept = packed(Peaks(cells, peaks.share, peaks.spread * scale)).astype(np.float16)
    of = np.concatenate([places, _sum_of(uv)[:, None]], axis=1)
    ids = np.asarray(hand_ids, dtype=np.int64)[told]
    project.store_dense(PEAKS, ids, kept[told])
    project.store_dense(LOOK, ids, of[told])


def read_peaks(project: Project, hand_id: int, uv: Floats, within_s: float = 0.0) -> Peaks | None:
    """The peaks (21, K) px of a hand.

    Args:
        project: where.
        hand_id: of which hand.
        uv: (21, 2) px of its proposal.
        within_s: how long to wait at most while a job writes maps.

    Returns:
        ``None`` when there are none (yet), or when they are of another proposal.

    Raises:
        MapsBusyError: a job was still writing maps.
    """
    kept, of = project.dense_together((PEAKS, LOOK), hand_id, within_s)
    if kept is None or of is None or abs(float(of[3]) - float(_sum_of(uv[None])[0])) > _SAME:
        return None
    x, y, side = (float(value) for value in of[:3])
    return peaks_in_px(unpacked(kept.astype(np.float32)), Box(x, y, side, side), "right")


def _sum_of(uv: Floats) -> npt.NDArray[np.float64]:
    """(N,): another number for every other pose (N, 21, 2)."""
    weights = np.arange(1.0, 1.0 + uv[0].size) / uv[0].size
    return np.asarray(uv.reshape(len(uv), -1).astype(np.float64) @ weights)
