"""What of the current hand is under the mouse, and what the mouse does to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from handstudio.hand.skeleton import WRIST
from handstudio.ui.canvas.mapping import CORNERS, box_of, corner_under, corners_of, on_screen

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF, QRectF

    from handstudio.review.session import ReviewSession
    from handstudio.ui.canvas.boxes import BoxesItem
    from handstudio.ui.canvas.hands import FrameHands
    from handstudio.ui.canvas.view import CanvasView

EDGE_REACH = 6.0
"""Screen pixels about the corner of a box within which a press takes it."""
_RING = "Ring that turns the hand"
_WHICH = {"tl": "Upper left", "tr": "Upper right", "br": "Lower right", "bl": "Lower left"}


class Grasp:
    """What tools ask for: they point and pull, the session moves.

    Args:
        session: whose current hand.
        hands: as they are drawn.
        boxes: of the hands, and what the mouse draws.
        view: as which keys go left, right, up and down.
    """

    def __init__(self, session: ReviewSession, hands: FrameHands, boxes: BoxesItem, view: CanvasView) -> None:
        self.session, self.hands, self.boxes, self._view = session, hands, boxes, view
        self._by_keys = False

    def may_edit(self) -> bool:
        """Whether this window may change the project."""
        return not self.session.project.read_only

    # --- what is there ---------------------------------------------------------------------------------

    def joint_at(self, view: CanvasView, screen: QPointF) -> int | None:
        """The joint of the current hand under a point of a view."""
        overlay = self.hands.overlay
        if overlay is None:
            return None
        return overlay.markers.joint_at(view.viewportTransform(), screen.x(), screen.y())

    def joint_place(self, joint: int) -> tuple[float, float]:
        """Where a joint of the current hand is drawn, px."""
        overlay = self.hands.overlay
        u, v = overlay.markers.places(overlay.hand)[joint]
        return float(u), float(v)

    def joints_in(self, view: CanvasView, rect: QRectF) -> set[int]:
        """The joints of the current hand that are seen within a rectangle on the screen."""
        overlay = self.hands.overlay
        if overlay is None or not overlay.markers.isVisible():
            return set()
        places = on_screen(overlay.markers.places(overlay.hand), view.viewportTransform())
        return {joint for joint, (x, y) in enumerate(places.tolist()) if rect.contains(x, y)}

    def edge_at(self, view: CanvasView, screen: QPointF) -> str | None:
        """The corner of the current hand's box under a point of a view."""
        hand = self.hands.current
        if hand is None or not self.may_edit():
            return None
        corners = corners_of(hand.box, view.viewportTransform())
        return corner_under(corners, screen.x(), screen.y(), EDGE_REACH)

    def part_at(self, view: CanvasView, screen: QPointF) -> str | None:
        """What of the current hand's frame, its ring and corners, is under a point of a view."""
        overlay = self.hands.overlay
        if overlay is None or not self.may_edit():
            return None
        return overlay.frame.part_at(view.viewportTransform(), screen.x(), screen.y())

    def handles(self, view: CanvasView) -> list[tuple[str, QPointF]]:
        """What of the current hand, besides its joints, can be taken hold of: names, and points of a view at
        which a press would take it."""
        hand, overlay = self.hands.current, self.hands.overlay
        if hand is None or not self.may_edit():
            return []
        transform = view.viewportTransform()
        found = [
            (f"{_WHICH[name]} corner of the box", corner)
            for name, corner in zip(CORNERS, corners_of(hand.box, transform), strict=True)
            if self.edge_at(view, corner) == name
        ]
        for part, at in overlay.frame.handles(transform) if overlay is not None else ():
            if self.part_at(view, at) == part:
                found.append((_RING if part == "ring" else f"{_WHICH[part]} corner of the hand", at))
        free = [(name, at) for name, at in reversed(found) if self.joint_at(view, at) is None]
        return list(reversed(dict(free).items()))

    # --- what is shown of it ---------------------------------------------------------------------------

    def show_frame_part(self, view: CanvasView, screen: QPointF, part: str | None) -> None:
        """Show the current hand's frame where the mouse is near it."""
        overlay = self.hands.overlay
        if overlay is not None and self.may_edit():
            near = overlay.frame.is_near(view.viewportTransform(), screen.x(), screen.y())
            overlay.frame.set_part(near, part)

    def hover_joint(self, joint: int | None) -> None:
        """Name the joint under the mouse."""
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.markers.set_hovered(joint)

    def mouse_left(self) -> None:
        """What is there for the mouse alone goes with it."""
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.frame.set_part(False, None)
            overlay.markers.set_hovered(None)

    def select_joints(self, joints: set[int]) -> None:
        """Select these joints in every view."""
        self.session.select_joints(joints)

    # --- what is done to it ----------------------------------------------------------------------------

    def begin_drag(self) -> bool:
        """A joint starts to move; nothing is stored until it is let go. Whether it can be moved."""
        return self.session.begin_edit() is not None

    @property
    def dragging(self) -> bool:
        """Whether the pose that a drag moves is still in hand: a decision or an undo ends the drag."""
        return self.session.edit is not None

    def drag_joint(self, joint: int, at: QPointF, free: bool) -> None:
        """Move a joint to a point in frame pixels; the rest of the finger follows unless it is free."""
        self.session.move_joint(joint, uv=(at.x(), at.y()), free=free)

    def drag_together(self, joints: frozenset[int], by: QPointF, deeper: float) -> None:
        """Move joints as one group by frame pixels and reference bones from where the drag began."""
        self.session.move_together(joints, (by.x(), by.y()), deeper)

    def drag_depth(self, joint: int, by: float) -> None:
        """Move a joint in depth, in reference bones."""
        self.session.nudge(joint, 0.0, 0.0, by)

    def commit_drag(self) -> None:
        """Store what the drag made: one step of undo."""
        self._forget_limits()
        self.session.commit_edit()

    def cancel_drag(self) -> None:
        """Back to the pose before the drag."""
        self._forget_limits()
        self.session.cancel_edit()

    def _forget_limits(self) -> None:
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.markers.limited = frozenset()

    def transform(self, turn: float, scale: float) -> None:
        """Turn (rad) and scale the current hand about its wrist, and store it."""
        session = self.session
        if not self.may_edit() or session.begin_edit() is None or session.edit is None:
            return
        if session.transform_hand(turn, scale, session.edit.uv[WRIST]) is None:
            session.cancel_edit()
        else:
            session.commit_edit()

    def nudge(self, right: float, down: float, deeper: float) -> None:
        """Move the selected joints alone by px, as the view is turned, and reference bones, and store it.

        In depth a single joint takes its finger along.
        """
        if self._may_nudge():
            self.session.nudge_selected(*self._as_seen(right, down), deeper, free=deeper == 0.0)

    def pull(self, right: float, down: float) -> None:
        """Drag the selected joint by px, as the view is turned: by keys that are held, until ``let_go``.

        Several joints move together as they are, and are stored at once.
        """
        if not self._may_nudge():
            return
        if len(self.session.joints) > 1:
            self.session.nudge_selected(*self._as_seen(right, down))
            return
        begins = self.session.edit is None
        self.session.drag_selected(*self._as_seen(right, down))
        self._by_keys |= begins

    def let_go(self) -> None:
        """The keys that pulled are let go: what they did is stored, and the rest of the hand follows."""
        if self._by_keys:
            self._by_keys = False
            self.commit_drag()

    def _may_nudge(self) -> bool:
        return self.may_edit() and bool(self.session.joints) and self.session.hand_id is not None

    def _as_seen(self, right: float, down: float) -> tuple[float, float]:
        """What is right and down in the view as it is turned, in px of the frame."""
        turn = math.radians(-self._view.angle)
        return (
            right * math.cos(turn) - down * math.sin(turn),
            right * math.sin(turn) + down * math.cos(turn),
        )

    def current_box(self) -> QRectF:
        """The current hand's box, px."""
        hand = self.hands.current
        assert hand is not None
        return hand.box

    def change_box(self, rect: QRectF) -> None:
        """Give the current hand another box."""
        self.session.set_box(box_of(rect))
