"""Boxes by the mouse: one that is drawn, and the corners of one that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from handstudio.ui.canvas.drags import SHIFT
from handstudio.ui.canvas.mapping import polygon_of

if TYPE_CHECKING:
    from handstudio.ui.canvas.grasp import Grasp
    from handstudio.ui.canvas.view import CanvasView


class BoxTool:
    """Drag a rectangle: a hand's box."""

    clicks = False

    def __init__(self, grasp: Grasp, drawn: Callable[[QRectF], None], done: Callable[[], None]) -> None:
        self._boxes, self._hands = grasp.boxes, grasp.hands
        self._drawn = drawn
        self._done = done
        self._from: QPointF | None = None

    @property
    def holds(self) -> bool:
        """Whether the first corner is set."""
        return self._from is not None

    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._from = at

    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._from is not None:
            self._boxes.set_drawn(polygon_of(self._rect(at, keys)))

    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._from is None:
            return
        rect = self._rect(at, keys)
        self._from = None
        self._boxes.set_drawn(None)
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
        return QRectF(start, at).normalized().intersected(self._hands.frame)

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
        self._boxes.set_drawn(None)


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
