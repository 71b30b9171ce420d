"""What floats over the view keeps to its corners: the enlarged hand, the exposure's sliders, the legend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Signal

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
    """Places the inset where it hides no joint, and a column of panels in the lower left corner.

    Args:
        view: over which they float.
        inset: the enlarged hand.
        hands: as they are drawn.
        inset_wanted: whether the hand is to be shown enlarged at all.
        column: panels from the lower left corner upwards.
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
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the view's size, and notice when the mouse leaves it."""
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self.place()
        if watched is self._view and event.type() == QEvent.Type.Leave:
            self.mouse_left.emit()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Put everything where it belongs."""
        self.follow_hand()
        low = self._view.height()
        for panel in self._column:
            panel.adjustSize()
            panel.move(AIR, low - panel.height() - AIR)
            if panel.isVisibleTo(self._view):
                low = panel.y()

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
        transform = self._view.viewportTransform()
        uv = hand.uv if hand.uv is not None else ()
        joints = [transform.map(QPointF(float(u), float(v))).toPoint() for u, v in uv]
        kept = [place for place in corners if place == self._inset.geometry()]
        best = min(kept + corners, key=lambda place: sum(place.contains(joint) for joint in joints))
        if best != self._inset.geometry():
            self._inset.setGeometry(best)
