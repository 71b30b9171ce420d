"""Videos: the exact frame by its number.

A frame is found by its time stamp in the index of the video, never by counting seconds, so variable frame
rates, reordered frames and edit lists cannot shift it; a frame with another time stamp is never given out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from handstudio.errors import HandStudioError
from handstudio.media.source import Frame, FrameProblem, Pixels, SequenceSource
from handstudio.media.video_index import VideoIndex, open_container, video_index

_NEAR: Final = 48
"""A jump of more frames than this is decoded on the short way, with nothing kept for its neighbours."""
_KEPT_BYTES: Final = 64 << 20
_BEYOND: Final = 64
_UNSPECIFIED: Final = 2
_HD_HEIGHT: Final = 720

Stretch = tuple[int, int]
"""Time stamps from the first to before the second."""


class VideoSource:
    """The frames of one video file.

    Reading forward decodes each frame once. Decoded neighbours are kept, so reading backward does not decode
    a group of frames again for each step. A far jump skips frames that no other frame refers to.
    """

    kind: Literal["video"] = "video"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._index = video_index(path)
        self.frame_names: Sequence[str] = FrameNumbers(len(self._index.pts))
        self._decoder = _Decoder(path, self._index)
        self._lock = threading.Lock()
        self._local = threading.local()
        self._last: int | None = None

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self._index.pts)

    def size(self, index: int) -> tuple[int, int]:
        """Width and height, px, of the upright frame."""
        self._check(index)
        return self._index.width, self._index.height

    def read(self, index: int) -> Frame:
        """Decode one frame, exactly this one."""
        self._check(index)
        with self._lock:
            far = self._last is not None and abs(index - self._last) > _NEAR
            frame = self._decoder.frame(index, short_way=far)
            self._last = index
        return Frame(self._pixels(frame))

    def glance(self, index: int, reduction: int) -> Frame:
        """All of the frame: what a codec decodes it decodes whole."""
        return self.read(index)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._decoder.close()

    def _check(self, index: int) -> None:
        if not 0 <= index < self.count:
            raise IndexError(f"frame {index} of {self.count}")

    def _pixels(self, frame: Any) -> Pixels:
        if not hasattr(self._local, "reformatter"):
            self._local.reformatter = VideoReformatter()
        untold = int(frame.colorspace) == _UNSPECIFIED and frame.height >= _HD_HEIGHT
        converted = self._local.reformatter.reformat(
            frame, format="rgb24", src_colorspace=Colorspace.ITU709 if untold else None
        )
        pixels: Pixels = converted.to_ndarray()
        turns = (round(frame.rotation / 90)) % 4
        return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


class FrameNumbers(Sequence[str]):
    """Names of a video's frames: their numbers, with leading zeros, made when asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [f"{number:06d}" for number in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return f"{index % self._count:06d}"


