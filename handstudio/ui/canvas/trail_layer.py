"""The paths of joints through the frames about this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from handstudio.ui.canvas.layers import CAP, HALO, RIM, HandLayer
from handstudio.ui.canvas.mapping import on_screen

if TYPE_CHECKING:
    from handstudio.project.trails import Trail
    from handstudio.ui.canvas.prepared import PreparedHand

WIDTH = 1.5
RADIUS = 2.75
"""Of the mark at each frame, screen pixels."""
SIDE = 2 * (RADIUS + 2)
"""Of the square about it."""
OPACITIES = (1.0, 0.8, 0.6, 0.42, 0.28)
"""From the frames beside this one to the ends of the trail."""
GAP = 0.28
"""What is left free of a step at both its ends, of the frames to come: their path is broken."""


@dataclass(frozen=True, eq=False)
class ShownTrail:
    """What is drawn of a trail.

    Attributes:
        trail: of the hand.
        frame: the index of the frame that is shown.
        reach: how many frames it goes back and on.
        joints: whose paths.
    """

    trail: Trail
    frame: int
    reach: int
    joints: tuple[int, ...]

    def levels(self) -> np.ndarray:
        """(N,) which of :data:`OPACITIES` each frame has."""
        steps = np.abs(self.trail.frames - self.frame) - 1
        share = np.clip(steps / max(self.reach - 1, 1), 0.0, 1.0)
        return np.rint(share * (len(OPACITIES) - 1)).astype(int)


class TrailLayer(HandLayer):
    """Paths in the fingers' colours, fainter the farther in time, with a mark at each frame.

    The way here is a whole line, the way on a broken one; marks of decided frames are filled, those of
    proposals hollow. In this frame the path goes through the pose that is shown.
    """

    def draw(self, painter: QPainter, transform: QTransform, hand: PreparedHand) -> None:
        shown = hand.trail
        if shown is None or hand.uv is None or not len(shown.trail):
            return
        frames, joints = shown.trail.frames, list(shown.joints)
        places = np.asarray(shown.trail.uv[:, joints], np.float64)
        places[frames == shown.frame] = hand.uv[joints]
        seen = on_screen(places, transform)
        known = np.isfinite(seen).all(axis=2)
        self._paths(painter, shown, seen, known)
        self._marks(painter, shown, seen, known & (frames != shown.frame)[:, None])

    def _paths(self, painter: QPainter, shown: ShownTrail, seen: np.ndarray, known: np.ndarray) -> None:
        frames, levels = shown.trail.frames, shown.levels()
        comes = frames[1:] > shown.frame
        away = np.where(comes, GAP, 0.0)[:, None, None] * (seen[1:] - seen[:-1])
        ends = np.stack([seen[:-1] + away, seen[1:] - away], axis=2)
        there = known[1:] & known[:-1] & (np.diff(frames) == 1)[:, None]
        strength = np.where(comes, levels[1:], levels[:-1])
        painter.setPen(self.kept("halo", lambda: QPen(HALO, WIDTH + 1.5, Qt.PenStyle.SolidLine, CAP)))
        painter.drawLines(_points(ends[there]))
        for column, joint in enumerate(shown.joints):
            for level in range(len(OPACITIES)):
                lines = ends[there[:, column] & (strength == level), column]
                if len(lines):
                    painter.setPen(self._pen(joint, level))
                    painter.drawLines(_points(lines))

    def _marks(self, painter: QPainter, shown: ShownTrail, seen: np.ndarray, known: np.ndarray) -> None:
        ratio = painter.device().devicePixelRatioF()
        corners = seen - SIDE / 2
        looks = list(zip(shown.trail.decided.tolist(), shown.levels().tolist(), strict=True))
        for column, joint in enumerate(shown.joints):
            for row in np.flatnonzero(known[:, column]).tolist():
                decided, level = looks[row]
                painter.drawImage(QPointF(*corners[row, column]), self._mark(joint, decided, level, ratio))

    def _pen(self, joint: int, level: int) -> QPen:
        return self.kept((joint, level), lambda: self._new_pen(joint, level))

    def _new_pen(self, joint: int, level: int) -> QPen:
        colour = QColor(self.theme.joint_colour(joint))
        colour.setAlphaF(OPACITIES[level])
        return QPen(colour, WIDTH, Qt.PenStyle.SolidLine, CAP)

    def _mark(self, joint: int, decided: bool, level: int, ratio: float) -> QImage:
        """A picture of a mark: Qt copies one in a fraction of the time in which it draws a circle."""
        colour, opacity = self.theme.joint_colour(joint), OPACITIES[level]
        return self.kept((joint, decided, level, ratio), lambda: mark(colour, decided, ratio, opacity))


def _points(places: np.ndarray) -> list[QPointF]:
    return [QPointF(x, y) for x, y in places.reshape(-1, 2).tolist()]


def mark(colour: QColor, filled: bool, ratio: float, opacity: float = 1.0) -> QImage:
    """A disc, or a ring, with a dark rim; ``ratio`` pixels of the screen for each of its own."""
    whole, faint = _empty(ratio), _empty(ratio)
    painter = QPainter(whole)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    for pen in (QPen(RIM, 3.0), QPen(colour, 1.5)):
        painter.setPen(pen)
        painter.drawEllipse(QPointF(SIDE / 2, SIDE / 2), RADIUS, RADIUS)
    painter.end()
    painter = QPainter(faint)
    painter.setOpacity(opacity)
    painter.drawImage(0, 0, whole)
    painter.end()
    return faint


def _empty(ratio: float) -> QImage:
    side = round(SIDE * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    return image
