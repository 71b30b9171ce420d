"""What a person reads of commands that are about people: who decided, who verified, how far two agree."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .lines import line, number, problems, table

if TYPE_CHECKING:
    from rich.console import Console

    from .command import Result


def trail(console: Console, result: Result) -> None:
    """Shows ``history``."""
    table(
        console,
        ("when", "who", "did", "", "hand"),
        [
            (
                time.strftime("%Y-%m-%d %H:%M", time.localtime(row["at"])),
                row["who"],
                "" if row["action"] == "apply" else row["action"],
                row["title"],
                row["hand"] if row["hand"] is not None else f"{row['hands']} hands" if row["hands"] else "",
            )
            for row in result["entries"]
        ],
    )


def agreed(console: Console, result: Result) -> None:
    """Shows ``agree``."""
    one, other = result["annotators"]
    poses, states = result["poses"], result["states"]
    blind = f", {result['blind']} of them blind" if result["blind"] else ""
    rows = [("hands that both decided", f"{result['hands']}{blind}")]
    if poses is not None:
        rows += [
            ("mean distance", f"{poses['epe_px']:.2f} px"),
            ("median distance", f"{poses['median_px']:.2f} px"),
            ("within 0.05 of the box", f"{poses['pck_005']:.3f}"),
        ]
        if poses.get("epe_mm") is not None:
            rows.append(("mean distance in 3D", f"{poses['epe_mm']:.2f} mm"))
    rows.append(("the same hands usable", number(states["observed"], "{:.1%}")))
    rows.append(("Cohen's kappa", number(states["kappa"], "{:.2f}")))
    table(console, (f"{one} and {other}", ""), rows)
    if poses is not None:
        line(
            console,
            "  ".join(
                f"{name} {number(part.get('epe_px'), '{:.2f}')} px"
                for name, part in poses["per_finger"].items()
            ),
        )
    table(
        console,
        ("hand", "sequence", "frame", "px", "mm", one, other),
        [
            (
                *(row["hand"], row["sequence"], row["frame_index"] + 1),
                *(number(row["px"], "{:.1f}"), number(row["mm"], "{:.1f}"), *row["states"]),
            )
            for row in result["disagreements"]
        ],
    )
    for path in result["curves"]:
        line(console, path)
    problems(console, result["problems"])


def held_out(console: Console, result: Result) -> None:
    """Shows ``hold-out``."""
    for title in result["done"]:
        line(console, title)
    table(
        console,
        ("sequence", "subject", "side", "hands", "hold-out", "learnt from by"),
        [
            (
                *(row["sequence"], row["subject"] or "", row["side"], row["hands"] or ""),
                "drawn" if row["drawn"] else "yes" if row["hold_out"] else "",
                ", ".join(row["learnt_by"]),
            )
            for row in result["sequences"]
        ],
    )
    would = "would be " if result["dry_run"] else ""
    line(console, f"{result['share']:.0%} of the hands {would or 'are '}held out", style="dim")
    problems(console, result["warnings"])


def verified(console: Console, result: Result) -> None:
    """Shows ``verify``."""
    for title in result["done"]:
        line(console, title)
    for row in result["passed_over"]:
        line(console, f"  hand {row['hand']} passed over: {row['reason']}")
    if "listed" in result:
        table(
            console,
            ("hand", "sequence", "frame", "side", "state", "decided by", "note"),
            [
                (
                    *(row["hand"], row["sequence"], row["frame"], row["side"], row["state"]),
                    *(row["decided_by"] or "", row["note"]),
                )
                for row in result["listed"]
            ],
        )
    line(
        console,
        f"{result['waiting']} wait for {result['who']}, {result['verified']} verified, "
        f"{result['sent_back']} sent back",
        style="dim",
    )
