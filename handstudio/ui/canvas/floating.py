"""What floats over the view keeps to its corners: the enlarged hand, the exposure's sliders, the legend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from handstudio.ui.canvas.hands import FrameHands
    from handstudio.ui.canvas.inset import Inset
    from handstudio.ui.canvas.prepared import PreparedHand
    from handstudio.ui.canvas.view import CanvasView

INSET_GAIN = 1.2
"""An inset appears when it shows the hand at least so many times as large as the frame does."""
AIR = 8
"""Between what floats and the view's border, px."""


class Floating(QObject):
    """Places the inset where it hides no joint, and a column of panels, as wide as the widest of them, in the
    lower left corner, or in the right one where it hides fewer joints there when a panel comes or goes.

    Args:
        view: over which they float.
        inset: the enlarged hand.
        hands: as they are drawn.
        inset_wanted: whether the hand is to be shown enlarged at all.
        column: panels from the lower corner upwards.
    """

    mouse_left = Signal()
    """The mouse has left the view."""

    def __init__(
        self,
        view: CanvasView,
        inset: Inset,
        hands: FrameHands,
        inset_wanted: Callable[[], bool],
        column: tuple[QWidget, ...],
    ) -> None:
        super().__init__(view)
        self._view, self._inset, self._hands = view, inset, hands
        self._inset_wanted, self._column = inset_wanted, column
        self._at_left = True
        for watched in (view, view.viewport(), inset.viewport()):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the view's size, and notice when the mouse leaves it."""
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self.place()
        if event.type() == QEvent.Type.Leave:  # to what floats over it as well
            self.mouse_left.emit()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Put everything where it belongs."""
        self.follow_hand()
        shown = [panel for panel in self._column if panel.isVisibleTo(self._view)]
        if not shown:
            self._at_left = True
            return
        width = max(panel.sizeHint().width() for panel in shown)
        sides = {at_left: self._stacked(shown, width, at_left) for at_left in (True, False)}
        if self._hidden_by(sides[not self._at_left]) < self._hidden_by(sides[self._at_left]):
            self._at_left = not self._at_left
        for panel, place in zip(shown, sides[self._at_left], strict=True):
            panel.setGeometry(place)

    def _stacked(self, panels: list[QWidget], width: int, at_left: bool) -> list[QRect]:
        """Where panels are in one of the lower corners."""
        left, low = AIR if at_left else self._view.width() - width - AIR, self._view.height()
        places = []
        for panel in panels:
            height = panel.sizeHint().height()
            low -= height + AIR
            places.append(QRect(left, low, width, height))
        return places

    def _hidden_by(self, places: list[QRect]) -> int:
        """How many joints of the current hand are under these; the enlarged hand counts as all of them."""
        joints = self._joints(self._hands.current)
        if not self._inset.isHidden() and any(self._inset.geometry().intersects(place) for place in places):
            return max(len(joints), 1)
        return sum(any(place.contains(joint) for place in places) for joint in joints)

    def _joints(self, hand: PreparedHand | None) -> list[QPoint]:
        """Where the joints of a hand are in the view."""
        transform = self._view.viewportTransform()
        uv = hand.uv if hand is not None and hand.uv is not None else np.empty((0, 2))
        return [transform.map(QPointF(u, v)).toPoint() for u, v in uv[np.isfinite(uv).all(axis=1)].tolist()]

    def follow_hand(self) -> None:
        """Show the hand enlarged; where the frame shows it as large the inset would only be in the way."""
        hand = self._hands.current
        if hand is None or not self._inset_wanted():
            self._inset.hide()
            return
        gain = self._inset.zoom_for(hand.focus(), self._side(), self._side()) / max(self._view.zoom, 1e-6)
        self._inset.setVisible(gain >= (INSET_GAIN if self._inset.isHidden() else 1.0))
        if not self._inset.isHidden():
            self._place_inset(hand)
            self._inset.follow(hand.hand_id, hand.focus())

    def _side(self) -> int:
        return max(120, min(360, self._view.width() // 3, self._view.height() // 2))

    def _place_inset(self, hand: PreparedHand) -> None:
        """In a corner where it hides no joint; it stays where it is while it hides none."""
        side = self._side()
        right, low = self._view.width() - side - AIR, self._view.height() - side - AIR
        corners = [QRect(x, y, side, side) for x, y in ((right, AIR), (AIR, AIR), (right, low))]
        joints = self._joints(hand)
        kept = [place for place in corners if place == self._inset.geometry()]
        best = min(kept + corners, key=lambda place: sum(place.contains(joint) for joint in joints))
        if best != self._inset.geometry():
            self._inset.setGeometry(best)
