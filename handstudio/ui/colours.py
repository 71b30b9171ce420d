"""The colours of the product as data: surfaces, layers, fingers and states (no Qt here)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from handstudio.hand.skeleton import FINGERS, JOINT_COUNT, WRIST, finger_of


@dataclass(frozen=True)
class Surface:
    """The colours of one scheme, as ``#rrggbb``."""

    window: str
    panel: str
    field: str
    line: str
    text: str
    secondary: str
    disabled: str
    hover: str
    pressed: str
    accent: str
    accent_text: str
    canvas: str
    error: str
    warning: str
    good: str


DARK: Final = Surface(
    window="#1b1d22",
    panel="#22252b",
    field="#191b1f",
    line="#33373f",
    text="#e6e8eb",
    secondary="#9aa1ab",
    disabled="#5f6670",
    hover="#2c3038",
    pressed="#383d47",
    accent="#4c9be8",
    accent_text="#0d1a28",
    canvas="#2e2e2e",
    error="#f2777a",
    warning="#e5c04b",
    good="#4fbf83",
)

LIGHT: Final = Surface(
    window="#e9ebee",
    panel="#f6f7f9",
    field="#ffffff",
    line="#cfd4da",
    text="#1d2026",
    secondary="#5a626d",
    disabled="#a1a8b1",
    hover="#e4e8ed",
    pressed="#d5dbe3",
    accent="#2f7fd0",
    accent_text="#ffffff",
    canvas="#9c9c9c",
    error="#b3272c",
    warning="#8a6a00",
    good="#1d7d4a",
)

CONTRAST: Final = Surface(
    window="#000000",
    panel="#000000",
    field="#000000",
    line="#b0b0b0",
    text="#ffffff",
    secondary="#e6e6e6",
    disabled="#8f8f8f",
    hover="#333333",
    pressed="#4d4d4d",
    accent="#ffd52e",
    accent_text="#000000",
    canvas="#000000",
    error="#ff9d9d",
    warning="#ffe14d",
    good="#86f7a8",
)
"""For people who need it: text and lines at least 7 to 1 on every surface."""

LineStyle = Literal["solid", "dotted", "dashed", "dash_dotted"]


@dataclass(frozen=True)
class LayerStyle:
    """How one layer is drawn: never by colour alone."""

    title: str
    colour: str
    line: LineStyle
    width: float


LAYERS: Final[dict[str, LayerStyle]] = {
    "proposal": LayerStyle("Proposal", "#4c9be8", "solid", 1.25),
    "perturbed": LayerStyle("Perturbed", "#2fa36b", "dotted", 1.5),
    "correction": LayerStyle("Correction", "#f08a24", "dashed", 1.5),
    "label": LayerStyle("Label", "#ffffff", "solid", 2.0),
    "circles": LayerStyle("Circles", "#c9ced6", "solid", 1.0),
    "mask": LayerStyle("Mask", "#ffd166", "solid", 1.0),
    "depth": LayerStyle("Depth map", "#8d9aa8", "solid", 1.0),
    "truth": LayerStyle("Truth", "#d65db1", "dash_dotted", 1.5),
    "heatmap": LayerStyle("Heatmap", "#e8e34c", "solid", 1.0),
    "map": LayerStyle("Map", "#35b779", "solid", 1.0),
    "trail": LayerStyle("Trails", "#b79cf0", "dotted", 1.5),
}
LAYER_KEYS: Final = dict(zip(LAYERS, "123456789AK", strict=True))
"""The layers' keys, in the layers' order."""


AT_LIMIT: Final = "#ff3b30"
"""Of bones that bend no farther."""
PIN: Final = "#ffd60a"
"""Of what frames a pinned joint."""


FULL: Final = 12


@dataclass(frozen=True)
class StateStyle:
    """How a hand's state is shown in the queue, the timeline, the status line and the canvas."""

    title: str
    colour: str
    icon: str
    hollow: bool = False
    height: int = FULL
    """Of twelve, that it takes of the strip under the timeline: a shape beside the colour."""
    hangs: bool = False
    """Whether it comes from above there."""
    verified: str = "mdi6.check-decagram"
    """Icon of a decision that a second person verified."""


STATES: Final[dict[str, StateStyle]] = {
    "none": StateStyle("No proposal", "#6b727c", "mdi6.circle-small", height=2),
    "proposed": StateStyle("Proposed", "#9aa1ab", "mdi6.circle-medium", height=4),
    "sent_back": StateStyle("Sent back", "#a836fe", "mdi6.undo-variant", height=8, hangs=True),
    "accepted": StateStyle("Accepted", "#2fa36b", "mdi6.check-bold"),
    "fixed": StateStyle("Fixed", "#4c9be8", "mdi6.pencil"),
    "rejected": StateStyle(
        "Rejected", "#e05a5a", "mdi6.close-thick", height=8, verified="mdi6.close-octagon"
    ),
    "skipped": StateStyle("Skipped", "#e5c04b", "mdi6.minus-thick", height=6),
    "auto_accepted": StateStyle("Auto-accepted", "#2fa36b", "mdi6.check", hollow=True),
}

FINGER_HUES: Final[tuple[float, ...]] = (38.0, 92.0, 164.0, 250.0, 345.0)
"""OKLCH hue in degrees of thumb, index, middle, ring, pinky, near Okabe and Ito's vermillion, yellow,
bluish green, blue and reddish purple; five that stay apart without the green cone."""

FINGER_CHROMA: Final[tuple[float, ...]] = (0.17, 0.15, 0.13, 0.14, 0.16)


def oklch_to_rgb(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """sRGB bytes of a colour in OKLCH (Ottosson 2020), chroma reduced until it fits the gamut."""
    while True:
        linear = _linear_rgb(lightness, chroma, hue)
        if chroma <= 0 or all(-1e-3 <= value <= 1.001 for value in linear):
            break
        chroma -= 0.004
    return tuple(round(255 * _encode(min(max(value, 0.0), 1.0))) for value in linear)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _joint_rgb(joint: int) -> tuple[int, int, int]:
    finger = finger_of(joint)
    if finger is None:
        return 232, 232, 232
    along = FINGERS[finger].index(joint) / 3
    return oklch_to_rgb(0.68 + 0.16 * along, FINGER_CHROMA[finger], FINGER_HUES[finger])


JOINT_RGB: Final[tuple[tuple[int, int, int], ...]] = tuple(_joint_rgb(joint) for joint in range(JOINT_COUNT))
"""Each joint's colour: its finger's hue, lighter towards the tip; the wrist is nearly white."""

FINGER_RGB: Final[tuple[tuple[int, int, int], ...]] = tuple(
    oklch_to_rgb(0.75, chroma, hue) for hue, chroma in zip(FINGER_HUES, FINGER_CHROMA, strict=True)
)
"""Each finger's colour where the finger is meant as a whole (plots, table headings)."""

assert JOINT_RGB[WRIST] == (232, 232, 232)
