"""The canvas: the frame with its hands, the tools, the inset and what to say when there is no frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene, QVBoxLayout, QWidget

from handstudio.ui.canvas.boxes import BoxesItem
from handstudio.ui.canvas.depth_layer import DepthLayer
from handstudio.ui.canvas.exposure import ExposureStrip
from handstudio.ui.canvas.floating import Floating
from handstudio.ui.canvas.frame_item import FrameItem
from handstudio.ui.canvas.grasp import Grasp
from handstudio.ui.canvas.hands import FrameHands
from handstudio.ui.canvas.heatmaps import Heatmaps
from handstudio.ui.canvas.inset import Inset
from handstudio.ui.canvas.key_cursor import KeyCursor
from handstudio.ui.canvas.layer_bar import LayerBar
from handstudio.ui.canvas.layers import MARGIN
from handstudio.ui.canvas.legend import MapLegend
from handstudio.ui.canvas.looking import Looking
from handstudio.ui.canvas.magnifier import Magnifier
from handstudio.ui.canvas.map_layers import MapLayers
from handstudio.ui.canvas.map_menu import MapMenuButton
from handstudio.ui.canvas.motion import MotionTrails
from handstudio.ui.canvas.pair_item import PairItem
from handstudio.ui.canvas.placing import PlacingMode
from handstudio.ui.canvas.shown_frame import Seen, ShownFrame
from handstudio.ui.canvas.tool_in_hand import ToolInHand
from handstudio.ui.canvas.turn_button import TurnButton
from handstudio.ui.canvas.twin import Twin
from handstudio.ui.canvas.view import CanvasView
from handstudio.ui.colours import LAYERS
from handstudio.ui.pages import Pages

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

LAYERS_AT_FIRST = frozenset({"proposal", "correction", "label"})
LEAST = 80, 60
"""Px of the frame that are always to be seen."""
DRAWING = "Drag a box about the hand; by keys, arrows point, Enter sets a corner and then the opposite one"


class Canvas(QWidget):
    """Shows the session's frame and hands, and turns the mouse into the session's commands.

    Attributes:
        shown: the session's frame as far as it can be seen.
        grasp: what of the current hand is under the mouse, and what the mouse does to it.
        in_hand: the tool that the mouse works with.
        keys: does with keys what the mouse does.
    """

    box_drawn = Signal(QRectF)
    """A box in frame pixels that was drawn with the box tool."""
    zoomed = Signal(float)

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.services = services
        self.theme = services.theme
        self.frame_rect = QRectF()
        self._held = False
        self._missed: Change | None = None
        self._build()
        self._connect()
        self._theme_changed()

    def _build(self) -> None:
        actions, maps = self.services.actions, self.services.maps
        self.scene = QGraphicsScene(self)
        self.scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.frame_item = FrameItem()
        self.boxes = BoxesItem(self.theme)
        self.scene.addItem(self.frame_item)
        self.scene.addItem(self.boxes)
        self.pair = PairItem(self.session.comparing)
        self.scene.addItem(self.pair)
        self.heatmaps = Heatmaps(self.session, self.services.worker, parent=self)
        self.hands = FrameHands(self.scene, self.boxes, self.session, self.theme, self.heatmaps, maps)
        self.view = CanvasView(self.scene)
        self.twin = Twin(self.view, self.scene, self.session.comparing)
        self.pages = Pages(self.twin.row, self.theme)
        self.pages.setMinimumSize(*LEAST)
        self.shown = ShownFrame(self.session, self.services, self.pages, parent=self)
        self.inset = Inset(self.scene, self.theme, self.view)
        self.inset.hide()
        self.exposure = ExposureStrip(self.theme, self.view)
        self.exposure.hide()
        self.legend = MapLegend(self.theme, self.view)
        self.depth = DepthLayer(self)
        column = (self.exposure, self.depth.scale, self.legend)
        self.floating = Floating(self.view, self.inset, self.hands, self._inset_wanted, column)
        self.maps = MapLayers(
            self.hands, self.legend, lambda: self.frame, self.session, self.services, parent=self
        )
        self.maps.moved = self.floating.place
        self.grasp = Grasp(self.session, self.hands, self.boxes, self.view)
        self.in_hand = ToolInHand(
            self.grasp, (self.view, self.inset), actions["draw_box"], self.box_drawn.emit
        )
        self.placing = PlacingMode(self)
        self.keys = KeyCursor(self)
        self.magnifier = Magnifier(self)
        self.trails = MotionTrails(self)
        self.turn = TurnButton(actions, self.theme)
        menu = MapMenuButton(self.session, maps, actions, self.theme)
        self.layer_bar = LayerBar(actions, self.theme, menu, self.turn)
        self.looking = Looking(self)
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
        self.shown.came.connect(self._frame_came)
        self.shown.went.connect(self._frame_went)
        self.theme.changed.connect(self._theme_changed)
        self.floating.mouse_left.connect(self._mouse_left)
        self.view.zoomed.connect(self._zoomed)
        self.view.space_tapped.connect(lambda: actions["accept"].trigger())
        self.view.arrow_pressed.connect(self._arrow)
        self.view.arrows_released.connect(self.grasp.let_go)
        for name in LAYERS:
            action = actions[f"layer_{name}"]
            action.setChecked(name in LAYERS_AT_FIRST)
            action.toggled.connect(self._layers_changed)
        actions["hide_overlays"].toggled.connect(self._layers_changed)
        self._layers_changed()
        actions["draw_box"].toggled.connect(lambda on: self.session.message.emit(DRAWING) if on else None)

    @property
    def frame(self) -> Frame | None:
        """The frame that can be seen."""
        return self.shown.frame

    @property
    def seen(self) -> Seen:
        """What can be seen of the session's frame."""
        return self.shown.seen

    # --- what the session says -------------------------------------------------------------------------

    def show_session(self) -> None:
        """Show where the session is now."""
        self._frame_changed(self.session.frame_id)

    def _frame_changed(self, frame_id: int | None) -> None:
        self.in_hand.let_go()
        self._missed = None
        self.shown.go_to(frame_id)

    def _frame_came(self, frame: Frame) -> None:
        height, width = frame.rgb.shape[:2]
        self.frame_rect = QRectF(0, 0, width, height)
        self.frame_item.set_frame(frame.rgb)
        self.exposure.show_frame(frame.rgb)
        self.view.set_frame_rect(self.frame_rect)
        self.inset.set_frame_rect(self.frame_rect)
        self._show_hands()

    def _frame_went(self) -> None:
        self.frame_item.set_frame(None)
        self.hands.clear()
        self.depth.show()

    def _show_hands(self) -> None:
        ids = [record.id for record in self.session.hands()]
        self.hands.show_frame(ids, self.session.hand_id, self.frame_rect, self._margin())
        self._show_current()

    def _show_current(self) -> None:
        self._selection_changed()
        self.maps.show()
        self.depth.show()
        self.floating.follow_hand()
        self._show_pair()

    def _show_pair(self) -> None:
        """Two poses over the hand, which is faint meanwhile, or hidden where each has a view of its own."""
        frame = None if self.frame is None else self.frame_rect
        before = self.twin.on
        self.pair.show_pair(frame)
        self.twin.show(frame)
        if self.twin.on != before:
            self._layers_changed()
            self.floating.follow_hand()
        self._show_boxes()
        if not self.placing.active:
            self.hands.set_faint(self.pair.isVisible())

    def _hand_changed(self, hand_id: int | None) -> None:
        if self.frame is None or hand_id == self.hands.current_id:
            return
        self.in_hand.let_go()
        self.hands.set_current(hand_id)
        self._show_current()

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
        if change.everything or self.session.frame_id in change.frames:
            self._show_hands()
            return
        if changed := self.hands.ids & change.hands:
            for hand_id in changed:
                self.hands.refresh(hand_id)
            self.maps.show()
            self.depth.show()
            self.floating.follow_hand()
        if self.session.sequence_id in change.sequences:
            self.trails.show()

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
        self.trails.show()
        self.view.takes_arrows = bool(joints) and self.grasp.may_edit()
        if self.services.actions["layer_heatmap"].isChecked():
            self.maps.show()

    def _inset_wanted(self) -> bool:
        return self.services.actions["inset"].isChecked() and not self.twin.on

    def _margin(self) -> float:
        return MARGIN / max(min(self.view.zoom, self.inset.zoom), 1e-3)

    # --- the look --------------------------------------------------------------------------------------

    def _theme_changed(self) -> None:
        self.scene.setBackgroundBrush(QColor(self.theme.surface.canvas))

    def _layers_changed(self, _checked: bool = False) -> None:
        actions = self.services.actions
        hidden = self._all_hidden
        shown = {name for name in LAYERS if actions[f"layer_{name}"].isChecked()} if not hidden else set()
        self._show_boxes()
        self.hands.set_layers(shown)
        if self.frame is not None:
            layers = self.maps, self.trails, self.depth
            for layer in layers:
                layer.show()
            sender = self.sender()
            for layer in layers if sender is not None else ():
                layer.say_missing(sender.objectName().removeprefix("layer_"))

    @property
    def _all_hidden(self) -> bool:
        return self.services.actions["hide_overlays"].isChecked() or self.twin.on

    def _show_boxes(self) -> None:
        """What a box's tag says of the hand, the legend of two poses says for both."""
        self.boxes.setVisible(not self._all_hidden and not self.pair.isVisible())

    def _zoomed(self, scale: float) -> None:
        self.floating.follow_hand()
        self.hands.set_margin(self._margin())
        self.zoomed.emit(scale)

    # --- mouse and keys --------------------------------------------------------------------------------

    def _mouse_left(self) -> None:
        self.placing.item.set_mouse(None)
        self.magnifier.mouse_left()
        self.depth.mouse_left()
        self.grasp.mouse_left()

    def _arrow(self, dx: int, dy: int, far: bool) -> None:
        step = 5.0 if far else 1.0
        self.grasp.pull(step * dx, step * dy)

    def cancel(self) -> bool:
        """Cancel the drag or the tool in hand, or the selection; whether there was anything to cancel."""
        busy = self.in_hand.cancel() or self.keys.put_away() or self.session.comparing.clear()
        if not busy and self.session.joints:
            self.grasp.select_joints(set())
            return True
        return busy
