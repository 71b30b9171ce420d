"""The two tools of the canvas: select and drag, and draw a box."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.ui.canvas.hand_frame import FrameDrag, part_cursor

if TYPE_CHECKING:
    from handstudio.ui.canvas.panel import Canvas
    from handstudio.ui.canvas.view import CanvasView

DRAG_STARTS = 3.0
"""Screen pixels that the mouse may tremble during a click."""

DEPTH_PER_STEP = 0.05
"""Reference bones that one step of the wheel moves a joint in depth."""

EDGE_REACH = 6.0

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class SelectTool:
    """Press a joint and drag it; press a hand to make it the current one; drag over nothing to select joints.

    A drag keeps the finger a finger; with Shift one joint moves freely. The wheel, with a joint held or with
    Alt, moves in depth. The ring around the wrist turns the hand, its corners scale it; the right button pins
    a joint.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._joint: int | None = None
        self._grip = QPointF()
        self._pressed_at = QPointF()
        self._dragging = False
        self._band: QPointF | None = None
        self._box: BoxDrag | None = None
        self._frame: FrameDrag | None = None

    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._pressed_at, self._dragging = screen, False
        joint = self.canvas.joint_at(view, screen)
        if joint is not None:
            self._take(joint, at, keys)
            return
        part = self.canvas.part_at(view, screen)
        if part is not None:
            self._frame = FrameDrag(self.canvas, part, at, self.canvas.hands.current)
            return
        edge = self.canvas.edge_at(view, screen)
        if edge is not None:
            self._box = BoxDrag(self.canvas.current_box(), edge)
            return
        hand = self.canvas.boxes.hand_at(at.x(), at.y())
        if hand is not None and hand != self.canvas.session.hand_id:
            self.canvas.session.go_to_hand(hand)
            return
        self._band = at

    def _take(self, joint: int, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        session = self.canvas.session
        chosen = set(session.joints)
        if keys & CONTROL:
            self.canvas.select_joints(chosen ^ {joint})
            return
        if joint not in chosen:
            self.canvas.select_joints({joint})
        if not self.canvas.may_edit():
            return
        if joint in session.pins.of(session.hand_id):
            session.message.emit(f"The {JOINT_NAMES[joint]} is pinned: L or a right click frees it")
            return
        self._joint = joint
        u, v = self.canvas.joint_place(joint)
        self._grip = QPointF(u - at.x(), v - at.y())

    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        far = (screen - self._pressed_at).manhattanLength() >= DRAG_STARTS
        if self._joint is not None and (far or self._dragging):
            if self._drags():
                self.canvas.drag_joint(self._joint, at + self._grip, free=bool(keys & SHIFT))
        elif self._frame is not None and (far or self._dragging):
            if self._drags() and not self._frame.move(at, keys):
                self.cancel()
        elif self._box is not None and far:
            self.canvas.boxes.set_drawn(self._box.moved(at))
        elif self._band is not None and far:
            self.canvas.boxes.set_drawn(QRectF(self._band, at).normalized())

    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._dragging:
            self.canvas.commit_drag()
        elif self._box is not None:
            if self.canvas.boxes.drawn is not None:
                self.canvas.change_box(self.canvas.boxes.drawn)
        elif self._band is not None:
            band = self.canvas.boxes.drawn
            found = self.canvas.joints_in(band) if band is not None else set()
            self.canvas.select_joints(set(self.canvas.session.joints) | found if keys & CONTROL else found)
        self.let_go()

    def aside(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Pin the joint under the mouse, or unpin it."""
        joint = self.canvas.joint_at(view, screen)
        if joint is not None and self.canvas.may_edit():
            self.canvas.session.toggle_pins({joint})

    def hover(self, view: CanvasView, at: QPointF, screen: QPointF) -> None:
        joint = self.canvas.joint_at(view, screen)
        self.canvas.hover_joint(joint)
        part = None if joint is not None else self.canvas.part_at(view, screen)
        self.canvas.show_frame_part(view, screen, part)
        edge = None if joint is not None or part is not None else self.canvas.edge_at(view, screen)
        if joint is not None:
            view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        elif part is not None:
            view.viewport().setCursor(part_cursor(part))
        elif edge is not None:
            view.viewport().setCursor(edge_cursor(edge))
        else:
            view.viewport().unsetCursor()

    def wheel(self, steps: float, keys: Qt.KeyboardModifier) -> bool:
        if self._joint is not None:
            if self._drags():
                self.canvas.drag_depth(self._joint, -steps * DEPTH_PER_STEP)
            return True
        if keys & ALT and self.canvas.session.joints:
            self.canvas.nudge(0.0, 0.0, -steps * DEPTH_PER_STEP)
            return True
        return False

    def cancel(self) -> bool:
        busy = any(held is not None for held in (self._joint, self._band, self._box, self._frame))
        if self._dragging:
            self.canvas.cancel_drag()
        self.let_go()
        return busy

    def _drags(self) -> bool:
        """Begin the drag, or go on with it while its pose is in hand; else the joint is let go."""
        going = self.canvas.dragging if self._dragging else self.canvas.begin_drag()
        if not going:
            self.let_go()
        self._dragging = going
        return going

    def let_go(self) -> None:
        """Hold nothing any more; what was moved stays as it is."""
        self._joint, self._band, self._box, self._frame, self._dragging = None, None, None, None, False
        self.canvas.boxes.set_drawn(None)


class BoxTool:
    """Drag a rectangle: a hand's box."""

    def __init__(self, canvas: Canvas, drawn: Callable[[QRectF], None], done: Callable[[], None]) -> None:
        self.canvas = canvas
        self._drawn = drawn
        self._done = done
        self._from: QPointF | None = None

    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._from = at

    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._from is not None:
            self.canvas.boxes.set_drawn(self._rect(at, keys))

    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._from is None:
            return
        rect = self._rect(at, keys)
        self._from = None
        self.canvas.boxes.set_drawn(None)
        self._done()
        if min(rect.width(), rect.height()) >= 4:
            self._drawn(rect)

    def _rect(self, at: QPointF, keys: Qt.KeyboardModifier) -> QRectF:
        start = self._from
        if keys & SHIFT:
            side = max(abs(at.x() - start.x()), abs(at.y() - start.y()))
            at = QPointF(
                start.x() + np.copysign(side, at.x() - start.x()),
                start.y() + np.copysign(side, at.y() - start.y()),
            )
        return QRectF(start, at).normalized().intersected(self.canvas.frame_rect)

    def aside(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The right button says nothing here."""

    def hover(self, view: CanvasView, at: QPointF, screen: QPointF) -> None:
        view.viewport().setCursor(Qt.CursorShape.CrossCursor)

    def wheel(self, steps: float, keys: Qt.KeyboardModifier) -> bool:
        return False

    def cancel(self) -> bool:
        self.let_go()
        self._done()
        return True

    def let_go(self) -> None:
        """Begin the rectangle anew; the tool stays in hand."""
        self._from = None
        self.canvas.boxes.set_drawn(None)


class BoxDrag:
    """A box whose edges follow the mouse."""

    def __init__(self, box: QRectF, edge: str) -> None:
        self._box = box
        self._edge = edge

    def moved(self, at: QPointF) -> QRectF:
        """The box with the held edges at the mouse."""
        box = QRectF(self._box)
        if "l" in self._edge:
            box.setLeft(min(at.x(), box.right() - 4))
        if "r" in self._edge:
            box.setRight(max(at.x(), box.left() + 4))
        if "t" in self._edge:
            box.setTop(min(at.y(), box.bottom() - 4))
        if "b" in self._edge:
            box.setBottom(max(at.y(), box.top() + 4))
        return box


def edge_at(box: QRectF, x: float, y: float) -> str | None:
    """Which corner of a box in screen pixels a point touches: of ``tl tr bl br``."""
    if abs(x - box.left()) <= EDGE_REACH:
        across = "l"
    elif abs(x - box.right()) <= EDGE_REACH:
        across = "r"
    else:
        return None
    if abs(y - box.top()) <= EDGE_REACH:
        return "t" + across
    if abs(y - box.bottom()) <= EDGE_REACH:
        return "b" + across
    return None


def edge_cursor(edge: str) -> Qt.CursorShape:
    """The cursor that says which way a corner moves."""
    return Qt.CursorShape.SizeFDiagCursor if edge in ("tl", "br") else Qt.CursorShape.SizeBDiagCursor
