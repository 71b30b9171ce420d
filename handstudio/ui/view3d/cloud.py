"""The frame's depth map as points about a hand, in the camera's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from handstudio.hand.surface import LEAST_SEEN, UNDER_SKIN_MM, surface_at
from handstudio.media.pointcloud import PointCloud, point_cloud
from handstudio.ui.view3d.content import HandInSpace, depth_unit

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.project.records import HandRecord

MOST_POINTS = 8000
REACH_MM = 260.0
_BOX_MARGIN = 1.15


def cloud_about(hand: HandInSpace, record: HandRecord, frame: Frame) -> PointCloud | None:
    """What the depth shows near the hand, mm in the camera's axes; ``None`` where it shows nothing."""
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
    near = np.abs(found.points[:, 2] - hand.root[2]) < REACH_MM
    return PointCloud(found.points[near], found.colours[near]) if near.any() else None


def spacing_mm(cloud: PointCloud) -> float:
    """How far apart neighbouring points lie, mm: of the cloud's points the middle distance to the next."""
    points = cloud.points
    if len(points) < 2:
        return 1.0
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)  # neighbours in the image follow each other
    return float(np.median(steps))


def measured_root_mm(hand: HandInSpace, frame: Frame) -> float | None:
    """How far the root is from the camera by the frame's depth; ``None`` where it says too little.

    Each joint's surface tells of it; the middle one counts, so that hidden joints do no harm. A 2.5D pose
    alone puts the hand tens of millimetres before or behind its own points.
    """
    depth = frame.depth_mm
    if depth is None or hand.camera is None:
        return None
    surface = surface_at(hand.pose.uv, depth, frame.mask)
    seen = np.isfinite(surface)
    if seen.sum() < LEAST_SEEN:
        return None
    behind = np.asarray(hand.pose.depth, np.float64) * depth_unit(hand)
    return float(np.median((surface + UNDER_SKIN_MM - behind)[seen]))
