"""Conditions on hands as plain values: what a filter's terms say, before they become SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Field = Literal[
    "name",
    "state",
    "side",
    "seq",
    "subject",
    "model",
    "by",
    "frame",
    "has",
    "mark",
    "note",
    "verified",
    "error",
    "doubt",
    "C",
    "correction",
    "mismatch",
    "jump",
    "apart",
    "useful",
]
"""What a condition is about; ``name`` is a part of the name of the sequence or frame, or of the note."""

ANY: Final = "any"
"""Of ``mark`` and ``note``: whatever it says."""
HAS: Final = ("note", "label", "proposal", "truth")
"""What a hand can have."""


@dataclass(frozen=True)
class Range:
    """Numbers between two ends; an end that is ``None`` is open, one that is left out is not in the range."""

    least: float | None = None
    most: float | None = None
    without_least: bool = False
    without_most: bool = False


@dataclass(frozen=True)
class Condition:
    """One term of a filter: a hand fits that has one of the values or lies in one of the ranges.

    Attributes:
        field: what it is about.
        values: names; of ``seq``, ``subject``, ``model`` and ``mark`` also parts of names, or patterns with
            ``*``; of ``note`` parts of it; of ``verified`` yes, no,
            or who did it.
        ranges: of a figure or of the number of a frame, counted from 1.
        negated: the other hands are wanted, also those of which the figure is not known.
    """

    field: Field
    values: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class ErrorScale:
    """How the expected error comes from the doubt, so that the database can compare it.

    With ``d`` the doubt in cells, the error in cells is ``share * bent(d) + (1 - share) * factor * d``.

    Attributes:
        by_c: whether the doubt is the square root of C, in cells; else it is the hand's, in px.
        factor: error per doubt.
        share: how much the curve counts.
        nodes: doubt and error of the curve, cells, ascending; none where ``share`` is 0.
    """

    by_c: bool = False
    factor: float = 1.0
    share: float = 0.0
    nodes: tuple[tuple[float, float], ...] = ()
