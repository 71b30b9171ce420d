"""A simulated person who reviews through the same session as the window: looks, accepts, takes, drags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from handstudio.hand.skeleton import JOINT_COUNT, ROOT
from handstudio.project.records import Floats, HandBundle, Pose
from handstudio.review.session import ReviewSession

from .references import Reference

GOOD: Final = 0.03
"""A pose is left as it is when its mean error is below this share of the box's side."""
JOINT_GOOD: Final = 0.02
"""A joint is left where it is when its error is below this share of the box's side."""


@dataclass
class SimulatedPerson:
    """Knows the right answer, and decides as somebody who sees it.

    Attributes:
        session: an open review.
        reference: the right answer.
        decisions: how many hands were accepted, corrected and fixed.
        drags: how many joints were dragged.
    """

    session: ReviewSession
    reference: Reference
    decisions: Counter[str] = field(default_factory=Counter)
    drags: int = 0

    def review(self, hand_ids: Sequence[int]) -> None:
        """Decides these hands one by one."""
        for hand_id in hand_ids:
            self.decide(hand_id)

    def decide(self, hand_id: int) -> str:
        """Accepts a good proposal, takes a good correction, drags the wrong joints of the better one."""
        session = self.session
        session.go_to_hand(hand_id)
        hand = session.bundle(hand_id)
        right = self._right(hand)
        if hand.proposal is None or right is None:
            return self._count("rejected" if session.reject() else "left")
        side = hand.record.box.side
        proposed, corrected = hand.proposal.pose, hand.proposal.corrected
        if _mean_error(proposed, right) < GOOD * side:
            return self._count("accepted" if session.accept() else "left")
        if _mean_error(corrected, right) < GOOD * side:
            return self._count("corrected" if session.take_correction() else "left")
        better = min((proposed, corrected), key=lambda pose: _mean_error(pose, right))
        session.begin_edit()
        session.put_pose(better)
        self._drag(better, right, JOINT_GOOD * side)
        return self._count("fixed" if session.commit_edit() else "left")

    def _drag(self, pose: Pose, right: Pose, limit_px: float) -> None:
        """Root first, then outwards; only joints that are off, the depth with them."""
        off = np.linalg.norm(pose.uv - right.uv, axis=-1) > limit_px
        for joint in (ROOT, *(joint for joint in range(JOINT_COUNT) if joint != ROOT)):
            if off[joint]:
                depth = None if joint == ROOT else float(right.depth[joint])
                self.session.move_joint(joint, right.uv[joint], depth, free=True)
                self.drags += 1

    def _right(self, hand: HandBundle) -> Pose | None:
        if not self.reference.knows(hand.record.id):
            return None
        row = self.reference.row_of(hand.record.id)
        depth: Floats
        if self.reference.depth is not None:
            depth = self.reference.depth[row]
        elif hand.proposal is not None:
            depth = hand.proposal.corrected.depth
        else:
            return None
        return Pose(self.reference.uv[row], depth)

    def _count(self, what: str) -> str:
        self.decisions[what] += 1
        return what


def _mean_error(pose: Pose, right: Pose) -> float:
    return float(np.linalg.norm(pose.uv - right.uv, axis=-1).mean())
