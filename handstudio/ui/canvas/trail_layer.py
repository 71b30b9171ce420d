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
NEAREST, FARTHEST = 1.0, 0.25
"""Opacity beside this frame, and at the ends of the trail."""
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

    def opacities(self) -> list[float]:
        """(N,) how strongly each frame is drawn."""
        steps = np.abs(self.trail.frames - self.frame) - 1
        share = np.clip(steps / max(self.reach - 1, 1), 0.0, 1.0)
        return (NEAREST + (FARTHEST - NEAREST) * share).tolist()


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
        steps = known[1:] & known[:-1] & (np.diff(frames) == 1)[:, None]
        opacities = shown.opacities()
        for column, joint in enumerate(joints):
            points = [
                QPointF(x, y) for x, y in np.where(known[:, column, None], seen[:, column], 0.0).tolist()
            ]
            self._path(painter, shown, joint, points, np.flatnonzero(steps[:, column]).tolist(), opacities)
            marked = np.flatnonzero(known[:, column] & (frames != shown.frame)).tolist()
            self._marks(painter, shown, joint, points, marked, opacities)

    def _path(
        self,
        painter: QPainter,
        shown: ShownTrail,
        joint: int,
        points: list[QPointF],
        steps: list[int],
        opacities: list[float],
    ) -> None:
        now = int(np.searchsorted(shown.trail.frames, shown.frame))
        lines = []
        for place in steps:
            start, end = points[place], points[place + 1]
            away = QPointF() if place < now else (end - start) * GAP
            lines.append((start + away, end - away))
        painter.setPen(self.kept("halo", lambda: QPen(HALO, WIDTH + 1.5, Qt.PenStyle.SolidLine, CAP)))
        painter.drawLines([end for line in lines for end in line])
        for place, line in zip(steps, lines, strict=True):
            painter.setPen(self._pen(joint, opacities[place if place < now else place + 1]))
            painter.drawLine(*line)

    def _marks(
        self,
        painter: QPainter,
        shown: ShownTrail,
        joint: int,
        points: list[QPointF],
        marked: list[int],
        opacities: list[float],
    ) -> None:
        ratio, corner = painter.device().devicePixelRatioF(), QPointF(SIDE / 2, SIDE / 2)
        pictures = [self._mark(joint, filled, ratio) for filled in (False, True)]
        decided = shown.trail.decided.tolist()
        for place in marked:
            painter.setOpacity(opacities[place])
            painter.drawImage(points[place] - corner, pictures[decided[place]])
        painter.setOpacity(1.0)

    def _pen(self, joint: int, opacity: float) -> QPen:
        return self.kept((joint, opacity), lambda: self._new_pen(joint, opacity))

    def _new_pen(self, joint: int, opacity: float) -> QPen:
        colour = QColor(self.theme.joint_colour(joint))
        colour.setAlphaF(opacity)
        return QPen(colour, WIDTH, Qt.PenStyle.SolidLine, CAP)

    def _mark(self, joint: int, decided: bool, ratio: float) -> QImage:
        """A picture of a mark: Qt copies one in a fraction of the time in which it draws a circle."""
        return self.kept(
            (joint, decided, ratio), lambda: mark(self.theme.joint_colour(joint), decided, ratio)
        )


def mark(colour: QColor, filled: bool, ratio: float) -> QImage:
    """A disc, or a ring, with a dark rim; ``ratio`` pixels of the screen for each of its own."""
    side = round(SIDE * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    for pen in (QPen(RIM, 3.0), QPen(colour, 1.5)):
        painter.setPen(pen)
        painter.drawEllipse(QPointF(SIDE / 2, SIDE / 2), RADIUS, RADIUS)
    painter.end()
    return image
