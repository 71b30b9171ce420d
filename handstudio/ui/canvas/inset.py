"""The current hand enlarged, in a corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsScene, QWidget

from handstudio.ui.canvas.mapping import all_about
from handstudio.ui.canvas.view import CanvasView
from handstudio.ui.theme import Theme


class Inset(CanvasView):
    """A second view of the same scene that keeps to the current hand; joints can be dragged in it too."""

    def __init__(self, scene: QGraphicsScene, theme: Theme, parent: QWidget) -> None:
        super().__init__(scene, parent)
        self.theme = theme
        self._hand_id: int | None = None
        self._hand = QRectF()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setProperty("bare", True)  # the hand's tag stands in the frame already
        self.setAccessibleName("Enlarged hand")

    def follow(self, hand_id: int, area: QRectF) -> None:
        """Show a hand's part of the frame; while it is the same hand the picture keeps still."""
        if hand_id == self._hand_id and self._hand.contains(area.center()):
            return
        self._hand_id, self._hand = hand_id, QRectF(area)
        self._place()

    def _place(self) -> None:
        if self._hand.isEmpty():
            return
        self._fitted = False
        self._show(self._hand, 0)

    def set_frame_rect(self, rect: QRectF) -> None:
        self._frame = rect
        self.setSceneRect(all_about(rect))
        self._place()

    def turn_to(self, angle: float) -> None:
        """Turn as the frame is turned."""
        super().turn_to(angle)
        self._place()

    def resizeEvent(self, event) -> None:  # noqa: ANN001
        super().resizeEvent(event)
        self._place()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.resetTransform()
        painter.setPen(QPen(self.theme.colour("secondary"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.viewport().rect())
        painter.restore()
