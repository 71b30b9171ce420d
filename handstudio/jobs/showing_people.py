"""What a person reads of commands that are about people: who decided, who verified, how far two agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import line, problems, table

if TYPE_CHECKING:
    from rich.console import Console

    from .command import Result


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
