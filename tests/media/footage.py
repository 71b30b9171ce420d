"""Small footage made by the tests: frames that carry their own number, folders, recordings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

BITS = 12


def numbered(number: int, width: int = 192, height: int = 128) -> npt.NDArray[np.uint8]:
    """A moving gradient whose top row of blocks is the frame's number in binary."""
    y, x = np.mgrid[0:height, 0:width]
    planes = (x * 255 // width + number, y * 255 // height + 2 * number, (x + y) // 2 + 3 * number)
    image = (np.stack(planes, axis=-1) % 256).astype(np.uint8)
    side = width // BITS
    for bit in range(BITS):
        image[:side, bit * side : (bit + 1) * side] = 255 if number >> bit & 1 else 0
    return image


def number_of(rgb: npt.NDArray[np.uint8]) -> int:
    """The number that a frame carries."""
    side = rgb.shape[1] // BITS
    middles = [rgb[side // 2, bit * side + side // 2].mean() for bit in range(BITS)]
    return sum(1 << bit for bit, value in enumerate(middles) if value > 127)


def write_video(
    path: Path,
    count: int,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    rate: Fraction | int = 30,
    ticks: Sequence[int] | None = None,
    size: tuple[int, int] = (192, 128),
) -> Path:
    """A video of numbered frames; ``ticks`` are their times in 1/90000 s."""
    base = Fraction(1, 90000)
    with av.open(str(path), "w") as container:
        quick = {"preset": "ultrafast"} if codec in ("libx264", "libx265") else {}
        stream = container.add_stream(codec, rate=rate, options=quick | (options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if ticks is not None:
            stream.time_base = base
            stream.codec_context.time_base = base
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(number, *size), format="rgb24")
            if ticks is None:
                frame.pts, frame.time_base = number, 1 / Fraction(rate)
            else:
                frame.pts, frame.time_base = ticks[number], base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_image(path: Path, image: npt.NDArray[np.generic], *parameters: int) -> Path:
    """An RGB or one-channel image in the format of its name's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = image[..., ::-1] if image.ndim == 3 and image.shape[2] == 3 else image
    ok, data = cv2.imencode(path.suffix, np.ascontiguousarray(stored), list(parameters))
    assert ok
    path.write_bytes(data.tobytes())
    return path


def write_recording(folder: Path, frames: int = 3, views: int = 2, size: int = 64) -> Path:
    """A recording with depth, mask and truth, laid out as the project writes it."""
    K = [[100.0, 0.0, size / 2], [0.0, 100.0, size / 2], [0.0, 0.0, 1.0]]
    cameras = [
        {"id": f"cam{view}", "K": K, "R": np.eye(3).tolist(), "t": [0.0, 0.0, 0.0], "dist": [0, 0, 0, 0, 0]}
        for view in range(views)
    ]
    xyz = truth_xyz()
    uv = xyz[:, :2] / xyz[:, 2:] * 100.0 + size / 2
    truth = {
        "subject": "s01",
        "fps": 15,
        "frames": [
            {
                "frame": number,
                "side": "right" if number % 2 == 0 else "left",
                "cams": {
                    f"cam{view}": {
                        "uv": uv.tolist(),
                        "xyz_cam_mm": xyz.tolist(),
                        "visible": [1] * 20 + [0],
                    }
                    for view in range(views)
                },
            }
            for number in range(frames)
        ],
    }
    folder.mkdir(parents=True)
    (folder / "calibration.json").write_text(json.dumps({"cameras": cameras}))
    (folder / "joints.json").write_text(json.dumps(truth))
    depth = np.zeros((size, size), dtype=np.uint16)
    depth[8:24, 8:40] = 5005
    for view in range(views):
        for number in range(frames):
            place = folder / f"cam{view}"
            write_image(
                place / "rgb" / f"{number:04d}.jpg",
                numbered(number, size, size),
                cv2.IMWRITE_JPEG_QUALITY,
                95,
            )
            write_image(place / "depth" / f"{number:04d}.png", depth)
            write_image(place / "mask" / f"{number:04d}.png", ((depth > 0) * 255).astype(np.uint8))
    return folder


def truth_xyz() -> npt.NDArray[np.float64]:
    """(21, 3) mm: fingers as five rays in front of the camera."""
    xyz = np.zeros((21, 3))
    xyz[:, 2] = 500.0
    for finger in range(5):
        for part in range(4):
            joint = 1 + 4 * finger + part
            xyz[joint] = (finger * 20.0 - 40.0, -25.0 * (part + 1), 500.0 + 3.0 * part)
    return xyz