class _Decoder:
    """Finds decoded frames by their place in the index; one thread at a time."""

    def __init__(self, path: Path, index: VideoIndex) -> None:
        self._path = path
        self._index = index
        self._kept: OrderedDict[int, Any] = OrderedDict()
        self._kept_bytes = 0
        self._container: Any = None
        self._frames: Iterator[Any] | None = None
        self._position: int | None = None
        self._damaged: set[Stretch] = set()
        self._doubtful: set[Stretch] = set()
        self._trusted_from = int(index.pts[0])
        self._open()

    def frame(self, index: int, short_way: bool) -> Any:
        wanted = int(self._index.pts[index])
        if _within(self._damaged, wanted):
            raise FrameProblem(f"Frame {index} of the video is damaged", self._path)
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._kept[wanted]
        if self._container is None:
            raise FrameProblem("The video was closed", self._path)
        found = None
        if not self._goes_on_to(wanted):
            if short_way and not self._index.counted:
                found = self._jump(wanted)
            if found is None:
                self._seek(wanted, earlier=0)
        for earlier in (0, 1, None):
            if found is not None and not found.is_corrupt and not _within(self._doubtful, wanted):
                break
            if _within(self._damaged, wanted):
                break
            if earlier != 0:
                self._seek(wanted, earlier)
            found = self._forward_to(wanted)
        if found is None or found.is_corrupt or _within(self._damaged, wanted):
            raise FrameProblem(f"Frame {index} of the video is damaged", self._path)
        return found

    def close(self) -> None:
        self._frames = None
        self._kept.clear()
        self._kept_bytes = 0
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> None:
        if self._container is not None:
            self._container.close()
        self._container = open_container(self._path)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._context = self._stream.codec_context
        self._frames = self._decode()
        self._position = None
        self._doubtful = set()
        self._trusted_from = int(min(self._index.pts[0], self._index.starts[0]))

    def _goes_on_to(self, wanted: int) -> bool:
        """Whether decoding onwards from where it stands is the way to a frame."""
        if self._frames is None:
            return False
        if self._position is None:
            return self._index.counted or wanted <= self._start_of(wanted, 0)
        if self._position >= wanted:
            return False
        return self._index.counted or self._position >= self._start_of(wanted, 0)

    def _start_of(self, wanted: int, earlier: int) -> int:
        place = int(np.searchsorted(self._index.starts, wanted, side="right")) - 1 - earlier
        return int(self._index.starts[place]) if place >= 0 else int(self._index.pts[0])

    def _seek(self, wanted: int, earlier: int | None) -> None:
        """Stand before a frame: at its start, at an ``earlier`` one, or (``None``) at the beginning."""
        if earlier is None or self._index.counted:
            self._open()
            return
        start = self._start_of(wanted, earlier)
        try:
            self._container.seek(start, stream=self._stream, backward=True)
        except av.FFmpegError:
            self._open()
            return
        self._frames = self._decode()
        self._position = None
        self._doubtful = set()
        self._trusted_from = self._start_after(start) if start > self._index.starts[0] else start

    def _decode(self) -> Iterator[Any]:
        """Frames in the order they are shown, from where the container stands, without damaged packets."""
        self._context.skip_frame = "DEFAULT"
        count = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                return
            frames: list[Any] = []
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self._damage(packet.dts, packet.pts)
            for frame in frames:
                if frame.is_corrupt:
                    self._damage(frame.pts, frame.pts)
                if self._index.counted:
                    frame.pts = count
                count += 1
                if frame.pts is not None:
                    yield frame

    def _damage(self, first: int | None, pts: int | None) -> None:
        """Note that what refers to a damaged frame is damaged too: all up to the next start after it.

        Right behind the place where decoding started that is doubtful only: it may refer to what lies before.
        """
        if self._index.counted or first is None or pts is None:
            return
        stretch = first, self._start_after(pts)
        self._doubtful.add(stretch)
        if pts >= self._trusted_from:
            self._damaged.add(stretch)

    def _start_after(self, pts: int) -> int:
        place = int(np.searchsorted(self._index.starts, pts, side="right"))
        later = self._index.starts[place : place + 1]
        return int(later[0]) if later.size else int(self._index.pts[-1]) + 1

    def _forward_to(self, wanted: int) -> Any:
        while self._frames is not None:
            frame = next(self._frames, None)
            if frame is None:
                self._frames = None
                return None
            self._position = frame.pts
            self._keep(frame)
            if frame.pts == wanted:
                return frame
            if frame.pts > wanted:
                return None
        return None

    def _jump(self, wanted: int) -> Any:
        """The short way to a far frame: only what it refers to is decoded before it, nothing after it.

        Afterwards decoding stands nowhere, so the next frame needs a seek.
        """
        start = self._start_of(wanted, 0)
        low, high = np.searchsorted(self._index.pts, (start, wanted))
        budget = int(high - low) + _BEYOND
        found, intact = None, True
        try:
            self._container.seek(start, stream=self._stream, backward=True)
            if self._context.name == "h264":
                self._context.skip_frame = "NONREF"
            for packet in self._container.demux(self._stream):
                is_wanted = packet.pts == wanted
                if is_wanted:
                    self._context.skip_frame = "DEFAULT"
                decoded = list(self._context.decode(packet))
                if is_wanted and packet.size:
                    decoded += self._context.decode(None)
                found = _pick(decoded, wanted)
                budget -= 1
                intact = not any(frame.is_corrupt for frame in decoded)
                if found is not None or is_wanted or not intact or budget < 0 or packet.size == 0:
                    break
        except av.FFmpegError:
            found = None
        self._context.skip_frame = "DEFAULT"
        self._context.flush_buffers()
        self._frames = None
        self._position = None
        if found is None or not intact:
            return None
        self._keep(found)
        return found

    def _keep(self, frame: Any) -> None:
        if frame.pts in self._kept or frame.is_corrupt or _within(self._doubtful, frame.pts):
            return
        self._kept[frame.pts] = frame
        self._kept_bytes += _byte_count(frame)
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= _byte_count(oldest)


def _within(stretches: set[Stretch], pts: int) -> bool:
    return any(first <= pts < end for first, end in stretches)


def _pick(frames: Sequence[Any], pts: int) -> Any:
    return next((frame for frame in frames if frame.pts == pts), None)


def _byte_count(frame: Any) -> int:
    return sum(plane.buffer_size for plane in frame.planes)


def open_video(path: Path, name: str) -> SequenceSource:
    """The sequence of a video; its packets are read, one frame is decoded.

    Raises:
        HandStudioError: when it cannot be opened or has no frame.
    """
    index = video_index(path)
    count = len(index.pts)
    if not count:
        raise HandStudioError("The video has no frames", path)
    return SequenceSource(
        name=name,
        kind="video",
        path=path,
        fps=index.fps or None,
        frame_names=list(FrameNumbers(count)),
        sizes=[(index.width, index.height)] * count,
    )
