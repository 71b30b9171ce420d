"""Reads COCO keypoints of hands, from this program or from others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.exchange.coco import CENTRE
from handstudio.exchange.exported_hand import (
    Bytes,
    ExportedFrame,
    ExportedHand,
    Floats,
    Provenance,
)
from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, OCCLUDED, OUTSIDE, VISIBLE, Side
from handstudio.media.json_file import read_json

_OF_V: Final = {2: VISIBLE, 1: OCCLUDED, 0: OUTSIDE}
_MOST_LISTED: Final = 20
_DAMAGE: Final = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(eq=False)
class CocoFile:
    """The hands of a COCO file, and what could not be read of it."""

    hands: list[ExportedHand] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_coco(path: Path) -> CocoFile:
    """The hands of a COCO keypoint file.

    Annotations without 21 keypoints are left out and listed. Joints with v = 0 and no place of their own
    have NaN for uv. A hand whose side nobody gives is taken for a right one.

    Args:
        path: the JSON file.

    Raises:
        HandStudioError: when the file is missing, no JSON or no COCO file.
    """
    return parse_coco(read_json(path), path)


def parse_coco(content: Any, path: Path) -> CocoFile:
    """The same from the content of the file; ``path`` is for messages."""
    if not is_coco(content):
        raise HandStudioError("The file is no COCO file: it has no lists of images and annotations", path)
    read = CocoFile()
    wrong: list[str] = []
    frames: dict[Any, ExportedFrame] = {}
    for place, image in enumerate(content["images"]):
        try:
            frames[_id(image["id"])] = _frame(image, place)
        except _DAMAGE as error:
            wrong.append(f"image {place} is damaged ({error})")
    sides = _sides_of_categories(content.get("categories"))
    for place, annotation in enumerate(content["annotations"]):
        try:
            hand = _hand(annotation, frames, sides)
        except _DAMAGE as error:
            wrong.append(f"annotation {place} is not usable ({error})")
            continue
        if hand is not None:
            read.hands.append(hand)
    read.problems = wrong[:_MOST_LISTED]
    if len(wrong) > _MOST_LISTED:
        read.problems.append(f"{len(wrong) - _MOST_LISTED} more entries are not usable")
    return read


def is_coco(content: Any) -> bool:
    """Whether the content of a JSON file is of COCO's form."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), list) for key in ("images", "annotations")
    )


def _id(value: Any) -> int | str:
    if isinstance(value, int | str):
        return value
    raise ValueError(f"{value!r} is no id")


def _frame(image: Mapping[str, Any], place: int) -> ExportedFrame:
    facts = image.get("handstudio")
    facts = facts if isinstance(facts, dict) else {}
    file_name = str(image["file_name"])
    folder, _, name = file_name.replace("\\", "/").rpartition("/")
    camera = facts.get("camera")
    return ExportedFrame(
        sequence=str(facts.get("sequence", folder)),
        index=int(facts.get("index", place)),
        name=str(facts.get("name", name)),
        width=_whole(image.get("width", 0)),
        height=_whole(image.get("height", 0)),
        kind=str(facts.get("kind", "folder")),
        view=_text(facts.get("view")),
        recording=_text(facts.get("recording")),
        subject=_text(facts.get("subject")),
        camera=camera if isinstance(camera, dict) else None,
        hold_out=bool(facts.get("hold_out", False)),
        mark=_text(facts.get("mark")),
    )


