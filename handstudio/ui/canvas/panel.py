"""The canvas: the frame with its hands, the tools, the inset and what to say when there is no frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene, QVBoxLayout, QWidget

from handstudio.hand.box import Box
from handstudio.hand.skeleton import WRIST
from handstudio.ui.canvas import tools
from handstudio.ui.canvas.boxes import BoxesItem
from handstudio.ui.canvas.exposure import ExposureStrip
from handstudio.ui.canvas.frame_item import FrameItem
from handstudio.ui.canvas.hands import FrameHands
from handstudio.ui.canvas.heatmaps import Heatmaps
from handstudio.ui.canvas.inset import Inset
from handstudio.ui.canvas.layer_bar import LayerBar
from handstudio.ui.canvas.legend import MapLegend
from handstudio.ui.canvas.map_layers import MapLayers
from handstudio.ui.canvas.map_menu import MapMenuButton
from handstudio.ui.canvas.pair_item import PairItem
from handstudio.ui.canvas.placing import PlaceTool, PlacingMode
from handstudio.ui.canvas.view import CanvasView
from handstudio.ui.colours import LAYERS
from handstudio.ui.pages import Pages

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.project.records import Change, FrameRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.canvas.prepared import PreparedHand
    from handstudio.ui.services import Services

LAYERS_AT_FIRST = frozenset({"proposal", "correction", "label"})
EDGE_LAYERS_MARGIN = 48.0
"""Screen pixels that markers and tags may reach beyond what they mark."""

INSET_GAIN = 1.2
"""An inset appears when it shows the hand at least so many times as large as the frame does."""

LOADING_SAID_AFTER_MS = 150

Seen = Literal["nothing", "frame", "failure"]
"""What one sees of the session's frame: nothing while it loads, or why it cannot be shown."""


