"""Colours can be told apart from what they stand on, by everybody."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor

from handstudio.ui.colours import CONTRAST, DARK, LIGHT, Surface
from handstudio.ui.theme import SCHEMES, Theme

GROUNDS = ("window", "panel", "field", "hover", "pressed")


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("surface", "text", "secondary"), [(DARK, 7.0, 4.0), (LIGHT, 7.0, 4.0), (CONTRAST, 8.0, 6.5)]
)
def test_text_can_be_read_on_every_ground(surface: Surface, text: float, secondary: float) -> None:
    for ground in GROUNDS:
        assert contrast(surface.text, getattr(surface, ground)) >= text, ground
        assert contrast(surface.secondary, getattr(surface, ground)) >= secondary, ground
    assert contrast(surface.accent_text, surface.accent) >= 4.0


def test_lines_and_signs_stand_out_in_high_contrast() -> None:
    for sign in ("line", "accent", "error", "warning", "good"):
        assert contrast(getattr(CONTRAST, sign), CONTRAST.window) >= 7.0, sign


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_is_remembered(scheme: str, settings: QSettings, qapp) -> None:
    theme = Theme(settings)
    theme.set_scheme(scheme)
    assert Theme(settings).scheme == scheme
    assert Theme(settings).surface is theme.surface
    theme.set_scheme("dark")


def test_high_contrast_reaches_the_window(window, qapp) -> None:
    actions = window.services.actions
    actions["theme_contrast"].trigger()
    assert qapp.palette().window().color() == QColor("#000000")
    actions["theme_dark"].trigger()
    assert qapp.palette().window().color() == QColor(DARK.panel)
