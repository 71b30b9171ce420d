"""A joint of the 3D view in the hand of mouse or keys: it moves in the view's plane, and along the view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF

if TYPE_CHECKING:
    from handstudio.ui.view3d.stage import Stage

STARTS: Final = 3.0
"""Px that the mouse may tremble during a click."""
_DEEPER: Final = 0.03
"""Of the hand's reach: a step along the view."""


class Grip:
    """Holds at most one joint, and tells through its stage's signals where it is moved.

    Attributes:
        joint: that is held.
        alone: whether it moves without its finger.
        by_keys: whether keys hold it.
        dragging: whether it was moved.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.joint: int | None = None
        self.alone = self.by_keys = self.dragging = False
        self._from = self._last = QPointF()
        self._away = np.zeros(2)
        self._depth = 0.0

    def take(self, joint: int, here: QPointF | None = None, alone: bool = False) -> None:
        """Take hold of a joint at a point of the view; without one it is keys that do."""
        at, self._depth = self._stage.seen(joint)
        self.by_keys = here is None
        here = QPointF(*at) if here is None else here
        self.joint, self.alone, self.dragging = joint, alone, False
        self._from = self._last = here
        self._away = at - (here.x(), here.y())

    def pull_to(self, here: QPointF, meant: bool = False) -> None:
        """Move it to a point of the view; what is not ``meant`` may be a click that trembles."""
        self._last = here
        if self.joint is None:
            return
        if not self.dragging:
            if not meant and (here - self._from).manhattanLength() < STARTS:
                return
            self.dragging = True
            self._stage.drag_began.emit(self.joint)
            if self.joint is None:
                return  # it may not be moved
        point = (here.x() + self._away[0], here.y() + self._away[1])
        place = self._stage.orbit.from_screen(point, self._depth, self._stage.extent)
        self._stage.dragged.emit(self.joint, place, self.alone)

    def pull_by(self, step: QPointF) -> None:
        """Move it by px."""
        self.pull_to(self._last + step, meant=True)

    def deepen(self, steps: float) -> None:
        """Move it along the view, away from the viewer."""
        self._depth += steps * self._stage.orbit.reach * _DEEPER
        self.pull_to(self._last, meant=True)

    def let_go(self) -> None:
        """Hold nothing."""
        self.joint = None
        self.alone = self.by_keys = self.dragging = False
