"""The size and orientation of an image, read from its first bytes before anything is decoded.

Only JPEG, PNG, BMP and TIFF are known. Reading the header first keeps a crafted size from allocating memory,
and lets an import of many frames go at the speed of their headers.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from handstudio.media.source import PIXEL_LIMIT, FrameProblem

Format = Literal["jpeg", "png", "bmp", "tiff"]

IMAGE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".tif", ".tiff"})

_SIDEWAYS: Final = frozenset({5, 6, 7, 8})
_WIDTH_TAG: Final = 0x0100
_HEIGHT_TAG: Final = 0x0101
_ORIENTATION_TAG: Final = 0x0112
_STAND_ALONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LONGEST_DIRECTORY: Final = 4096
_MOST_SEGMENTS: Final = 4096

_Field = tuple[int, int, str]
"""A number in a TIFF: its value, where it stands (bytes), and its form for ``struct``."""


@dataclass(frozen=True)
class ImageHeader:
    """What the first bytes of an image say.

    Attributes:
        format: which of the four formats.
        width, height: px as stored, before the orientation is applied.
        orientation: EXIF, 1 (upright) to 8.
        data_start: where the compressed pixels of a JPEG begin, bytes; 0 for the other formats.
        orientation_field: where a TIFF keeps its orientation, bytes, and what would stand there for 1.
    """

    format: Format
    width: int
    height: int
    orientation: int = 1
    data_start: int = 0
    orientation_field: tuple[int, bytes] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px, of the upright image."""
        if self.orientation in _SIDEWAYS:
            return self.height, self.width
        return self.width, self.height


def read_header(path: Path) -> ImageHeader:
    """The header of the image at ``path``.

    Raises:
        FrameProblem: when the file is missing, is no image, is damaged in its header or claims an absurd
            size.
    """
    try:
        with path.open("rb") as stream:
            header = _parse(stream)
    except FileNotFoundError:
        raise FrameProblem(
            "The frame's file is missing", path, "Put it back, or import the folder again"
        ) from None
    except OSError as error:
        raise FrameProblem(f"The file cannot be read ({error.strerror or error})", path) from error
    except (struct.error, ValueError, IndexError) as error:
        raise FrameProblem(
            "The image's header is damaged", path, "Replace the file by an intact copy"
        ) from error
    if header is None:
        raise FrameProblem("The file is no JPEG, PNG, TIFF or BMP image", path)
    if header.width <= 0 or header.height <= 0:
        raise FrameProblem("The image's header is damaged (it has no size)", path)
    if header.width * header.height > PIXEL_LIMIT:
        raise FrameProblem(
            f"The image claims {header.width} x {header.height} px, at most {PIXEL_LIMIT:,} px are opened",
            path,
        )
    return header


def _parse(stream: BinaryIO) -> ImageHeader | None:
    start = stream.read(16)
    stream.seek(0)
    if start[:2] == b"\xff\xd8":
        return _jpeg(stream)
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(stream)
    if start[:2] == b"BM":
        return _bmp(stream)
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        fields = _tiff_fields(stream)
        if not {_WIDTH_TAG, _HEIGHT_TAG} <= fields.keys():
            raise ValueError("the size is missing")
        orientation, place = _orientation_in(fields), None
        if _ORIENTATION_TAG in fields:
            _, at, form = fields[_ORIENTATION_TAG]
            place = at, struct.pack(form, 1)
        return ImageHeader(
            "tiff", fields[_WIDTH_TAG][0], fields[_HEIGHT_TAG][0], orientation, orientation_field=place
        )
    return None


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise ValueError("the file ends early")
    return data


