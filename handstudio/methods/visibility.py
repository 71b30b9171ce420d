"""What can be said about a joint's visibility from where it is proposed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import OUTSIDE, VISIBLE


def outside_frame(uv: npt.NDArray[np.float32], width: float, height: float) -> npt.NDArray[np.uint8]:
    """(..., 21) uint8: 2 for joints (..., 21, 2) px beyond the frame, else 0."""
    u, v = uv[..., 0], uv[..., 1]
    outside = (u < 0) | (v < 0) | (u >= width) | (v >= height)
    return np.where(outside, OUTSIDE, VISIBLE).astype(np.uint8)
