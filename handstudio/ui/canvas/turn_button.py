"""How far the view is turned, in the bar over the frame; pressed, it shows a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QSpinBox, QToolButton, QWidget, QWidgetAction

from handstudio.ui.canvas.framing import TURN_STEP, degrees

if TYPE_CHECKING:
    from handstudio.ui.actions import Actions
    from handstudio.ui.theme import Theme


class TurnButton(QToolButton):
    """Says the angle where it is not 0; pressed, it lets one set it by slider or in figures."""

    wanted = Signal(float)
    """The angle that was chosen, degrees clockwise."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("How far the view is turned")
        self.setToolTip("Turn the view; labels and coordinates stay as they are")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(16, 16))
        self.setProperty("plain", True)
        self.slider = QSlider(Qt.Orientation.Horizontal, minimum=-180, maximum=180)
        self.slider.setPageStep(int(TURN_STEP))
        self.slider.setAccessibleName("Angle of the view")
        self.slider.setToolTip("Angle of the view, clockwise")
        self.slider.setMinimumWidth(180)
        self.figure = QSpinBox(minimum=-180, maximum=180, wrapping=True, suffix="°")
        self.figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.figure.setAccessibleName("Angle of the view")
        for control in (self.slider, self.figure):
            control.valueChanged.connect(lambda angle: self.wanted.emit(float(angle)))
        list_of_ways = QMenu(self)
        list_of_ways.addAction(self._controls(list_of_ways))
        for name in ("turn_view_left", "turn_view_right", "turn_view_back"):
            list_of_ways.addAction(actions[name])
        self.setMenu(list_of_ways)
        theme.changed.connect(self._paint)
        self.show_angle(0.0)

    def ask(self) -> None:
        """Let an angle be typed."""
        self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))
        self.figure.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.figure.selectAll()

    def show_angle(self, angle: float) -> None:
        """The view is turned so far."""
        self._angle = angle
        for control in (self.slider, self.figure):
            control.blockSignals(True)
            control.setValue(round(angle))
            control.blockSignals(False)
        self.setText(degrees(angle) if angle else "")
        self.setAccessibleDescription(f"{angle:.0f} degrees")
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.setToolButtonStyle(beside if angle else Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._paint()

    def _controls(self, holder: QMenu) -> QWidgetAction:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.figure)
        action = QWidgetAction(holder)
        action.setDefaultWidget(row)
        return action

    def _paint(self) -> None:
        colour = self._theme.colour("accent" if self._angle else "secondary")
        self.setIcon(self._theme.icon("mdi6.rotate-right-variant", colour))
