"""The orders of the queue, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handstudio.project.comparisons import Compared
    from handstudio.project.conditions import Field
    from handstudio.project.records import HandQuery


@dataclass(frozen=True)
class OrderSpec:
    """An order as it is shown.

    Attributes:
        name: as queries have it.
        title, meaning: for the list and its tip.
        figure: what the table's last column shows; ``None`` for C.
        heading, unit: of that column.
        digits: behind the point.
        compared: what has to be compared before.
        missing: what is said while no hand has the figure.
    """

    name: str
    title: str
    meaning: str
    figure: Field | None = None
    heading: str = ""
    unit: str = ""
    compared: Compared | None = None
    digits: int = 1
    missing: str = ""


ORDERS: Final = (
    OrderSpec("sequence", "As filmed", "Sequence by sequence, frame by frame"),
    OrderSpec(
        "worst", "Largest expected error first", "The model's own estimate, scaled by what was reviewed"
    ),
    OrderSpec("best", "Smallest expected error first", "What can probably be accepted as it is"),
    OrderSpec(
        *(
            "correction",
            "Largest correction first",
            "How far it moved the pose to be a hand that can exist",
        ),
        *("correction", "Corr.", " px"),
    ),
    OrderSpec(
        *(
            "mismatch",
            "Mask and pose disagree",
            "Circles about the joints against the predicted mask: 0 is alike",
        ),
        *("mismatch", "Mism.", "", "mismatch", 2),
    ),
    OrderSpec(
        *("jump", "Largest jump in time first", "How far the pose is from the frames before and after"),
        *("jump", "Jump", " px", "jump"),
    ),
    OrderSpec(
        *(
            "apart",
            "Two models disagree",
            "How far the latest proposal is from another model's before it",
        ),
        *("apart", "Apart", " px"),
        missing="No two models have proposed the same hand yet: hands are as filmed",
    ),
    OrderSpec(
        *(
            "useful",
            "Most useful for training first",
            "Unsure of, and unlike the poses reviewed or chosen before",
        ),
        *("useful", "Useful", "", "useful", 3),
    ),
    OrderSpec("random", "In random order", "An honest sample: the same order each time"),
    OrderSpec("recent", "Latest decision first", "What was decided last, to look at it again"),
)
BY_NAME: Final = {order.name: order for order in ORDERS}


def compared_for(query: HandQuery) -> set[Compared]:
    """What has to be compared for the order and the filter of a query."""
    names = (query.order, *(term.field for term in query.where))
    found = [BY_NAME[name].compared for name in names if name in BY_NAME]
    return {what for what in found if what is not None}
