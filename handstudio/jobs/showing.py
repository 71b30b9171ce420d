"""What a person reads when a command is through: a line or a small table."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from .command import Result

_MOST_PROBLEMS = 20


def imported(console: Console, result: Result) -> None:
    """Shows ``import``."""
    known = f", {result['known']} known already" if result["known"] else ""
    console.print(f"{result['frames']} frames, {result['hands']} hands in {result['project']}{known}")
    _problems(console, [f"{problem['path']}: {problem['reason']}" for problem in result["problems"]])
    console.print(f"[dim]Next: handstudio propose {result['project']}[/dim]")


def proposed(console: Console, result: Result) -> None:
    """Shows ``propose``."""
    rate = _number(result["per_second"], "{:.1f}")
    console.print(f"{result['hands']} hands by {result['model']}, {rate}/s (run {result['run']})")
    _problems(console, result["problems"])


def reviewed(console: Console, result: Result) -> None:
    """Shows ``review``."""
    for title in result["done"]:
        console.print(title, markup=False)
    for row in result["passed_over"]:
        console.print(f"  hand {row['hand']} passed over: {row['reason']}", markup=False)
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
    console.print(f"[dim]{states}[/dim]")


def finetuned(console: Console, result: Result) -> None:
    """Shows ``finetune``."""
    losses = "  ".join(f"{name} {_number(value, '{:.4g}')}" for name, value in result["losses"].items())
    console.print(
        f"Model {result['model']} from {result['parent']}: {result['epochs']} epochs "
        f"in {_duration(result['seconds'])} (run {result['run']})"
    )
    if losses:
        console.print(losses, markup=False)
    if result["model"] is None:
        console.print(f"[dim]Go on: handstudio finetune {result['project']} --resume {result['run']}[/dim]")
    elif not result["adopted"]:
        console.print(f"[dim]Use it: handstudio models {result['project']} --adopt {result['model']}[/dim]")


def pretrained(console: Console, result: Result) -> None:
    """Shows ``pretrain``."""
    console.print(f"{result['steps']} steps in {_duration(result['seconds'])}: {result['out']}")


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
    _table(console, (f"{result['layer']} against {result['reference']}", ""), rows)
    _problems(console, result["problems"])
    fingers: Mapping[str, Mapping[str, float]] = result["per_finger"]
    console.print(
        "  ".join(f"{name} {_number(part.get('epe_px'), '{:.2f}')} px" for name, part in fingers.items())
    )
    for path in result.get("curves") or ():
        console.print(path, markup=False, soft_wrap=True)


def exported(console: Console, result: Result) -> None:
    """Shows ``export``."""
    console.print(f"{result['hands']} hands in {result['out']}, {result['skipped']} skipped")
    _problems(console, result["problems"])


def synthesised(console: Console, result: Result) -> None:
    """Shows ``synth``."""
    console.print(
        f"{result['frames']} frames in {result['out']}, {_number(result['per_second'], '{:.1f}')}/s"
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
        console.print(
            f"Radii of {result['circles']} circles from {result['masks']} masks, {agreement}: {result['out']}"
        )


def demo(console: Console, result: Result) -> None:
    """Shows ``demo``."""
    console.print(f"Report, screenshots and project: {result['out']}", soft_wrap=True)


def _problems(console: Console, problems: Sequence[str]) -> None:
    for problem in problems[:_MOST_PROBLEMS]:
        console.print(f"  {problem}", markup=False, soft_wrap=True)
    if len(problems) > _MOST_PROBLEMS:
        console.print(f"  and {len(problems) - _MOST_PROBLEMS} more")


def _table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def _number(value: float | None, form: str) -> str:
    return form.format(value) if value is not None else "?"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
