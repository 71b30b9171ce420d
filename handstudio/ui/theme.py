"""Dark and light: Qt's Fusion style with the product's palette, and its colours as Qt objects."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, get_args

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from handstudio.ui import icons
from handstudio.ui.colours import (
    CONTRAST,
    DARK,
    FINGER_RGB,
    JOINT_RGB,
    LAYERS,
    LIGHT,
    STATES,
    LayerStyle,
    StateStyle,
    Surface,
)
from handstudio.ui.stylesheet import stylesheet

Scheme = Literal["system", "dark", "light", "contrast"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)

PEN_STYLES = {
    "solid": Qt.PenStyle.SolidLine,
    "dotted": Qt.PenStyle.DotLine,
    "dashed": Qt.PenStyle.DashLine,
    "dash_dotted": Qt.PenStyle.DashDotLine,
}


class Theme(QObject):
    """The look in force. ``changed`` is sent after the palette was applied."""

    changed = Signal()

    def __init__(self, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        stored = str(settings.value("theme/scheme", "system")) if settings is not None else "system"
        self.scheme: Scheme = stored if stored in SCHEMES else "system"
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        self._surface = self._wanted_surface()

    @property
    def dark(self) -> bool:
        """Whether the surfaces are dark."""
        return self._surface is not LIGHT

    @property
    def surface(self) -> Surface:
        """The colours of surfaces and text, as ``#rrggbb``."""
        return self._surface

    def _wanted_surface(self) -> Surface:
        """The chosen one, or the system's (an unknown system scheme counts as dark)."""
        if self.scheme != "system":
            return {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}[self.scheme]
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return CONTRAST
        return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK

    def set_scheme(self, scheme: Scheme) -> None:
        """Follow the system, or stay dark, light or of high contrast; remembered."""
        self.scheme = scheme
        if self._settings is not None:
            self._settings.setValue("theme/scheme", scheme)
        self.apply()

    def apply(self) -> None:
        """Put style, palette and style sheet on the application."""
        self._surface = self._wanted_surface()
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        if app.style().objectName() != "fusion":
            app.setStyle("Fusion")
        app.setPalette(palette(self.surface))
        app.setStyleSheet(stylesheet(self.surface))
        self.changed.emit()

    def _system_changed(self, *_what: object) -> None:
        if self.scheme == "system":
            self.apply()

    def colour(self, name: str) -> QColor:
        """A surface colour by its name, for example ``"secondary"``."""
        return QColor(getattr(self.surface, name))

    def layer(self, name: str) -> LayerStyle:
        """Title, colour, line style and width of a layer."""
        return LAYERS[name]

    def layer_colour(self, name: str) -> QColor:
        """The colour of a layer; the label's white is shown as text colour on light surfaces by callers."""
        return QColor(LAYERS[name].colour)

    def joint_colour(self, joint: int) -> QColor:
        """A joint's colour: its finger's hue, lighter towards the tip."""
        return joint_colours()[joint]

    def finger_colour(self, finger: int) -> QColor:
        """A whole finger's colour (0 thumb to 4 pinky)."""
        return QColor(*FINGER_RGB[finger])

    def state(self, state: str) -> StateStyle:
        """Title, colour and icon of a hand's state (``State`` or its value)."""
        return STATES[str(getattr(state, "value", state))]

    def state_colour(self, state: str) -> QColor:
        """The colour of a hand's state."""
        return QColor(self.state(state).colour)

    def icon(self, name: str, colour: str | QColor | None = None) -> QIcon:
        """An icon of the kept set (``mdi6.…``) in the text colour, or in the given one."""
        return icons.icon(
            name, QColor(colour) if colour is not None else self.colour("text"), self.colour("disabled")
        )

    def state_icon(self, state: str, verified: bool = False) -> QIcon:
        """The icon of a hand's state in its colour; another where a second person verified it."""
        style = self.state(state)
        return self.icon(style.verified if verified else style.icon, style.colour)


@cache
def joint_colours() -> tuple[QColor, ...]:
    """The 21 joints' colours."""
    return tuple(QColor(*rgb) for rgb in JOINT_RGB)


def tabular(font: QFont) -> QFont:
    """The font with figures of equal width, for tables and read-outs."""
    font = QFont(font)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def palette(surface: Surface) -> QPalette:
    """Qt's palette for a surface."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: surface.panel,
        QPalette.ColorRole.WindowText: surface.text,
        QPalette.ColorRole.Base: surface.field,
        QPalette.ColorRole.AlternateBase: surface.panel,
        QPalette.ColorRole.Text: surface.text,
        QPalette.ColorRole.Button: surface.panel,
        QPalette.ColorRole.ButtonText: surface.text,
        QPalette.ColorRole.BrightText: surface.error,
        QPalette.ColorRole.ToolTipBase: surface.window,
        QPalette.ColorRole.ToolTipText: surface.text,
        QPalette.ColorRole.PlaceholderText: surface.secondary,
        QPalette.ColorRole.Highlight: surface.accent,
        QPalette.ColorRole.HighlightedText: surface.accent_text,
        QPalette.ColorRole.Accent: surface.accent,
        QPalette.ColorRole.Link: surface.accent,
        QPalette.ColorRole.LinkVisited: surface.accent,
        QPalette.ColorRole.Light: surface.hover,
        QPalette.ColorRole.Midlight: surface.hover,
        QPalette.ColorRole.Mid: surface.line,
        QPalette.ColorRole.Dark: surface.line,
        QPalette.ColorRole.Shadow: surface.window,
    }
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(surface.disabled))
    return result
