"""Colours can be told apart from what they stand on, by everybody."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor

from handstudio.ui.canvas.overlay import LAYER_ITEMS
from handstudio.ui.canvas.pair_item import COLOURS
from handstudio.ui.colours import CONTRAST, DARK, FINGER_RGB, LAYERS, LIGHT, STATES, StateStyle, Surface
from handstudio.ui.theme import SCHEMES, Theme

from .seeing import apart

LEAST = 14.0
"""Delta E (1976) of what has the same shape, for people with all cones and without one kind."""
FINGERS_APART = 12.0
"""Of neighbours and others: fingers have places and names, and a name beside each joint."""
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


def looks_like(one: StateStyle, other: StateStyle) -> bool:
    """Whether states have the same shape in the timeline's strip, where icons have no room."""
    return (one.hollow, one.hangs) == (other.hollow, other.hangs) and abs(one.height - other.height) < 4


@pytest.mark.parametrize(("one", "other"), list(combinations(STATES, 2)))
def test_states_are_told_apart_by_colour_or_shape_whatever_cones_one_has(one: str, other: str) -> None:
    first, second = STATES[one], STATES[other]
    assert first.icon != second.icon
    if looks_like(first, second):
        assert min(apart(first.colour, second.colour).values()) >= LEAST


def test_sent_back_and_fixed_differ_in_both() -> None:
    fixed, sent_back = STATES["fixed"], STATES["sent_back"]
    assert not looks_like(fixed, sent_back)
    assert min(apart(fixed.colour, sent_back.colour).values()) >= LEAST


SKELETONS = [
    name for name in LAYER_ITEMS if name in ("truth", "perturbed", "proposal", "correction", "label")
]


@pytest.mark.parametrize(("one", "other"), list(combinations(SKELETONS, 2)))
def test_skeletons_of_layers_are_told_apart_by_line_or_colour_whatever_cones_one_has(one, other) -> None:
    first, second = LAYERS[one], LAYERS[other]
    assert first.line != second.line or min(apart(first.colour, second.colour).values()) >= LEAST


def test_a_proposal_and_the_truth_differ_in_their_lines() -> None:
    assert LAYERS["proposal"].line != LAYERS["truth"].line


def test_fingers_and_compared_poses_are_told_apart_whatever_cones_one_has() -> None:
    fingers = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in FINGER_RGB]
    for one, other in combinations(fingers, 2):
        assert min(apart(one, other).values()) >= FINGERS_APART
    assert min(apart(*COLOURS).values()) >= LEAST
