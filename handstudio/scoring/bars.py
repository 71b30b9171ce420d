"""Draws the error of each joint as a bar (SVG), the joints of a finger side by side in its colour."""

from __future__ import annotations

import math
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
)


def joints_svg(evaluation: Evaluation, title: str = "Mean distance from the reference, by joint") -> str:
    """A bar per joint: its mean error, px; joints that nothing is known of have none."""
    errors = [evaluation.per_joint[name].epe_px for name in JOINT_NAMES]
    top = 1.1 * max((error for error in errors if math.isfinite(error)), default=0.0) or 1.0
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    bottom, pitch = _TOP + height, width / len(JOINT_NAMES)
    parts = [
        *sheet(title, _WIDTH, _HEIGHT, _LEFT, _STYLE),
        f'<text transform="translate(18 {_TOP + height / 2:.1f}) rotate(-90)" text-anchor="middle">px</text>',
    ]
    for value in ticks(0.0, top):
        y = bottom - value / top * height
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>')
    for group, joints in enumerate(GROUPS.values()):
        for joint in joints:
            x = _LEFT + (joint + 0.5) * pitch
            parts += _bar(JOINT_NAMES[joint], errors[joint], x, bottom, height / top, pitch, COLOURS[group])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(
    name: str, error: float, x: float, bottom: float, scale: float, pitch: float, colour: str
) -> list[str]:
    label = (
        f'<text transform="translate({x + 4:.1f} {bottom + 10}) rotate(-60)" text-anchor="end" '
        f'style="fill:{colour};font-weight:600">{escape(name)}</text>'
    )
    if not math.isfinite(error):
        return [label]
    y = bottom - error * scale
    return [
        f'<rect class="bar" x="{x - 0.35 * pitch:.1f}" y="{y:.1f}" width="{0.7 * pitch:.1f}" '
        f'height="{error * scale:.1f}" fill="{colour}"/>',
        f'<text class="value" x="{x:.1f}" y="{y - 4:.1f}" text-anchor="middle">{error:.1f}</text>',
        label,
    ]
