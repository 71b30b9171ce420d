"""What can be wrong with a hand, by the figures that a queue is sorted by, and the next such hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from handstudio.project import Project
from handstudio.project.conditions import Condition, Field, Range
from handstudio.project.records import UNDECIDED, HandQuery, HandRecord, Measure, Order
from handstudio.review.filter_text import number_text

ORDERS: Final[dict[str, Field]] = {
    "correction": "correction",
    "mismatch": "mismatch",
    "jump": "jump",
    "apart": "apart",
}
"""Orders by a figure of which a large one is a problem, beside the expected error."""
NAMES: Final[dict[str, str]] = {
    "doubt": "doubt",
    "C": "C",
    "correction": "correction",
    "mismatch": "mismatch with mask or depth",
    "jump": "jump between frames",
    "apart": "disagreement of two models",
}


@dataclass(frozen=True)
class Problem:
    """A figure that is large: above the level that one of ten hands is above."""

    field: Field
    level: float

    @property
    def words(self) -> str:
        """For a message."""
        unit = "" if self.field in ("C", "mismatch") else " px"
        return f"{NAMES[self.field]} above {number_text(self.level)}{unit} (the worst tenth)"


def value_of(hand: HandRecord, field: Field) -> float | None:
    """A hand's figure."""
    names = {"C": "confidence", "correction": "correction_px"}
    found = getattr(hand, names.get(field, field))
    return None if found is None else float(found)


def problem_of(project: Project, hand: HandRecord | None, order: Order, measure: Measure) -> Problem | None:
    """The problem that an order looks for; in an order that looks for none, the hand's largest one.

    ``None`` where nothing is known of the hands, or nothing stands out about this one.
    """
    field: Field | None = ORDERS.get(order) or (measure if order == "worst" else None)
    if field is not None:
        level = project.level(field)
        return None if level is None else Problem(field, level)
    if hand is None:
        return None
    fields: tuple[Field, ...] = (measure, *ORDERS.values())
    found: list[tuple[float, Problem]] = []
    for one in fields:
        value, level = value_of(hand, one), project.level(one)
        if value is not None and level is not None and value > level > 0.0:
            found.append((value / level, Problem(one, level)))
    return max(found, key=lambda each: each[0])[1] if found else None


def next_with(project: Project, query: HandQuery, problem: Problem, after: int | None) -> int | None:
    """The next undecided hand of a queue that has a problem, from the queue's front again at its end."""
    above = Condition(problem.field, ranges=(Range(problem.level, without_least=True),))
    ordered = project.in_order(replace(query, only=None, where=(*query.where, above)))
    found = ordered.first(0) if after is None else ordered.after(after, 1, UNDECIDED)
    if not len(found):
        found = ordered.first(1, UNDECIDED)
    return int(found[0]) if len(found) else None
