"""Poses between two decided poses of one hand, as frames follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from handstudio.hand.between import between
from handstudio.hand.camera import Camera
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import ROOT, Side
from handstudio.project import Project
from handstudio.project.records import BY_PEOPLE, HandBundle, HandRecord, Pose, State
from handstudio.review.space import Space

ORIGIN: Final = "interpolated"
"""What labels that were filled in say of where they come from."""


@dataclass(frozen=True)
class Gap:
    """The hands of a track between two that people decided.

    Attributes:
        before, after: the decided hands.
        within: those between them that are to be filled, in the order of their frames.
    """

    before: HandRecord
    after: HandRecord
    within: tuple[HandRecord, ...]


def gap_about(project: Project, hand: HandBundle) -> Gap | None:
    """The gap to fill about a hand: that in which it lies, or that which it ends.

    A hand that a person decided ends the gap behind it, and where nothing is left to fill there, begins the
    one ahead. What is decided is never filled, but for a hand that was filled in itself.

    Args:
        project: an open project.
        hand: the current one.

    Returns:
        ``None`` where no decided hand of its track and side lies before it, or none after it.
    """
    record = hand.record
    before, after = (project.nearest_of_track(record, BY_PEOPLE, later) for later in (False, True))
    if record.state not in BY_PEOPLE:
        return _between(project, hand, before, after)
    behind, ahead = _between(project, hand, before, record), _between(project, hand, record, after)
    return next((gap for gap in (behind, ahead) if gap is not None and gap.within), behind or ahead)


def _between(
    project: Project, hand: HandBundle, before: HandRecord | None, after: HandRecord | None
) -> Gap | None:
    if before is None or after is None:
        return None
    inner = project.track(hand.record, before.frame_index + 1, after.frame_index - 1)
    anew = hand.record.id if _filled_in(hand) else None
    return Gap(before, after, tuple(one for one in inner if one.id == anew or not one.state.decided))


def _filled_in(hand: HandBundle) -> bool:
    """Whether a hand has a label that was filled in and that nobody has looked at."""
    label = hand.label
    return label is not None and label.origin == ORIGIN and hand.record.state is State.AUTO_ACCEPTED


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
