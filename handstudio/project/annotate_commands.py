"""What a second annotator says of a hand, beside the label that stands, as a command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import sqlalchemy as sa

from handstudio.project.commands import Command
from handstudio.project.packing import pose_bytes, pose_of
from handstudio.project.records import Pose, State
from handstudio.project.schema import second_label

BLIND: Final = ", blind"
"""How the title of an annotation ends."""
_VERBS: Final = {
    State.ACCEPTED: "Accept",
    State.FIXED: "Fix",
    State.REJECTED: "Reject",
    State.SKIPPED: "Skip",
}


@dataclass(frozen=True)
class Annotate(Command):
    """Keep an annotator's own decision about a hand; its label and state stay as they are.

    Attributes:
        state: a decision; ``None`` takes the annotator's back.
        pose: with it; ``None`` where the hand is rejected or left for later.
        origin, proposal_id: as of a label.
        who, at: filled in by the history.
    """

    kind: ClassVar[str] = "annotate"
    hand_id: int
    state: State | None
    pose: Pose | None = None
    origin: str | None = None
    proposal_id: int | None = None
    who: str | None = None
    at: float | None = None

    def __post_init__(self) -> None:
        if self.state is not None and State(self.state).labelled != (self.pose is not None):
            raise ValueError(f"an annotation {self.state} {'needs' if self.pose is None else 'has no'} pose")

    @property
    def title(self) -> str:
        verb = "Reset" if self.state is None else _VERBS[State(self.state)]
        return f"{verb}{BLIND}"


def annotate(connection: sa.Connection, command: Annotate, who: str, now: float) -> tuple[Annotate, Annotate]:
    """Keep it; returns the command with everything filled in, and what was there before."""
    command = replace(command, who=command.who or who, at=now if command.at is None else command.at)
    mine = (second_label.c.hand_id == command.hand_id, second_label.c.who == command.who)
    row = connection.execute(sa.select(second_label).where(*mine)).first()
    connection.execute(second_label.delete().where(*mine))
    if command.state is not None:
        pose, visibility = (None, None) if command.pose is None else pose_bytes(command.pose)
        values = {
            "hand_id": command.hand_id,
            "who": command.who,
            "state": str(command.state),
            "at": command.at,
            "pose": pose,
            "visibility": visibility,
            "origin": command.origin,
            "proposal_id": command.proposal_id,
        }
        connection.execute(second_label.insert(), values)
    if row is None:
        return command, Annotate(command.hand_id, None, who=command.who, at=command.at)
    pose_before = None if row.pose is None else pose_of(row.pose, row.visibility)
    return command, Annotate(
        *(row.hand_id, State(row.state), pose_before, row.origin, row.proposal_id, row.who, row.at)
    )
