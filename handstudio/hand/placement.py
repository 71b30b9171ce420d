"""Where on the hand a joint's label is put: at the joint, or where people and detectors point at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.arrays import Array, like
from handstudio.hand.skeleton import FINGERS, JOINT_COUNT, ROOT, WRIST


@dataclass(frozen=True)
class Placement:
    """Moves labels along the hand's bones, each by a share of the bone.

    Attributes:
        wrist_towards_palm: the wrist, towards the middle MCP.
        bases_towards_tips: the MCPs of the four fingers, towards their PIPs.
        tips_inwards: the five tips, towards the joint before them.
    """

    wrist_towards_palm: float = 0.0
    bases_towards_tips: float = 0.0
    tips_inwards: float = 0.0

    def moved(self, joints: Array) -> Array:
        """Joints (..., 21, D) where their labels are put."""
        return like(self._shares(), joints) @ joints

    def undone(self, labels: Array) -> Array:
        """The joints (..., 21, D) whose labels are there: the inverse of :meth:`moved`."""
        return like(np.linalg.inv(self._shares().astype(np.float64)), labels) @ labels

    def _shares(self) -> npt.NDArray[np.float32]:
        """(21, 21): each label as a mean of joints."""
        shares = np.eye(JOINT_COUNT, dtype=np.float32)
        moves = [(WRIST, ROOT, self.wrist_towards_palm)]
        moves += [(base, base + 1, self.bases_towards_tips) for base, *_ in FINGERS[1:]]
        moves += [(tip, before, self.tips_inwards) for *_, before, tip in FINGERS]
        for joint, towards, share in moves:
            shares[joint, joint] = 1.0 - share
            shares[joint, towards] += share
        return shares


AT_THE_JOINTS: Final = Placement()
"""Centres of rotation and the skin of the fingertips, as data sets with exact truth mean them."""

AS_POINTED_AT: Final = Placement(wrist_towards_palm=0.1, bases_towards_tips=0.2, tips_inwards=0.2)
"""Where landmark detectors such as MediaPipe, and people after them, put the joints in a photograph: the
MCPs where the fingers leave the palm, the tips at the end of the bone inside the soft tissue."""
