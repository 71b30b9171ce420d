"""Motion trails on the canvas: of which joints, over how many frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from handstudio.hand.skeleton import FINGERS
from handstudio.ui.canvas.trail_layer import ShownTrail

if TYPE_CHECKING:
    from handstudio.ui.canvas.panel import Canvas

TIPS = tuple(finger[-1] for finger in FINGERS)
LENGTHS = (5, 10, 20, 40)
"""Frames before and after this one that its key goes through."""
AT_FIRST = 10
_FRAMES = "canvas/trail_frames"


class MotionTrails(QObject):
    """Gives the current hand its trail while the layer is on.

    Args:
        canvas: on which it is drawn.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._hands, self._session, self._services = canvas.hands, canvas.session, canvas.services
        canvas.services.actions.on("trail_length", self._next_length)

    @property
    def reach(self) -> int:
        """How many frames back and on; remembered."""
        return max(1, self._services.settings.value(_FRAMES, AT_FIRST, int))

    def show(self) -> None:
        """Draw the trail of the current hand anew, where it is wanted."""
        self._hands.show_trail(self._wanted())

    def say_missing(self, name: str) -> None:
        """Why the layer shows nothing."""
        shown = self._wanted() if name == "trail" else None
        if shown is not None and len(shown.trail) < 2:
            self._session.message.emit("Trails: no frame near this one has a pose of this hand")

    def _wanted(self) -> ShownTrail | None:
        session, actions = self._session, self._services.actions
        hand_id = self._hands.current_id
        if hand_id is None or not actions["layer_trail"].isChecked() or actions["hide_overlays"].isChecked():
            return None
        record, reach = session.bundle(hand_id).record, self.reach
        joints = tuple(sorted(session.joints)) or TIPS
        return ShownTrail(session.trails.about(record, reach), record.frame_index, reach, joints)

    def _next_length(self) -> None:
        """Switch the layer on first, where it is off."""
        layer = self._services.actions["layer_trail"]
        if not layer.isChecked():
            layer.setChecked(True)
            return
        reach = next((length for length in LENGTHS if length > self.reach), LENGTHS[0])
        self._services.settings.setValue(_FRAMES, reach)
        self._session.message.emit(f"Trails: {reach} frames before this one and {reach} after it")
        self.show()
