"""Draws bars (SVG): the error of each joint, in the colour of its finger, or the rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.scoring.curves import COLOURS, number, sheet, ticks
from handstudio.scoring.evaluation import GROUPS, Evaluation

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 40, 96
_STYLE: Final = (
    "text{font:12px system-ui,'Segoe UI',sans-serif;font-variant-numeric:tabular-nums;fill:#33373f}"
    ".title{font-weight:600;font-size:14px}.grid{stroke:#dfe2e6;stroke-width:1}.value{font-size:10px}"
    ".whisker{stroke:#33373f;stroke-width:1.5}"
)


def joints_svg(evaluation: Evaluation, title: str = "Mean distance from the reference, by joint") -> str:
    """A bar per joint: its mean error, px; joints that nothing is known of have none."""
    bars = [
        Bar(JOINT_NAMES[joint], evaluation.per_joint[JOINT_NAMES[joint]].epe_px, COLOURS[group])
        for group, joints in enumerate(GROUPS.values())
        for joint in joints
    ]
    return bars_svg(bars, title, "px")


@dataclass(frozen=True)
class Bar:
    """A named value; NaN draws no bar. ``spread`` is drawn as a whisker, either way."""

    name: str
    value: float
    colour: str = COLOURS[0]
    spread: float = math.nan


def bars_svg(bars: Sequence[Bar], title: str, unit: str) -> str:
    """Bars side by side from 0, each with its value and its name below."""
    highest = max((bar.value for bar in bars if math.isfinite(bar.value)), default=0.0)
    top = 1.1 * highest or 1.0
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    bottom, pitch = _TOP + height, width / max(len(bars), 1)
    parts = [
        *sheet(title, _WIDTH, _HEIGHT, _LEFT, _STYLE),
        f'<text transform="translate(18 {_TOP + height / 2:.1f}) rotate(-90)" text-anchor="middle">'
        f"{escape(unit)}</text>",
    ]
    for value in ticks(0.0, top):
        y = bottom - value / top * height
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>')
    for order, bar in enumerate(bars):
        parts += _drawn(bar, _LEFT + (order + 0.5) * pitch, bottom, height / top, pitch)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(bar: Bar, x: float, bottom: float, scale: float, pitch: float) -> list[str]:
    label = (
        f'<text transform="translate({x + 4:.1f} {bottom + 10}) rotate(-60)" text-anchor="end" '
        f'style="fill:{bar.colour};font-weight:600">{escape(bar.name)}</text>'
    )
    if not math.isfinite(bar.value):
        return [label]
    y = bottom - bar.value * scale
    parts = [
        f'<rect class="bar" x="{x - 0.35 * pitch:.1f}" y="{y:.1f}" width="{0.7 * pitch:.1f}" '
        f'height="{bar.value * scale:.1f}" fill="{bar.colour}"/>',
        f'<text class="value" x="{x:.1f}" y="{y - 4:.1f}" text-anchor="middle">{bar.value:.1f}</text>',
        label,
    ]
    if math.isfinite(bar.spread):
        half = bar.spread * scale
        parts.append(
            f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{y - half:.1f}" y2="{y + half:.1f}"/>'
        )
    return parts
