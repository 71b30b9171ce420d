"""What a person reads when a command is through: a line or a small table."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .lines import line as _line
from .lines import next_words as _next
from .lines import number as _number
from .lines import problems as _problems
from .lines import table as _table

if TYPE_CHECKING:
    from rich.console import Console

    from .command import Result


def imported(console: Console, result: Result) -> None:
    """Shows ``import``."""
    known = f", {result['known']} known already" if result["known"] else ""
    _line(console, f"{result['frames']} frames, {result['hands']} hands in {result['project']}{known}")
    for name in result["relinked"]:
        _line(console, f"  {name} was found in its new place; its labels stay")
    _problems(console, [f"{each['path']}: {each['reason']}" for each in result["problems"]])
    _next(console, "Next", "propose", result["project"])


def proposed(console: Console, result: Result) -> None:
    """Shows ``propose``."""
    rate = _number(result["per_second"], "{:.1f}")
    skipped = f", {result['skipped']} decided ones skipped" if result["skipped"] else ""
    _line(console, f"{result['hands']} hands by {result['model']}, {rate}/s{skipped} (run {result['run']})")
    _problems(console, result["problems"])


def compared_proposals(console: Console, result: Result) -> None:
    """Shows ``compare``."""
    _line(console, f"{result['hands']} hands compared")


def experimented(console: Console, result: Result) -> None:
    """Shows ``experiment``."""
    figure = result["figure"]
    _table(
        console,
        ("row", figure, "PCK@0.05", "lower", "closed"),
        [
            (
                name,
                _number(values[figure], "{:.2f}"),
                _number(values["pck_005"], "{:.3f}"),
                _number(values["lower"], "{:.0%}"),
                _number(values["closed"], "{:.0%}"),
            )
            for name, values in result["rows"].items()
        ],
    )
    left = f"; {result['missing']} are missing" if result["missing"] else ""
    _line(console, f"{result['cells']} cells in {result['out']}{left}")


def reviewed(console: Console, result: Result) -> None:
    """Shows ``review``."""
    for title in result["done"]:
        _line(console, title)
    for row in result["passed_over"]:
        _line(console, f"  hand {row['hand']} passed over: {row['reason']}")
    _listed(console, result)


def promised(console: Console, result: Result) -> None:
    """Shows ``review`` where it is about promises."""
    for title in result["done"]:
        _line(console, title)
    if "positions" in result:
        _table(
            console,
            ("expected up to", "hands", "error", "reviewed", "worse", "promised"),
            [
                (
                    _number(row["expected_px"], "{:.1f} px"),
                    row["count"],
                    _number(row["error_px"], "{:.2f} px"),
                    row["reviewed"],
                    row["wrong"],
                    "yes" if row["holds"] else "no",
                )
                for row in result["positions"]
            ],
        )
        if result["refused"] is not None:
            _line(console, f"Refused: {result['refused']['reason']}. {result['refused']['remedy']}.")
        for made in result["promises"]:
            _line(console, f"Promise {made['id']}: {made['accepted']} hands, {made['checks']}")
    _problems(console, result.get("warnings", []))
    _listed(console, result)


def _listed(console: Console, result: Result) -> None:
    """Hands as a table, then how many there are in each state."""
    if "listed" in result:
        _table(
            console,
            ("hand", "sequence", "frame", "side", "state", "C", "expected"),
            [
                (
                    row["hand"],
                    row["sequence"],
                    row["frame"],
                    row["side"],
                    row["state"],
                    _number(row["confidence"], "{:.2f}"),
                    _number(row["expected_error_px"], "{:.1f} px"),
                )
                for row in result["listed"]
            ],
        )
    states = ", ".join(f"{count} {state}" for state, count in result["states"].items() if count)
    _line(console, states, style="dim")


def finetuned(console: Console, result: Result) -> None:
    """Shows ``finetune``."""
    took = f"{result['epochs']} epochs in {_duration(result['seconds'])} (run {result['run']})"
    if result["model"] is None:
        _line(console, f"No new model yet: stopped after {took}")
    else:
        _line(console, f"Model {result['model']} from {result['parent']}: {took}")
    losses = "  ".join(f"{name} {_number(value, '{:.4g}')}" for name, value in result["losses"].items())
    if losses:
        _line(console, losses)
    _problems(console, result["problems"])
    if result["model"] is None:
        _next(console, "Go on", "finetune", result["project"], "--resume", result["run"])
    elif not result["adopted"]:
        _next(console, "Use it", "models", result["project"], "--adopt", result["model"])


def pretrained(console: Console, result: Result) -> None:
    """Shows ``pretrain``."""
    _line(console, f"{result['steps']} steps in {_duration(result['seconds'])}: {result['out']}")


def evaluated(console: Console, result: Result) -> None:
    """Shows ``evaluate``."""
    rows = [
        ("hands", result["hands"]),
        ("EPE", f"{_number(result['epe_px'], '{:.2f}')} px"),
        ("PCK@0.05", _number(result["pck_005"], "{:.3f}")),
        ("AUC 2D, 0 to 0.1 of the box", _number(result["auc_px"], "{:.3f}")),
    ]
    if result.get("epe_mm") is not None:
        rows += [
            ("EPE 3D", f"{_number(result['epe_mm'], '{:.2f}')} mm"),
            ("AUC 3D, 20 to 50 mm", _number(result["auc_mm"], "{:.3f}")),
        ]
    for name, title in (("doubt", "Joints' doubt"), ("C", "The method's C")):
        worth = result.get("confidence", {}).get(name, {})
        if worth.get("hands"):
            captured = _number(worth["captured"], "{:.0%}")
            gap = _number(worth["reliability_gap_px"], "{:.2f}")
            rows.append((title, f"{captured} of the possible gain, expected errors {gap} px off"))
    _table(console, (f"{result['layer']} against {result['reference']}", ""), rows)
    _problems(console, result["problems"])
    fingers: Mapping[str, Mapping[str, float]] = result["per_finger"]
    _line(
        console,
        "  ".join(f"{name} {_number(part.get('epe_px'), '{:.2f}')} px" for name, part in fingers.items()),
    )
    for path in result.get("curves") or ():
        _line(console, path)


def exported(console: Console, result: Result) -> None:
    """Shows ``export``."""
    _line(console, f"{result['hands']} hands in {result['out']}, {result['skipped']} skipped")
    _problems(console, result["problems"])


def synthesised(console: Console, result: Result) -> None:
    """Shows ``synth``."""
    _line(
        console,
        f"{result['frames']} frames in {result['out']}, {_number(result['per_second'], '{:.1f}')}/s",
    )


def plugins(console: Console, result: Result) -> None:
    """Shows ``plugins``."""
    _table(
        console,
        ("method", "title", "profiles", "from"),
        [
            (
                row["name"],
                row.get("title") or row.get("problem", ""),
                ", ".join(row.get("profiles", ())),
                row["module"],
            )
            for row in result["methods"]
        ],
    )
    for row in result["methods"]:
        if row.get("settings"):
            _line(console, f"\n{row['title']}, --set NAME=VALUE", style="bold")
            _table(
                console,
                ("name", *row["profiles"], "meaning"),
                [
                    (
                        each["name"],
                        *(each["values"].get(name, "") for name in row["profiles"]),
                        each["meaning"],
                    )
                    for each in row["settings"]
                ],
            )


def judged(console: Console, result: Result) -> None:
    """Shows ``judge``."""
    _table(
        console,
        ("model", "name", "hands", "EPE", "PCK@0.05"),
        [
            (
                row["model"],
                row["name"],
                row["hands"],
                f"{_number(row['epe_px'], '{:.2f}')} px",
                _number(row["pck_005"], "{:.3f}"),
            )
            for row in result["judged"]
        ],
    )


def models(console: Console, result: Result) -> None:
    """Shows ``models``."""
    _table(
        console,
        ("", "model", "name", "method", "profile", "parent", "from"),
        [
            (
                "*" if row["adopted"] else "",
                row["id"],
                row["name"],
                row["method"],
                row["profile"],
                row["parent"] or "",
                row["source"],
            )
            for row in result["models"]
        ],
    )
    _problems(console, result.get("warnings", []))


def runs(console: Console, result: Result) -> None:
    """Shows ``runs``."""
    _table(
        console,
        ("run", "kind", "state", "began", "took", "log"),
        [
            (
                row["run"],
                row["kind"],
                row["state"],
                time.strftime("%Y-%m-%d %H:%M", time.localtime(row["started_at"])),
                _duration(row["seconds"]) if row["seconds"] is not None else "",
                row["log"] or "",
            )
            for row in result["runs"]
        ],
    )


def fitted(console: Console, result: Result) -> None:
    """Shows ``fit-radii``."""
    if result["out"] is not None:
        agreement = f"IoU {result['iou']:.3f}"
        _line(
            console,
            f"Radii of {result['circles']} circles from {result['masks']} masks, {agreement}: "
            f"{result['out']}",
        )


def demo(console: Console, result: Result) -> None:
    """Shows ``demo``."""
    _line(console, f"Report, screenshots and project: {result['out']}")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
