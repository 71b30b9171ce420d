"""Hands between two hands: the palm is turned and carried, the fingers bend by their angles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import bent, joint_angles
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.skeleton import BONES, FINGER_BASES, ROOT, WRIST, Side

Doubles = npt.NDArray[np.float64]

_PALM = (WRIST, *FINGER_BASES)


def between(first: npt.ArrayLike, second: npt.ArrayLike, shares: npt.ArrayLike, side: Side) -> Doubles:
    """Hands on the way from one to another.

    The root goes straight, the palm turns about it by the shortest rotation and changes its shape evenly,
    and so do the angles of the fingers and the lengths of their bones.

    Args:
        first, second: (21, 3) in the same unit and axes, finite.
        shares: (N,) of the way, 0 at the first.
        side: of both.

    Returns:
        (N, 21, 3).
    """
    from scipy.spatial.transform import Rotation, Slerp  # a third of a second that no start should wait for

    start, end = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if side == "left":
        start, end = mirror_xyz(start), mirror_xyz(end)
    way = np.asarray(shares, dtype=np.float64)[:, None, None]
    palms = [hand[list(_PALM)] - hand[ROOT] for hand in (start, end)]
    turn, _ = Rotation.align_vectors(palms[1], palms[0])
    turns = Slerp([0.0, 1.0], Rotation.concatenate([Rotation.identity(), turn]))(way[:, 0, 0])
    shape = (1.0 - way) * palms[0] + way * turn.inv().apply(palms[1])
    hands = np.repeat(start[None], len(way), axis=0)
    root = (1.0 - way) * start[ROOT] + way * end[ROOT]
    hands[:, list(_PALM)] = np.einsum("nij,npj->npi", turns.as_matrix(), shape) + root
    angles = (1.0 - way) * joint_angles(start) + way * joint_angles(end)
    lengths = (1.0 - way[:, 0]) * _bones(start) + way[:, 0] * _bones(end)
    found: Doubles = bent(hands, angles, lengths)
    return mirror_xyz(found) if side == "left" else found


def _bones(hand: Doubles) -> Doubles:
    parents, children = np.array(BONES).T
    lengths: Doubles = np.linalg.norm(hand[children] - hand[parents], axis=-1)
    return lengths
