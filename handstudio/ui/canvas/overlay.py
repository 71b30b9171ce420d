"""All layers of one hand on the canvas."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

from handstudio.ui.canvas.hand_frame import HandFrame
from handstudio.ui.canvas.layers import (
    MARGIN,
    CirclesLayer,
    HandLayer,
    LabelLayer,
    MapLayer,
    MaskLayer,
    SkeletonLayer,
)
from handstudio.ui.canvas.markers import JointMarkers
from handstudio.ui.canvas.prepared import PreparedHand
from handstudio.ui.canvas.trail_layer import TrailLayer
from handstudio.ui.theme import Theme

FAINT = 0.3
"""Opacity of a hand that is being placed anew."""
QUIET_LAYERS = frozenset({"proposal", "label"})
"""What a hand shows that is not the current one."""

LAYER_ITEMS: dict[str, tuple[type[HandLayer], float]] = {
    "map": (MapLayer, 1),
    "heatmap": (MapLayer, 2),
    "mask": (MaskLayer, 3),
    "circles": (CirclesLayer, 4),
    "truth": (SkeletonLayer, 5),
    "perturbed": (SkeletonLayer, 6),
    "proposal": (SkeletonLayer, 7),
    "correction": (SkeletonLayer, 8),
    "trail": (TrailLayer, 8.5),
    "label": (LabelLayer, 9),
}
"""Each layer's item and its height: what is filled lies under what is drawn."""


class HandOverlay:
    """Layers and joints of one hand; reused from frame to frame."""

    def __init__(self, scene: QGraphicsScene, theme: Theme) -> None:
        self.hand: PreparedHand | None = None
        self.current = False
        self._faint = False
        self._layers: frozenset[str] = frozenset(LAYER_ITEMS)
        self.items: dict[str, HandLayer] = {}
        for name, (kind, height) in LAYER_ITEMS.items():
            item = kind(name, theme)
            item.setZValue(height)
            self.items[name] = item
        self.markers = JointMarkers(theme)
        self.markers.setZValue(20)
        self.frame = HandFrame(theme)
        self.frame.setZValue(19)
        for item in (*self.items.values(), self.markers, self.frame):
            item.setVisible(False)
            scene.addItem(item)

    def show_hand(
        self,
        hand: PreparedHand | None,
        current: bool,
        frame: QRectF,
        margin: float,
        faint: bool = False,
    ) -> None:
        """Show a hand, or nothing; ``margin`` is the reach of markers beyond the paths, in frame pixels.

        A ``faint`` one that is the current one cannot be grabbed.
        """
        if self.hand is None or hand is None or hand.hand_id != self.hand.hand_id:
            self.markers.set_hovered(None)  # the mouse pointed at the hand before
            self.markers.limited = self.markers.pinned = frozenset()
            self.frame.set_part(False, None)
        self.hand = hand
        self.current = current
        self._faint = faint and current
        self.markers.frame = frame
        areas = self._areas(hand, frame, margin)
        self.markers.unit = margin / MARGIN
        for item in (*self.items.values(), self.markers, self.frame):
            item.show_hand(hand, areas.get(item.name, areas["label"]))
            item.setOpacity(FAINT if self._faint else 1.0 if current else 0.55)
        self._show_items()

    def _areas(self, hand: PreparedHand | None, frame: QRectF, margin: float) -> dict[str, QRectF]:
        """What layers may draw on, px of the frame: it is painted anew with each of their changes."""
        if hand is None:
            return {"label": QRectF()}
        around = -margin, -margin, margin, margin
        pose = hand.pose_extent().united(self.markers.extent(hand)).adjusted(*around)
        filled = hand.filled_extent().adjusted(*around)
        trail = filled.united(pose).united(frame.adjusted(*around))
        return {"label": pose, "trail": trail, **dict.fromkeys(("mask", "heatmap", "map"), filled)}

    def set_layers(self, names: Iterable[str]) -> None:
        """Which layers are to be seen."""
        self._layers = frozenset(names)
        self._show_items()

    def _show_items(self) -> None:
        hand = self.hand
        for name, item in self.items.items():
            shown = hand is not None and name in self._layers and (self.current or name in QUIET_LAYERS)
            if shown and not self.current and name == "proposal" and "label" in hand.skeletons:
                shown = False
            item.setVisible(shown)
        grabbed = "label" if hand is not None and hand.decided else "proposal"
        self.markers.setVisible(
            hand is not None
            and self.current
            and not self._faint
            and hand.uv is not None
            and grabbed in self._layers
        )
        self.frame.setVisible(self.markers.isVisible())
