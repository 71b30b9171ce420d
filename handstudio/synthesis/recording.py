"""Write rendered hands as recordings: colour, depth, mask, calibration and true joints of moving hands.

The layout is the project's recording format (``handstudio.media.recording`` reads it)::

    index.json                        the sequences
    sequences/<subject>_seq<number>/
      calibration.json                per camera K, R, t (mm), image size
      joints.json                     the truth, per frame
      meta.json                       how the sequence was made
      cam<k>/rgb/%04d.jpg  depth/%04d.png (0.1 mm, 0 = no surface)  mask/%04d.png (1 bit)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch

from handstudio.errors import HandStudioError
from handstudio.progress import Progress, Silent
from handstudio.synthesis.filming import (
    FRAMES_PER_SEQUENCE,
    Chances,
    Recording,
    SequencePlan,
    plan_recordings,
    render_view,
)
from handstudio.synthesis.recording_facts import (
    FPS,
    about_of,
    calibration_of,
    note_frame,
    summary_of,
    truth_of,
)
from handstudio.synthesis.scene import RenderedHands, SceneSettings, chunk_for

DEPTH_UNIT_MM: Final = 0.1
JPEG_QUALITY: Final = 88
_PERSONS: Final = 1 << 19
"""Seeds of persons lie so far above those of their sequences."""

_PLANNED_TOGETHER: Final = 16
"""Sequences whose hands are settled at once."""


class Pictures:
    """How many pictures several threads have written.

    Args:
        total: how many there will be.
        progress: whom it is told.
    """

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._watch = total, progress or Silent()
        self._written = 0
        self._lock = threading.Lock()
        self._ended = False

    def add(self, count: int, message: str) -> None:
        """More were written."""
        with self._lock:
            self._written += count
            self._watch.report(self._written, self._total, "frames", message)

    def end(self) -> None:
        """Whoever still writes is to stop."""
        self._ended = True

    def cancelled(self) -> bool:
        """Whether to stop writing."""
        return self._ended or self._watch.cancelled()


def write_recording(
    folder: Path,
    recording: Recording,
    settings: SceneSettings,
    generator: torch.Generator,
    pictures: Pictures,
) -> int:
    """Write one sequence into ``folder``; returns the number of pictures written (fewer when cancelled).

    Raises:
        HandStudioError: a file cannot be written.
    """
    views, frames = len(recording.scenery), recording.plan.frames
    size = recording.scenery[0].backdrop.shape[-1]
    chunk = max(1, chunk_for(size, settings) // recording.exposures)
    entries: list[dict[str, Any]] = [{} for _ in range(frames)]
    written = 0
    for view in range(views):
        name = f"cam{view}"
        for layer in ("rgb", "depth", "mask"):
            _make_folder(folder / name / layer)
        for start in range(0, frames, chunk):
            if pictures.cancelled():
                return written
            end = min(start + chunk, frames)
            hands = render_view(recording, view, start, end, settings, generator)
            for row, frame in enumerate(range(start, end)):
                _write_pictures(folder / name, frame, hands, row)
                note_frame(entries[frame], recording, hands, row, frame, view)
            written += end - start
            pictures.add(end - start, f"Rendering {folder.name}")
    _write_json(folder / "calibration.json", calibration_of(recording, size))
    _write_json(folder / "joints.json", truth_of(folder.name, recording, entries), indent=None)
    _write_json(folder / "meta.json", about_of(recording))
    return written


def write_recordings(
    out: Path,
    count: int,
    size: int = 224,
    seed: int = 0,
    views: int = 1,
    progress: Progress | None = None,
    settings: SceneSettings | None = None,
    frames_per_sequence: int = FRAMES_PER_SEQUENCE,
    plans: Sequence[SequencePlan] | None = None,
) -> int:
    """Write recordings of rendered hands and their index.

    Args:
        out: folder, made if missing.
        count: pictures in all (instants x views); rounded up to whole instants.
        size: side of the pictures, px.
        seed: the same seed gives the same recordings.
        views: cameras.
        frames_per_sequence: instants per sequence; each sequence is another person.
        plans: the sequences, instead of random ones for ``count``; those of one subject show one person.

    Returns:
        The number of pictures written.

    Raises:
        HandStudioError: bad numbers, or ``out`` cannot be written.
    """
    if plans is None and count < 1:
        raise HandStudioError(f"{count} frames cannot be rendered", out, "Ask for at least one")
    if not 16 <= size <= 1024:
        raise HandStudioError(f"Pictures of {size} px cannot be rendered", out, "Choose 16 to 1024 px")
    if not 1 <= views <= 8:
        raise HandStudioError(f"{views} cameras cannot be placed", out, "Choose 1 to 8 views")
    chosen = settings or SceneSettings(faults=replace(SceneSettings().faults, motion=0.0))
    generator = torch.Generator().manual_seed(seed)
    todo = (
        list(plans)
        if plans is not None
        else _random_plans(-(-count // views), frames_per_sequence, generator)
    )
    subjects = list(dict.fromkeys(plan.subject for plan in todo))
    chances = [
        Chances(
            own=torch.Generator().manual_seed((seed << 20) + number),
            person=torch.Generator().manual_seed((seed << 20) + _PERSONS + subjects.index(plan.subject)),
        )
        for number, plan in enumerate(todo)
    ]
    pictures = Pictures(views * sum(plan.frames for plan in todo), progress)
    listed: list[dict[str, Any]] = []
    written = 0

    def write(recording: Recording, chance: Chances) -> int:
        folder = out / "sequences" / recording.plan.name
        return write_recording(folder, recording, chosen, chance.own, pictures)

    with ThreadPoolExecutor(
        torch.get_num_threads(), "rendering", initializer=torch.set_num_threads, initargs=(1,)
    ) as threads:
        for first in range(0, len(todo), _PLANNED_TOGETHER):
            together = slice(first, first + _PLANNED_TOGETHER)
            planned = plan_recordings(todo[together], chances[together], size, views, chosen)
            try:
                counts = list(threads.map(write, planned, chances[together]))
            except BaseException:
                pictures.end()
                raise
            written += sum(counts)
            listed += [
                {"path": f"sequences/{recording.plan.name}", **summary_of(recording)}
                for recording, count in zip(planned, counts, strict=True)
                if count == views * recording.plan.frames
            ]
            if pictures.cancelled():
                break
    frames = max(plan.frames for plan in todo)
    index = {
        "name": out.name,
        "image_size": [size, size],
        "fps": FPS,
        "frames_per_sequence": frames,
        "cameras": views,
        "sequences": listed,
    }
    _write_json(out / "index.json", index)
    return written


def _random_plans(instants: int, per_sequence: int, generator: torch.Generator) -> list[SequencePlan]:
    plans = []
    for number in range(-(-instants // per_sequence)):
        chance = torch.rand(3, generator=generator).tolist()
        plans.append(
            SequencePlan(
                subject=f"s{number + 1:02d}",
                side="left" if chance[0] < 0.4 else "right",
                frames=min(per_sequence, instants - number * per_sequence),
                shutter=0.5 if chance[1] < 0.25 else 0.0,
                facing_deg=(0.0, 0.0, 180.0, 90.0)[int(4 * chance[2])],
            )
        )
    return plans


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HandStudioError(
            f"The folder cannot be made ({error.strerror})", folder, "Choose another place"
        ) from error


def _encoded(path: Path, image: np.ndarray[Any, Any], options: list[int]) -> None:
    ok, data = cv2.imencode(path.suffix, image, options)
    assert ok
    _write(path, data.tobytes())


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise HandStudioError(
            f"The file cannot be written ({error.strerror})", path, "Make room or choose another place"
        ) from error


def _write_json(path: Path, value: dict[str, Any], indent: int | None = 1) -> None:
    _make_folder(path.parent)
    part = path.with_suffix(".part")
    _write(part, json.dumps(value, indent=indent).encode())
    part.replace(path)


def _write_pictures(folder: Path, frame: int, hands: RenderedHands, row: int) -> None:
    rgb = (hands.rgb[row] * 255.0 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()
    depth = (hands.depth_mm[row, 0] / DEPTH_UNIT_MM).round().clamp(0, 65_535).numpy().astype(np.uint16)
    mask = hands.mask[row, 0].numpy().astype(np.uint8) * 255
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY]
    _encoded(folder / "rgb" / f"{frame:04d}.jpg", np.ascontiguousarray(rgb[..., ::-1]), quality)
    _encoded(folder / "depth" / f"{frame:04d}.png", depth, [int(cv2.IMWRITE_PNG_COMPRESSION), 6])
    _encoded(folder / "mask" / f"{frame:04d}.png", mask, [int(cv2.IMWRITE_PNG_BILEVEL), 1])
