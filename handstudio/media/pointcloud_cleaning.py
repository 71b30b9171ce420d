"""Cleans a point cloud and finds its normals with open3d.

open3d takes seconds to import: call this in a job or a worker process, never in the window.
"""

from __future__ import annotations

import numpy as np

from handstudio.media.pointcloud import Points
from handstudio.media.source import Pixels


def clean(
    points: Points,
    colours: Pixels,
    neighbours: int = 20,
    spread: float = 2.0,
    normal_radius_mm: float = 8.0,
) -> tuple[Points, Pixels, Points]:
    """Drop points far from their neighbours, and give the others normals that face the camera.

    Args:
        points: (N, 3) mm in camera coordinates; points that are not finite are dropped.
        colours: (N, 3) RGB.
        neighbours: neighbours whose mean distance is looked at.
        spread: standard deviations above the mean of that distance at which a point is dropped.
        normal_radius_mm: radius of the neighbourhood that a normal is fitted to.

    Returns:
        The points (M, 3), their colours (M, 3) and unit normals (M, 3).
    """
    import open3d

    finite = np.isfinite(points).all(axis=-1)
    points, colours = points[finite], colours[finite]
    if len(points) < 3:
        facing = np.tile(np.asarray((0.0, 0.0, -1.0), dtype=np.float32), (len(points), 1))
        return points, colours, facing
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points.astype(np.float64)))
    _, kept = cloud.remove_statistical_outlier(
        nb_neighbors=min(neighbours, len(points) - 1), std_ratio=spread
    )
    cloud = cloud.select_by_index(kept)
    cloud.estimate_normals(open3d.geometry.KDTreeSearchParamHybrid(radius=normal_radius_mm, max_nn=30))
    cloud.orient_normals_towards_camera_location(np.zeros(3))
    chosen = np.asarray(kept, dtype=np.int64)
    return points[chosen], colours[chosen], np.asarray(cloud.normals, dtype=np.float32)
