"""Everything a person can decide, as plain commands with a JSON form.

A command says what is to be; the history finds its inverse from what is stored. Fields that are ``None``
until a command is applied (ids, who, when) are filled in by the history, so that a redo repeats exactly
what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, get_type_hints

from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.project.command_json import Read, plain, reader
from handstudio.project.records import BoxSource, Fitted, Pose, State


class Command:
    """What all commands have: a kind, a title for people, and a JSON form.

    A command is a dataclass; a module that defines one has to be imported before it can be read again.
    """

    kind: ClassVar[str]
    _kinds: ClassVar[dict[str, type[Command]]] = {}

    def __init_subclass__(cls) -> None:
        Command._kinds[cls.kind] = cls

    @property
    def title(self) -> str:
        """A few words for the undo entry and the audit trail."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Plain values; :func:`from_json` makes the same command of them."""
        return {"kind": self.kind, **{name: plain(getattr(self, name)) for name in _readers(self.kind)}}


def from_json(values: Mapping[str, Any]) -> Command:
    """The command that :meth:`Command.to_json` wrote, also before it had all the fields that it has now.

    Raises:
        ValueError: for a kind that this version does not know.
    """
    kind = Command._kinds.get(values["kind"])
    if kind is None:
        raise ValueError(f"unknown command {values['kind']!r}")
    return kind(**{name: read(values[name]) for name, read in _readers(kind.kind).items() if name in values})


@cache
def _readers(kind: str) -> dict[str, Read]:
    """Per field of a kind of command, what reads it."""
    command: Any = Command._kinds[kind]
    hints = get_type_hints(command)
    return {field.name: reader(hints[field.name], Command, from_json) for field in fields(command)}


@dataclass(frozen=True)
class SetLabel(Command):
    """Let a pose stand for a hand: accepted, fixed or auto-accepted."""

    kind: ClassVar[str] = "set_label"
    hand_id: int
    pose: Pose
    state: State
    origin: str
    proposal_id: int | None = None
    decided_by: str | None = None
    decided_at: float | None = None

    def __post_init__(self) -> None:
        if not State(self.state).labelled:
            raise ValueError(f"a label cannot have the state {self.state}")

    @property
    def title(self) -> str:
        return {State.ACCEPTED: "Accept", State.FIXED: "Fix"}.get(State(self.state), "Accept automatically")


@dataclass(frozen=True)
class SetState(Command):
    """Reject, skip or reset a hand; its label, if any, goes (undo brings it back).

    ``none`` and ``proposed`` both mean undecided: the hand is ``proposed`` when it has a proposal.
    ``accepted``, ``fixed`` and ``auto_accepted`` change the state of a hand that has a label already.
    """

    kind: ClassVar[str] = "set_state"
    hand_id: int
    state: State
    decided_by: str | None = None
    decided_at: float | None = None

    @property
    def title(self) -> str:
        return {
            State.REJECTED: "Reject",
            State.SKIPPED: "Skip",
            State.ACCEPTED: "Accept",
            State.FIXED: "Fix",
            State.AUTO_ACCEPTED: "Accept automatically",
        }.get(State(self.state), "Reset")


@dataclass(frozen=True)
class ClearLabel(Command):
    """Take the label away: the hand is undecided again."""

    kind: ClassVar[str] = "clear_label"
    hand_id: int

    @property
    def title(self) -> str:
        return "Reset"


@dataclass(frozen=True)
class PutDecision(Command):
    """Put a hand's state and label back as they were: what undo does to a decision."""

    kind: ClassVar[str] = "put_decision"
    hand_id: int
    state: State
    label: SetLabel | None
    decided_by: str | None
    decided_at: float | None
    verified_by: str | None = None
    verified_at: float | None = None

    @property
    def title(self) -> str:
        return "Put the decision back"


@dataclass(frozen=True)
class SetSide(Command):
    """Make a hand a left or a right one."""

    kind: ClassVar[str] = "set_side"
    hand_id: int
    side: Side

    @property
    def title(self) -> str:
        return f"Make it a {self.side} hand"


@dataclass(frozen=True)
class SetBox(Command):
    """Put the box of a hand elsewhere."""

    kind: ClassVar[str] = "set_box"
    hand_id: int
    box: Box
    source: BoxSource = "drawn"

    @property
    def title(self) -> str:
        return "Move the box"


@dataclass(frozen=True)
class AddHand(Command):
    """Add a hand to a frame; ``track`` ``None`` takes the frame's first free one."""

    kind: ClassVar[str] = "add_hand"
    frame_id: int
    side: Side
    box: Box
    track: int | None = None
    box_source: BoxSource = "drawn"
    hand_id: int | None = None

    @property
    def title(self) -> str:
        return "Add a hand"


@dataclass(frozen=True)
class RemoveHand(Command):
    """Take a hand out of its frame; it is kept, with all it has, for undo."""

    kind: ClassVar[str] = "remove_hand"
    hand_id: int

    @property
    def title(self) -> str:
        return "Remove the hand"


@dataclass(frozen=True)
class SetNote(Command):
    """Write a note on a hand."""

    kind: ClassVar[str] = "set_note"
    hand_id: int
    note: str

    @property
    def title(self) -> str:
        return "Write a note"


@dataclass(frozen=True)
class SetHoldOut(Command):
    """Keep a sequence out of training, or no longer."""

    kind: ClassVar[str] = "set_hold_out"
    sequence_id: int
    hold_out: bool

    @property
    def title(self) -> str:
        return "Hold the sequence out" if self.hold_out else "Stop holding the sequence out"


@dataclass(frozen=True)
class SetFitted(Command):
    """Use what was fitted to hands from now on: a person's template, or (of nobody) the joints' limits.

    ``value`` is as :class:`handstudio.hand.shape.PersonalTemplate` or
    :func:`handstudio.hand.shape.limits_to_json` writes it; ``None`` goes back to those of the program.
    """

    kind: ClassVar[str] = "set_fitted"
    what: Fitted
    person: str
    value: Any

    @property
    def title(self) -> str:
        verb = "Use" if self.value is not None else "Drop"
        if self.what == "limits":
            return f"{verb} fitted joint limits"
        return f"{verb} the bone lengths of {self.person}"


@dataclass(frozen=True)
class AdoptModel(Command):
    """Let a model make the proposals from now on, in the place of any other; ``None`` adopts none."""

    kind: ClassVar[str] = "adopt_model"
    model_id: str | None

    @property
    def title(self) -> str:
        return f"Adopt the model {self.model_id}" if self.model_id else "Adopt no model"


@dataclass(frozen=True)
class Bulk(Command):
    """Several commands as one: done, undone and redone together."""

    kind: ClassVar[str] = "bulk"
    commands: tuple[Command, ...]
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "commands", tuple(self.commands))
        if not self.title and self.commands:
            object.__setattr__(self, "title", self.commands[0].title)
