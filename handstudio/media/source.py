"""What a source of frames is, and what is known about a sequence when it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.hand.skeleton import Side

Pixels = npt.NDArray[np.uint8]
Depth = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

Kind = Literal["folder", "video", "recording"]

PIXEL_LIMIT: Final = 200_000_000
"""Frames of more pixels are refused before anything is allocated for them."""


class FrameProblem(HandStudioError):  # noqa: N818  (the product's word for it)
    """One frame cannot be shown; the rest of its sequence can."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded frame.

    Attributes:
        rgb: (H, W, 3).
        depth_mm: (H, W) z in camera coordinates, 0 where there is no surface; ``None`` without a depth
            camera.
        mask: (H, W) whether the pixel shows a hand; ``None`` where nobody knows.
        reduction: how many pixels of the frame, along each side, one of ``rgb`` is; 1 but for what
            :meth:`FrameSource.glance` gives.
    """

    rgb: Pixels
    depth_mm: Depth | None = None
    mask: Mask | None = None
    reduction: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return int(self.rgb.shape[1]), int(self.rgb.shape[0])

    @property
    def byte_count(self) -> int:
        """Bytes that the frame's arrays hold in memory."""
        return sum(array.nbytes for array in (self.rgb, self.depth_mm, self.mask) if array is not None)


class FrameSource(Protocol):
    """Decodes the frames of one sequence; safe to call from several threads."""

    @property
    def kind(self) -> Kind:
        """What sort of source this is."""

    @property
    def name(self) -> str:
        """The sequence's name."""

    @property
    def count(self) -> int:
        """Number of frames."""

    @property
    def frame_names(self) -> Sequence[str]:
        """The name of each frame."""

    def size(self, index: int) -> tuple[int, int]:
        """Width and height, px, of a frame as :meth:`read` gives it (upright)."""

    def read(self, index: int) -> Frame:
        """Decode one frame.

        Raises:
            FrameProblem: when this frame is missing or damaged.
            IndexError: when there is no such index.
        """

    def glance(self, index: int, reduction: int) -> Frame:
        """A frame's colours alone, for a small picture of it: reduced where that is quicker than all of it.

        Args:
            index: of the frame.
            reduction: by which whole number its sides may be divided; they may also be divided by less.

        Raises:
            FrameProblem: when this frame is missing or damaged.
            IndexError: when there is no such index.
        """

    def close(self) -> None:
        """Let go of open files."""


def read_stored(source: FrameSource, index: int) -> Frame:
    """Decode a frame that a project knows; its footage may have become shorter since it was imported.

    Raises:
        FrameProblem: when this frame is missing or damaged.
    """
    try:
        return source.read(index)
    except IndexError:
        raise FrameProblem(
            f"The footage {source.name} has no frame {index} any more", None, "Put back what was imported"
        ) from None


@dataclass(frozen=True, eq=False)
class FoundHand:
    """A hand that the data set itself knows about.

    Attributes:
        side: ``left`` or ``right``.
        box: px.
        uv: (21, 2) px, or ``None``.
        depth: (21,) z relative to the root, in reference bones, or ``None``.
        xyz_mm: (21, 3) camera coordinates, or ``None``.
        visibility: (21,) uint8: 0 visible, 1 occluded, 2 outside; or ``None``.
    """

    side: Side
    box: Box
    uv: npt.NDArray[np.float32] | None = None
    depth: npt.NDArray[np.float32] | None = None
    xyz_mm: npt.NDArray[np.float32] | None = None
    visibility: npt.NDArray[np.uint8] | None = None


@dataclass(eq=False)
class SequenceSource:
    """One sequence as it was found: all that an import stores, and nothing decoded.

    Attributes:
        name: how people call it.
        kind, path, view: what :func:`handstudio.media.opening.open_source` needs to open it again.
        recording: the recording that several views share.
        subject: whose hands they are, where it is known.
        fps: frames per second, where it is known.
        camera: calibration, where it is known.
        frame_names: one per frame; frames of a folder are found again by these names.
        sizes: (width, height) px per frame, upright.
        hands: per frame, what the data set knows; empty when it knows nothing.
        problems: per damaged frame, what is wrong with it; these frames stay in their place.
    """

    name: str
    kind: Kind
    path: Path
    view: str | None = None
    recording: str | None = None
    subject: str | None = None
    fps: float | None = None
    camera: Camera | None = None
    frame_names: list[str] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    hands: Mapping[int, list[FoundHand]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.frame_names)


@dataclass(frozen=True)
class Problem:
    """Something found while opening that could not be used: a file, and why."""

    path: Path
    reason: str


@dataclass(eq=False)
class Opened:
    """What lies at a path: its sequences, and what could not be used."""

    sequences: list[SequenceSource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
