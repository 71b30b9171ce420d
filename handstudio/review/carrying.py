"""A fix is carried forward: what was put right in one frame says how the next proposals are wrong.

In the next frame the hand is where this one's label is once it has moved as the two proposals say, which is
a prior beside the next proposal and the peaks of its heatmaps; joints that the model had wrong in this frame
are doubted in the next one by as much. The most likely hand is the next label, and so on, until it is not to
be trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from handstudio.hand.peaks import Peaks
from handstudio.hand.refit import Believed, Prior, Refit
from handstudio.hand.shape import HandShape
from handstudio.project.records import Floats, Pose, Proposal

LONGEST: Final = 200
"""Frames that one fix is carried at most."""
_STILL_PX: Final = 1.0
_LEAST_SUPPORT: Final = 0.7
"""Share of joints that the heatmaps have to see near where they were carried."""
_UNLIKE_SHARE: Final = 0.5
"""Of what a joint's proposals move otherwise than the hand, that counts as doubt of its motion."""
_TRUST: Final = 1.3
"""Times that joints are off farther than if proposals, motion and heatmaps erred independently."""
_SURPRISE: Final = 0.8
"""Share of how far a joint was pulled from where it was carried that may be wrong."""
_GAIN: Final = 0.9
"""Share of the error that is expected of the proposal as it is, at which carrying is still worth it."""
_UNLIKE: Final = 2.0
"""Deviations by which joints may be off from where the hand's motion would have them, on average."""


@dataclass(frozen=True, eq=False)
class Carried:
    """One frame's hand as it was carried there.

    Attributes:
        pose: of it.
        error: (21,) px that it may be off.
        trusted: whether it may be a label.
        why_not: what a person is told where it may not.
    """

    pose: Pose
    error: Floats
    trusted: bool
    why_not: str = ""


def carried(
    label: Pose,
    error: Floats,
    here: Proposal,
    there: Proposal,
    peaks: Peaks,
    shape: HandShape,
    expected_px: float,
) -> Carried | None:
    """A frame's label in the next frame; ``None`` where something that is needed is not finite.

    Args:
        label: of this frame.
        error: (21,) px that it may be off.
        here, there: the proposals of this frame and of the next one.
        peaks: of the next one's heatmaps, px.
        shape: what is known of the person's hands.
        expected_px: error that is expected of the next proposal as it is.
    """
    doubt = there.joint_doubt
    needed = (label.uv, label.depth, here.pose.uv, there.pose.uv, there.pose.depth, doubt)
    if doubt is None or not all(np.isfinite(values).all() for values in needed if values is not None):
        return None
    wrong = np.linalg.norm(here.pose.uv - label.uv, axis=1)
    moved, spread = _moved(label.uv, here.pose.uv, there.pose.uv, _STILL_PX + wrong + doubt)
    unlike = np.linalg.norm(moved - label.uv - (there.pose.uv - here.pose.uv), axis=1)
    prior_error = np.sqrt(error**2 + spread**2 + (_UNLIKE_SHARE * unlike) ** 2 + _STILL_PX**2).astype(
        np.float32
    )
    believed = Believed(
        there.pose.uv,
        there.pose.depth,
        np.sqrt(doubt**2 + wrong**2).astype(np.float32),
        peaks,
        there.views > 1,
        shape.bone_lengths,
        Prior(moved, label.depth, prior_error),
    )
    likely = Refit(believed).likely()
    if not (np.isfinite(likely.uv).all() and np.isfinite(likely.depth).all()):
        return None
    pose = Pose(likely.uv, likely.depth, label.visibility)
    surprise = np.linalg.norm(likely.uv - moved, axis=1)
    error = np.hypot(_TRUST * likely.error, _SURPRISE * surprise).astype(np.float32)
    off = surprise / prior_error
    why = ""
    if float(off.mean()) > _UNLIKE:
        why = "the hand moves too unlike its proposals"
    elif float((likely.support > 0.5).mean()) < _LEAST_SUPPORT:
        why = "the picture does not bear it out"
    elif float(error.mean()) > _GAIN * expected_px:
        why = "the proposals are as good from there on"
    return Carried(pose, error, not why, why)


def _moved(label: Floats, here: Floats, there: Floats, doubt: Floats) -> tuple[Floats, float]:
    """A label (21, 2) moved, turned and scaled as the proposals are, and px that joints move otherwise."""
    weights = 1.0 / doubt.astype(np.float64) ** 2
    start, end = (points[:, 0] + 1j * points[:, 1] for points in (here.astype(np.float64), there))
    factor, centre, goal = 1.0 + 0.0j, 0.0j, 0.0j
    for _ in range(4):
        share = weights / weights.sum()
        centre, goal = (share * start).sum(), (share * end).sum()
        a, b = start - centre, end - goal
        factor = (share * a.conj() * b).sum() / max(float((share * np.abs(a) ** 2).sum()), 1e-9)
        left = np.abs(b - factor * a)
        weights = 1.0 / (doubt.astype(np.float64) ** 2 + left**2)
    points = factor * (label[:, 0] + 1j * label[:, 1] - centre) + goal
    moved = np.stack([points.real, points.imag], axis=1).astype(np.float32)
    return moved, float(np.median(left))


def carried_far(
    label: Pose,
    proposals: list[Proposal],
    peaks_of: Callable[[int], Peaks | None],
    shape: HandShape,
    expected_of: Callable[[Proposal], float],
) -> tuple[list[Pose], str]:
    """Labels of the frames that follow, and why there are no more of them.

    Args:
        label: of the first frame, as a person left it.
        proposals: of the first frame and of those that follow.
        peaks_of: gives the peaks, px, of a hand's proposal.
        shape: what is known of the person's hands.
        expected_of: px that a proposal is expected to be off.
    """
    found: list[Pose] = []
    error = np.full(len(label.uv), _STILL_PX, np.float32)
    for here, there in pairwise(proposals):
        peaks = peaks_of(there.hand_id)
        if peaks is None:
            return found, "the next frame has no heatmaps kept: propose anew"
        one = carried(label, error, here, there, peaks, shape, expected_of(there))
        if one is None:
            return found, "the next proposal has no doubt of its joints"
        if not one.trusted:
            return found, one.why_not
        label, error = one.pose, one.error
        found.append(label)
    return found, ""
