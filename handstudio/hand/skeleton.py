"""The 21 joints of a hand, their order, parents and fingers.

The order is that of OpenPose and FreiHAND: the wrist, then thumb, index, middle, ring and pinky,
each from its base to its tip.
"""

from __future__ import annotations

from typing import Final, Literal

Side = Literal["left", "right"]

VISIBLE: Final = 0
OCCLUDED: Final = 1
OUTSIDE: Final = 2
"""Visibility of a joint: in sight; in the image but hidden; not in the image."""

JOINT_COUNT: Final = 21
BONE_COUNT: Final = 20

FINGER_NAMES: Final[tuple[str, ...]] = ("thumb", "index", "middle", "ring", "pinky")

JOINT_NAMES: Final[tuple[str, ...]] = (
    "wrist",
    *(f"thumb {part}" for part in ("CMC", "MCP", "IP", "TIP")),
    *(f"{finger} {part}" for finger in FINGER_NAMES[1:] for part in ("MCP", "PIP", "DIP", "TIP")),
)

WRIST: Final = 0
ROOT: Final = 9
"""The middle finger's MCP: depths are relative to it."""
REFERENCE_CHILD: Final = 10
"""The joint that ends the reference bone, the middle finger's proximal phalanx (9-10)."""

PARENTS: Final[tuple[int, ...]] = (-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19)
"""Parent of each joint; a finger's base hangs on the wrist."""

BONES: Final[tuple[tuple[int, int], ...]] = tuple((PARENTS[child], child) for child in range(1, JOINT_COUNT))
"""The 20 bones as (parent, child); bone ``i`` is named by its child, joint ``i + 1``."""

FINGERS: Final[tuple[tuple[int, ...], ...]] = tuple(
    tuple(range(1 + 4 * finger, 5 + 4 * finger)) for finger in range(5)
)
"""The four joints of each finger, base to tip."""

FINGER_BASES: Final[tuple[int, ...]] = tuple(finger[0] for finger in FINGERS)
FINGER_TIPS: Final[tuple[int, ...]] = tuple(finger[-1] for finger in FINGERS)


def finger_of(joint: int) -> int | None:
    """The finger (0 thumb to 4 pinky) that a joint belongs to; ``None`` for the wrist."""
    return None if joint == WRIST else (joint - 1) // 4