class Canvas(QWidget):
    """Shows the session's frame and hands, and turns the mouse into the session's commands."""

    box_drawn = Signal(QRectF)
    """A box in frame pixels that was drawn with the box tool."""
    zoomed = Signal(float)
    seen_changed = Signal()
    """The session's frame can be seen now, or not any more: :attr:`seen`."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.services = services
        self.theme = services.theme
        self.frame_rect = QRectF()
        self.frame: Frame | None = None
        self.seen: Seen = "nothing"
        self._record: FrameRecord | None = None
        self._awaited: tuple[int, int] | None = None
        self._held = False
        self._missed: Change | None = None
        self._waiting = QTimer(self, singleShot=True, interval=LOADING_SAID_AFTER_MS)
        self._waiting.timeout.connect(self._say_loading)
        self._build()
        self._connect()
        self._theme_changed()

    def _build(self) -> None:
        self.scene = QGraphicsScene(self)
        self.scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.frame_item = FrameItem()
        self.boxes = BoxesItem(self.theme)
        self.scene.addItem(self.frame_item)
        self.scene.addItem(self.boxes)
        self.pair = PairItem(self.session.disagreeing)
        self.scene.addItem(self.pair)
        self.heatmaps = Heatmaps(self.session, self.services.worker, parent=self)
        maps = self.services.maps
        self.hands = FrameHands(self.scene, self.boxes, self.session, self.theme, self.heatmaps, maps)
        self.view = CanvasView(self.scene)
        self.legend = MapLegend(self.theme, self.view)
        self.maps = MapLayers(
            self.hands, self.legend, lambda: self.frame, self.session, self.services, parent=self
        )
        self.maps.moved = self._place_floating
        self.inset = Inset(self.scene, self.theme, self.view)
        self.exposure = ExposureStrip(self.theme, self.view)
        self.exposure.hide()
        self.inset.hide()
        self.view.installEventFilter(self)
        self.select_tool = tools.SelectTool(self)
        self.box_tool = tools.BoxTool(self, self.box_drawn.emit, self._box_tool_done)
        self.view.tool = self.inset.tool = self.select_tool
        self.placing = PlacingMode(self)
        self.pages = Pages(self.view, self.theme)
        actions = self.services.actions
        menu = MapMenuButton(self.session, maps, actions, self.theme)
        self.layer_bar = LayerBar(actions, self.theme, menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.layer_bar)
        layout.addWidget(self.placing.strip)
        layout.addWidget(self.pages, 1)
        self.setFocusProxy(self.view)

    def _connect(self) -> None:
        bridge, actions = self.services.bridge, self.services.actions
        bridge.frame_changed.connect(self._frame_changed)
        bridge.hand_changed.connect(self._hand_changed)
        bridge.selection_changed.connect(self._selection_changed)
        bridge.changed.connect(self._changed)
        bridge.edited.connect(self._edited)
        bridge.pair_changed.connect(self._show_pair)
        if self.services.loader is not None:
            self.services.loader.ready.connect(self._frame_ready)
            self.services.loader.failed.connect(self._frame_failed)
        self.theme.changed.connect(self._theme_changed)
        self.exposure.changed.connect(self.frame_item.set_exposure)
        self.view.zoomed.connect(self._zoomed)
        self.view.space_tapped.connect(lambda: actions["accept"].trigger())
        self.view.arrow_pressed.connect(self._arrow)
        for name in LAYERS:
            action = actions[f"layer_{name}"]
            action.setChecked(name in LAYERS_AT_FIRST)
            action.toggled.connect(self._layers_changed)
        actions["hide_overlays"].toggled.connect(self._layers_changed)
        actions["draw_box"].toggled.connect(self._use_box_tool)
        actions["inset"].toggled.connect(self._show_inset)
        actions.on("exposure", lambda: self.show_exposure(not self.exposure.isVisible()))
        actions.on("zoom_in", lambda: self.view.zoom_by(1.25))
        actions.on("zoom_out", lambda: self.view.zoom_by(0.8))
        actions.on("zoom_fit", self.view.fit)
        actions.on("zoom_hand", self.zoom_to_hand)
        self._layers_changed()

    # --- what the session says -------------------------------------------------------------------------

    def show_session(self) -> None:
        """Show where the session is now."""
        self._frame_changed(self.session.frame_id)

    def _frame_changed(self, frame_id: int | None) -> None:
        self._let_go()
        self._missed = None
        if frame_id is None:
            self._awaited = None
            self.frame = None
            self._see("nothing")
            self.hands.clear()
            self.frame_item.set_frame(None)
            self.pages.show_empty(
                "No frames yet. Drop a folder of images or a video here, or import one.",
                self.services.actions["import_folder"],
                icon="mdi6.image-multiple-outline",
            )
            return
        record = self.session.project.frame(frame_id)
        self._record = record
        self._awaited = (record.sequence_id, record.index)
        if record.problem is not None:
            self._frame_failed(record.sequence_id, record.index, record.problem)
            return
        self._show_awaited()

    def _show_awaited(self) -> None:
        loader = self.services.loader
        frame = loader.frame(*self._awaited) if loader is not None else None
        if frame is None:
            problem = loader.problem(*self._awaited) if loader is not None else None
            if problem is not None and loader is not None:
                self._frame_failed(*self._awaited, problem)
                loader.request(*self._awaited)  # the file may be back: the drive, the share
            else:
                self._wait_for_frame()
            return
        self._waiting.stop()
        height, width = frame.rgb.shape[:2]
        self.frame_rect = QRectF(0, 0, width, height)
        self.frame = frame
        self.frame_item.set_frame(frame.rgb)
        self.exposure.show_frame(frame.rgb)
        self.view.set_frame_rect(self.frame_rect)
        self.inset.set_frame_rect(self.frame_rect)
        self.pages.show_content()
        self._show_hands()
        last = self.session.sequence(self._awaited[0]).frame_count - 1
        loader.read_ahead(*self._awaited, last)
        self._see("frame")

    def _wait_for_frame(self) -> None:
        """Another frame's picture must not stand under this frame's hands: show neither."""
        self.frame = None
        self._see("nothing")
        self.frame_item.set_frame(None)
        self.hands.clear()
        self._waiting.start()
        self.services.loader.request(*self._awaited)

    def _say_loading(self) -> None:
        self.pages.show_loading(f"Loading {self._record.name}")

    def _frame_ready(self, sequence_id: int, index: int) -> None:
        if (sequence_id, index) == self._awaited and self.frame is None:
            self._show_awaited()

    def _frame_failed(self, sequence_id: int, index: int, reason: str) -> None:
        if (sequence_id, index) != self._awaited:
            return
        self._waiting.stop()
        self.frame = None
        self._see("failure")
        self.frame_item.set_frame(None)
        self.hands.clear()
        self.pages.show_failed(
            f"This frame cannot be shown. {reason}\nThe other frames are not touched: go on to the next.",
            self.services.actions["next_frame"],
        )

    def _see(self, seen: Seen) -> None:
        if seen != self.seen:
            self.seen = seen
            self.seen_changed.emit()

    def _show_hands(self) -> None:
        ids = [record.id for record in self.session.hands()]
        self.hands.show_frame(ids, self.session.hand_id, self.frame_rect, self._margin())
        self._selection_changed()
        self.maps.show()
        self._follow_inset()
        self._show_pair()

    def _show_pair(self) -> None:
        """Two annotators' poses over the hand, which is faint meanwhile."""
        self.pair.show_pair(None if self.frame is None else self.frame_rect)
        if not self.placing.active:
            self.hands.set_faint(self.pair.isVisible())

    def _hand_changed(self, hand_id: int | None) -> None:
        if self.frame is None or hand_id == self.hands.current_id:
            return
        self._let_go()
        self.hands.set_current(hand_id)
        self._selection_changed()
        self.maps.show()
        self._follow_inset()

    @contextmanager
    def held(self) -> Iterator[None]:
        """What changes inside is shown at the end, and only if its frame is still the one that is shown."""
        self._held, self._missed = True, None
        try:
            yield
        finally:
            self._held, missed, self._missed = False, self._missed, None
            if missed is not None:
                self._changed(missed)

    def _changed(self, change: Change) -> None:
        if self._held:
            self._missed = change if self._missed is None else self._missed | change
            return
        if self.frame is None or self.session.frame_id is None:
            return
        if change.models or change.everything:
            self.maps.show_anew()
        shown = self.hands.ids
        if change.everything or self.session.frame_id in change.frames:
            self._show_hands()
        else:
            for hand_id in shown & change.hands:
                self.hands.refresh(hand_id)
            if shown & change.hands:
                self.maps.show()
                self._follow_inset()

    def _edited(self, hand_id: int | None) -> None:
        if hand_id is not None:
            overlay = self.hands.overlay
            if overlay is not None:
                overlay.markers.limited = self.session.limited
            self.hands.refresh(hand_id)

    def _selection_changed(self) -> None:
        joints = frozenset(self.session.joints)
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.markers.set_selected(joints)
            overlay.markers.set_pinned(self.session.pins.of(self.session.hand_id))
        self.view.takes_arrows = bool(joints) and self.may_edit()
        if self.services.actions["layer_heatmap"].isChecked():
            self.maps.show()

    def _margin(self) -> float:
        return EDGE_LAYERS_MARGIN / max(min(self.view.zoom, self.inset.zoom), 1e-3)

    # --- the look --------------------------------------------------------------------------------------

    def _theme_changed(self) -> None:
        self.scene.setBackgroundBrush(QColor(self.theme.surface.canvas))

    def _layers_changed(self, _checked: bool = False) -> None:
        actions = self.services.actions
        hidden = actions["hide_overlays"].isChecked()
        shown = {name for name in LAYERS if actions[f"layer_{name}"].isChecked()} if not hidden else set()
        self.boxes.setVisible(not hidden)
        self.hands.set_layers(shown)
        if self.frame is not None:
            self.maps.show()
            sender = self.sender()
            if sender is not None:
                self.maps.say_missing(sender.objectName().removeprefix("layer_"))

    def _zoomed(self, scale: float) -> None:
        self._follow_inset()
        self.hands.set_margin(self._margin())
        self.zoomed.emit(scale)

    def zoom_to_hand(self) -> None:
        """Zoom to the current hand's pose, or to its box while there is none."""
        hand = self.hands.current
        if hand is not None:
            self.view.show_area(hand.focus())

    def show_exposure(self, visible: bool) -> None:
        """Show or hide the sliders of brightness, contrast and gamma."""
        self.exposure.setVisible(visible)
        self._place_floating()

    def _show_inset(self, wanted: bool) -> None:
        self._follow_inset()
        if wanted and self.hands.current is not None and self.inset.isHidden():
            self.session.message.emit(
                "The frame shows the hand larger than the inset would: zoom out to see it"
            )

    def _follow_inset(self) -> None:
        """Show the hand enlarged; where the frame shows it as large the inset would only be in the way."""
        hand = self.hands.current
        wanted = hand is not None and self.services.actions["inset"].isChecked()
        if hand is None or not wanted:
            self.inset.hide()
            return
        gain = self.inset.zoom_for(hand.focus(), self._inset_side()) / max(self.view.zoom, 1e-6)
        self.inset.setVisible(gain >= (INSET_GAIN if self.inset.isHidden() else 1.0))
        if not self.inset.isHidden():
            self._place_inset(hand)
            self.inset.follow(hand.hand_id, hand.focus())

    def _inset_side(self) -> int:
        return max(120, min(360, self.view.width() // 3, self.view.height() // 2))

    def _place_inset(self, hand: PreparedHand) -> None:
        """In a corner where it hides no joint; it stays where it is while it hides none."""
        side, right = self._inset_side(), self.view.width() - self._inset_side() - 8
        low = self.view.height() - side - 8
        corners = [QRect(x, y, side, side) for x, y in ((right, 8), (8, 8), (right, low))]
        transform = self.view.viewportTransform()
        uv = hand.uv if hand.uv is not None else ()
        joints = [transform.map(QPointF(float(u), float(v))).toPoint() for u, v in uv]
        kept = [place for place in corners if place == self.inset.geometry()]
        best = min(kept + corners, key=lambda place: sum(place.contains(joint) for joint in joints))
        if best != self.inset.geometry():
            self.inset.setGeometry(best)

    def eventFilter(self, watched, event) -> bool:  # noqa: ANN001
        """What floats over the view keeps to its corners."""
        if watched is self.view and event.type() == event.Type.Resize:
            self._place_floating()
        if watched is self.view and event.type() == event.Type.Leave:
            self._mouse_left()
        return super().eventFilter(watched, event)

    def _mouse_left(self) -> None:
        """What is there for the mouse alone goes with it."""
        self.placing.item.set_mouse(None)
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.frame.set_part(False, None)
            overlay.markers.set_hovered(None)

    def _place_floating(self) -> None:
        self._follow_inset()
        self.exposure.adjustSize()
        low = self.view.height() - self.exposure.height() - 8
        self.exposure.move(8, low)
        below = low if self.exposure.isVisible() else self.view.height()
        self.legend.move(8, below - self.legend.height() - 8)

    # --- what the tools ask for ------------------------------------------------------------------------

    def may_edit(self) -> bool:
        """Whether this window may change the project."""
        return not self.session.project.read_only

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

    def joints_in(self, rect: QRectF) -> set[int]:
        """The joints of the current hand within a rectangle in frame pixels."""
        hand = self.hands.current
        if hand is None or hand.uv is None:
            return set()
        return {joint for joint, (u, v) in enumerate(hand.uv.tolist()) if rect.contains(u, v)}

    def edge_at(self, view: CanvasView, screen: QPointF) -> str | None:
        """The corner of the current hand's box under a point of a view."""
        hand = self.hands.current
        if hand is None or not self.may_edit():
            return None
        return tools.edge_at(view.viewportTransform().mapRect(hand.box), screen.x(), screen.y())

    def part_at(self, view: CanvasView, screen: QPointF) -> str | None:
        """What of the current hand's frame, its ring and corners, is under a point of a view."""
        overlay = self.hands.overlay
        if overlay is None or not self.may_edit():
            return None
        return overlay.frame.part_at(view.viewportTransform(), screen.x(), screen.y())

    def show_frame_part(self, view: CanvasView, screen: QPointF, part: str | None) -> None:
        """Show the current hand's frame where the mouse is near it."""
        overlay = self.hands.overlay
        if overlay is not None and self.may_edit():
            near = overlay.frame.is_near(view.viewportTransform(), screen.x(), screen.y())
            overlay.frame.set_part(near, part)

    def current_box(self) -> QRectF:
        """The current hand's box, px."""
        return QRectF(self.hands.current.box)

    def hover_joint(self, joint: int | None) -> None:
        """Name the joint under the mouse."""
        overlay = self.hands.overlay
        if overlay is not None:
            overlay.markers.set_hovered(joint)

    def select_joints(self, joints: set[int]) -> None:
        """Select these joints in every view."""
        self.session.select_joints(joints)

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

    def nudge(self, du: float, dv: float, dd: float) -> None:
        """Move the selected joints by px and reference bones, and store it."""
        if self.may_edit() and self.session.joints and self.session.hand_id is not None:
            self.session.nudge_selected(du, dv, dd, free=dd == 0.0)

    def change_box(self, rect: QRectF) -> None:
        """Give the current hand another box."""
        self.session.set_box(box_of(rect))

    def _arrow(self, dx: int, dy: int, far: bool) -> None:
        step = 5.0 if far else 1.0
        self.nudge(step * dx, step * dy, 0.0)

    def use_placing(self, tool: PlaceTool | None) -> None:
        """Let clicks place joints, or no longer; meanwhile what there is of the hand is faint."""
        self.select_tool.cancel()
        self.view.tool = self.inset.tool = self.select_tool if tool is None else tool
        self.hands.set_faint(tool is not None)
        for view in (self.view, self.inset):
            view.viewport().unsetCursor()

    def _use_box_tool(self, drawing: bool) -> None:
        self.view.tool = self.box_tool if drawing else self.select_tool
        self.select_tool.cancel()
        if drawing:
            self.view.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.view.viewport().unsetCursor()

    def _box_tool_done(self) -> None:
        self.services.actions["draw_box"].setChecked(False)

    def _let_go(self) -> None:
        """Another hand is current: what the mouse holds is over, what it has moved the session has stored."""
        for tool in (self.select_tool, self.box_tool, self.placing.tool):
            tool.let_go()
        self.view.abandon_press()
        self.inset.abandon_press()

    def cancel(self) -> bool:
        """Cancel the drag or the tool in hand, or the selection; whether there was anything to cancel."""
        busy = self.view.tool.cancel() or self.session.disagreeing.clear()
        self.view.abandon_press()
        self.inset.abandon_press()
        if not busy and self.session.joints:
            self.select_joints(set())
            return True
        return busy


def box_of(rect: QRectF) -> Box:
    """A rectangle of the canvas as a box."""
    return Box(rect.x(), rect.y(), rect.width(), rect.height())
