"""What travels in and out of every format: one hand with its pose, its frame and the pose's origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, Side
from handstudio.media.source import Frame

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

PRODUCER: Final = "HandStudio"
"""Written into every export, so that a later one knows which files it may replace."""


@dataclass(frozen=True)
class ExportedFrame:
    """The frame that a hand is in.

    Attributes:
        sequence: name of its sequence; with ``index`` it names the frame.
        index: place in the sequence.
        name: file name or number.
        width, height: px.
        kind: ``folder``, ``video`` or ``recording``.
        view, recording, subject: where they are known.
        camera: K and what else is known of the calibration, as :meth:`handstudio.hand.camera.Camera.to_dict`.
        hold_out: whether the sequence is kept out of training.
        mark: the word by which somebody marked the frame.
    """

    sequence: str
    index: int
    name: str
    width: int
    height: int
    kind: str = "folder"
    view: str | None = None
    recording: str | None = None
    subject: str | None = None
    camera: Mapping[str, Any] | None = field(default=None, compare=False)
    hold_out: bool = False
    mark: str | None = None


@dataclass(frozen=True)
class Provenance:
    """Where a pose came from and who or what decided it.

    Attributes:
        state: ``accepted``, ``fixed``, ... as in the project.
        origin: ``proposal``, ``correction``, ``dragged``, ``imported``, ...
        decided_by: a person's or a machine's name.
        decided_at: seconds since 1970, UTC.
        model: id of the model whose proposal it started from.
        confidence: C of that proposal, smaller is better.
        note: what a reviewer wrote.
        verified_by, verified_at: who verified the decision, and when (seconds since 1970, UTC).
    """

    state: str | None = None
    origin: str | None = None
    decided_by: str | None = None
    decided_at: float | None = None
    model: str | None = None
    confidence: float | None = None
    note: str = ""
    verified_by: str | None = None
    verified_at: float | None = None


@dataclass(frozen=True, eq=False)
class ExportedHand:
    """One hand.

    Attributes:
        frame: the frame it is in.
        side: ``left`` or ``right``.
        box: px.
        uv: (21, 2) float32 px; NaN for a joint that nobody labelled.
        visibility: (21,) uint8: 0 visible, 1 occluded, 2 outside.
        depth: (21,) float32 relative to the root in reference bones, or ``None``.
        xyz_mm: (21, 3) float32 camera coordinates, or ``None``.
        track: which hand of its frame.
        box_source: where the box came from.
        provenance: where the pose came from.
    """

    frame: ExportedFrame
    side: Side
    box: Box
    uv: Floats
    visibility: Bytes = field(default_factory=lambda: np.zeros(JOINT_COUNT, dtype=np.uint8))
    depth: Floats | None = None
    xyz_mm: Floats | None = None
    track: int = 0
    box_source: str | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True)
class Written:
    """What an export wrote: the file, hands in it, hands without a pose, and frames that have no picture."""

    out: str
    hands: int
    skipped: int = 0
    problems: tuple[str, ...] = ()


FrameReader = Callable[[ExportedFrame], Frame]
"""Decodes the frame of an exported hand."""
