"""The 3D view without a mouse: keys turn and shift the space, and move a joint that they hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Qt

from handstudio.ui.canvas.key_cursor import STEPS, modifiers
from handstudio.ui.canvas.view import ARROWS, ZOOM_STEP

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from handstudio.ui.view3d.grip import Grip
    from handstudio.ui.view3d.stage import Stage

TURN: Final = math.radians(5.0)
"""By which an arrow turns the space."""
PAN_SHARE: Final = 0.08
"""Of the view's shorter side, by which Shift and an arrow move it."""
_DEEPER: Final = {Qt.Key.Key_BracketLeft: -1.0, Qt.Key.Key_BracketRight: 1.0}
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_ZOOMS: Final = {
    **dict.fromkeys((Qt.Key.Key_Plus, Qt.Key.Key_Equal), ZOOM_STEP),
    Qt.Key.Key_Minus: 1.0 / ZOOM_STEP,
}
_PLAIN, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class StageKeys:
    """Arrows turn, with Shift they shift, plus and minus zoom, 0 shows all of the hand; Enter takes hold of
    the selected joint, which arrows move in the view's plane then and brackets along the view, until Enter
    lets go of it or Escape gives it back. With Shift, Enter takes hold of the joint alone.
    """

    def __init__(self, stage: Stage, grip: Grip) -> None:
        self._stage, self._grip = stage, grip

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is the view's own now, before it is an action of the window."""
        grip, key, keys = self._grip, event.key(), modifiers(event)
        if key == Qt.Key.Key_Escape:
            return grip.dragging or grip.by_keys
        if key in _DEEPER:
            return grip.joint is not None
        if key in ARROWS and grip.by_keys:
            return keys in STEPS
        own = key in ARROWS or key in _ENTER or key in _ZOOMS or key == Qt.Key.Key_0
        return own and keys in (_PLAIN, _SHIFT) and self._stage.shows_hand

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means; whether it means anything."""
        if not self.claims(event):
            return False
        stage, key, keys = self._stage, event.key(), modifiers(event)
        if key == Qt.Key.Key_Escape:
            stage.cancel_drag()
        elif key in _DEEPER:
            self._grip.deepen(_DEEPER[key])
        elif key in ARROWS:
            self._arrow(QPointF(*ARROWS[key]), keys)
        elif key in _ZOOMS:
            stage.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_0:
            stage.frame()
        elif not event.isAutoRepeat():
            self._enter(alone=keys == _SHIFT)
        return True

    def _arrow(self, way: QPointF, keys: Qt.KeyboardModifier) -> None:
        stage = self._stage
        if self._grip.by_keys:
            self._grip.pull_by(way * STEPS[keys])
        elif keys == _SHIFT:
            stage.shift(-way * PAN_SHARE * min(stage.width(), stage.height()))
        else:
            stage.turn(TURN * way.x(), -TURN * way.y())

    def _enter(self, alone: bool) -> None:
        stage, chosen = self._stage, self._stage.chosen()
        if self._grip.by_keys:
            stage.put_down()
        elif len(chosen) == 1 and not stage.busy:
            self._grip.take(next(iter(chosen)), alone=alone)
            stage.update()
        elif not stage.busy:
            stage.needs_joint.emit()
