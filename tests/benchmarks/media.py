"""Frames: decoding, the exact frame of a video by number, the cache, the point cloud.

Run: ``python -m tests.benchmarks.media [--jumps N] [--frames N]``. Prints one JSON object per line. The
footage is made by the benchmark; every frame that a video gives is checked against the number it carries.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from handstudio.hand.camera import Camera
from handstudio.media.cache import FrameCache
from handstudio.media.folder import FolderSource
from handstudio.media.pointcloud import point_cloud
from handstudio.media.video import VideoSource

WIDTH, HEIGHT = 1920, 1080
BITS = 12


def say(name: str, value: float, unit: str, **context: Any) -> None:
    """One figure as a line of JSON."""
    context |= {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "context": context}), flush=True)


def milliseconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000.0


def say_all(name: str, times: list[float], **context: Any) -> None:
    """Median and 95th percentile."""
    say(f"{name} p50", float(np.percentile(times, 50)), "ms", **context)
    say(f"{name} p95", float(np.percentile(times, 95)), "ms", **context)


def scene() -> Callable[[int], npt.NDArray[np.uint8]]:
    """Frames of a textured wall that moves, a round thing in front of it, and its number in blocks."""
    rng = np.random.default_rng(0)
    wall = cv2.GaussianBlur(rng.integers(0, 255, (1400, 2400, 3)).astype(np.uint8), (0, 0), 4)
    wall = np.asarray(cv2.normalize(wall, None, 0, 255, cv2.NORM_MINMAX))  # type: ignore[call-overload]

    def frame(number: int) -> npt.NDArray[np.uint8]:
        top, left = (number * 2) % 200, (number * 3) % 300
        image = wall[top : top + HEIGHT, left : left + WIDTH].copy()
        middle = (int(960 + 500 * np.sin(number / 15)), int(540 + 300 * np.cos(number / 11)))
        cv2.circle(image, middle, 180, (200, 150, 120), -1)
        side = WIDTH // BITS
        for bit in range(BITS):
            image[:side, bit * side : (bit + 1) * side] = 255 if number >> bit & 1 else 0
        return np.asarray(image)

    return frame


def number_of(rgb: npt.NDArray[np.uint8]) -> int:
    """The number that a frame carries."""
    side = WIDTH // BITS
    return sum(1 << bit for bit in range(BITS) if rgb[side // 2, bit * side + side // 2].mean() > 127)


def write_video(path: Path, count: int, group: int, frame: Callable[[int], npt.NDArray[np.uint8]]) -> None:
    """H.264 as cameras write it: one key frame per ``group``, B-frames between."""
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "crf": "23", "g": str(group)}
        stream = container.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame(number), format="rgb24")))
        container.mux(stream.encode())


def images(folder: Path, frame: Callable[[int], npt.NDArray[np.uint8]]) -> None:
    """Decoding one image file of each format, 1080p."""
    for ending in (".jpg", ".png", ".bmp", ".tif"):
        place = folder / ending[1:]
        place.mkdir()
        for number in range(8):
            cv2.imwrite(str(place / f"{number}{ending}"), frame(number))
        source = FolderSource(place)
        source.read(0)
        times = [milliseconds(lambda index=index: source.read(index % 8)) for index in range(24)]  # type: ignore[misc]  # noqa: B023
        say_all(f"decode {ending[1:]}", times, size=[WIDTH, HEIGHT])


def reduced(folder: Path, frame: Callable[[int], npt.NDArray[np.uint8]]) -> None:
    """How many times less decoding a JPEG at a part of its size takes, as pictures of the queue have it."""
    for larger in (1, 2):
        place = folder / f"reduced-{larger}"
        place.mkdir()
        size = WIDTH * larger, HEIGHT * larger
        for number in range(8):
            cv2.imwrite(str(place / f"{number}.jpg"), cv2.resize(frame(number), size))
        source = FolderSource(place)
        times: dict[int, list[float]] = {by: [] for by in (1, 2, 4, 8)}
        for index in range(32):
            for by, taken in times.items():
                taken.append(milliseconds(partial(source.glance, index % 8, by)))
        whole = float(np.median(times.pop(1)))
        for by, taken in times.items():
            gain = whole / float(np.median(taken))
            say(
                "decode jpeg whole / reduced", gain, "ratio", size=list(size), by=by, whole_ms=round(whole, 2)
            )


def videos(folder: Path, frame: Callable[[int], npt.NDArray[np.uint8]], count: int, jumps: int) -> None:
    """Random access and reading on, by length of the groups; a wrong frame stops the benchmark."""
    for group in (12, 30, 250):
        path = folder / f"{group}.mp4"
        write_video(path, count, group, frame)
        context = {"size": [WIDTH, HEIGHT], "codec": "h264", "group": group, "frames": count}
        source = VideoSource(path)
        source.read(0)
        wrong, times, used = 0, [], time.process_time()
        for index in random.Random(1).choices(range(count), k=jumps):
            started = time.perf_counter()
            read = source.read(index)
            times.append((time.perf_counter() - started) * 1000.0)
            wrong += number_of(read.rgb) != index
        used = (time.process_time() - used) * 1000.0 / jumps
        say_all("video random access", times, wrong=wrong, target=60, cpu_ms=round(used, 1), **context)
        source.read(0)
        steps = min(60, count)
        forward = milliseconds(lambda: [source.read(index) for index in range(steps)])  # noqa: B023
        say("video next frame", forward / steps, "ms", **context)
        backward = milliseconds(lambda: [source.read(index) for index in range(steps)[::-1]])  # noqa: B023
        say("video previous frame", backward / steps, "ms", **context)
        source.close()
        if wrong:
            raise SystemExit(f"{wrong} wrong frames")


def cache(folder: Path) -> None:
    """A frame in memory, and one frame after the other with frames decoded ahead."""
    source = FolderSource(folder / "jpg")
    with FrameCache(512 << 20, lambda _: source) as frames:
        arrived = threading.Event()
        frames.request((1, 0), lambda *_: arrived.set())
        arrived.wait()
        times = [milliseconds(lambda: frames.get(1, 0)) for _ in range(1000)]
        say_all("cached frame", times)


def clouds() -> None:
    """The hand's point cloud of a 640 x 480 depth map in a 200 px box."""
    from handstudio.hand.box import Box

    depth = np.full((480, 640), 600.0, dtype=np.float32)
    rgb = np.zeros((480, 640, 3), dtype=np.uint8)
    camera = Camera(np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]]))
    box = Box(200.0, 100.0, 200.0, 200.0)
    points = len(point_cloud(depth, camera, box, rgb, most=40_000).points)
    times = [milliseconds(lambda: point_cloud(depth, camera, box, rgb, most=40_000)) for _ in range(50)]
    say_all("point cloud", times, points=points)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jumps", type=int, default=80, help="random accesses per video")
    parser.add_argument("--frames", type=int, default=300, help="frames per video")
    arguments = parser.parse_args()
    frame = scene()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images(folder, frame)
        reduced(folder, frame)
        cache(folder)
        clouds()
        videos(folder, frame, arguments.frames, arguments.jumps)


if __name__ == "__main__":
    main()
