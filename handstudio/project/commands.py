"""Everything a person can decide, as plain commands with a JSON form.

A command says what is to be; the history finds its inverse from what is stored. Fields that are ``None``
until a command is applied (ids, who, when) are filled in by the history, so that a redo repeats exactly
what was done.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, Side
from handstudio.project.records import BoxSource, Fitted, Pose, State


class Command:
    """What all commands have: a kind, a title for people, and a JSON form."""

    kind: ClassVar[str]

    @property
    def title(self) -> str:
        """A few words for the undo entry and the audit trail."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Plain values; :func:`from_json` makes the same command of them."""
        raise NotImplementedError

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> Command:
        raise NotImplementedError


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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "hand_id": self.hand_id,
            "pose": pose_to_json(self.pose),
            "state": str(self.state),
            "origin": self.origin,
            "proposal_id": self.proposal_id,
            "decided_by": self.decided_by,
            "decided_at": self.decided_at,
        }

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetLabel:
        return cls(
            values["hand_id"],
            pose_from_json(values["pose"]),
            State(values["state"]),
            values["origin"],
            values["proposal_id"],
            values["decided_by"],
            values["decided_at"],
        )


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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "hand_id": self.hand_id,
            "state": str(self.state),
            "decided_by": self.decided_by,
            "decided_at": self.decided_at,
        }

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetState:
        return cls(values["hand_id"], State(values["state"]), values["decided_by"], values["decided_at"])


@dataclass(frozen=True)
class ClearLabel(Command):
    """Take the label away: the hand is undecided again."""

    kind: ClassVar[str] = "clear_label"
    hand_id: int

    @property
    def title(self) -> str:
        return "Reset"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hand_id": self.hand_id}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> ClearLabel:
        return cls(values["hand_id"])


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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "hand_id": self.hand_id,
            "state": str(self.state),
            "label": None if self.label is None else self.label.to_json(),
            "decided_by": self.decided_by,
            "decided_at": self.decided_at,
            "verified_by": self.verified_by,
            "verified_at": self.verified_at,
        }

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> PutDecision:
        label = values["label"]
        return cls(
            values["hand_id"],
            State(values["state"]),
            None if label is None else SetLabel._from_json(label),
            values["decided_by"],
            values["decided_at"],
            values.get("verified_by"),
            values.get("verified_at"),
        )


@dataclass(frozen=True)
class SetSide(Command):
    """Make a hand a left or a right one."""

    kind: ClassVar[str] = "set_side"
    hand_id: int
    side: Side

    @property
    def title(self) -> str:
        return f"Make it a {self.side} hand"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hand_id": self.hand_id, "side": self.side}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetSide:
        return cls(values["hand_id"], values["side"])


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

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hand_id": self.hand_id, "box": self.box.to_dict(), "source": self.source}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetBox:
        return cls(values["hand_id"], Box.from_dict(values["box"]), values["source"])


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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "frame_id": self.frame_id,
            "side": self.side,
            "box": self.box.to_dict(),
            "track": self.track,
            "box_source": self.box_source,
            "hand_id": self.hand_id,
        }

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> AddHand:
        return cls(
            values["frame_id"],
            values["side"],
            Box.from_dict(values["box"]),
            values["track"],
            values["box_source"],
            values["hand_id"],
        )


@dataclass(frozen=True)
class RemoveHand(Command):
    """Take a hand out of its frame; it is kept, with all it has, for undo."""

    kind: ClassVar[str] = "remove_hand"
    hand_id: int

    @property
    def title(self) -> str:
        return "Remove the hand"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hand_id": self.hand_id}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> RemoveHand:
        return cls(values["hand_id"])


@dataclass(frozen=True)
class SetNote(Command):
    """Write a note on a hand."""

    kind: ClassVar[str] = "set_note"
    hand_id: int
    note: str

    @property
    def title(self) -> str:
        return "Write a note"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hand_id": self.hand_id, "note": self.note}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetNote:
        return cls(values["hand_id"], values["note"])


@dataclass(frozen=True)
class SetHoldOut(Command):
    """Keep a sequence out of training, or no longer."""

    kind: ClassVar[str] = "set_hold_out"
    sequence_id: int
    hold_out: bool

    @property
    def title(self) -> str:
        return "Hold the sequence out" if self.hold_out else "Stop holding the sequence out"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "sequence_id": self.sequence_id, "hold_out": self.hold_out}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetHoldOut:
        return cls(values["sequence_id"], values["hold_out"])


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

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "what": self.what, "person": self.person, "value": self.value}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetFitted:
        return cls(values["what"], values["person"], values["value"])


@dataclass(frozen=True)
class AdoptModel(Command):
    """Let a model make the proposals from now on, in the place of any other; ``None`` adopts none."""

    kind: ClassVar[str] = "adopt_model"
    model_id: str | None

    @property
    def title(self) -> str:
        return f"Adopt the model {self.model_id}" if self.model_id else "Adopt no model"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "model_id": self.model_id}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> AdoptModel:
        return cls(values["model_id"])


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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "title": self.title,
            "commands": [command.to_json() for command in self.commands],
        }

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> Bulk:
        return cls(tuple(from_json(command) for command in values["commands"]), values["title"])


_KINDS: dict[str, type[Command]] = {
    command.kind: command
    for command in (
        SetLabel,
        SetState,
        ClearLabel,
        PutDecision,
        SetSide,
        SetBox,
        AddHand,
        RemoveHand,
        SetNote,
        SetHoldOut,
        SetFitted,
        AdoptModel,
        Bulk,
    )
}


def register(kind: type[Command]) -> type[Command]:
    """Let :func:`from_json` know a kind of command that is written down elsewhere."""
    _KINDS[kind.kind] = kind
    return kind


def from_json(values: Mapping[str, Any]) -> Command:
    """The command that :meth:`Command.to_json` wrote.

    Raises:
        ValueError: for a kind that this version does not know.
    """
    kind = _KINDS.get(values["kind"])
    if kind is None:
        raise ValueError(f"unknown command {values['kind']!r}")
    return kind._from_json(values)


def pose_to_json(pose: Pose) -> dict[str, str]:
    """Exact to the last bit: little-endian bytes in base 64."""
    return {
        "uv": _encode(pose.uv.astype("<f4", copy=False)),
        "depth": _encode(pose.depth.astype("<f4", copy=False)),
        "visibility": _encode(pose.visibility),
    }


def pose_from_json(values: Mapping[str, str]) -> Pose:
    """The pose that :func:`pose_to_json` wrote."""
    return Pose(
        np.frombuffer(base64.b64decode(values["uv"]), dtype="<f4").reshape(JOINT_COUNT, 2),
        np.frombuffer(base64.b64decode(values["depth"]), dtype="<f4"),
        np.frombuffer(base64.b64decode(values["visibility"]), dtype=np.uint8),
    )


def _encode(array: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