def _jpeg(stream: BinaryIO) -> ImageHeader:
    stream.seek(2)
    size: tuple[int, int] | None = None
    orientation = 1
    for _ in range(_MOST_SEGMENTS):
        lead = _exactly(stream, 1)
        if lead != b"\xff":
            raise ValueError("a marker is missing")
        marker = 0xFF
        while marker == 0xFF:
            marker = _exactly(stream, 1)[0]
        if marker in _STAND_ALONE_MARKERS:
            continue
        (length,) = struct.unpack(">H", _exactly(stream, 2))
        if marker == 0xDA:
            if size is None:
                raise ValueError("pixels come before their size")
            return ImageHeader("jpeg", *size, orientation, stream.tell() - 2)
        body = _exactly(stream, length - 2) if length >= 2 else b""
        if length < 2:
            raise ValueError("a segment is too short")
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", body[1:5])
            size = width, height
        elif marker == 0xE1 and body[:6] == b"Exif\0\0":
            orientation = _exif_orientation(body[6:])
    raise ValueError("too many segments")


def _png(stream: BinaryIO) -> ImageHeader:
    stream.seek(8)
    (length,) = struct.unpack(">I", _exactly(stream, 4))
    if _exactly(stream, 4) != b"IHDR" or length != 13:
        raise ValueError("the first chunk is not IHDR")
    width, height = struct.unpack(">II", _exactly(stream, 13)[:8])
    stream.seek(4, 1)
    orientation = 1
    for _ in range(_MOST_SEGMENTS):
        head = stream.read(8)
        if len(head) < 8:
            break
        length, name = struct.unpack(">I", head[:4])[0], head[4:]
        if name in (b"IDAT", b"IEND"):
            break
        if name == b"eXIf" and length < 1 << 16:
            orientation = _exif_orientation(_exactly(stream, length))
            stream.seek(4, 1)
        else:
            stream.seek(length + 4, 1)
    return ImageHeader("png", width, height, orientation)


def _bmp(stream: BinaryIO) -> ImageHeader:
    stream.seek(14)
    (length,) = struct.unpack("<I", _exactly(stream, 4))
    if length == 12:
        width, height = struct.unpack("<HH", _exactly(stream, 4))
    else:
        width, height = struct.unpack("<ii", _exactly(stream, 8))
    return ImageHeader("bmp", width, abs(height))


def _exif_orientation(block: bytes) -> int:
    """The orientation in an EXIF block (itself a small TIFF); 1 when the block makes no sense."""
    try:
        return _orientation_in(_tiff_fields(io.BytesIO(block)))
    except (struct.error, ValueError, IndexError):
        return 1


def _orientation_in(fields: Mapping[int, _Field]) -> int:
    value = fields[_ORIENTATION_TAG][0] if _ORIENTATION_TAG in fields else 1
    return value if 1 <= value <= 8 else 1


def _tiff_fields(stream: BinaryIO) -> dict[int, _Field]:
    """Width, height and orientation by their tags, from the first directory of a TIFF or BigTIFF."""
    order = {b"II": "<", b"MM": ">"}.get(_exactly(stream, 2))
    if order is None:
        raise ValueError("no byte order")
    (version,) = struct.unpack(order + "H", _exactly(stream, 2))
    big = version == 43
    if big:
        _exactly(stream, 4)
    (offset,) = struct.unpack(order + ("Q" if big else "I"), _exactly(stream, 8 if big else 4))
    stream.seek(offset)
    (count,) = struct.unpack(order + ("Q" if big else "H"), _exactly(stream, 8 if big else 2))
    if count > _LONGEST_DIRECTORY:
        raise ValueError("the directory is too long")
    fields: dict[int, _Field] = {}
    length = 20 if big else 12
    for _ in range(count):
        entry = _exactly(stream, length)
        tag, kind = struct.unpack(order + "HH", entry[:4])
        value = entry[length - (8 if big else 4) :]
        if tag in (_WIDTH_TAG, _HEIGHT_TAG, _ORIENTATION_TAG):
            code = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
            if code is None or struct.calcsize(code) > len(value):
                raise ValueError("a field has an unknown type")
            (number,) = struct.unpack(order + code, value[: struct.calcsize(code)])
            fields[tag] = number, stream.tell() - len(value), order + code
    return fields
