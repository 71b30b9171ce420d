"""Proposals against what a depth camera saw."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby

import numpy as np
import numpy.typing as npt

from handstudio.hand.camera import Camera
from handstudio.hand.disagreement import SIDE, surface_apart
from handstudio.hand.lift import lift, root_depth
from handstudio.hand.surface import scale_from_surface_mm
from handstudio.media.source import FrameProblem, FrameSource, read_stored
from handstudio.methods.opening import open_stored
from handstudio.project.project import Project
from handstudio.project.records import Floats, HandRecord, PoseTable


def cells_apart(project: Project, table: PoseTable, hands: list[HandRecord]) -> npt.NDArray[np.bool_]:
    """(N, 32, 32) cells of each crop in which the hand lies elsewhere than the surface that was seen.

    Where a frame has no depth, cannot be read, or has no camera, nothing speaks against a cell.

    Args:
        table: poses.
        hands: theirs, in that order.
    """
    apart = np.zeros((len(table), SIDE, SIDE), dtype=np.bool_)
    order = sorted(range(len(hands)), key=lambda row: (hands[row].sequence_id, hands[row].frame_index))
    for sequence_id, of_sequence in groupby(order, key=lambda row: hands[row].sequence_id):
        record = project.sequence(sequence_id)
        if record.kind != "recording" or record.camera is None:
            continue
        source = open_stored(project, record, [])
        if source is None:
            continue
        K = np.asarray(Camera.from_dict(record.camera).K, np.float32)
        bones = project.hand_shape(record).bone_lengths
        with closing(source):
            for index, rows in groupby(of_sequence, key=lambda row: hands[row].frame_index):
                depth_mm = _depth(source, index)
                if depth_mm is None:
                    continue
                for row in rows:
                    xyz = _in_space(table.uv[row], table.depth[row], K, bones, depth_mm)
                    if xyz is not None:
                        apart[row] = surface_apart(xyz, K, hands[row].box.square(), depth_mm)
    return apart


def _in_space(uv: Floats, z: Floats, K: Floats, bones: Floats | None, depth_mm: Floats) -> Floats | None:
    """(21, 3) mm, as large as the hand is at the distance that it was seen at."""
    if not (np.isfinite(uv).all() and np.isfinite(z).all()):
        return None
    root = root_depth(uv, z, K, bones)
    size_mm = scale_from_surface_mm(uv, root + z, depth_mm)
    return None if size_mm is None else np.asarray(lift(uv, z, K, size_mm, root * size_mm), np.float32)


def _depth(source: FrameSource, index: int) -> Floats | None:
    try:
        return read_stored(source, index).depth_mm
    except FrameProblem:
        return None
