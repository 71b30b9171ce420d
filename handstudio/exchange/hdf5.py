"""Labels, and frames where they are wanted, in one HDF5 file, out and in.

Layout (N hands, F frames, S sequences; text is UTF-8)::

    /                      attributes: producer, version, joint_names, units
    /hands/uv              (N, 21, 2) float32 px, the first pixel's centre at (0.5, 0.5); NaN: not labelled
    /hands/visibility      (N, 21) uint8: 0 visible, 1 occluded, 2 outside
    /hands/depth           (N, 21) float32 relative to the root in reference bones; NaN: not known
    /hands/xyz_mm          (N, 21, 3) float32 camera coordinates; NaN: not known
    /hands/box             (N, 4) float64 x, y, width, height px
    /hands/frame           (N,) int64 row of /frames
    /hands/{side, track, box_source, state, origin, decided_by, decided_at, model, confidence, note}   (N,)
    /frames/{name, index, width, height, sequence}      (F,); sequence is the row of /sequences
    /sequences/{name, kind, view, recording, subject, camera, hold_out}   (S,); camera is JSON, or empty
    /images                (F, H, W, 3) uint8, and /depth (F, H, W) float32 mm, only with frames

Empty text and NaN stand for what is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from handstudio.errors import HandStudioError
from handstudio.exchange.exported_hand import PRODUCER, ExportedFrame, ExportedHand, Written
from handstudio.exchange.replacing import replacing
from handstudio.hand.skeleton import JOINT_COUNT, JOINT_NAMES
from handstudio.media.source import Frame

FrameReader = Callable[[ExportedFrame], Frame]

VERSION: Final = 1
TEXT_OF_HANDS: Final = ("side", "box_source", "state", "origin", "decided_by", "model", "note")
_BATCH: Final = 1024
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
    "confidence": ((), np.float64),
}


def write_hdf5(
    out: Path,
    hands: Iterable[ExportedHand],
    read_frame: FrameReader | None = None,
    overwrite: bool = False,
    skipped: int = 0,
) -> Written:
    """Write hands to one HDF5 file.

    Args:
        out: the file.
        hands: any number of hands, taken in batches.
        read_frame: decodes a hand's frame; with it the file also holds the frames, which must be of one size.
        overwrite: replace a file that is no earlier export.
        skipped: passed on to the result.

    Raises:
        HandStudioError: when the file may not be replaced or cannot be written, or the frames differ in size.
    """
    with replacing(out, overwrite, is_export) as temporary:
        with h5py.File(temporary, "w") as file:
            file.attrs.update(
                producer=PRODUCER, version=VERSION, joint_names=list(JOINT_NAMES), units="px, mm"
            )
            writer = _Writer(file)
            for hand in hands:
                writer.add(hand)
            writer.finish()
            if read_frame is not None:
                _write_frames(file, writer.frames, read_frame, out)
        count = writer.count
    return Written(str(out), count, skipped)


def is_export(path: Path) -> bool:
    """Whether a file was written by :func:`write_hdf5`."""
    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("producer") == PRODUCER)
    except (OSError, RuntimeError, ValueError, KeyError):
        return False


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
        _columns(
            self._file.create_group("frames"),
            {
                "name": [each.name for each in self.frames],
                "index": np.asarray([each.index for each in self.frames], dtype=np.int64),
                "width": np.asarray([each.width for each in self.frames], dtype=np.int64),
                "height": np.asarray([each.height for each in self.frames], dtype=np.int64),
                "sequence": np.asarray(rows, dtype=np.int64),
            },
        )
        known = [frame for _, frame in sequences.values()]
        _columns(
            self._file.create_group("sequences"),
            {
                "name": [each.sequence for each in known],
                "kind": [each.kind for each in known],
                "view": [each.view or "" for each in known],
                "recording": [each.recording or "" for each in known],
                "subject": [each.subject or "" for each in known],
                "camera": ["" if each.camera is None else json.dumps(dict(each.camera)) for each in known],
                "hold_out": np.asarray([each.hold_out for each in known], dtype=np.uint8),
            },
        )

    def _append(self) -> None:
        if not self._waiting:
            return
        hands = [hand for _, hand in self._waiting]
        sources = [hand.provenance for hand in hands]
        values: dict[str, Any] = {
            "uv": [hand.uv for hand in hands],
            "visibility": [hand.visibility for hand in hands],
            "depth": [np.full(JOINT_COUNT, np.nan) if hand.depth is None else hand.depth for hand in hands],
            "xyz_mm": [
                np.full((JOINT_COUNT, 3), np.nan) if hand.xyz_mm is None else hand.xyz_mm for hand in hands
            ],
            "box": [(hand.box.x, hand.box.y, hand.box.width, hand.box.height) for hand in hands],
            "frame": [row for row, _ in self._waiting],
            "track": [hand.track for hand in hands],
            "decided_at": [_or_nan(source.decided_at) for source in sources],
            "confidence": [_or_nan(source.confidence) for source in sources],
            "side": [hand.side for hand in hands],
            "box_source": [hand.box_source or "" for hand in hands],
            **{
                name: [getattr(source, name) or "" for source in sources]
                for name in ("state", "origin", "decided_by", "model", "note")
            },
        }
        group = self._file["hands"]
        start, self.count = self.count, self.count + len(hands)
        for name, column in values.items():
            kind = _POSES[name][1] if name in _POSES else object
            data = group[name]
            data.resize(self.count, axis=0)
            data[start:] = np.asarray(column, dtype=kind)
        self._waiting.clear()


def _columns(group: h5py.Group, columns: dict[str, Any]) -> None:
    for name, values in columns.items():
        if isinstance(values, list):
            group.create_dataset(name, data=np.asarray(values, dtype=object), dtype=_TEXT)
        else:
            group.create_dataset(name, data=values)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _write_frames(file: h5py.File, frames: list[ExportedFrame], read_frame: FrameReader, out: Path) -> None:
    """Images one by one, chunked by frame; depth where the first frame has it."""
    images: Any = None
    depths: Any = None
    for row, frame in enumerate(frames):
        decoded = read_frame(frame)
        if images is None:
            height, width = decoded.rgb.shape[:2]
            images = file.create_dataset(
                "images",
                shape=(len(frames), height, width, 3),
                dtype=np.uint8,
                chunks=(1, height, width, 3),
                compression="gzip",
                compression_opts=1,
            )
            if decoded.depth_mm is not None:
                depths = file.create_dataset(
                    "depth",
                    shape=(len(frames), height, width),
                    dtype=np.float32,
                    chunks=(1, height, width),
                    compression="gzip",
                    compression_opts=1,
                    shuffle=True,
                )
        if decoded.rgb.shape != images.shape[1:]:
            raise HandStudioError(
                f"The frames differ in size ({frame.sequence}/{frame.name}), one HDF5 array cannot hold them",
                out,
                "Export without frames, or one sequence at a time",
            )
        images[row] = decoded.rgb
        if depths is not None and decoded.depth_mm is not None:
            depths[row] = decoded.depth_mm
