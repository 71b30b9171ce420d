"""A worker that shows known maps of every hand, at once or when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.jobs.hand_maps import HandMap, HandMaps


def halves() -> np.ndarray:
    """(8, 8): 0 at the left, 1 at the right, and nothing is said of the lower quarter."""
    values = np.zeros((8, 8), np.float32)
    values[:, 4:] = 1.0
    values[6:] = np.nan
    return values


def shown_of(box: Box, method: str = "Stranger", names: tuple[str, ...] = ("near", "looked at")) -> HandMaps:
    """Maps over the middle half of a box."""
    look = box.square().scaled(0.5)
    maps = [
        HandMap(name, halves() if row == 0 else 1.0 - halves(), "far", "close", f"About {name}")
        for row, name in enumerate(names)
    ]
    crop = np.zeros((16, 16, 3), np.uint8)
    crop[:, :8, 0] = 200
    return HandMaps(method, look, crop, tuple(maps))


class MapWorker:
    """Stands for the resident worker."""

    model_path = None

    def __init__(self) -> None:
        self.method, self.names = "Stranger", ("near", "looked at")
        self.fault: HandStudioError | None = None
        self.at_once = True
        self.asked: list[SimpleNamespace] = []
        self.models: list[object] = []

    def use_model(self, path: object) -> None:
        self.models.append(path)

    def warm_up(self, ready: object) -> None: ...
    def close(self) -> None: ...

    def maps(self, frame: object, box: Box, side: str, told: Callable[[object], None]) -> SimpleNamespace:
        asked = SimpleNamespace(frame=frame, box=box, side=side, cancelled=False)

        def cancel() -> None:
            asked.cancelled = True

        def answer() -> None:
            if not asked.cancelled:
                told(self.fault or shown_of(box, self.method, self.names))

        asked.cancel, asked.answer = cancel, answer
        self.asked.append(asked)
        if self.at_once:
            answer()
        return asked
