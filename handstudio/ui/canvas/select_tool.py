"""The tool that is in hand unless another is: select, drag, turn, scale, pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.ui.canvas.box_tool import BoxDrag
from handstudio.ui.canvas.drags import SHIFT, GroupDrag, JointDrag
from handstudio.ui.canvas.hand_frame import FrameDrag, part_cursor
from handstudio.ui.canvas.mapping import corner_cursor, polygon_of

if TYPE_CHECKING:
    from handstudio.ui.canvas.grasp import Grasp
    from handstudio.ui.canvas.view import CanvasView

DRAG_STARTS = 3.0
"""Screen pixels that the mouse may tremble during a click."""

DEPTH_PER_STEP = 0.05
"""Reference bones that one step of the wheel moves a joint in depth."""

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class SelectTool:
    """Press a joint and drag it; press a hand to make it the current one; drag over nothing to select joints.

    A drag keeps the finger a finger; with Shift one joint moves freely. One of several selected joints takes
    the others along. The wheel, with a joint held or with Alt, moves in depth. The ring around the wrist
    turns the hand, its corners scale it; the right button pins a joint. With Control a drag begins a band
    wherever there is no joint, and what is in it is added to what is selected.
    """

    clicks = False

    def __init__(self, grasp: Grasp) -> None:
        self.grasp = grasp
        self._pressed_at = QPointF()
        self._dragging = False
        self._joints: JointDrag | GroupDrag | None = None
        self._frame: FrameDrag | None = None
        self._box: BoxDrag | None = None
        self._band: QPointF | None = None

    @property
    def holds(self) -> bool:
        """Whether joints, the hand's frame, a box or a band are held."""
        return any(held is not None for held in (self._joints, self._band, self._box, self._frame))

    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._pressed_at, self._dragging = screen, False
        joint = self.grasp.joint_at(view, screen)
        if joint is not None:
            self._take(view, joint, at, keys)
        elif keys & CONTROL:
            self._band = at
        else:
            self._press_beside(view, at, screen)

    def _press_beside(self, view: CanvasView, at: QPointF, screen: QPointF) -> None:
        part = self.grasp.part_at(view, screen)
        if part is not None:
            self._frame = FrameDrag(self.grasp.session, part, at, self.grasp.hands.current)
            return
        edge = self.grasp.edge_at(view, screen)
        if edge is not None:
            self._box = BoxDrag(self.grasp.current_box(), edge)
            return
        hand = self.grasp.boxes.hand_at(at.x(), at.y())
        if hand is not None and hand != self.grasp.session.hand_id:
            self.grasp.session.go_to_hand(hand)
            return
        self._band = at

    def _take(self, view: CanvasView, joint: int, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        session = self.grasp.session
        chosen = set(session.joints)
        if keys & CONTROL:
            self.grasp.select_joints(chosen ^ {joint})
            return
        if joint not in chosen:
            self.grasp.select_joints({joint})
            chosen = {joint}
        if not self.grasp.may_edit():
            return
        pinned = session.pins.of(session.hand_id)
        if view.exact and joint not in pinned:
            at = QPointF(*self.grasp.joint_place(joint))
            self._pressed_at = view.viewportTransform().map(at)
            view.hold_at(self._pressed_at)
        if joint in pinned:
            session.message.emit(f"The {JOINT_NAMES[joint]} is pinned: L or a right click frees it")
        elif len(chosen) > 1 and not keys & SHIFT:
            self._joints = GroupDrag(self.grasp, joint, chosen, at)
        else:
            self._joints = JointDrag(self.grasp, joint, at)

    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        far = view.steady or view.slowness * (screen - self._pressed_at).manhattanLength() >= DRAG_STARTS
        pulled = self._joints or self._frame
        if pulled is not None and (far or self._dragging):
            if self._drags() and not pulled.move(at, keys):
                self.cancel()
        elif self._box is not None and far:
            self.grasp.boxes.set_drawn(polygon_of(self._box.moved(at)))
        elif self._band is not None and far:
            inverse, _ = view.viewportTransform().inverted()
            self.grasp.boxes.set_drawn(inverse.map(polygon_of(self._band_seen(view, screen))))

    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._dragging:
            self.grasp.commit_drag()
        elif isinstance(self._joints, GroupDrag):
            self.grasp.select_joints({self._joints.joint})
        elif self._box is not None:
            if self.grasp.boxes.drawn is not None:
                self.grasp.change_box(self._box.moved(at))
        elif self._band is not None:
            drawn = self.grasp.boxes.drawn is not None
            found = self.grasp.joints_in(view, self._band_seen(view, screen)) if drawn else set()
            self.grasp.select_joints(set(self.grasp.session.joints) | found if keys & CONTROL else found)
        self.let_go()

    def _band_seen(self, view: CanvasView, screen: QPointF) -> QRectF:
        """The band on the screen; it stays where it began while the view moves."""
        return QRectF(view.viewportTransform().map(self._band), screen).normalized()

    def aside(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Pin the joint under the mouse, or unpin it."""
        joint = self.grasp.joint_at(view, screen)
        if joint is not None and self.grasp.may_edit():
            self.grasp.session.toggle_pins({joint})

    def hover(self, view: CanvasView, at: QPointF, screen: QPointF) -> None:
        joint = self.grasp.joint_at(view, screen)
        self.grasp.hover_joint(joint)
        part = None if joint is not None else self.grasp.part_at(view, screen)
        self.grasp.show_frame_part(view, screen, part)
        edge = None if joint is not None or part is not None else self.grasp.edge_at(view, screen)
        if joint is not None:
            view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        elif part is not None:
            view.viewport().setCursor(part_cursor(part, view.viewportTransform()))
        elif edge is not None:
            view.viewport().setCursor(corner_cursor(edge, view.viewportTransform()))
        else:
            view.viewport().unsetCursor()

    def wheel(self, steps: float, keys: Qt.KeyboardModifier) -> bool:
        if self._joints is not None:
            joints = self._joints
            if self._drags():
                joints.deepen(-steps * DEPTH_PER_STEP)
            return True
        if keys & ALT and self.grasp.session.joints:
            self.grasp.nudge(0.0, 0.0, -steps * DEPTH_PER_STEP)
            return True
        return False

    def cancel(self) -> bool:
        busy = self.holds
        if self._dragging:
            self.grasp.cancel_drag()
        self.let_go()
        return busy

    def _drags(self) -> bool:
        """Begin the drag, or go on with it while its pose is in hand; else the joint is let go."""
        going = self.grasp.dragging if self._dragging else self.grasp.begin_drag()
        if not going:
            self.let_go()
        self._dragging = going
        return going

    def let_go(self) -> None:
        """Hold nothing any more; what was moved stays as it is."""
        self._joints, self._band, self._box, self._frame, self._dragging = None, None, None, None, False
        self.grasp.boxes.set_drawn(None)
