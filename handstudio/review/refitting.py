"""The rest of a hand follows the picture once a joint was dragged; what was dragged before stays.

What a reviewer has placed on a hand is remembered while the program runs, and counts as long as it is there:
a drag that was undone counts no more. A label that somebody decided otherwise, or on another day, is never
moved by anything but the drag itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from handstudio.hand.peaks import Peaks
from handstudio.hand.refit import Believed, Placed, Refit
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project.records import Floats, HandBundle, Pose, State
from handstudio.review.editing import Edit

_HANDS_KEPT: Final = 64
_SAME_PX: Final = 0.01
_MOVED_PX: Final = 1.0


@dataclass
class _Touched:
    """One hand that a reviewer has begun to drag: the pose that it began with, what was placed since, and the
    poses that came of it."""

    start: Pose
    proposal_id: int
    placed: dict[int, Placed] = field(default_factory=dict)
    poses: list[Pose] = field(default_factory=list)

    def came_of(self, pose: Pose) -> bool:
        """Whether a pose is one of these."""
        return any(_alike(pose, one) for one in (self.start, *self.poses))


class Refitting:
    """Settles poses that were dragged.

    Args:
        peaks_of: gives the peaks of the heatmaps of a hand, px; ``None`` while or where there are none. Then
            a drag is what it is without a refit.
        tell: gets a sentence about what moved.
    """

    def __init__(self, peaks_of: Callable[[int], Peaks | None], tell: Callable[[str], None]) -> None:
        self.on = True
        self._peaks_of, self._tell = peaks_of, tell
        self._hands: OrderedDict[int, _Touched] = OrderedDict()

    def settled(
        self,
        hand: HandBundle,
        edit: Edit,
        shape: HandShape = ANYBODY,
        follow: bool = True,
        pins: Collection[int] = (),
    ) -> Pose:
        """The pose that an edit comes to.

        Args:
            hand: as it is stored.
            edit: what was done to it.
            shape: what is known of the person's hands.
            follow: whether the rest may follow at all.
            pins: joints that stay where the edit began.
        """
        touched = self._of(hand, edit.start)
        if touched is None:
            return edit.pose
        touched.placed = _still_there(touched.placed, edit.start) | edit.placed
        pose = edit.pose
        if self.on and follow and edit.as_hand and touched.placed:
            pose = self._refit(hand, touched, edit, shape, pins) or pose
        touched.poses.append(pose)
        return pose

    def held(self, hand: HandBundle, start: Pose) -> frozenset[int]:
        """Joints that were placed before and stay while another one of their finger is dragged."""
        touched = self._hands.get(hand.record.id) if self.on else None
        return frozenset() if touched is None else frozenset(_still_there(touched.placed, start))

    def _of(self, hand: HandBundle, start: Pose) -> _Touched | None:
        proposal = hand.proposal
        if proposal is None:
            return None
        touched = self._hands.get(hand.record.id)
        if touched is not None and touched.proposal_id == proposal.id and touched.came_of(start):
            return touched
        machine_made = hand.label is None or hand.record.state is State.AUTO_ACCEPTED
        if not (machine_made or _alike(start, proposal.pose) or _alike(start, proposal.corrected)):
            return None
        touched = self._hands[hand.record.id] = _Touched(start, proposal.id)
        self._hands.move_to_end(hand.record.id)
        while len(self._hands) > _HANDS_KEPT:
            self._hands.popitem(last=False)
        return touched

    def _refit(
        self, hand: HandBundle, touched: _Touched, edit: Edit, shape: HandShape, pins: Collection[int]
    ) -> Pose | None:
        proposal, start = hand.proposal, touched.start
        assert proposal is not None
        doubt = proposal.joint_doubt
        if doubt is None or not all(np.isfinite(values).all() for values in (start.uv, start.depth, doubt)):
            return None
        peaks = self._peaks_of(hand.record.id)
        if peaks is None:
            return None
        believed = Believed(start.uv, start.depth, doubt, peaks, proposal.views > 1, shape.bone_lengths)
        before = edit.start
        pinned = {joint: Placed(before.uv[joint], float(before.depth[joint])) for joint in pins}
        uv, depth = Refit(believed).through(touched.placed | pinned)
        if not (np.isfinite(uv).all() and np.isfinite(depth).all()):
            return None
        self._say(np.linalg.norm(uv - (touched.poses[-1] if touched.poses else start).uv, axis=-1), touched)
        return Pose(uv, depth, edit.pose.visibility)

    def _say(self, moved: Floats, touched: _Touched) -> None:
        others = [joint for joint in range(JOINT_COUNT) if joint not in touched.placed]
        count = int((moved[others] > _MOVED_PX).sum())
        joints = "joint" if count == 1 else "joints"
        self._tell(f"Refit: {count} other {joints} followed" if count else "Refit: the other joints stay")


def _still_there(placed: dict[int, Placed], pose: Pose) -> dict[int, Placed]:
    """The joints that are where they were placed."""
    return {
        joint: one
        for joint, one in placed.items()
        if np.abs(pose.uv[joint] - np.asarray(one.uv)).max() <= _SAME_PX
    }


def _alike(one: Pose, other: Pose) -> bool:
    """Whether two poses are the same but for visibility."""
    return one is other or (np.array_equal(one.uv, other.uv) and np.array_equal(one.depth, other.depth))
