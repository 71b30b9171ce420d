"""Messages with arrays over a pipe: a length, a JSON header, then the bytes of each array."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_HEAD = struct.Struct("<I")
_HEADER_LIMIT = 16 * 2**20
_ARRAY_LIMIT = 2**31


@dataclass(frozen=True, eq=False)
class Message:
    """Plain values and arrays, each by name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def write_message(stream: BinaryIO, message: Message) -> None:
    """Writes one message and flushes."""
    arrays = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
    described = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps({"values": dict(message.values), "arrays": described}).encode()
    stream.write(_HEAD.pack(len(header)))
    stream.write(header)
    for array in arrays.values():
        stream.write(array.tobytes())
    stream.flush()


def read_message(stream: BinaryIO) -> Message | None:
    """The next message; ``None`` at the end of the stream.

    Raises:
        EOFError: when the stream ends inside a message.
        ValueError: when the bytes are no message.
    """
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise EOFError("the stream ended inside a message")
    (length,) = _HEAD.unpack(head)
    if length > _HEADER_LIMIT:
        raise ValueError("no message")
    header = json.loads(_exactly(stream, length))
    arrays = {}
    for name, kind, shape in header["arrays"]:
        dtype = np.dtype(kind)
        if dtype.hasobject:
            raise ValueError("arrays of objects are refused")
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        if size > _ARRAY_LIMIT:
            raise ValueError("the array is too large")
        arrays[name] = np.frombuffer(_exactly(stream, size), dtype=dtype).reshape(shape)
    return Message(header["values"], arrays)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size) if size else b""
    if len(data) < size:
        raise EOFError("the stream ended inside a message")
    return data
