"""The project's own recordings: calibrated colour, depth and mask from one or several cameras, with the true
joints.

Layout of one recording's folder::

    calibration.json                cameras: id, K, [R, t], [dist]; lengths in mm
    joints.json                     the truth, per frame and camera (may be missing)
    cam<k>/rgb/%04d.jpg             colour
    cam<k>/depth/%04d.png           16 bit, camera z in 0.1 mm, 0 where there is no surface (may be missing)
    cam<k>/mask/%04d.png            1 or 8 bit, the hand (may be missing)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.camera import Camera
from handstudio.media.folder import add_images, image_names
from handstudio.media.image import read_image, read_reduced, read_values
from handstudio.media.image_header import read_header
from handstudio.media.json_file import read_json
from handstudio.media.recorded_truth import read_truth
from handstudio.media.source import Frame, FrameProblem, Problem, SequenceSource

CALIBRATION: Final = "calibration.json"
TRUTH: Final = "joints.json"
DEPTH_UNIT_MM: Final = 0.1


class RecordingSource:
    """One camera of a recording, with depth and mask where they were recorded.

    Args:
        path: the recording's folder.
        view: the camera's name, as ``cam0``.
        frame_names: the names stored when the recording was imported; without them, the images that are
            there now.
    """

    kind: Literal["recording"] = "recording"

    def __init__(self, path: Path, view: str, frame_names: Sequence[str] | None = None) -> None:
        self._folder = path / view
        if view in ("", "..") or Path(view).name != view or not (self._folder / "rgb").is_dir():
            raise HandStudioError(f"The recording has no camera {view!r}", path)
        self.name = f"{path.name}/{view}"
        self.frame_names: Sequence[str] = (
            image_names(self._folder / "rgb") if frame_names is None else frame_names
        )

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.frame_names)

    def size(self, index: int) -> tuple[int, int]:
        """Width and height, px."""
        return read_header(self._file("rgb", index)).size

    def read(self, index: int) -> Frame:
        """Decode colour, and depth and mask where they exist."""
        rgb = read_image(self._file("rgb", index))
        depth_file = self._layer("depth", index)
        mask_file = self._layer("mask", index)
        depth = (
            None
            if depth_file is None
            else read_values(depth_file).astype(np.float32) * np.float32(DEPTH_UNIT_MM)
        )
        mask = None if mask_file is None else read_values(mask_file) > 0
        for values in (depth, mask):
            if values is not None and values.shape != rgb.shape[:2]:
                raise FrameProblem(
                    "Depth or mask are not as large as the colour image", self._file("rgb", index)
                )
        return Frame(rgb, depth, mask)

    def glance(self, index: int, reduction: int) -> Frame:
        """The frame's colours, decoded at a part of its size where their format can be."""
        return read_reduced(self._file("rgb", index), reduction)

    def close(self) -> None:
        """Nothing is kept open."""

    def _file(self, layer: str, index: int) -> Path:
        if not 0 <= index < self.count:
            raise IndexError(f"frame {index} of {self.count}")
        name = self.frame_names[index]
        if Path(name).name != name:
            raise FrameProblem(f"{name!r} is no name of a file in this recording", self._folder)
        return self._folder / layer / name

    def _layer(self, layer: str, index: int) -> Path | None:
        file = self._file(layer, index).with_suffix(".png")
        return file if file.exists() else None


def is_recording(folder: Path) -> bool:
    """Whether a folder is laid out as a recording; one that may not be read is not."""
    try:
        return (folder / CALIBRATION).is_file() and bool(_views(folder))
    except OSError:
        return False


def open_recording(folder: Path) -> tuple[list[SequenceSource], list[Problem]]:
    """One sequence per camera; without a damaged calibration or truth, which is listed as a problem."""
    problems: list[Problem] = []
    cameras: Mapping[str, Camera] = {}
    facts: Mapping[str, Any] = {}
    try:
        cameras = read_calibration(folder / CALIBRATION)
    except HandStudioError as error:
        problems.append(Problem(folder / CALIBRATION, error.what))
    truth_file = folder / TRUTH
    if truth_file.exists():
        try:
            facts = read_json(truth_file)
            if not isinstance(facts, dict):
                raise HandStudioError("The file does not hold an object", truth_file)
        except HandStudioError as error:
            problems.append(Problem(truth_file, error.what))
            facts = {}
    sequences = []
    for view in _views(folder):
        sequence = SequenceSource(
            name=f"{folder.name}/{view}",
            kind="recording",
            path=folder,
            view=view,
            recording=folder.name,
            subject=str(facts["subject"]) if isinstance(facts.get("subject"), str | int) else None,
            fps=_rate(facts.get("fps")),
            camera=cameras.get(view),
        )
        images = folder / view / "rgb"
        try:
            problems.extend(add_images(sequence, images, image_names(images)))
        except OSError as error:
            problems.append(Problem(images, f"the folder cannot be read ({error.strerror or error})"))
            continue
        if facts and sequence.count:
            numbers = [_number(name) for name in sequence.frame_names]
            sequence.hands, wrong = read_truth(facts, view, numbers, sequence.sizes)
            problems.extend(Problem(truth_file, f"{view}: {reason}") for reason in wrong)
        if sequence.count:
            sequences.append(sequence)
        else:
            problems.append(Problem(folder / view, "the camera has no image that can be shown"))
    return sequences, problems


def read_calibration(path: Path) -> dict[str, Camera]:
    """The cameras of a recording by their names.

    Raises:
        HandStudioError: when the file is damaged or describes no camera.
    """
    facts = read_json(path)
    try:
        return {
            str(entry["id"]): Camera(
                np.asarray(entry["K"], dtype=np.float64),
                _distortion(entry.get("dist")),
                *(
                    None if entry.get(key) is None else np.asarray(entry[key], dtype=np.float64)
                    for key in ("R", "t")
                ),
            )
            for entry in facts["cameras"]
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HandStudioError(f"The calibration is damaged ({error})", path) from error


def _distortion(values: Any) -> Any:
    coefficients = np.asarray([] if values is None else values, dtype=np.float64)
    return coefficients if coefficients.any() else None


def _views(folder: Path) -> list[str]:
    return sorted(entry.parent.name for entry in folder.glob("*/rgb") if entry.is_dir())


def _number(name: str) -> int | None:
    stem = Path(name).stem
    return int(stem) if stem.isascii() and stem.isdigit() else None


def _rate(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value < 1e6
    return float(value) if usable else None
