"""The layer of depth: over which range its colours lie, and what it says under the mouse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal

from handstudio.hand.surface import range_mm
from handstudio.ui.canvas.depth_item import DepthItem
from handstudio.ui.canvas.depth_scale import DepthScale
from handstudio.ui.canvas.mapping import box_of

if TYPE_CHECKING:
    import numpy as np

    from handstudio.ui.canvas.panel import Canvas
    from handstudio.ui.canvas.view import CanvasView


class DepthLayer(QObject):
    """Shows the frame's depth while the layer is on.

    Args:
        canvas: on which it is shown.

    Attributes:
        item: the colours.
        scale: what they mean.
    """

    told = Signal(str)
    """The depth under the mouse, in words; empty where there is nothing to say."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._actions = canvas.services.actions
        self.item = DepthItem()
        canvas.scene.addItem(self.item)
        self.scale = DepthScale(canvas.theme, canvas.view)
        self.scale.changed.connect(self.show)
        self._actions.on("depth_range", self._ask_range)
        self._pointed: QPointF | None = None
        for view in (canvas.view, canvas.inset):
            view.pointed.connect(lambda at, view=view: self._point(view, at))

    def show(self) -> None:
        """Show the depth of the frame that is seen, where it is wanted and there is one."""
        depth = self._depth()
        ends = None if depth is None else self._ends(depth)
        if ends is None:
            self.item.show_depth(None if depth is None else depth)
        else:
            self.item.show_depth(depth, *ends)
            self.scale.show_ends(*ends)
        if self.scale.isHidden() != (depth is None):
            self.scale.setVisible(depth is not None)
            self._canvas.floating.place()
        self._tell()

    def say_missing(self, name: str) -> None:
        """Why the layer shows nothing."""
        frame = self._canvas.frame
        if name == "depth" and self._wanted() and frame is not None and frame.depth_mm is None:
            self._canvas.session.message.emit("Depth map: this frame came without depth")

    def mouse_left(self) -> None:
        """The mouse is no longer over the canvas."""
        self._pointed = None
        self._tell()

    def _ask_range(self) -> None:
        """Let the ends be typed; the layer is switched on first, where it is off."""
        self._actions["layer_depth"].setChecked(True)
        if self.scale.isVisible():
            self.scale.near.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.scale.near.selectAll()

    def _wanted(self) -> bool:
        return self._actions["layer_depth"].isChecked() and not self._actions["hide_overlays"].isChecked()

    def _depth(self) -> np.ndarray | None:
        frame = self._canvas.frame
        return None if frame is None or not self._wanted() else frame.depth_mm

    def _ends(self, depth: np.ndarray) -> tuple[float, float] | None:
        """Those that were set, else those of the current hand, else of all that the frame shows."""
        chosen = self.scale.ends()
        if chosen is not None:
            return chosen
        hand, frame = self._canvas.hands.current, self._canvas.frame
        of_hand = None if hand is None else range_mm(depth, box_of(hand.box), frame.mask)
        return of_hand or range_mm(depth)

    def _point(self, view: CanvasView, at: QPointF) -> None:
        self._pointed = view.to_frame(at)
        self._tell()

    def _tell(self) -> None:
        value = self._under_mouse()
        self.scale.bar.show_value(value if value else None)
        self.told.emit("" if value is None else f"{value:.0f} mm" if value else "no depth")

    def _under_mouse(self) -> float | None:
        """mm, 0 where nothing was measured; ``None`` where there is no depth to tell of."""
        depth = self._depth()
        if depth is None or self._pointed is None:
            return None
        column, row = math.floor(self._pointed.x()), math.floor(self._pointed.y())
        if not (0 <= row < depth.shape[0] and 0 <= column < depth.shape[1]):
            return None
        value = float(depth[row, column])
        return value if math.isfinite(value) and value > 0.0 else 0.0
