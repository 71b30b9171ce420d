"""Poses, points and ids as the bytes that the database keeps."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence, Set

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project.records import Floats, Ids, Pose

_UV = JOINT_COUNT * 2
_POSE = JOINT_COUNT * 3
ID_BYTES = 8
"""Of each id that :func:`pack_ids` writes."""


def pose_bytes(pose: Pose) -> tuple[bytes, bytes]:
    """The BLOBs of a pose: 63 float32 (uv, depth) and 21 bytes of visibility."""
    return pose.uv.tobytes() + pose.depth.tobytes(), pose.visibility.tobytes()


def pose_of(pose: bytes, visibility: bytes) -> Pose:
    """The pose of its two BLOBs."""
    values = np.frombuffer(pose, dtype="<f4")
    return Pose(values[:_UV].reshape(JOINT_COUNT, 2), values[_UV:], np.frombuffer(visibility, dtype=np.uint8))


def pack_poses(uv: npt.ArrayLike, depth: npt.ArrayLike) -> list[bytes]:
    """(N, 21, 2) and (N, 21) as N BLOBs."""
    flat_uv = np.asarray(uv, dtype="<f4").reshape(-1, _UV)
    flat_depth = np.asarray(depth, dtype="<f4").reshape(-1, JOINT_COUNT)
    rows = np.ascontiguousarray(np.concatenate([flat_uv, flat_depth], axis=1))
    return split(rows.tobytes(), _POSE * 4)


def unpack_poses(blobs: Sequence[bytes]) -> tuple[Floats, Floats]:
    """N BLOBs as (N, 21, 2) and (N, 21)."""
    rows = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(-1, _POSE)
    return (
        np.ascontiguousarray(rows[:, :_UV], dtype=np.float32).reshape(-1, JOINT_COUNT, 2),
        np.ascontiguousarray(rows[:, _UV:], dtype=np.float32),
    )


def split(data: bytes, size: int) -> list[bytes]:
    """Equal pieces of ``size`` bytes."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def pack_ids(ids: Iterable[int]) -> bytes:
    """Ids as little-endian int64."""
    if isinstance(ids, np.ndarray):
        return ids.astype("<i8").tobytes()
    return np.fromiter(ids, dtype="<i8").tobytes()


def pack_id_set(ids: Set[int]) -> bytes:
    """Ids in no order as ascending ones; other threads go on meanwhile."""
    values = np.fromiter(ids, dtype="<i8", count=len(ids))
    values.sort()
    return values.tobytes()


def unpack_ids(data: bytes) -> Ids:
    """The ids that :func:`pack_ids` wrote."""
    return np.frombuffer(data, dtype="<i8").astype(np.int64)


def joints_of(data: bytes) -> Floats:
    """(21,) float32 of its BLOB."""
    return np.frombuffer(data, dtype="<f4").reshape(JOINT_COUNT).astype(np.float32)


def points_of(data: bytes | None) -> Floats | None:
    """(21, 3) float32 of its BLOB."""
    if data is None:
        return None
    return np.frombuffer(data, dtype="<f4").reshape(JOINT_COUNT, 3).astype(np.float32)


def pack_set(ids: Ids) -> bytes:
    """A set of ids, many of them in a row: one bit each, compressed."""
    marks = np.zeros(int(ids.max()) + 1 if len(ids) else 0, dtype=np.bool_)
    marks[ids] = True
    return zlib.compress(np.packbits(marks).tobytes(), 6)


def unpack_set(data: bytes) -> npt.NDArray[np.bool_]:
    """(M,) whether each id from 0 on is in the set that :func:`pack_set` wrote."""
    return np.unpackbits(np.frombuffer(zlib.decompress(data), dtype=np.uint8)).astype(np.bool_)


def ids_to_text(ids: Ids) -> str:
    """Ascending ids as text for JSON: their distances, compressed, in base 64."""
    steps = np.diff(np.sort(ids), prepend=np.int64(0))
    return base64.b64encode(zlib.compress(pack_ids(steps), 6)).decode("ascii")


def ids_from_text(text: str) -> Ids:
    """The ids that :func:`ids_to_text` wrote, ascending."""
    return np.cumsum(unpack_ids(zlib.decompress(base64.b64decode(text))))
