"""Reference poses by the names of their frames, from a landmark file or from COCO keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.exchange.coco_reading import is_coco, parse_coco
from handstudio.exchange.exported_hand import Bytes, Floats
from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, Side
from handstudio.media.json_file import read_json


@dataclass(frozen=True, eq=False)
class ReferencePose:
    """What a reference says about one hand.

    Attributes:
        uv: (21, 2) px; NaN for a joint it does not know.
        visibility: (21,), or ``None``.
        side, box: ``None`` where it does not say.
        depth: (21,) reference bones, or ``None``. xyz_mm: (21, 3) camera coordinates, or ``None``.
    """

    uv: Floats
    visibility: Bytes | None = None
    side: Side | None = None
    box: Box | None = None
    depth: Floats | None = None
    xyz_mm: Floats | None = None


@dataclass(eq=False)
class ReferencePoses:
    """Poses keyed by the names of their frames.

    Attributes:
        path: the file.
        by_name: poses by frame name, as ``0001.jpg``, for names that only one sequence of the file has.
        by_place: poses by sequence and frame name, as ``("images", "0001.jpg")``, where the file knows
            sequences.
        problems: entries that could not be read.
    """

    path: Path
    by_name: dict[str, list[ReferencePose]] = field(default_factory=dict)
    by_place: dict[tuple[str, str], list[ReferencePose]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return (
            sum(map(len, self.by_place.values())) if self.by_place else sum(map(len, self.by_name.values()))
        )

    def of_place(self, sequence: str, frame_name: str) -> list[ReferencePose]:
        """The poses of a frame of a sequence; empty when the reference does not know it there."""
        return self.by_place.get((sequence, frame_name), [])

    def of_name(self, frame_name: str) -> list[ReferencePose]:
        """The poses of a frame by its name alone, which says enough where no other frame is called so."""
        return self.by_name.get(frame_name, [])


def read_reference(path: Path) -> ReferencePoses:
    """The poses of a reference file.

    Two forms are known: COCO keypoints, and landmarks ``{"images": {NAME: {"uv": 21 x [u, v]}, ...}}`` in px
    with the image's corner at (0, 0), where an entry may also be a list of hands and a hand may have
    ``side``.

    Raises:
        HandStudioError: when the file is missing, damaged or of neither form, or has no pose.
    """
    content = read_json(path)
    if is_coco(content):
        poses = _from_coco(content, path)
    elif isinstance(content, dict) and isinstance(content.get("images"), dict):
        poses = _from_landmarks(content["images"], path)
    else:
        raise HandStudioError(
            "The file is no reference that can be read",
            path,
            "Give COCO keypoints, or landmarks by image name",
        )
    if not poses.by_name and not poses.by_place:
        reason = f": {poses.problems[0]}" if poses.problems else ""
        raise HandStudioError(f"The reference holds no hand with {JOINT_COUNT} joints{reason}", path)
    return poses


def _from_landmarks(images: Mapping[str, Any], path: Path) -> ReferencePoses:
    poses = ReferencePoses(path)
    for name, entry in images.items():
        for hand in entry if isinstance(entry, list) else [entry]:
            try:
                pose = _landmarks(hand)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                poses.problems.append(f"{name} is not usable ({error})")
                continue
            poses.by_name.setdefault(name, []).append(pose)
    return poses


def _landmarks(hand: Mapping[str, Any]) -> ReferencePose:
    uv = np.asarray(hand["uv"], dtype=np.float32)
    if uv.shape != (JOINT_COUNT, 2):
        raise ValueError(f"uv is not {JOINT_COUNT} x 2 numbers")
    if not np.isfinite(uv).all():
        raise ValueError("uv holds something that is no number")
    side: Side | None = hand["side"] if hand.get("side") in ("left", "right") else None
    return ReferencePose(uv, side=side)


def _from_coco(content: Any, path: Path) -> ReferencePoses:
    read = parse_coco(content, path)
    poses = ReferencePoses(path, problems=read.problems)
    sequences: dict[str, set[str]] = {}
    for hand in read.hands:
        pose = ReferencePose(hand.uv, hand.visibility, hand.side, hand.box, hand.depth, hand.xyz_mm)
        poses.by_place.setdefault((hand.frame.sequence, hand.frame.name), []).append(pose)
        sequences.setdefault(hand.frame.name, set()).add(hand.frame.sequence)
    for (_, name), found in poses.by_place.items():
        if len(sequences[name]) == 1:
            poses.by_name[name] = found
    return poses
