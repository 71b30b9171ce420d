"""Which part of the frame a view shows, how large and how far turned."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from handstudio.ui.canvas.mapping import all_about, zoom_of
from handstudio.ui.focus_frame import FramedByKeys

ZOOM_LIMITS = (0.02, 64.0)
TURN_STEP = 15.0
"""Degrees by which keys turn the view."""


@dataclass(frozen=True)
class Framed:
    """How a view is framed: the whole frame fitted, or so many screen pixels per frame pixel about a point of
    the frame."""

    fitted: bool
    zoom: float
    about: QPointF


class Framing(FramedByKeys, QGraphicsView):
    """A view of the frame that knows how to fit, zoom and turn it. Coordinates of the frame never change."""

    zoomed = Signal(float)
    """Screen pixels per frame pixel."""
    turned = Signal(float)
    """Degrees, clockwise."""

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._frame = QRectF()
        self._fitted = True
        self._angle = 0.0
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def zoom(self) -> float:
        """Screen pixels per frame pixel."""
        return zoom_of(self.transform())

    @property
    def angle(self) -> float:
        """How far the view is turned, degrees clockwise, above -180 and up to 180."""
        return self._angle

    def set_frame_rect(self, rect: QRectF) -> None:
        """The frame's rectangle; another size is fitted anew, turned as the view is."""
        if rect == self._frame:
            return
        self._frame = rect
        self.setSceneRect(all_about(rect))
        self.fit()

    def fit(self) -> None:
        """The whole frame, centred."""
        self._fitted = True
        self._show(self._frame, 8)

    def show_area(self, rect: QRectF) -> None:
        """Zoom to a part of the frame."""
        self._fitted = False
        self._show(rect, 24)

    @property
    def framed(self) -> Framed:
        """How it is framed now."""
        return Framed(self._fitted, self.zoom, self.to_frame(self._centre()))

    def frame_as(self, framed: Framed) -> None:
        """Frame it so again."""
        if framed.fitted:
            self.fit()
            return
        self._fitted = False
        self._set(framed.zoom)
        self._bring(framed.about, self._centre())

    def follow(self, other: Framing) -> None:
        """Show the same part of the same frame as another view of the same size."""
        self._fitted = other._fitted
        if self._angle != other._angle:
            self._angle = other._angle
            self.turned.emit(self._angle)
        if self.transform() != other.transform():
            self.setTransform(other.transform())
            self.zoomed.emit(self.zoom)
        for mine, theirs in (
            (self.horizontalScrollBar(), other.horizontalScrollBar()),
            (self.verticalScrollBar(), other.verticalScrollBar()),
        ):
            mine.setValue(theirs.value())

    def zoom_for(self, rect: QRectF, width: float, height: float) -> float:
        """The zoom at which a part of the frame, turned as the view is, fills so many screen pixels."""
        seen = QTransform().rotate(self._angle).mapRect(rect)
        return min(width / max(seen.width(), 1e-6), height / max(seen.height(), 1e-6))

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom about a point of the view (its centre when none is given), which stays where it is."""
        about = self._centre() if about is None else about
        fixed = self.to_frame(about)
        self._fitted = False
        self._set(self.zoom * factor)
        self._bring(fixed, about)

    def turn_to(self, angle: float) -> None:
        """Turn the view about its centre to an angle in degrees; a frame that fits is fitted again."""
        angle = _within_a_turn(angle)
        if angle == self._angle:
            return
        centre = self._centre()
        fixed = self.to_frame(centre)
        self._angle = angle
        if self._fitted:
            self.fit()
        else:
            self._set(self.zoom)
            self._bring(fixed, centre)
        self.turned.emit(angle)

    def turn_by_step(self, steps: int) -> None:
        """Turn to the next multiple of :data:`TURN_STEP`, clockwise or, with -1, the other way."""
        place = self._angle / TURN_STEP
        self.turn_to(TURN_STEP * ((math.floor(place) + 1) if steps > 0 else (math.ceil(place) - 1)))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many px of the screen."""
        self._fitted = False
        self._scroll(-dx, -dy)

    def bring_into_view(self, at: QPointF, margin: float) -> None:
        """Pan as far as needed for a point of the frame to be so many px inside the view."""
        screen, inside = self.viewportTransform().map(at), QRectF(self.viewport().rect())
        inside.adjust(margin, margin, -margin, -margin)
        near = QPointF(
            min(max(screen.x(), inside.left()), inside.right()),
            min(max(screen.y(), inside.top()), inside.bottom()),
        )
        if near != screen:
            self.pan(near.x() - screen.x(), near.y() - screen.y())

    def _show(self, rect: QRectF, margin: int) -> None:
        if rect.isEmpty():
            return
        width, height = (
            max(side - 2 * margin, 16) for side in (self.viewport().width(), self.viewport().height())
        )
        self._set(self.zoom_for(rect, width, height))
        self.centerOn(rect.center())

    def _set(self, scale: float) -> None:
        scale = min(max(scale, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])
        self.setTransform(QTransform().rotate(self._angle).scale(scale, scale))
        self.zoomed.emit(scale)

    def _bring(self, fixed: QPointF, to: QPointF) -> None:
        """Scroll until a point of the frame is at one of the view."""
        moved = self.viewportTransform().map(fixed) - to
        self._scroll(moved.x(), moved.y())

    def _scroll(self, dx: float, dy: float) -> None:
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(round(horizontal.value() + dx))
        vertical.setValue(round(vertical.value() + dy))

    def _centre(self) -> QPointF:
        return QPointF(self.viewport().rect().center())

    def to_frame(self, screen: QPointF) -> QPointF:
        """A point of the view in frame pixels."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(screen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()


def _within_a_turn(angle: float) -> float:
    return 180.0 - (180.0 - angle) % 360.0


def degrees(angle: float) -> str:
    """An angle in words, with a minus sign as figures have it."""
    return f"{angle:.0f}°".replace("-", "−")
