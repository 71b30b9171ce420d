"""Labels, and frames where they are wanted, in one HDF5 file, out and in.

Layout (N hands, F frames, S sequences; text is UTF-8)::

    /                      attributes: producer, version, joint_names, units
    /hands/uv              (N, 21, 2) float32 px, the first pixel's centre at (0.5, 0.5); NaN: not labelled
    /hands/visibility      (N, 21) uint8: 0 visible, 1 occluded, 2 outside
    /hands/depth           (N, 21) float32 relative to the root in reference bones; NaN: not known
    /hands/xyz_mm          (N, 21, 3) float32 camera coordinates; NaN: not known
    /hands/box             (N, 4) float64 x, y, width, height px
    /hands/frame           (N,) int64 row of /frames
    /hands/{side, track, box_source, state, origin, decided_by, decided_at, model, confidence, note,
                            verified_by, verified_at}   (N,)
    /frames/{name, index, width, height, mark, sequence}   (F,); sequence is the row of /sequences
    /sequences/{name, kind, view, recording, subject, camera, hold_out}   (S,); camera is JSON, or empty
    /images                (F, H, W, 3) uint8, and /depth (F, H, W) float32 mm, only with frames

Empty text and NaN stand for what is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from handstudio.errors import HandStudioError
from handstudio.exchange.exported_hand import PRODUCER, ExportedFrame, ExportedHand, FrameReader, Written
from handstudio.exchange.replacing import replacing
from handstudio.hand.skeleton import JOINT_COUNT, JOINT_NAMES
from handstudio.media.source import Frame, FrameProblem
from handstudio.project.space import check_room, reserve

VERSION: Final = 1
TEXT_OF_HANDS: Final = ("side", "box_source", "state", "origin", "decided_by", "model", "note", "verified_by")
_BATCH: Final = 1024
_BESIDE_DATA: Final = 1 << 20
"""Bytes that HDF5 may write beside the data themselves."""
_BYTES_PER_TEXT: Final = 64
_TEXT: Final = h5py.string_dtype("utf-8")
_POSES: Final = {
    "uv": ((JOINT_COUNT, 2), np.float32),
    "visibility": ((JOINT_COUNT,), np.uint8),
    "depth": ((JOINT_COUNT,), np.float32),
    "xyz_mm": ((JOINT_COUNT, 3), np.float32),
    "box": ((4,), np.float64),
    "frame": ((), np.int64),
    "track": ((), np.int64),
    "decided_at": ((), np.float64),
    "verified_at": ((), np.float64),
    "confidence": ((), np.float64),
}


def write_hdf5(
    out: Path,
    hands: Iterable[ExportedHand],
    read_frame: FrameReader | None = None,
    overwrite: bool = False,
) -> Written:
    """Write hands to one HDF5 file.

    HDF5 does not survive a disk that refuses: so the room for each batch is set aside before it is written.

    Args:
        out: the file.
        hands: any number of hands, taken in batches.
        read_frame: decodes a hand's frame; with it the file also holds the frames, which must be of one size.
            A damaged one is black, and listed in the result.
        overwrite: replace a file that is no earlier export.

    Raises:
        HandStudioError: when the file may not be replaced or cannot be written, or the frames differ in size.
    """
    with replacing(out, overwrite, is_export) as temporary:
        with h5py.File(temporary, "w") as file:
            _make_room(file, 0)
            file.attrs.update(
                producer=PRODUCER, version=VERSION, joint_names=list(JOINT_NAMES), units="px, mm"
            )
            writer = _Writer(file)
            for hand in hands:
                writer.add(hand)
            writer.finish()
            problems: list[str] = []
            if read_frame is not None:
                problems = _write_frames(file, writer.frames, read_frame, out)
        h5py.File(temporary, "r+").close()  # gives back what was set aside and not needed
    return Written(str(out), writer.count, problems=tuple(problems))


def is_export(path: Path) -> bool:
    """Whether a file was written by :func:`write_hdf5`."""
    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("producer") == PRODUCER)
    except (OSError, RuntimeError, ValueError, KeyError):
        return False


def _make_room(file: h5py.File, size: int) -> None:
    """Set aside so many bytes, at most, behind what the file holds by now."""
    file.flush()
    path = Path(file.filename)
    size += size // 8 + _BESIDE_DATA
    check_room(path.parent, size)
    reserve(path, file.id.get_filesize() + size)


def _byte_count(values: Any) -> int:
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values.nbytes
    return sum(_BYTES_PER_TEXT + len(str(value).encode()) for value in values)


class _Writer:
    """Collects hands and appends them to the data sets batch by batch."""

    def __init__(self, file: h5py.File) -> None:
        self.count = 0
        self._file = file
        self._frames: dict[tuple[str, int], tuple[int, ExportedFrame]] = {}
        self._waiting: list[tuple[int, ExportedHand]] = []
        group = file.create_group("hands")
        for name, (shape, kind) in _POSES.items():
            group.create_dataset(
                name,
                shape=(0, *shape),
                maxshape=(None, *shape),
                dtype=kind,
                chunks=(_BATCH, *shape),
                compression="gzip",
                compression_opts=4,
                shuffle=True,
            )
        for name in TEXT_OF_HANDS:
            group.create_dataset(
                name, shape=(0,), maxshape=(None,), dtype=_TEXT, chunks=(_BATCH,), compression="gzip"
            )

    @property
    def frames(self) -> list[ExportedFrame]:
        return [frame for _, frame in self._frames.values()]

    def add(self, hand: ExportedHand) -> None:
        key = (hand.frame.sequence, hand.frame.index)
        row, _ = self._frames.setdefault(key, (len(self._frames), hand.frame))
        self._waiting.append((row, hand))
        if len(self._waiting) >= _BATCH:
            self._append()

    def finish(self) -> None:
        self._append()
        sequences: dict[str, tuple[int, ExportedFrame]] = {}
        rows = [sequences.setdefault(each.sequence, (len(sequences), each))[0] for each in self.frames]
        known = [frame for _, frame in sequences.values()]
        self._write_columns("frames", _columns_of_frames(self.frames, rows))
        self._write_columns("sequences", _columns_of_sequences(known))

    def _write_columns(self, name: str, columns: dict[str, Any]) -> None:
        _make_room(self._file, sum(map(_byte_count, columns.values())))
        group = self._file.create_group(name)
        for key, values in columns.items():
            if isinstance(values, list):
                group.create_dataset(key, data=np.asarray(values, dtype=object), dtype=_TEXT)
            else:
                group.create_dataset(key, data=values)

    def _append(self) -> None:
        if not self._waiting:
            return
        columns = {
            name: np.asarray(values, dtype=_POSES[name][1] if name in _POSES else object)
            for name, values in _columns_of_hands(self._waiting).items()
        }
        # a data set grows by whole chunks
        rows = -(-len(self._waiting) // _BATCH) * _BATCH / len(self._waiting)
        _make_room(self._file, int(sum(map(_byte_count, columns.values())) * rows))
        group = self._file["hands"]
        start, self.count = self.count, self.count + len(self._waiting)
        for name, column in columns.items():
            data = group[name]
            data.resize(self.count, axis=0)
            data[start:] = column
        self._waiting.clear()


def _columns_of_hands(waiting: list[tuple[int, ExportedHand]]) -> dict[str, list[Any]]:
    """Columns of some hands, each given with the row of its frame."""
    hands = [hand for _, hand in waiting]
    sources = [hand.provenance for hand in hands]
    unknown, nowhere = np.full(JOINT_COUNT, np.nan), np.full((JOINT_COUNT, 3), np.nan)
    return {
        "uv": [hand.uv for hand in hands],
        "visibility": [hand.visibility for hand in hands],
        "depth": [unknown if hand.depth is None else hand.depth for hand in hands],
        "xyz_mm": [nowhere if hand.xyz_mm is None else hand.xyz_mm for hand in hands],
        "box": [(hand.box.x, hand.box.y, hand.box.width, hand.box.height) for hand in hands],
        "frame": [row for row, _ in waiting],
        "track": [hand.track for hand in hands],
        "decided_at": [_or_nan(source.decided_at) for source in sources],
        "verified_at": [_or_nan(source.verified_at) for source in sources],
        "confidence": [_or_nan(source.confidence) for source in sources],
        "side": [hand.side for hand in hands],
        "box_source": [hand.box_source or "" for hand in hands],
        **{
            name: [getattr(source, name) or "" for source in sources]
            for name in ("state", "origin", "decided_by", "model", "note", "verified_by")
        },
    }


def _columns_of_frames(frames: list[ExportedFrame], sequences: list[int]) -> dict[str, Any]:
    return {
        "name": [each.name for each in frames],
        "mark": [each.mark or "" for each in frames],
        "index": np.asarray([each.index for each in frames], dtype=np.int64),
        "width": np.asarray([each.width for each in frames], dtype=np.int64),
        "height": np.asarray([each.height for each in frames], dtype=np.int64),
        "sequence": np.asarray(sequences, dtype=np.int64),
    }


def _columns_of_sequences(known: list[ExportedFrame]) -> dict[str, Any]:
    """Columns of sequences, each given by one of its frames."""
    return {
        "name": [each.sequence for each in known],
        "kind": [each.kind for each in known],
        "view": [each.view or "" for each in known],
        "recording": [each.recording or "" for each in known],
        "subject": [each.subject or "" for each in known],
        "camera": ["" if each.camera is None else json.dumps(dict(each.camera)) for each in known],
        "hold_out": np.asarray([each.hold_out for each in known], dtype=np.uint8),
    }


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _write_frames(
    file: h5py.File, frames: list[ExportedFrame], read_frame: FrameReader, out: Path
) -> list[str]:
    """Images one by one, depth where the first has it; returns what is wrong with those left black."""
    problems: list[str] = []
    images: Any = None
    depths: Any = None
    for row, frame in enumerate(frames):
        try:
            decoded = read_frame(frame)
        except FrameProblem as problem:
            problems.append(f"{frame.sequence}/{frame.name}: {problem.what}")
            continue
        _make_room(file, decoded.byte_count)
        if images is None:
            images, depths = _create_images(file, len(frames), decoded)
        if decoded.rgb.shape != images.shape[1:]:
            raise HandStudioError(
                f"The frames differ in size ({frame.sequence}/{frame.name}), one HDF5 array cannot hold them",
                out,
                "Export without frames, or one sequence at a time",
            )
        images[row] = decoded.rgb
        if depths is not None and decoded.depth_mm is not None:
            depths[row] = decoded.depth_mm
    return problems


def _create_images(file: h5py.File, count: int, first: Frame) -> tuple[Any, Any]:
    """Data sets for the images and, where the first frame has it, depth; chunked by frame."""
    height, width = first.rgb.shape[:2]
    images = file.create_dataset(
        "images",
        shape=(count, height, width, 3),
        dtype=np.uint8,
        chunks=(1, height, width, 3),
        compression="gzip",
        compression_opts=1,
    )
    if first.depth_mm is None:
        return images, None
    depths = file.create_dataset(
        "depth",
        shape=(count, height, width),
        dtype=np.float32,
        chunks=(1, height, width),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )
    return images, depths
