"""Decodes one image file to upright 8-bit RGB, and depth or mask images to numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import cv2
import numpy as np
import numpy.typing as npt

from handstudio.media.image_header import ImageHeader, read_header
from handstudio.media.source import Frame, FrameProblem, Pixels

_REMEDY: Final = "Replace the file by an intact copy"
_BYTES_PER_PIXEL: Final = 32
_BESIDE_PIXELS: Final = 128 << 20
"""Bytes that a file may hold beside its pixels, such as a preview."""
_REDUCED: Final = {
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
"""OpenCV's flags by what sides are divided by; these give BGR."""
_BLOCK: Final = 1 << 20
_END_MARKS: Final = {"png": b"IEND", "jpeg": b"\xff\xd9"}


def read_image(path: Path) -> Pixels:
    """The image at ``path`` as (H, W, 3) RGB, turned upright by its EXIF orientation.

    Grey, palette, CMYK and 16-bit images become 8-bit RGB; an alpha channel is dropped.

    Raises:
        FrameProblem: when the file is missing, damaged, cut short or of an absurd size.
    """
    return read_reduced(path, 1).rgb


def read_reduced(path: Path, reduction: int) -> Frame:
    """The image at ``path`` as :func:`read_image` gives it, its sides divided by up to ``reduction``.

    Only JPEG gains by that, whose blocks can be decoded at a half, a quarter or an eighth of their size in
    half the time or less. Other images are whole, as are those that would be turned by parts of a pixel.

    Raises:
        FrameProblem: when the file is missing, damaged, cut short or of an absurd size.
    """
    header = read_header(path)
    divided = 1
    if header.format == "jpeg":
        wanted = (by for by in _REDUCED if by <= reduction and _divides(header, by))
        divided = max(wanted, default=1)
    flags = _REDUCED.get(divided, cv2.IMREAD_COLOR_RGB) | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = _decode(path, header, flags, divided)
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        raise FrameProblem("The image's pixels are of a kind that cannot be shown", path)
    if divided > 1:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return Frame(upright(pixels, header.orientation), reduction=divided)


def _divides(header: ImageHeader, by: int) -> bool:
    """Whether pixels of a reduced image lie where those of the whole one do."""
    return header.orientation == 1 or not (header.width % by or header.height % by)


def read_values(path: Path) -> npt.NDArray[Any]:
    """The numbers of a one-channel image (depth, mask) as stored, (H, W) uint8 or uint16.

    Raises:
        FrameProblem: when the file is missing, damaged, cut short, of an absurd size or has several channels.
    """
    header = read_header(path)
    values = _decode(path, header, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if values.ndim != 2:
        raise FrameProblem("One channel was expected, the image has several", path)
    return values


def check_whole(path: Path, header: ImageHeader) -> str | None:
    """Why an image cannot be whole, found without decoding it; ``None`` when it looks whole."""
    with path.open("rb") as stream:
        length = stream.seek(0, 2)
        start = max(header.data_start, length - 4096)
        stream.seek(start)
        tail = stream.read()
        if length > _size_limit(header):
            return "the file is far larger than its image"
        mark = _END_MARKS.get(header.format, b"")
        return None if mark in tail or _holds(stream, header.data_start, mark) else "the image is cut short"


def _size_limit(header: ImageHeader) -> int:
    """Bytes; more than the image's pixels can take in any format."""
    return header.width * header.height * _BYTES_PER_PIXEL + _BESIDE_PIXELS


def _holds(stream: BinaryIO, start: int, mark: bytes) -> bool:
    """Whether ``mark`` is anywhere from ``start`` on; a block at a time is in memory."""
    stream.seek(start)
    last = b""
    while block := stream.read(_BLOCK):
        if mark in last + block:
            return True
        last = block[1 - len(mark) :]
    return False


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """(H, W, ...) pixels turned as an EXIF orientation of 1 to 8 asks."""
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _decode(path: Path, header: ImageHeader, flags: int, divided: int = 1) -> npt.NDArray[Any]:
    data = _content(path, header)
    if header.format == "jpeg" and b"\xff\xd9" not in data[-64:].tobytes():
        rest = data[header.data_start :].tobytes()
        if b"\xff\xd9" not in rest:
            raise FrameProblem("The image is cut short", path, _REMEDY)
    try:
        values = cv2.imdecode(data, flags)
    except (cv2.error, MemoryError) as error:
        raise FrameProblem("The image cannot be decoded", path, _REMEDY) from error
    if values is None:
        raise FrameProblem("The image is damaged", path, _REMEDY)
    if values.shape[:2] != (-(-header.height // divided), -(-header.width // divided)):
        raise FrameProblem("The image is not of the size its header says", path, _REMEDY)
    return np.asarray(values)


def _content(path: Path, header: ImageHeader) -> npt.NDArray[np.uint8]:
    """The file's bytes; those of a TIFF say that it is upright, since OpenCV would turn it by itself."""
    try:
        if path.stat().st_size > _size_limit(header):
            raise FrameProblem("The file is far larger than its image", path, _REMEDY)
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise FrameProblem(f"The file cannot be read ({error.strerror or error})", path) from error
    if header.orientation_field is not None:
        start, one = header.orientation_field
        data[start : start + len(one)] = np.frombuffer(one, dtype=np.uint8)
    return data
