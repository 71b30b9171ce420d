"""A simulated person who reviews through the same session as the window: looks, accepts, takes, drags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import JOINT_COUNT, ROOT
from handstudio.project.records import Floats, HandBundle, Pose
from handstudio.review.session import ReviewSession

from .references import Reference

SEEN: Final = 0.03
"""A joint that is off by more than this share of the box's side is seen to be off, and dragged."""
SEEN_DEPTH: Final = 0.35
"""The same in depth, in reference bones, as the 3D view shows it (the fingers are 0.3 to 0.4 apart)."""


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
        """Accepts a proposal or takes a correction of which no joint is off, else drags all that are."""
        session = self.session
        session.go_to_hand(hand_id)
        hand = session.bundle(hand_id)
        right = self._right(hand)
        if hand.proposal is None or right is None:
            return self._count("rejected" if session.reject() else "left")
        proposed, corrected = hand.proposal.pose, hand.proposal.corrected
        side = hand.record.box.side
        off_proposed, off_corrected = self._off(proposed, right, side), self._off(corrected, right, side)
        if not off_proposed.any():
            return self._count("accepted" if session.accept() else "left")
        if not off_corrected.any():
            return self._count("corrected" if session.take_correction() else "left")
        proposal_is_nearer = off_proposed.sum() <= off_corrected.sum()
        session.begin_edit()
        session.put_pose(proposed if proposal_is_nearer else corrected)
        self._drag(off_proposed if proposal_is_nearer else off_corrected, right)
        return self._count("fixed" if session.commit_edit() else "left")

    def _off(self, pose: Pose, right: Pose, side: float) -> npt.NDArray[np.bool_]:
        """(21,) which joints are seen to be off; in depth only where the depth is known."""
        off = np.linalg.norm(pose.uv - right.uv, axis=-1) >= SEEN * side
        if self.reference.depth is not None:
            off |= np.abs(pose.depth - right.depth) >= SEEN_DEPTH
        return np.asarray(off)

    def _drag(self, off: npt.NDArray[np.bool_], right: Pose) -> None:
        """Root first, then outwards; only joints that are off, the depth with them."""
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
