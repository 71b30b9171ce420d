"""The hands of the frame on the canvas: one overlay each, reused from frame to frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

from handstudio.ui.canvas.boxes import BoxesItem
from handstudio.ui.canvas.mapping import all_about
from handstudio.ui.canvas.overlay import HandOverlay
from handstudio.ui.canvas.prepared import PreparedHand, map_image, prepare
from handstudio.ui.maps.colouring import coloured
from handstudio.ui.theme import Theme

if TYPE_CHECKING:
    from handstudio.jobs.hand_maps import HandMap
    from handstudio.media.source import Frame
    from handstudio.review.session import ReviewSession
    from handstudio.ui.canvas.heatmaps import Heatmaps
    from handstudio.ui.canvas.trail_layer import ShownTrail
    from handstudio.ui.maps.source import ModelMaps

NOTHING_MAPPED = (None,) * 4
MAP_ALPHA = 0.75
"""Of a map over the frame."""


class FrameHands:
    """Overlays and boxes of all hands of the current frame."""

    def __init__(
        self,
        scene: QGraphicsScene,
        boxes: BoxesItem,
        session: ReviewSession,
        theme: Theme,
        heatmaps: Heatmaps,
        maps: ModelMaps,
    ) -> None:
        self.heatmaps, self.maps = heatmaps, maps
        self.scene = scene
        self.boxes = boxes
        self.session = session
        self.theme = theme
        self.frame = QRectF()
        self.margin = 0.0
        self._overlays: list[HandOverlay] = []
        self._shown: list[PreparedHand] = []
        self._layers: frozenset[str] = frozenset()
        self._current: int | None = None
        self._faint = False
        self._map_shown: HandMap | None = None
        self._mapped: tuple[object, ...] = NOTHING_MAPPED
        """The hand, frame and wishes whose maps were prepared last."""

    @property
    def current_id(self) -> int | None:
        """The current hand's id."""
        return self._current

    @property
    def current(self) -> PreparedHand | None:
        """The current hand as it is drawn."""
        return next((hand for hand in self._shown if hand.hand_id == self._current), None)

    @property
    def overlay(self) -> HandOverlay | None:
        """The current hand's overlay."""
        return next(
            (overlay for overlay in self._overlays if overlay.hand is not None and overlay.current), None
        )

    @property
    def map_shown(self) -> HandMap | None:
        """The map of the model that lies over the current hand."""
        hand = self.current
        return self._map_shown if hand is not None and "map" in hand.maps else None

    @property
    def ids(self) -> frozenset[int]:
        """The hands that are shown."""
        return frozenset(hand.hand_id for hand in self._shown)

    def show_frame(self, hand_ids: Sequence[int], current: int | None, frame: QRectF, margin: float) -> None:
        """Show these hands; ``frame`` and ``margin`` in frame pixels."""
        self.frame, self.margin, self._current = frame, margin, current
        self._shown = [prepare(self.session.hand_view(hand_id)) for hand_id in hand_ids]
        self._place()

    def set_current(self, current: int | None) -> None:
        """Make another hand of the frame the current one."""
        if current != self._current:
            self._current = current
            self._place()

    def refresh(self, hand_id: int) -> None:
        """Draw one hand anew."""
        for index, hand in enumerate(self._shown):
            if hand.hand_id == hand_id:
                self._shown[index] = prepare(self.session.hand_view(hand_id), hand)
                self._place_one(index)
                self._place_boxes()

    def clear(self) -> None:
        """Show no hand."""
        self._shown, self._current = [], None
        self._place()

    def set_margin(self, margin: float) -> None:
        """Another zoom: the reach of markers in frame pixels."""
        if self._shown and margin != self.margin:
            self.margin = margin
            self._place()

    def show_maps(self, frame: Frame | None, names: AbstractSet[str]) -> None:
        """Prepare the current hand's selected joint's heatmap and chosen map of the model, those that are
        wanted."""
        hand = self.current
        if hand is None or frame is None:
            return
        shown = self.maps.chosen if "map" in names else None
        joint = min(self.session.joints) if "heatmap" in names and self.session.joints else None
        wanted = (hand, frame, joint, shown)
        if all(now is before for now, before in zip(wanted, self._mapped, strict=True)):
            return
        self._mapped = wanted
        had_maps = bool(hand.maps)
        hand.maps.clear()
        if joint is not None:
            self._add_heatmap(hand, joint)
        if shown is not None:
            self._add_map(hand)
        if not (had_maps or hand.maps):
            return
        for index, shown in enumerate(self._shown):
            if shown is hand:
                self._place_one(index)

    def show_trail(self, trail: ShownTrail | None) -> None:
        """Draw this trail of the current hand, or none."""
        hand, overlay = self.current, self.overlay
        if hand is not None and overlay is not None and (trail is not None or hand.trail is not None):
            hand.trail = trail
            overlay.items["trail"].update()

    def forget_maps(self) -> None:
        """What maps can be had is other than before: prepare them anew when they are wanted next."""
        self._mapped = NOTHING_MAPPED

    def _add_heatmap(self, hand: PreparedHand, joint: int) -> None:
        maps = self.heatmaps.of(hand.hand_id)
        if maps is not None:
            values = maps[joint]
            strength = np.clip(values / max(float(values.max()), 1e-6), 0, 1)
            hand.maps["heatmap"] = (
                map_image(strength, cv2.COLORMAP_INFERNO, 0.85 * strength**0.5),
                hand.square,
            )

    def _add_map(self, hand: PreparedHand) -> None:
        found = self.maps.shown_of(hand.hand_id)
        if found is not None:
            answer, self._map_shown = found
            look = answer.look
            hand.maps["map"] = (
                coloured(self._map_shown, MAP_ALPHA),
                QRectF(look.x, look.y, look.width, look.height),
            )

    def set_layers(self, names: Iterable[str]) -> None:
        """Which layers are to be seen."""
        self._layers = frozenset(names)
        for overlay in self._overlays:
            overlay.set_layers(self._layers)

    def set_faint(self, faint: bool) -> None:
        """Whether the current hand is there to be seen through, and not to be grabbed."""
        if faint != self._faint:
            self._faint = faint
            self._place()

    def _place(self) -> None:
        while len(self._overlays) < len(self._shown):
            overlay = HandOverlay(self.scene, self.theme)
            overlay.set_layers(self._layers)
            self._overlays.append(overlay)
        for index in range(len(self._overlays)):
            self._place_one(index)
        self._place_boxes()

    def _place_one(self, index: int) -> None:
        hand = self._shown[index] if index < len(self._shown) else None
        current = hand is not None and hand.hand_id == self._current
        self._overlays[index].show_hand(hand, current, self.frame, self.margin, self._faint)

    def _place_boxes(self) -> None:
        self.boxes.show_hands(self._shown, self._current, all_about(self.frame))
