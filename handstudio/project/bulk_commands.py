"""One decision about many hands, and putting back what it took the place of.

They name hands by their ids; poses are copied inside the database, so that a million hands are one step of
undo and a few kilobytes of text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

import numpy as np

from handstudio.project.commands import Command
from handstudio.project.packing import ids_from_text, ids_to_text

ManyAction = Literal["accept", "take-correction", "reject", "skip", "reset", "flip-side", "verify"]
TITLES: Final[dict[str, str]] = {
    "accept": "Accept",
    "take-correction": "Take the correction of",
    "reject": "Reject",
    "skip": "Skip",
    "reset": "Reset",
    "flip-side": "Flip the side of",
    "verify": "Verify",
}


@dataclass(frozen=True)
class DecideMany(Command):
    """Do one thing to many hands; those to which it cannot be done are passed over.

    Attributes:
        action: what.
        hands: as :func:`handstudio.project.packing.ids_to_text` writes them.
        batch: under which what was there before is kept; the history fills it in.
    """

    kind: ClassVar[str] = "decide_many"
    action: ManyAction
    hands: str
    batch: int | None = None
    decided_by: str | None = None
    decided_at: float | None = None

    @property
    def title(self) -> str:
        count = len(ids_from_text(self.hands))
        return f"{TITLES[self.action]} {count:,} hands".replace(",", "\u202f")

    def with_more(self, other: DecideMany) -> DecideMany:
        """This and another part of the same as one."""
        both = np.concatenate([ids_from_text(self.hands), ids_from_text(other.hands)])
        return replace(self, hands=ids_to_text(both))


@dataclass(frozen=True)
class PutManyBack(Command):
    """Undo :class:`DecideMany`."""

    kind: ClassVar[str] = "put_many_back"
    action: ManyAction
    hands: str
    batch: int

    @property
    def title(self) -> str:
        return "Put the decisions back"
