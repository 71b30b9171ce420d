"""The frame's pixels under everything else."""

from __future__ import annotations

import cv2
import numpy as np

from handstudio.ui.canvas.exposure import NEUTRAL, Exposure
from handstudio.ui.canvas.sampling import SampledItem

FRAME_HEIGHT = -10.0


class FrameItem(SampledItem):
    """One RGB frame."""

    def __init__(self) -> None:
        super().__init__(FRAME_HEIGHT)
        self._exposure = NEUTRAL

    def set_frame(self, rgb: np.ndarray | None) -> None:
        """Show ``rgb`` uint8 (H, W, 3), or nothing."""
        self.show_pixels(rgb)

    def set_exposure(self, exposure: Exposure) -> None:
        """How values are shown; for the eye only."""
        self._exposure = exposure
        self.colours_changed()

    def coloured(self, pixels: np.ndarray) -> np.ndarray:
        if self._exposure != NEUTRAL:
            pixels = cv2.LUT(pixels, self._exposure.table())
        return cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)
