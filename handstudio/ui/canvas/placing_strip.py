"""Which joint to place next, in words and on a small drawing of a hand."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.skeleton import BONES, JOINT_COUNT, JOINT_NAMES, Side
from handstudio.hand.template import TEMPLATE_MM
from handstudio.ui.theme import Theme

LINES_HIGH = 5.5
"""Height of the drawing in lines of text."""


class HandDrawing(QWidget):
    """An open hand, its palm towards the viewer: done joints in colour, the next one ringed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._joint = 0
        self._side: Side = "right"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_joint(self, joint: int, side: Side) -> None:
        """Ring a joint of a hand of a side."""
        self._joint, self._side = joint, side
        self.setAccessibleName(f"A {side} hand; the {JOINT_NAMES[joint]} is ringed")
        self.update()

    def sizeHint(self) -> QSize:
        height = round(LINES_HIGH * self.fontMetrics().height())
        return QSize(round(0.9 * height), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        points = self._points()
        unit = self.height() / 90.0
        for parent, child in BONES:
            done = child < self._joint
            colour = self._theme.joint_colour(child) if done else self._theme.colour("disabled")
            if child == self._joint:
                colour = self._theme.colour("accent")
            painter.setPen(QPen(colour, (3.0 if child <= self._joint else 1.6) * unit))
            painter.drawLine(points[parent], points[child])
        painter.setPen(Qt.PenStyle.NoPen)
        for joint, at in enumerate(points):
            done = joint < self._joint
            painter.setBrush(self._theme.joint_colour(joint) if done else self._theme.colour("disabled"))
            painter.drawEllipse(at, (2.8 if done else 2.0) * unit, (2.8 if done else 2.0) * unit)
        self._ring(painter, points[self._joint], unit)
        painter.end()

    def _ring(self, painter: QPainter, at: QPointF, unit: float) -> None:
        accent = QColor(self._theme.colour("accent"))
        painter.setBrush(accent)
        painter.drawEllipse(at, 3.6 * unit, 3.6 * unit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 1.8 * unit))
        painter.drawEllipse(at, 7.0 * unit, 7.0 * unit)

    def _points(self) -> list[QPointF]:
        xyz = TEMPLATE_MM if self._side == "right" else mirror_xyz(TEMPLATE_MM)
        flat = np.asarray(xyz[:, :2], np.float64)
        area = QRectF(self.rect()).adjusted(*(0.09 * self.height() * sign for sign in (1, 1, -1, -1)))
        low, high = flat.min(axis=0), flat.max(axis=0)
        scale = min(area.width() / (high[0] - low[0]), area.height() / (high[1] - low[1]))
        placed = (flat - (low + high) / 2) * scale + (area.center().x(), area.center().y())
        return [QPointF(x, y) for x, y in placed.tolist()]


class PlacingStrip(QFrame):
    """The drawing, the joint's name and the keys; above the frame, so that it covers nothing of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._theme = theme
        self.drawing = HandDrawing(theme)
        self.title, self.keys = QLabel(), QLabel(wordWrap=True)
        font = QFont(self.title.font())
        font.setBold(True)
        font.setPointSizeF(1.25 * font.pointSizeF())
        self.title.setFont(font)
        self.keys.setProperty("secondary", True)
        self.keys.setText(
            "<b>V</b> or right click: not visible, guess it · <b>Backspace</b>: one back · "
            "<b>Esc</b>: leave, to go on later · by keys: <b>arrows</b> point, <b>Enter</b> places"
        )
        self.cross = QToolButton()
        self.cross.setIconSize(QSize(16, 16))
        self.cross.setToolTip("Leave (Esc): what is placed so far is kept")
        self.cross.setAccessibleName("Leave placing joints")
        self.cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.keys)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(12)
        layout.addWidget(self.drawing)
        layout.addLayout(words, 1)
        layout.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._paint)
        self._paint()
        self.hide()

    def show_joint(self, joint: int, side: Side) -> None:
        """Ask for a joint of a hand of a side."""
        name = JOINT_NAMES[joint]
        self.title.setText(f"Place the {name}  ·  {joint + 1} of {JOINT_COUNT}, {side} hand")
        self.setAccessibleName(f"Place the {name}, joint {joint + 1} of {JOINT_COUNT}")
        self.drawing.show_joint(joint, side)
        self.show()

    def _paint(self) -> None:
        self.cross.setIcon(self._theme.icon("mdi6.close", self._theme.colour("secondary")))
