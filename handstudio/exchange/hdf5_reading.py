"""Reads exported HDF5 files; a crafted one cannot make it open other files or fill the memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.exchange.exported_hand import PRODUCER, ExportedFrame, ExportedHand, Provenance
from handstudio.exchange.hdf5 import TEXT_OF_HANDS
from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, Side

BYTES_LIMIT: Final = 1 << 30
"""The labels of a file that claims more, all columns together, are not read."""
_TEXTS_AT_ONCE: Final = 256
_BYTES_PER_TEXT: Final = 64
_LATER: Final = ("verified_by",)
"""Columns of text that files of older versions lack."""
_HANDS: Final = {
    "uv": (JOINT_COUNT, 2),
    "visibility": (JOINT_COUNT,),
    "depth": (JOINT_COUNT,),
    "xyz_mm": (JOINT_COUNT, 3),
    "box": (4,),
    "frame": (),
    "track": (),
    "decided_at": (),
    "confidence": (),
}


def read_hdf5(path: Path) -> list[ExportedHand]:
    """The hands of an HDF5 file written by :func:`handstudio.exchange.hdf5.write_hdf5`.

    Raises:
        HandStudioError: when the file is missing, damaged, no export, too large, or points to other files
            (external or soft links, virtual or external data, object references).
    """
    if not path.is_file():
        raise HandStudioError("There is no such file", path)
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("producer") != PRODUCER:
                raise HandStudioError("The HDF5 file is no export of labels", path)
            return _Columns(file, path).hands()
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError, UnicodeError) as error:
        raise HandStudioError(f"The HDF5 file is damaged ({error})", path) from error


def safe_dataset(file: h5py.Group, name: str, path: Path, bytes_limit: int = BYTES_LIMIT) -> h5py.Dataset:
    """A data set of the file itself.

    Raises:
        HandStudioError: when it is missing, lies elsewhere, holds references or is larger than
            ``bytes_limit``.
    """
    node: Any = file
    for part in name.strip("/").split("/"):
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) else None
        if link is None:
            raise HandStudioError(f"The HDF5 file has no {name}", path)
        if not isinstance(link, h5py.HardLink):
            raise HandStudioError(f"{name} is a link to another place, which is not followed", path)
        node = node[part]
    if not isinstance(node, h5py.Dataset):
        raise HandStudioError(f"{name} is no data set", path)
    if node.is_virtual or node.external:
        raise HandStudioError(f"{name} takes its data from other files, which are not opened", path)
    if h5py.check_ref_dtype(node.dtype) is not None or node.dtype.names is not None:
        raise HandStudioError(f"{name} holds references or records instead of plain values", path)
    if (
        max(_bytes_of(node, node.size), _bytes_of(node, np.prod(node.chunks or 0, dtype=object)))
        > bytes_limit
    ):
        raise HandStudioError(f"{name} claims more data than is read", path)
    return node


def _bytes_of(data: h5py.Dataset, count: Any) -> float:
    return float("inf") if count is None else int(count) * max(data.dtype.itemsize, 1)


class _Columns:
    """The columns of one file; all that is read of it together must fit the limit."""

    def __init__(self, file: h5py.File, path: Path) -> None:
        self._file = file
        self._path = path
        self._left = BYTES_LIMIT

    def hands(self) -> list[ExportedHand]:
        """One record per hand."""
        frames = self._frames()
        columns: dict[str, Any] = {
            name: self._array(f"hands/{name}", shape) for name, shape in _HANDS.items()
        }
        count = len(columns["uv"])
        columns |= {name: self._texts(f"hands/{name}") for name in TEXT_OF_HANDS if name not in _LATER}
        columns |= {name: self._texts_if_there(f"hands/{name}", count) for name in _LATER}
        columns["verified_at"] = self._seconds_if_there("hands/verified_at", count)
        if any(len(values) != count for values in columns.values()):
            raise HandStudioError("The HDF5 file is damaged (its columns differ in length)", self._path)
        return [
            _hand({name: values[row] for name, values in columns.items()}, frames) for row in range(count)
        ]

    def _frames(self) -> list[ExportedFrame]:
        of_sequences = {
            name: self._texts(f"sequences/{name}")
            for name in ("name", "kind", "view", "recording", "subject", "camera")
        }
        held_out = self._array("sequences/hold_out", ())
        names = self._texts("frames/name")
        marks = self._texts_if_there("frames/mark", len(names))
        numbers = {
            name: self._array(f"frames/{name}", ()).tolist()
            for name in ("index", "width", "height", "sequence")
        }
        frames: list[ExportedFrame] = []
        for row, name in enumerate(names):
            place = int(numbers["sequence"][row])
            if not 0 <= place < len(held_out):
                raise ValueError(f"there is no sequence {place}")
            facts = {key: values[place] for key, values in of_sequences.items()}
            size = tuple(int(numbers[key][row]) for key in ("index", "width", "height"))
            frames.append(_frame(name, size, facts, bool(held_out[place]), marks[row]))
        return frames

    def _array(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        data = safe_dataset(self._file, name, self._path, self._left)
        if data.ndim != 1 + len(shape) or data.shape[1:] != shape or data.dtype.kind not in "iufb":
            raise HandStudioError(f"{name} is not of the expected shape", self._path)
        self._take(name, data.size * data.dtype.itemsize)
        return np.asarray(data[()])

    def _texts(self, name: str) -> list[str]:
        """A column of text; rows may share one long text, so they are counted as they are read."""
        data = safe_dataset(self._file, name, self._path, self._left)
        if data.ndim != 1 or h5py.check_string_dtype(data.dtype) is None:
            raise HandStudioError(f"{name} is no column of text", self._path)
        texts: list[str] = []
        for start in range(0, len(data), _TEXTS_AT_ONCE):
            part = data[start : start + _TEXTS_AT_ONCE]
            self._take(name, sum(_BYTES_PER_TEXT + len(value) for value in part))
            texts += [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in part]
        return texts

    def _texts_if_there(self, name: str, count: int) -> list[str]:
        """A column of text that files of older versions lack: empty texts then."""
        return self._texts(name) if name in self._file else [""] * count

    def _seconds_if_there(self, name: str, count: int) -> npt.NDArray[Any]:
        """A column of times that files of older versions lack: none is known then."""
        return self._array(name, ()) if name in self._file else np.full(count, np.nan)

    def _take(self, name: str, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise HandStudioError(f"{name} claims more data than is read", self._path)


def _frame(
    name: str, size: tuple[int, ...], facts: dict[str, str], hold_out: bool, mark: str
) -> ExportedFrame:
    index, width, height = size
    return ExportedFrame(
        sequence=facts["name"],
        index=index,
        name=name,
        width=width,
        height=height,
        kind=facts["kind"],
        view=facts["view"] or None,
        recording=facts["recording"] or None,
        subject=facts["subject"] or None,
        camera=json.loads(facts["camera"]) if facts["camera"] else None,
        hold_out=hold_out,
        mark=mark or None,
    )


def _hand(row: dict[str, Any], frames: list[ExportedFrame]) -> ExportedHand:
    side: Side = "left" if row["side"] == "left" else "right"
    number = int(row["frame"])
    if not 0 <= number < len(frames):
        raise ValueError(f"there is no frame {number}")
    return ExportedHand(
        frame=frames[number],
        side=side,
        box=Box(*(float(value) for value in row["box"])),
        uv=row["uv"].astype(np.float32),
        visibility=row["visibility"].astype(np.uint8),
        depth=_known(row["depth"]),
        xyz_mm=_known(row["xyz_mm"]),
        track=int(row["track"]),
        box_source=row["box_source"] or None,
        provenance=Provenance(
            state=row["state"] or None,
            origin=row["origin"] or None,
            decided_by=row["decided_by"] or None,
            decided_at=_finite(row["decided_at"]),
            model=row["model"] or None,
            confidence=_finite(row["confidence"]),
            note=row["note"],
            verified_by=row["verified_by"] or None,
            verified_at=_finite(row["verified_at"]),
        ),
    )


def _known(values: npt.NDArray[Any]) -> Any:
    return None if np.isnan(values).all() else values.astype(np.float32)


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
