"""A row of switches, one per layer, each with a sample of its line and its key; maps; the angle."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from handstudio.ui.actions import Actions
from handstudio.ui.canvas.map_menu import MapMenuButton
from handstudio.ui.canvas.turn_button import TurnButton
from handstudio.ui.colours import LAYERS
from handstudio.ui.theme import PEN_STYLES, Theme

SAMPLE = 18
AIR, COMPACT_AIR = 7, 2
"""Beside sample and title, px."""
GAP, COMPACT_GAP = 6, 4
"""Between them, px."""


class LayerSwitch(QAbstractButton):
    """One layer's switch: key, sample of the line, title."""

    def __init__(self, name: str, action: QAction, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.theme = theme
        self.action = action
        self.compact = False
        self.setCheckable(True)
        self.setChecked(action.isChecked())
        self.setToolTip(action.toolTip())
        self.setAccessibleName(action.text())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(action.setChecked)
        action.toggled.connect(self.setChecked)

    def set_compact(self, compact: bool) -> None:
        """Without the title, where there is no room."""
        if compact != self.compact:
            self.compact = compact
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Width with the title."""
        return self._width(LAYERS[self.name].title, AIR, GAP)

    def _width(self, text: str, air: int, gap: int) -> int:
        return air + SAMPLE + gap + self.fontMetrics().horizontalAdvance(text) + air

    def sizeHint(self) -> QSize:
        text = self.action.shortcut().toString() if self.compact else LAYERS[self.name].title
        return QSize(self._width(text, self._air, self._gap), self.fontMetrics().height() + 10)

    @property
    def _air(self) -> int:
        return COMPACT_AIR if self.compact else AIR

    @property
    def _gap(self) -> int:
        return COMPACT_GAP if self.compact else GAP

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        surface = self.theme.surface
        on = self.isChecked()
        fill = surface.pressed if on else (surface.hover if self.underMouse() else surface.panel)
        painter.setPen(QPen(QColor(surface.line), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(rect, 4, 4)
        self._sample(painter, QRectF(self._air, 0, SAMPLE, self.height()), on)
        painter.setPen(QColor(surface.text if on else surface.secondary))
        text = self.action.shortcut().toString() if self.compact else LAYERS[self.name].title
        painter.drawText(
            rect.adjusted(self._air + SAMPLE + self._gap, 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            text,
        )

    def _sample(self, painter: QPainter, rect: QRectF, on: bool) -> None:
        style = LAYERS[self.name]
        colour = QColor(style.colour) if on else QColor(self.theme.surface.disabled)
        middle = rect.center().y()
        pen = QPen(colour, max(style.width, 2.0), PEN_STYLES[style.line])
        if style.line != "solid":
            pen.setDashPattern([2.5, 1.8] if style.line == "dashed" else [0.5, 1.9])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if style.line == "dotted" else Qt.PenCapStyle.FlatCap)
        if self.name == "circles":
            painter.setPen(QPen(colour, 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for offset in (5.0, 13.0):
                painter.drawEllipse(QPointF(rect.left() + offset, middle), 4.0, 4.0)
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
    """The switches of all layers; titles give way to keys where the canvas is narrow."""

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
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        self.switches = {name: LayerSwitch(name, actions[f"layer_{name}"], theme, self) for name in LAYERS}
        for switch in self.switches.values():
            layout.addWidget(switch)
        layout.addWidget(maps)
        layout.addStretch(1)
        layout.addWidget(turn)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def resizeEvent(self, event) -> None:  # noqa: ANN001
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Titles where there is room for them, keys where there is not."""
        needed = sum(switch.full_width() + 4 for switch in self.switches.values()) + 16
        needed += self.maps.sizeHint().width() + self.turn.sizeHint().width() + 4
        self.layout().setSpacing(4 if needed <= self.width() else 2)
        for switch in self.switches.values():
            switch.set_compact(needed > self.width())
