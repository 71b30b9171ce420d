"""The frame's depth map as points about the hand's root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from handstudio.media.pointcloud import point_cloud

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.project.records import HandRecord
    from handstudio.ui.view3d.content import HandInSpace

Floats = npt.NDArray[np.float32]

MOST_POINTS = 8000
REACH_MM = 260.0
_BOX_MARGIN = 1.15


def cloud_about(hand: HandInSpace, record: HandRecord, frame: Frame) -> tuple[Floats, Floats] | None:
    """(N, 3) points in mm about the root and (N, 3) colours in [0, 1]; ``None`` where there is no depth."""
    if frame.depth_mm is None or hand.camera is None:
        return None
    found = point_cloud(
        frame.depth_mm,
        hand.camera,
        record.box.scaled(_BOX_MARGIN),
        frame.rgb,
        frame.mask,
        reach_mm=REACH_MM,
        most=MOST_POINTS,
    )
    points = found.points - hand.root
    near = np.abs(points[:, 2]) < REACH_MM
    if not near.any():
        return None
    return points[near], found.colours[near].astype(np.float32) / 255.0
