"""The true joints of a recording, checked one hand at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, OCCLUDED, OUTSIDE, REFERENCE_CHILD, ROOT, VISIBLE, Side
from handstudio.media.source import FoundHand

Floats = npt.NDArray[np.float32]


def read_truth(
    facts: Mapping[str, Any], view: str, numbers: Sequence[int | None], sizes: Sequence[tuple[int, int]]
) -> tuple[dict[int, list[FoundHand]], list[str]]:
    """The hands of one camera, by frame index.

    Args:
        facts: the content of ``joints.json``; an entry of ``frames`` is one hand, so a frame may have
            several.
        view: the camera.
        numbers: per frame index, the number that the truth knows the frame by.
        sizes: (width, height) px per frame index.

    Returns:
        The hands, and what was wrong with the entries that could not be used.
    """
    index_of = {number: index for index, number in enumerate(numbers) if number is not None}
    hands: dict[int, list[FoundHand]] = {}
    wrong: list[str] = []
    frames = facts.get("frames")
    if not isinstance(frames, list):
        return {}, ["the truth lists no frames"]
    for place, entry in enumerate(frames):
        try:
            index = index_of.get(entry["frame"])
            if index is None or view not in entry["cams"]:
                continue
            hand = _hand(entry, entry["cams"][view], sizes[index])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            wrong.append(f"entry {place} of the truth is damaged ({error})")
            continue
        hands.setdefault(index, []).append(hand)
    if len(wrong) > 3:
        wrong = [*wrong[:3], f"{len(wrong) - 3} more entries of the truth are damaged"]
    return hands, wrong


def relative_depth(xyz_mm: Floats) -> Floats:
    """(..., 21, 3) mm in camera coordinates to (..., 21): z relative to the root, in reference bones."""
    bone = np.linalg.norm(xyz_mm[..., REFERENCE_CHILD, :] - xyz_mm[..., ROOT, :], axis=-1)
    depth = (xyz_mm[..., 2] - xyz_mm[..., ROOT, None, 2]) / np.maximum(bone, 1e-6)[..., None]
    return np.asarray(depth, dtype=np.float32)


def joint_visibility(uv: Floats, seen: npt.NDArray[np.bool_], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """(21,) uint8 visible, occluded or outside: which joints are in sight, and which within ``size`` px."""
    inside = ((uv >= 0.0) & (uv < np.asarray(size, dtype=np.float32))).all(axis=-1)
    return np.where(inside, np.where(seen, VISIBLE, OCCLUDED), OUTSIDE).astype(np.uint8)


def _hand(entry: Mapping[str, Any], seen_by: Mapping[str, Any], size: tuple[int, int]) -> FoundHand:
    uv = _array(seen_by["uv"], (JOINT_COUNT, 2), "uv")
    xyz = (
        None
        if seen_by.get("xyz_cam_mm") is None
        else _array(seen_by["xyz_cam_mm"], (JOINT_COUNT, 3), "xyz_cam_mm")
    )
    flags = seen_by.get("visible")
    seen = (
        np.ones(JOINT_COUNT, dtype=np.bool_)
        if flags is None
        else _array(flags, (JOINT_COUNT,), "visible") > 0
    )
    side: Side = "left" if entry["side"] == "left" else "right"
    if entry["side"] not in ("left", "right"):
        raise ValueError(f"side {entry['side']!r}")
    return FoundHand(
        side=side,
        box=Box.around(uv),
        uv=uv,
        depth=None if xyz is None else relative_depth(xyz),
        xyz_mm=xyz,
        visibility=joint_visibility(uv, seen, size),
    )


def _array(values: Any, shape: tuple[int, ...], what: str) -> Floats:
    array = np.asarray(values, dtype=np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"{what} is not {' x '.join(map(str, shape))} finite numbers")
    return array