def _hand(
    annotation: Mapping[str, Any],
    frames: Mapping[Any, ExportedFrame],
    sides: Mapping[Any, Side],
) -> ExportedHand | None:
    frame = frames.get(_id(annotation["image_id"]))
    if frame is None:
        raise ValueError("its image is missing")
    facts = annotation.get("handstudio")
    facts = facts if isinstance(facts, dict) else {}
    uv, visibility = _joints(annotation["keypoints"], facts)
    box = _box(annotation.get("bbox"), uv)
    if box is None:
        return None
    return ExportedHand(
        frame=frame,
        side=_side(annotation, facts, sides),
        box=box,
        uv=uv,
        visibility=visibility,
        depth=_numbers(facts.get("depth"), (JOINT_COUNT,), "depth"),
        xyz_mm=_numbers(facts.get("xyz_mm"), (JOINT_COUNT, 3), "xyz_mm"),
        track=int(facts.get("track", 0)),
        box_source=_text(facts.get("box_source")),
        provenance=Provenance(
            state=_text(facts.get("state")),
            origin=_text(facts.get("origin")),
            decided_by=_text(facts.get("decided_by")),
            decided_at=_number(facts.get("decided_at")),
            model=_text(facts.get("model")),
            confidence=_number(facts.get("confidence")),
            note=str(facts.get("note", "")),
            verified_by=_text(facts.get("verified_by")),
            verified_at=_number(facts.get("verified_at")),
        ),
    )


def _joints(keypoints: Any, facts: Mapping[str, Any]) -> tuple[Floats, Bytes]:
    """uv and visibility; the halves of a pixel are added in double precision, so that nothing is lost."""
    values = np.asarray(keypoints, dtype=np.float64)
    if values.size != 3 * JOINT_COUNT:
        raise ValueError(f"{values.size / 3:g} keypoints instead of {JOINT_COUNT}")
    values = values.reshape(JOINT_COUNT, 3)
    if not np.isfinite(values).all() or (np.abs(values[:, :2]) > 1e6).any():
        raise ValueError("a keypoint is not a usable number")
    uv = (values[:, :2] + CENTRE).astype(np.float32)
    flags = values[:, 2].astype(np.int64)
    visibility = np.asarray([_OF_V.get(flag, VISIBLE) for flag in flags.tolist()], dtype=np.uint8)
    uv[flags == 0] = np.nan
    outside = facts.get("outside")
    for joint, place in (outside if isinstance(outside, dict) else {}).items():
        if not 0 <= int(joint) < JOINT_COUNT:
            raise ValueError(f"there is no joint {joint}")
        uv[int(joint)] = _numbers(place, (2,), "outside")
    kept = facts.get("visibility")
    if kept is not None:
        visibility = np.asarray(kept, dtype=np.uint8).reshape(JOINT_COUNT)
        if (visibility > OUTSIDE).any():
            raise ValueError("a joint's visibility is not 0, 1 or 2")
    return uv, visibility


def _box(bbox: Any, uv: Floats) -> Box | None:
    """The annotated box, or one about the joints; ``None`` for an annotation that has neither."""
    if bbox is not None:
        x, y, width, height = (float(value) for value in bbox)
        if all(map(math.isfinite, (x, y, width, height))) and width > 0.0 and height > 0.0:
            return Box(x, y, width, height)
    return Box.around(uv) if np.isfinite(uv).all(axis=-1).any() else None


def _side(annotation: Mapping[str, Any], facts: Mapping[str, Any], sides: Mapping[Any, Side]) -> Side:
    attributes = annotation.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    for value in (
        facts.get("side"),
        attributes.get("side"),
        annotation.get("side"),
        annotation.get("hand_type"),
    ):
        if value in ("left", "right"):
            return "left" if value == "left" else "right"
    if isinstance(annotation.get("is_left"), bool | int):
        return "left" if annotation["is_left"] else "right"
    category = annotation.get("category_id")
    return sides.get(category, "right") if isinstance(category, int | str) else "right"


def _sides_of_categories(categories: Any) -> dict[Any, Side]:
    sides: dict[Any, Side] = {}
    for category in categories if isinstance(categories, list) else []:
        name = str(category.get("name", "")).lower() if isinstance(category, dict) else ""
        if isinstance(category, dict) and isinstance(category.get("id"), int | str) and "left" in name:
            sides[category["id"]] = "left"
    return sides


def _numbers(values: Any, shape: tuple[int, ...], what: str) -> Floats | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float32)
    if array.shape != shape:
        raise ValueError(f"{what} has the wrong shape")
    return array


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0
