"""The hand's point cloud from a depth map; fast, with numpy alone, for the window.

Cleaning and normals take open3d and a process of their own: see :mod:`handstudio.media.pointcloud_cleaning`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.media.source import Depth, Mask, Pixels

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Points on the visible surface.

    Attributes:
        points: (N, 3) mm in camera coordinates.
        colours: (N, 3) RGB of the frame's pixels; grey without a colour image.
    """

    points: Points
    colours: Pixels


def point_cloud(
    depth_mm: Depth,
    camera: Camera,
    box: Box | None = None,
    rgb: Pixels | None = None,
    mask: Mask | None = None,
    reach_mm: float | None = None,
    most: int = 20_000,
) -> PointCloud:
    """The surface that a depth map shows within a hand's box.

    A pixel in row r and column c is seen along uv = (c + 0.5, r + 0.5).

    Args:
        depth_mm: (H, W) z in camera coordinates, 0 or not finite where there is no surface.
        camera: pinhole with optional distortion.
        box: px; the whole frame without one.
        rgb: (H, W, 3) colours.
        mask: (H, W) pixels to keep.
        reach_mm: without a mask, keep what lies within this distance in z of the box's nearest surface (its
            5th percentile); a hand is hardly deeper than 250 mm.
        most: no more points than about this many, thinned evenly over the image.
    """
    height, width = depth_mm.shape
    inside = (box or Box(0.0, 0.0, width, height)).clipped(width, height)
    left, top = int(np.floor(inside.x)), int(np.floor(inside.y))
    right, bottom = int(np.ceil(inside.x + inside.width)), int(np.ceil(inside.y + inside.height))
    z = depth_mm[top:bottom, left:right]
    seen = np.isfinite(z) & (z > 0.0)
    if mask is not None:
        seen &= mask[top:bottom, left:right]
    elif reach_mm is not None and seen.any():
        nearest = float(np.percentile(z[seen], 5.0))
        seen &= z <= nearest + reach_mm
    count = int(np.count_nonzero(seen))
    if count > most:
        step = int(np.ceil(np.sqrt(count / most)))
        thinned = np.zeros_like(seen)
        thinned[::step, ::step] = seen[::step, ::step]
        seen = thinned
    rows, columns = np.nonzero(seen)
    uv = np.stack((columns + (left + 0.5), rows + (top + 0.5)), axis=-1).astype(np.float32)
    points = np.asarray(camera.back_project(uv, z[rows, columns]), dtype=np.float32)
    if rgb is None:
        colours = np.full((len(points), 3), 180, dtype=np.uint8)
    else:
        colours = rgb[rows + top, columns + left]
    return PointCloud(points, colours)
