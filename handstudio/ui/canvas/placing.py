"""The guided mode of the canvas: 21 joints, pointed at in anatomical order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt

from handstudio.ui.canvas.placing_item import PlacingItem
from handstudio.ui.canvas.placing_strip import PlacingStrip

if TYPE_CHECKING:
    from handstudio.ui.canvas.panel import Canvas
    from handstudio.ui.canvas.view import CanvasView


class PlaceTool:
    """Click where the next joint is; a press may be moved until it is let go."""

    clicks = True

    def __init__(self, mode: PlacingMode) -> None:
        self._mode = mode
        self._pressed = False

    @property
    def holds(self) -> bool:
        """Whether a joint is about to be placed."""
        return self._pressed

    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._pressed = True
        self._mode.item.set_mouse(at)

    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._mode.item.set_mouse(at)

    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._pressed:
            self._pressed = False
            self._mode.place(at)

    def aside(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if not self._pressed:
            self._mode.guess()

    def hover(self, view: CanvasView, at: QPointF, screen: QPointF) -> None:
        view.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self._mode.item.set_mouse(at)

    def wheel(self, steps: float, keys: Qt.KeyboardModifier) -> bool:
        return False

    def cancel(self) -> bool:
        self._pressed = False
        self._mode.leave()
        return True

    def let_go(self) -> None:
        """Nothing is placed by a press that is given up."""
        self._pressed = False


class PlacingMode(QObject):
    """Turns the canvas to placing joints while the session says so, and back.

    Args:
        canvas: whose frame is clicked.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._placing = canvas.session.placing
        self.wanted = False
        """Whether the joints of the hand are to be placed about which a box is being drawn."""
        self._shown = False
        self.tool = PlaceTool(self)
        self.item = PlacingItem(canvas.theme)
        canvas.scene.addItem(self.item)
        self.strip = PlacingStrip(canvas.theme)
        self.strip.cross.clicked.connect(self.leave)
        actions, bridge = canvas.services.actions, canvas.services.bridge
        actions.on("place_joints", self.toggle)
        actions["draw_box"].toggled.connect(self._box_tool)
        bridge.placing_changed.connect(self.refresh)

    @property
    def active(self) -> bool:
        """Whether joints are being placed."""
        return self._placing.joint is not None

    def toggle(self) -> None:
        """Begin with the current hand, after a box was drawn about it where there is none; or leave."""
        if self.active:
            self.leave()
        elif self._canvas.session.hand_id is None:
            self._canvas.services.actions["draw_box"].setChecked(True)
            self.wanted = True
            self._canvas.session.message.emit(
                "Draw a box about the hand (by keys: arrows and Enter); then point at its joints"
            )
        else:
            self._canvas.services.actions["draw_box"].setChecked(False)
            self._placing.begin()

    def place(self, at: QPointF) -> None:
        """The next joint is there."""
        with self._canvas.held():
            self._placing.place(at.x(), at.y())

    def guess(self) -> None:
        """The next joint cannot be seen."""
        with self._canvas.held():
            self._placing.guess()

    def leave(self) -> None:
        """Stop placing."""
        self._placing.leave()

    def refresh(self) -> None:
        """Show the joints so far, or that the mode is over."""
        joint = self._placing.joint
        canvas = self._canvas
        if (joint is not None) != self._shown:
            self._shown = joint is not None
            canvas.in_hand.use_placing(self.tool if self._shown else None)
            keys = {
                Qt.Key.Key_V: self.guess,
                Qt.Key.Key_Backspace: self._placing.back,
            }
            canvas.view.own_keys = keys if self._shown else {}
            self.item.set_mouse(None)
            self.item.setVisible(self._shown)
            self.strip.setVisible(self._shown)
            if self._shown:
                canvas.view.setFocus()
        if joint is None:
            return
        uv, guessed = self._placing.so_far
        self.item.show_joints(uv, guessed, joint, canvas.view.sceneRect())
        self.strip.show_joint(joint, self._placing.side)

    def _box_tool(self, drawing: bool) -> None:
        self.wanted = False if drawing else self.wanted
        if drawing:
            self._placing.leave()
