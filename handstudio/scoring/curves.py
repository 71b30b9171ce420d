"""Draws curves as SVG: plain axes, lines named at their ends, no legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

import numpy as np

from handstudio.scoring.evaluation import Evaluation
from handstudio.scoring.metrics import Floats

COLOURS: Final = ("#4c9be8", "#f08a24", "#2fa36b", "#d65db1", "#9aa1ab", "#c9a227")
DASHES: Final = ("", "7 4", "2 3", "10 4 2 4", "4 4", "1 4")

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 40, 56
_LABEL_HEIGHT = 16.0
_STYLE = (
    "text{font:12px system-ui,'Segoe UI',sans-serif;font-variant-numeric:tabular-nums;fill:#33373f}"
    ".title{font-weight:600;font-size:14px}.grid{stroke:#dfe2e6;stroke-width:1}"
    ".axis{stroke:#9aa1ab;stroke-width:1}.mark{stroke:#9aa1ab;stroke-width:1;stroke-dasharray:2 3}"
    ".curve{fill:none;stroke-width:2;stroke-linejoin:round}"
)


@dataclass(frozen=True, eq=False)
class Curve:
    """A named line: (T,) values of x and y; points that are not numbers are left out."""

    name: str
    x: Floats
    y: Floats


def sheet(title: str, width: int, height: int, left: int, style: str) -> list[str]:
    """The begin of an SVG document: a white sheet with its title at ``left`` px."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        f"<style>{style}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="title" x="{left}" y="24">{escape(title)}</text>',
    ]


def curves_svg(
    curves: Sequence[Curve],
    title: str,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float],
    y_range: tuple[float, float] = (0.0, 1.0),
    marked_x: float | None = None,
) -> str:
    """The curves in one SVG document.

    Args:
        curves: at most six are told apart by colour and dashes.
        title, x_label, y_label: texts, with units.
        x_range, y_range: what the axes show.
        marked_x: where to draw an upright line, as at a threshold.
    """
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place_x(value: float) -> float:
        return _LEFT + (value - x_range[0]) / (x_range[1] - x_range[0]) * plot_width

    def place_y(value: float) -> float:
        return _TOP + (1.0 - (value - y_range[0]) / (y_range[1] - y_range[0])) * plot_height

    bottom, right = _TOP + plot_height, _LEFT + plot_width
    parts = sheet(title, _WIDTH, _HEIGHT, _LEFT, _STYLE)
    for value in ticks(*y_range):
        y = place_y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>')
    for value in ticks(*x_range):
        x = place_x(value)
        parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{number(value)}</text>')
    parts.append(f'<line class="axis" x1="{_LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
    if marked_x is not None:
        x = place_x(marked_x)
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
    middle = _LEFT + plot_width / 2
    parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{escape(x_label)}</text>')
    parts.append(
        f'<text transform="translate(18 {_TOP + plot_height / 2:.1f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )
    ends: list[tuple[float, str, str]] = []
    for order, curve in enumerate(curves):
        colour, dash = COLOURS[order % len(COLOURS)], DASHES[order % len(DASHES)]
        known = np.isfinite(curve.x) & np.isfinite(curve.y)
        known &= (curve.x >= x_range[0]) & (curve.x <= x_range[1])
        if not known.any():
            continue
        y_shown = np.clip(curve.y[known], *y_range)
        points = " ".join(
            f"{place_x(float(x)):.1f},{place_y(float(y)):.1f}"
            for x, y in zip(curve.x[known], y_shown, strict=True)
        )
        style = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<polyline class="curve" stroke="{colour}"{style} points="{points}"/>')
        ends.append((place_y(float(y_shown[-1])), curve.name, colour))
    for y, (_, name, colour) in zip(_apart([end[0] for end in ends]), ends, strict=True):
        parts.append(
            f'<text x="{right + 8}" y="{y + 4:.1f}" style="fill:{colour};font-weight:600">'
            f"{escape(name)}</text>"
        )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def pck_svg(
    evaluations: dict[str, Evaluation], title: str = "Joints within a distance of the reference"
) -> str:
    """The 2D PCK curves of evaluations, by their names."""
    curves = [
        Curve(_named(name, each.auc_px), each.thresholds, each.curve) for name, each in evaluations.items()
    ]
    return curves_svg(
        curves, title, "distance / sides of the hand's box", "share of joints", (0.0, 0.1), marked_x=0.05
    )


def fingers_svg(evaluation: Evaluation, title: str = "Joints within a distance, by finger") -> str:
    """The 2D PCK curves of the wrist and the fingers."""
    curves = [
        Curve(_named(name, part.auc_px), evaluation.thresholds, part.curve)
        for name, part in evaluation.per_finger.items()
    ]
    return curves_svg(
        curves, title, "distance / sides of the hand's box", "share of joints", (0.0, 0.1), marked_x=0.05
    )


def pck_mm_svg(
    evaluations: dict[str, Evaluation], title: str = "Joints within a distance, 3D, roots aligned"
) -> str:
    """The 3D PCK curves of evaluations, by their names."""
    curves = [
        Curve(_named(name, each.auc_mm), each.thresholds_mm, each.curve_mm)
        for name, each in evaluations.items()
    ]
    return curves_svg(curves, title, "distance / mm", "share of joints", (0.0, 50.0), marked_x=20.0)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values between two ends, at most about ``most``."""
    span = high - low
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def number(value: float) -> str:
    """A tick's text without trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _named(name: str, area: float) -> str:
    return f"{name} {area:.3f}" if math.isfinite(area) else name


def _apart(places: list[float]) -> list[float]:
    """Heights of labels moved apart so that none covers another, in the order given."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + _LABEL_HEIGHT)
    return moved
