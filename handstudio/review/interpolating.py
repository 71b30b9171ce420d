"""Poses between two decided poses of one hand, as frames follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handstudio.hand.between import between
from handstudio.hand.camera import Camera
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import ROOT, Side
from handstudio.project import Project
from handstudio.project.records import BY_PEOPLE, HandRecord, Pose
from handstudio.review.space import Space


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
    """The gap that a hand lies in; ``None`` where no decided hand of its track and side lies before it, or
    none after it."""
    before, after = (project.nearest_of_track(hand, BY_PEOPLE, later) for later in (False, True))
    if before is None or after is None:
        return None
    inner = project.track(hand, before.frame_index + 1, after.frame_index - 1)
    return Gap(before, after, tuple(one for one in inner if one.id == hand.id or not one.state.decided))


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
    space = Space(camera, shape.bone_lengths)
    (first, near), (last, far) = (space.lifted(pose) for pose in (before, after))
    hands = between(first, last, way, side).astype(np.float32)
    sizes = near ** (1.0 - way) * far**way
    roots = (1.0 - way)[:, None] * before.uv[ROOT] + way[:, None] * after.uv[ROOT]
    marks = [before.visibility if share < 0.5 else after.visibility for share in shares]
    rows = zip(hands, sizes.tolist(), roots, marks, strict=True)
    return [Pose(*space.seen(xyz, size, root), mark) for xyz, size, root, mark in rows]
