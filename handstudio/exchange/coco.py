"""COCO keypoints, out and in.

Conventions of the format, converted here and nowhere else:

- keypoints count the first pixel's centre as (0, 0): ours minus 0.5 px. Boxes are measured from the image's
  edge, as ours are, and are not shifted.
- v is 2 for a visible joint, 1 for an occluded one and 0 for one that is not labelled, with x = y = 0.
  Joints outside the frame are written as 0 too, since other programs expect keypoints within the image; their
  places are in ``handstudio.outside``.
- The side is an attribute (``attributes.side``) or a category, as the caller chooses.

What COCO has no field for (depth, xyz in mm, track, provenance, the frame's sequence, its camera) is under
the key ``handstudio`` of an annotation or image. Reading a file back gives what was written, to the last bit
(places closer than 1e-6 px to 0 to within 1e-16 px).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import numpy as np

from handstudio.exchange.exported_hand import (
    PRODUCER,
    ExportedFrame,
    ExportedHand,
    Floats,
    Written,
)
from handstudio.exchange.replacing import replacing
from handstudio.hand.skeleton import BONES, JOINT_NAMES, OCCLUDED, OUTSIDE, VISIBLE

SideAs = Literal["attribute", "category"]

CENTRE: Final = 0.5
"""Our uv of the point that COCO calls 0."""
_V_OF: Final = {VISIBLE: 2, OCCLUDED: 1, OUTSIDE: 0}
_CATEGORY_OF_SIDE: Final = {"right": 1, "left": 2}


def write_coco(
    out: Path,
    hands: Iterable[ExportedHand],
    side_as: SideAs = "attribute",
    overwrite: bool = False,
) -> Written:
    """Write hands as COCO keypoints.

    Args:
        out: the JSON file.
        hands: any number of hands, taken one by one; hands of one frame need not follow each other.
        side_as: ``attribute``: one category ``hand``; ``category``: ``right hand`` and ``left hand``.
        overwrite: replace a file that is no earlier export.

    Raises:
        HandStudioError: when the file may not be replaced or cannot be written.
    """
    frames: dict[tuple[str, int], tuple[int, ExportedFrame]] = {}
    count = 0
    with replacing(out, overwrite, is_export) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write(f'{{"info": {json.dumps(_info())},\n"licenses": [],\n')
        stream.write(f'"categories": {json.dumps(_categories(side_as))},\n"annotations": [')
        for hand in hands:
            key = (hand.frame.sequence, hand.frame.index)
            image_id, _ = frames.setdefault(key, (len(frames) + 1, hand.frame))
            count += 1
            stream.write("\n" if count == 1 else ",\n")
            json.dump(_annotation(count, image_id, hand, side_as), stream, allow_nan=False)
        stream.write('\n],\n"images": [')
        _write_images(stream, list(frames.values()))
        stream.write("\n]}\n")
    return Written(str(out), count)


def is_export(path: Path) -> bool:
    """Whether a file was written by :func:`write_coco`."""
    try:
        with path.open("rb") as stream:
            return f'"producer": "{PRODUCER}"'.encode() in stream.read(2048)
    except OSError:
        return False


def _info() -> dict[str, Any]:
    return {
        "producer": PRODUCER,
        "description": "Hand poses, 21 joints. keypoints: px, the first pixel's centre is (0, 0); bbox: px "
        "from the image's edge; handstudio.depth: relative to the middle MCP in lengths of the middle "
        "finger's proximal phalanx; handstudio.xyz_mm: camera coordinates",
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": "1",
    }


def _categories(side_as: SideAs) -> list[dict[str, Any]]:
    shared: dict[str, Any] = {
        "keypoints": list(JOINT_NAMES),
        "skeleton": [[parent + 1, child + 1] for parent, child in BONES],
    }
    if side_as == "attribute":
        return [{"id": 1, "name": "hand", "supercategory": "person", **shared}]
    return [
        {"id": number, "name": f"{side} hand", "supercategory": "hand", **shared}
        for side, number in _CATEGORY_OF_SIDE.items()
    ]


def _annotation(number: int, image_id: int, hand: ExportedHand, side_as: SideAs) -> dict[str, Any]:
    keypoints: list[float] = []
    outside: dict[str, list[float]] = {}
    unlabelled: list[int] = []
    flags = 0
    for joint, (uv, visibility) in enumerate(zip(hand.uv, hand.visibility.tolist(), strict=True)):
        u, v = shortest(uv)
        if u is None or v is None:
            unlabelled.append(joint)
            keypoints += [0.0, 0.0, 0]
        elif _V_OF.get(visibility, 0):
            keypoints += [u - CENTRE, v - CENTRE, _V_OF[visibility]]
            flags += 1
        else:
            outside[str(joint)] = [u, v]
            keypoints += [0.0, 0.0, 0]
    box = hand.box
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 1 if side_as == "attribute" else _CATEGORY_OF_SIDE[hand.side],
        "keypoints": keypoints,
        "num_keypoints": flags,
        "bbox": [box.x, box.y, box.width, box.height],
        "area": box.area,
        "iscrowd": 0,
        "attributes": {"side": hand.side},
        "handstudio": _extras(hand, outside, unlabelled),
    }


def _extras(hand: ExportedHand, outside: dict[str, list[float]], unlabelled: list[int]) -> dict[str, Any]:
    source = hand.provenance
    extras: dict[str, Any] = {
        "outside": outside or None,
        "visibility": hand.visibility.tolist() if unlabelled else None,
        "depth": None if hand.depth is None else shortest(hand.depth),
        "xyz_mm": None if hand.xyz_mm is None else [shortest(row) for row in hand.xyz_mm],
        "track": hand.track,
        "box_source": hand.box_source,
        "state": source.state,
        "origin": source.origin,
        "decided_by": source.decided_by,
        "decided_at": source.decided_at,
        "model": source.model,
        "confidence": source.confidence,
        "note": source.note or None,
        "verified_by": source.verified_by,
        "verified_at": source.verified_at,
    }
    return {name: value for name, value in extras.items() if value is not None}


def _write_images(stream: TextIO, frames: list[tuple[int, ExportedFrame]]) -> None:
    plain = [frame.name for _, frame in frames if frame.kind == "folder"]
    unique = len(plain) == len(frames) and len({name.casefold() for name in plain}) == len(plain)
    for place, (image_id, frame) in enumerate(frames):
        stream.write("\n" if place == 0 else ",\n")
        json.dump(
            {
                "id": image_id,
                "file_name": frame.name if unique else f"{frame.sequence}/{frame.name}",
                "width": frame.width,
                "height": frame.height,
                "handstudio": _facts(frame),
            },
            stream,
            allow_nan=False,
        )


def _facts(frame: ExportedFrame) -> Mapping[str, Any]:
    facts: dict[str, Any] = {
        "sequence": frame.sequence,
        "index": frame.index,
        "name": frame.name,
        "kind": frame.kind,
        "view": frame.view,
        "recording": frame.recording,
        "subject": frame.subject,
        "camera": None if frame.camera is None else dict(frame.camera),
        "hold_out": frame.hold_out or None,
        "mark": frame.mark,
    }
    return {name: value for name, value in facts.items() if value is not None}


def shortest(values: Floats) -> list[float | None]:
    """float32 numbers as the shortest decimals that read back as the same float32; ``None`` for NaN."""
    if values.dtype != np.float32:
        raise TypeError("only float32 has a shortest decimal here")
    return [float(str(value)) if np.isfinite(value) else None for value in values]
