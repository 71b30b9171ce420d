"""How far apart two 2.5D poses are."""

from __future__ import annotations

from typing import Final

from handstudio.hand.arrays import Array, namespace

LAMBDA_D: Final = 50.0
"""Weight of the depth term in SemiHand's Eq. 2."""


def pose_distance(uv1: Array, depth1: Array, uv2: Array, depth2: Array, lambda_d: float = LAMBDA_D) -> Array:
    """The mean over joints of ``|uv1 - uv2|^2 + lambda_d |d1 - d2|^2`` (SemiHand Eq. 2).

    Args:
        uv1, uv2: (..., 21, 2) in cells of the network's 64 x 64 grid.
        depth1, depth2: (..., 21) in reference bones.
        lambda_d: weight of the depth term.

    Returns:
        (...): one distance per pair of poses, in squared cells.
    """
    xp = namespace(uv1, depth1, uv2, depth2)
    uv_difference = uv1 - uv2
    depth_difference = depth1 - depth2
    squares = xp.sum(uv_difference * uv_difference, axis=-1) + lambda_d * depth_difference * depth_difference
    return xp.mean(squares, axis=-1)
