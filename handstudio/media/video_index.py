"""Which frames a video has: the time stamp of each, in the order they are shown, and where decoding may
start.

The index is read from the packets without decoding. It is kept in the user's cache folder, keyed by the
file's place, length and time of change, so that a long video is read through once.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.media.source import PIXEL_LIMIT
from handstudio.user_cache import Shelf, key_of

CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,mpeg,mpegvideo,mpegts,asf,ogg,h264,hevc,m4v"
"""FFmpeg's names of the containers that are opened; playlists and scripts naming other files are not."""

_MAY_GUESS: Final = frozenset({"mpeg", "mpegts", "mpegvideo"})
"""Containers that need not give every frame a time stamp."""
_INDEXES: Final = Shelf("videos", ".npz", most=1000)
_KEPT_FROM: Final = 2000


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """The frames of one video.

    Attributes:
        pts: (N,) int64 time stamps in the stream's time base, ascending. Frames are told apart by them; in a
            video without usable time stamps they are 0, 1, 2, ... and frames are counted from its beginning.
        starts: (K,) int64 time stamps of the frames that decoding can start from, ascending.
        counted: whether frames have to be counted from the beginning.
        width, height: px, upright.
        fps: mean frames per second, 0 where it is unknown.
    """

    pts: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    counted: bool
    width: int
    height: int
    fps: float


def open_container(path: Path, **options: str) -> Any:
    """The opened video; only local files of known containers are read.

    Args:
        path: the file.
        options: more options of FFmpeg's demuxer.

    Raises:
        HandStudioError: when it is missing, no video or claims an absurd size.
    """
    if not path.is_file():
        raise HandStudioError("There is no such video", path, "Put it back, or import it from its new place")
    options |= {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        container = av.open(str(path.resolve()), options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise HandStudioError(
            "The video cannot be opened, it is damaged or of an unknown kind",
            path,
            "Convert it to MP4, for example",
        ) from error
    if not container.streams.video:
        container.close()
        raise HandStudioError("The file has no pictures, sound alone", path)
    context = container.streams.video[0].codec_context
    if (
        context is None
        or context.width <= 0
        or context.height <= 0
        or context.width * context.height > PIXEL_LIMIT
    ):
        container.close()
        raise HandStudioError("The video has no size that can be shown", path)
    return container


def video_index(path: Path) -> VideoIndex:
    """The index of the video at ``path``, from the cache where it was made before.

    Raises:
        HandStudioError: when the file is no video or none of its frames can be decoded.
    """
    key = _known_by(path)
    index = _kept(key)
    if index is None:
        index = build_index(path)
        if index.pts.size >= _KEPT_FROM or index.counted:
            _keep(key, index)
    return index


def build_index(path: Path) -> VideoIndex:
    """Read the index from the packets, or from decoded frames where packets have no time stamps."""
    with open_container(path) as container:
        stream = container.streams.video[0]
        first = _first_frame(container, path)
        width, height = (first.height, first.width) if first.rotation % 180 else (first.width, first.height)
        rate = stream.average_rate or stream.guessed_rate
        container.seek(_beginning(stream), stream=stream)
        pts, starts, usable = _packets(container, stream)
        guessing = container.format.name in _MAY_GUESS
    if usable and pts.size and starts.size and not (guessing and _is_guessed(path)):
        return VideoIndex(pts, starts, False, width, height, float(rate or 0))
    pts, starts, counted = _decoded(path, guessing)
    return VideoIndex(pts, starts, counted, width, height, float(rate or 0))


def _is_guessed(path: Path) -> bool:
    """Whether some frames have no time stamp of their own: what is filled in differs after a seek."""
    with open_container(path, fflags="nofillin") as container:
        stream = container.streams.video[0]
        with contextlib.suppress(av.FFmpegError):
            return any(packet.pts is None for packet in container.demux(stream) if packet.size)
    return True


def _beginning(stream: Any) -> int:
    return min(0, int(stream.start_time or 0))


def _first_frame(container: Any, path: Path) -> Any:
    try:
        for packet in container.demux(video=0):
            with contextlib.suppress(av.FFmpegError):
                for frame in packet.decode():
                    return frame
    except av.FFmpegError:
        pass
    raise HandStudioError(
        "No frame of the video can be decoded", path, "Convert it to MP4 (H.264), for example"
    )


def _packets(container: Any, stream: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
    """Time stamps of all shown frames and of the starts, and whether they tell the frames apart."""
    pts: list[int] = []
    starts: list[int] = []
    usable = True
    with contextlib.suppress(av.FFmpegError):
        for packet in container.demux(stream):
            if packet.size == 0 or (packet.is_discard and packet.pts is not None):
                if packet.size and packet.is_keyframe:
                    starts.append(packet.pts)
                continue
            if packet.pts is None:
                usable = False
                break
            pts.append(packet.pts)
            if packet.is_keyframe:
                starts.append(packet.pts)
    ordered = np.unique(np.asarray(pts, dtype=np.int64))
    return ordered, np.unique(np.asarray(starts, dtype=np.int64)), usable and ordered.size == len(pts)


def _decoded(path: Path, guessed: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
    """The same by decoding every frame; the last value says that frames have to be counted.

    They have to when time stamps are missing, or are ``guessed`` and so may differ after a seek.
    """
    pts: list[int | None] = []
    starts: list[int] = []
    with open_container(path) as container:
        container.streams.video[0].thread_type = "AUTO"
        with contextlib.suppress(av.FFmpegError):
            for packet in container.demux(video=0):
                with contextlib.suppress(av.FFmpegError):
                    for frame in packet.decode():
                        pts.append(frame.pts)
                        if frame.key_frame and frame.pts is not None:
                            starts.append(frame.pts)
    known = [value for value in pts if value is not None]
    ascending = len(known) == len(pts) and all(a < b for a, b in itertools.pairwise(known))
    if ascending and starts and not guessed:
        return np.asarray(known, dtype=np.int64), np.asarray(starts, dtype=np.int64), False
    return np.arange(len(pts), dtype=np.int64), np.zeros(1, dtype=np.int64), True


def _known_by(path: Path) -> str:
    facts = path.stat() if path.exists() else None
    return key_of([f"{path.resolve()}|{facts and facts.st_size}|{facts and facts.st_mtime_ns}"])


def _kept(key: str) -> VideoIndex | None:
    content = _INDEXES.read(key)
    if content is None:
        return None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            width, height, counted = (int(value) for value in arrays["facts"])
            return VideoIndex(
                arrays["pts"], arrays["starts"], bool(counted), width, height, float(arrays["fps"])
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(key: str, index: VideoIndex) -> None:
    stream = io.BytesIO()
    facts = np.asarray([index.width, index.height, index.counted], dtype=np.int64)
    np.savez(stream, pts=index.pts, starts=index.starts, facts=facts, fps=np.float64(index.fps))
    _INDEXES.keep(key, stream.getvalue())
