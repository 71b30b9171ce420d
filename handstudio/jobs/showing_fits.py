"""What a person reads when the hand's figures were fitted: tables of bones and of limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .lines import line, next_words, number, problems, table

if TYPE_CHECKING:
    from rich.console import Console

    from .command import Result


def template(console: Console, result: Result) -> None:
    """Shows ``fit template``."""
    for person in result["people"]:
        size = number(person["reference_mm"], "{:.1f} mm") if person["reference_mm"] else "size not known"
        line(console, f"{person['person']}: {person['hands']} hands, reference bone {size}")
        table(
            console,
            ("bone to", "length", "template", "mm", "hands", "spread"),
            [_bone(bone) for bone in person["bones"]],
        )
    if result["people"]:
        line(console, "Length: in bones to the middle PIP; mm: between labels, which lie inside")
    problems(console, result["problems"])
    if result["removed"]:
        line(console, f"The template of nobody again for: {', '.join(result['removed'])}")
    elif not result["people"]:
        line(console, "No bone lengths were fitted here: nothing to remove")
    elif result["kept"]:
        next_words(console, "For corrections with these bones", "propose", result["project"])
    else:
        line(console, "Nothing was changed (--show)")


def _bone(bone: dict[str, Any]) -> Sequence[str]:
    return (
        bone["bone"],
        f"{bone['length']:.3f}",
        f"{bone['template']:.3f}",
        number(bone["mm"], "{:.1f}"),
        str(bone["hands"]) if bone["fitted"] else f"{bone['hands']}, too few: the template's",
        number(bone["spread"], "{:.0%}"),
    )


def limits(console: Console, result: Result) -> None:
    """Shows ``fit limits``."""
    if result["removed"]:
        line(console, "The limits from anatomy hold again")
        return
    rows = [
        (
            fitted["joint"],
            *(_range(limits[angle]) for angle in ("flexion", "abduction") for limits in (fitted, anatomy)),
        )
        for fitted, anatomy in zip(result["limits"], result["anatomy"], strict=True)
    ]
    table(console, ("joint", "flexion", "from anatomy", "abduction", "from anatomy"), rows)
    if result["outside"] is not None:
        outside = f"{result['outside']:.0%} of them outside of those from anatomy"
        line(console, f"Degrees, from {result['hands']} hands, {outside}")
    if result["out"]:
        line(console, f"Written: {result['out']}")
    line(console, "The project uses them" if result["kept"] else "No project uses them (see --project)")


def _range(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.0f} to {bounds[1]:.0f}"
