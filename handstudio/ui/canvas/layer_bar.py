"""A row of switches, one per layer, each with a sample of its line and its key; maps; the angle."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from handstudio.ui.actions import Actions
from handstudio.ui.canvas.map_menu import MapMenuButton
from handstudio.ui.canvas.turn_button import TurnButton
from handstudio.ui.colours import LAYERS
from handstudio.ui.theme import PEN_STYLES, Theme

SAMPLE = 18
AIR = {"titles": 7, "keys": 2, "tight": 4}
"""Beside sample and text, px."""
GAP = {"titles": 6, "keys": 4}
"""Between them, px."""
DASHES = {"dashed": [2.5, 1.8], "dotted": [0.5, 1.9], "dash_dotted": [3.5, 1.1, 0.8, 1.1]}
"""Of the samples, in their widths."""
UNDERLINE = 3
"""Where there is least room the sample is a line under the key, so far from the border, px."""

Room = Literal["titles", "keys", "tight"]
"""What of a switch there is room for: sample and title, sample and key, or a key with its sample below."""


SPACING: dict[Room, int] = {"titles": 4, "keys": 2, "tight": 2}
"""Between switches, px; what takes most room first."""
MARGIN = 8
_DARKER = 160
"""Percent, of outlines in light colours."""


class LayerSwitch(QAbstractButton):
    """One layer's switch: key, sample of the line, title."""

    def __init__(self, name: str, action: QAction, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.theme = theme
        self.action = action
        self.room: Room = "titles"
        self.setCheckable(True)
        self.setChecked(action.isChecked())
        self.setToolTip(action.toolTip())
        self.setAccessibleName(action.text())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(action.setChecked)
        action.toggled.connect(self.setChecked)

    def set_room(self, room: Room) -> None:
        """Show as much as there is room for."""
        if room != self.room:
            self.room = room
            self.updateGeometry()
            self.update()

    def width_with(self, room: Room) -> int:
        """The width that the switch has then."""
        sample = SAMPLE + GAP[room] if room in GAP else 0
        return 2 * AIR[room] + sample + self.fontMetrics().horizontalAdvance(self._text(room))

    def sizeHint(self) -> QSize:
        return QSize(self.width_with(self.room), self.fontMetrics().height() + 10)

    def _text(self, room: Room) -> str:
        return LAYERS[self.name].title if room == "titles" else self.action.shortcut().toString()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        surface = self.theme.surface
        on = self.isChecked()
        fill = surface.pressed if on else (surface.hover if self.underMouse() else surface.panel)
        painter.setPen(QPen(QColor(surface.accent if self.hasFocus() else surface.line), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(rect, 4, 4)
        air, text = AIR[self.room], self._text(self.room)
        if self.room == "tight":
            low = self.height() - UNDERLINE
            painter.setPen(self._pen(on))
            painter.drawLine(QPointF(air, low), QPointF(self.width() - air, low))
            where, beside = rect.adjusted(0, 0, 0, -2), Qt.AlignmentFlag.AlignHCenter
        else:
            self._sample(painter, QRectF(air, 0, SAMPLE, self.height()), on)
            where = rect.adjusted(air + SAMPLE + GAP[self.room], 0, 0, 0)
            beside = Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(surface.text if on else surface.secondary))
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | beside, text)

    def _pen(self, on: bool) -> QPen:
        style = LAYERS[self.name]
        colour = QColor(style.colour) if on else QColor(self.theme.surface.disabled)
        pen = QPen(colour, max(style.width, 2.0), PEN_STYLES[style.line])
        if style.line in DASHES:
            pen.setDashPattern(DASHES[style.line])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if style.line == "dotted" else Qt.PenCapStyle.FlatCap)
        return pen

    def _sample(self, painter: QPainter, rect: QRectF, on: bool) -> None:
        pen, middle = self._pen(on), rect.center().y()
        colour = pen.color()
        if on and not self.theme.dark:  # the layers' colours are made for pictures, not for a light bar
            colour = colour.darker(_DARKER)
        if self.name == "circles":
            painter.setPen(QPen(colour, 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for offset in (5.0, 13.0):
                painter.drawEllipse(QPointF(rect.left() + offset, middle), 4.0, 4.0)
        elif self.name == "trail":
            for step, (x, y) in enumerate(((2.0, 4.0), (9.0, -1.0), (16.0, -4.0))):
                colour.setAlphaF((0.4, 0.7, 1.0)[step])
                painter.setPen(QPen(colour, 1.25))
                painter.setBrush(colour if step == 2 else Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(rect.left() + x, middle + y), 2.0, 2.0)
        elif self.name in ("mask", "depth", "heatmap", "map"):
            fill = QColor(colour)
            fill.setAlphaF(0.35)
            painter.setPen(QPen(colour, 1.25))
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(rect.left() + 2, middle - 5, 14, 10), 3, 3)
        else:
            if self.name == "label" and not self.theme.dark:
                painter.setPen(QPen(QColor(12, 13, 16, 160), 4))
                painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.right(), middle))
            painter.setPen(pen)
            painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.right(), middle))


class LayerBar(QWidget):
    """The switches of all layers; where it is narrow titles give way to keys, then samples to lines."""

    def __init__(
        self,
        actions: Actions,
        theme: Theme,
        maps: MapMenuButton,
        turn: TurnButton,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.maps, self.turn = maps, turn
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN, 4, MARGIN, 4)
        self.switches = {name: LayerSwitch(name, actions[f"layer_{name}"], theme, self) for name in LAYERS}
        for switch in self.switches.values():
            layout.addWidget(switch)
        layout.addWidget(maps)
        layout.addStretch(1)
        layout.addWidget(turn)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.fit()

    def resizeEvent(self, event) -> None:  # noqa: ANN001
        super().resizeEvent(event)
        self.fit()

    def _width_with(self, room: Room) -> int:
        """What all switches need then, with what else is in the bar, px."""
        needed = sum(switch.width_with(room) for switch in self.switches.values())
        needed += self.maps.sizeHint().width() + self.turn.sizeHint().width()
        return needed + SPACING[room] * (len(self.switches) + 2) + 2 * MARGIN

    def fit(self) -> None:
        """As much of each switch as there is room for."""
        for room in SPACING:
            if self._width_with(room) <= self.width() or room == "tight":
                break
        self.setMinimumWidth(self._width_with("tight"))
        self.layout().setSpacing(SPACING[room])
        for switch in self.switches.values():
            switch.set_room(room)
