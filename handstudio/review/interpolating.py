"""Poses between two decided poses of one hand, as frames follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from handstudio.hand.between import between
from handstudio.hand.camera import Camera
from handstudio.hand.lift import lift, lift_scale_free, project_scale_free, root_depth, to_25d
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import ROOT, Side
from handstudio.project import Project
from handstudio.project.records import Floats, HandRecord, Pose, State

FIXED_POINTS: Final = (State.ACCEPTED, State.FIXED)
"""States of hands that others are interpolated between."""
MOST_FRAMES: Final = 500
"""Frames that are looked through for a decided hand, either way."""


@dataclass(frozen=True)
class Gap:
    """The hands of a track between two decided ones.

    Attributes:
        before, after: the decided hands.
        within: the undecided ones between them, in the order of their frames.
    """

    before: HandRecord
    after: HandRecord
    within: tuple[HandRecord, ...]


def gap_about(project: Project, hand: HandRecord) -> Gap | None:
    """The gap that a hand lies in; ``None`` where no decided hand of its track and side is near enough
    (:data:`MOST_FRAMES`) before it, or none after it."""
    before, earlier = _nearest(project, hand, -1)
    after, later = _nearest(project, hand, 1)
    if before is None or after is None:
        return None
    return Gap(before, after, (*reversed(earlier), hand, *later))


def _nearest(project: Project, hand: HandRecord, step: int) -> tuple[HandRecord | None, list[HandRecord]]:
    """The nearest decided hand of the track on one side, and the undecided ones on the way to it."""
    passed: list[HandRecord] = []
    last = project.sequence(hand.sequence_id).frame_count - 1
    for distance in range(1, MOST_FRAMES + 1):
        index = hand.frame_index + step * distance
        if not 0 <= index <= last:
            break
        frame = project.frame_at(hand.sequence_id, index)
        for other in project.hands_of_frame(frame.id):
            if (other.track, other.side) != (hand.track, hand.side):
                continue
            if other.state in FIXED_POINTS:
                return other, passed
            if not other.state.decided:
                passed.append(other)
    return None, passed


def poses_between(
    before: Pose,
    after: Pose,
    shares: Sequence[float],
    side: Side,
    camera: Camera | None = None,
    shape: HandShape = ANYBODY,
) -> list[Pose]:
    """Poses on the way from one to another, in joint angles (:func:`handstudio.hand.between.between`).

    Args:
        before, after: finite in all joints.
        shares: of the way, 0 at ``before``; visibility is that of the nearer one.
        side: of the hand.
        camera: of the sequence, if known.
        shape: what is known of the person's hands.

    Raises:
        ValueError: when a joint has no place.
    """
    if not all(np.isfinite(pose.uv).all() and np.isfinite(pose.depth).all() for pose in (before, after)):
        raise ValueError("poses to interpolate between have a place for every joint")
    way = np.asarray(shares, dtype=np.float32)
    if camera is None:
        uv, depth = _seen_alone(before, after, way, side, shape)
    else:
        uv, depth = _seen_by(camera, before, after, way, side, shape)
    marks = [before.visibility if share < 0.5 else after.visibility for share in shares]
    return [Pose(*parts) for parts in zip(uv, depth, marks, strict=True)]


def _seen_alone(
    before: Pose, after: Pose, way: Floats, side: Side, shape: HandShape
) -> tuple[Floats, Floats]:
    """(N, 21, 2), (N, 21) without a camera: the hand's size in the picture changes evenly as well."""
    ends = [lift_scale_free(pose.uv, pose.depth, shape.bone_lengths) for pose in (before, after)]
    hands = between(ends[0][0], ends[1][0], way, side).astype(np.float32)
    sizes = np.float32(ends[0][1]) ** (1.0 - way) * np.float32(ends[1][1]) ** way
    roots = (1.0 - way)[:, None] * before.uv[ROOT] + way[:, None] * after.uv[ROOT]
    seen = [project_scale_free(*one) for one in zip(hands, sizes, roots, strict=True)]
    uv, depth = zip(*seen, strict=True)
    return np.stack(uv), np.stack(depth)


def _seen_by(
    camera: Camera, before: Pose, after: Pose, way: Floats, side: Side, shape: HandShape
) -> tuple[Floats, Floats]:
    """(N, 21, 2), (N, 21) in the camera's space."""
    K, lengths = camera.K, shape.bone_lengths
    ends = [
        lift(pose.uv, pose.depth, K, 1.0, root_depth(pose.uv, pose.depth, K, lengths))
        for pose in (before, after)
    ]
    uv, depth = to_25d(between(ends[0], ends[1], way, side), K, 1.0)
    return uv.astype(np.float32), depth.astype(np.float32)
