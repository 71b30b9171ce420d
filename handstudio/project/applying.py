"""Carrying a command out inside a transaction, and finding its inverse from what was there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.progress import Progress, Silent
from handstudio.project import accepting, deciding_many, second_look
from handstudio.project.annotate_commands import Annotate
from handstudio.project.applying_hands import ApplyingHands, update_hand
from handstudio.project.bulk_commands import DecideMany, PutManyBack
from handstudio.project.commands import (
    AddHand,
    AdoptModel,
    Bulk,
    ClearLabel,
    Command,
    PutDecision,
    RemoveHand,
    SetBox,
    SetFitted,
    SetHoldOut,
    SetLabel,
    SetNote,
    SetSide,
    SetState,
)
from handstudio.project.many import Place, stop_point
from handstudio.project.mark_commands import SetMark
from handstudio.project.packing import pose_bytes, pose_of
from handstudio.project.prepared import Prepared
from handstudio.project.promise_commands import AutoAccept, WithdrawPromise
from handstudio.project.records import Change, State
from handstudio.project.rows import sequence_of
from handstudio.project.schema import ADOPTED, fitted, hand, label, model, sequence, verification
from handstudio.project.second_commands import (
    PutSentBack,
    PutVerification,
    SendBack,
    SetSetting,
    Verify,
)

_HAND = Prepared(
    sa.select(
        hand,
        label.c.pose,
        label.c.visibility,
        label.c.origin,
        label.c.proposal_id.label("label_proposal_id"),
        label.c.decided_by.label("label_by"),
        label.c.decided_at.label("label_at"),
        verification.c.who.label("verified_by"),
        verification.c.at.label("verified_at"),
    )
    .select_from(
        hand.outerjoin(label, label.c.hand_id == hand.c.id).outerjoin(
            verification, verification.c.hand_id == hand.c.id
        )
    )
    .where(hand.c.id == sa.bindparam("id"))
)
_LABEL_COLUMNS = ("pose", "visibility", "origin", "proposal_id", "decided_by", "decided_at")
_ADD_LABEL = Prepared(label.insert(), "hand_id", *_LABEL_COLUMNS)


_CHANGE_LABEL = Prepared(
    label.update()
    .where(label.c.hand_id == sa.bindparam("the_id"))
    .values({column: sa.bindparam(column) for column in _LABEL_COLUMNS})
)
_PER_STOP = 200
"""After so many commands of a bulk one hears how far it is and may stop it."""
_DROP_LABEL = Prepared(label.delete().where(label.c.hand_id == sa.bindparam("hand_id")))
_SET_DECISION = update_hand("state", "has_label", "decided_by", "decided_at")


class Applying(ApplyingHands):
    """Carries out one command (of any depth) for one person at one time.

    Args:
        connection: inside a writing transaction.
        who: who decides, for decisions that do not say.
        now: when, in seconds since 1970, for decisions that do not say.
        progress: hears how far a command about many hands is, and may stop it.
    """

    def __init__(
        self, connection: sa.Connection, who: str, now: float, progress: Progress | None = None
    ) -> None:
        self._connection = connection
        self._progress: Progress = progress or Silent()
        self._who = who
        self._now = now
        self._hands: set[int] = set()
        self._frames: set[int] = set()
        self._sequences: set[int] = set()
        self._models = False
        self._ways: dict[type[Command], Callable[[Any], tuple[Command, Command]]] = {
            SetLabel: self._set_label,
            SetState: self._set_state,
            ClearLabel: self._clear_label,
            PutDecision: self._put_decision,
            SetSide: self._set_side,
            SetBox: self._set_box,
            AddHand: self._add_hand,
            RemoveHand: self._remove_hand,
            SetNote: self._set_note,
            SetMark: self._set_mark,
            Verify: self._verify,
            PutVerification: self._put_verification,
            SendBack: self._send_back,
            PutSentBack: self._put_sent_back,
            SetSetting: self._set_setting,
            Annotate: self._annotate,
            SetHoldOut: self._set_hold_out,
            SetFitted: self._set_fitted,
            AdoptModel: self._adopt_model,
            AutoAccept: self._auto_accept,
            WithdrawPromise: self._withdraw_promise,
            DecideMany: self._decide_many,
            PutManyBack: self._put_many_back,
            Bulk: self._bulk,
        }

    def change(self, title: str) -> Change:
        """What all commands carried out so far have changed."""
        return Change(
            frozenset(self._hands), frozenset(self._frames), frozenset(self._sequences), self._models, title
        )

    def carry_out(self, command: Command) -> tuple[Command, Command]:
        """Do it; returns the command with everything filled in, and its inverse.

        Raises:
            HandStudioError: when the command does not fit what is stored.
            CancelledError: when it was stopped; the transaction has to be undone then.
        """
        return self._ways[type(command)](command)

    def _hand(self, hand_id: int, *, removed: bool = False) -> Any:
        row = _HAND.first(self._connection, id=hand_id)
        if row is None:
            raise HandStudioError(f"The project has no hand {hand_id}")
        if row.removed and not removed:
            raise HandStudioError(f"Hand {hand_id} was removed", remedy="Undo the removal first")
        self._hands.add(row.id)
        self._frames.add(row.frame_id)
        self._sequences.add(row.sequence_id)
        return row

    def _decide(self, row: Any, state: State, given: SetLabel | None, by: Any, at: Any) -> Command:
        """Put a decision on a hand, which nobody has verified then; returns the one that was there."""
        if not state.decided and state is not State.SENT_BACK:
            state = State.NONE if row.proposal_id is None else State.PROPOSED
            by = at = None
        if given is not None:
            pose, visibility = pose_bytes(given.pose)
            values = {
                "pose": pose,
                "visibility": visibility,
                "origin": given.origin,
                "proposal_id": given.proposal_id,
                "decided_by": given.decided_by,
                "decided_at": given.decided_at,
            }
            if row.has_label:
                _CHANGE_LABEL.run(self._connection, the_id=row.id, **values)
            else:
                _ADD_LABEL.run(self._connection, hand_id=row.id, **values)
        elif row.has_label:
            _DROP_LABEL.run(self._connection, hand_id=row.id)
        _SET_DECISION.run(
            self._connection,
            hand_id=row.id,
            state=str(state),
            has_label=given is not None,
            decided_by=by,
            decided_at=at,
        )
        if row.verified_by is not None:
            second_look.put_verification(self._connection, row.id, None, None)
        return PutDecision(
            *(row.id, State(row.state), label_in(row), row.decided_by, row.decided_at),
            *(row.verified_by, row.verified_at),
        )

    def _set_label(self, command: SetLabel) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        command = replace(
            command,
            decided_by=command.decided_by or self._who,
            decided_at=self._now if command.decided_at is None else command.decided_at,
        )
        return command, self._decide(
            row, State(command.state), command, command.decided_by, command.decided_at
        )

    def _set_state(self, command: SetState) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        command = replace(
            command,
            decided_by=command.decided_by or self._who,
            decided_at=self._now if command.decided_at is None else command.decided_at,
        )
        state = State(command.state)
        if state is State.SENT_BACK:
            raise HandStudioError(f"Hand {row.id} is sent back with a reason, or not at all")
        kept = label_in(row) if state.labelled else None
        if state.labelled and kept is None:
            raise HandStudioError(
                f"Hand {row.id} has no label that could be {state}", remedy="Accept a proposal or place it"
            )
        if kept is not None:
            kept = replace(kept, state=state, decided_by=command.decided_by, decided_at=command.decided_at)
        return command, self._decide(row, state, kept, command.decided_by, command.decided_at)

    def _clear_label(self, command: ClearLabel) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        return command, self._decide(row, State.NONE, None, None, None)

    def _put_decision(self, command: PutDecision) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        before = self._decide(row, command.state, command.label, command.decided_by, command.decided_at)
        if command.verified_by is not None:
            second_look.put_verification(self._connection, row.id, command.verified_by, command.verified_at)
        return command, before

    def _set_hold_out(self, command: SetHoldOut) -> tuple[Command, Command]:
        where = sequence.c.id == command.sequence_id
        before = self._connection.execute(sa.select(sequence.c.hold_out).where(where)).scalar()
        if before is None:
            raise HandStudioError(f"The project has no sequence {command.sequence_id}")
        self._connection.execute(sequence.update().where(where).values(hold_out=command.hold_out))
        self._sequences.add(command.sequence_id)
        return command, SetHoldOut(command.sequence_id, bool(before))

    def _set_fitted(self, command: SetFitted) -> tuple[Command, Command]:
        where = (fitted.c.what == command.what, fitted.c.person == command.person)
        before = self._connection.execute(sa.select(fitted.c.value).where(*where)).scalar()
        self._connection.execute(fitted.delete().where(*where))
        if command.value is not None:
            values = {"what": command.what, "person": command.person, "value": json.dumps(command.value)}
            self._connection.execute(fitted.insert(), values)
        for row in self._connection.execute(sa.select(sequence)):
            if command.what == "limits" or sequence_of(row).person == command.person:
                self._sequences.add(row.id)
        return command, SetFitted(
            command.what, command.person, None if before is None else json.loads(before)
        )

    def _adopt_model(self, command: AdoptModel) -> tuple[Command, Command]:
        chosen = model.c.id == command.model_id
        if (
            command.model_id is not None
            and self._connection.execute(sa.select(model).where(chosen)).first() is None
        ):
            raise HandStudioError(f"The project has no model {command.model_id}")
        before = self._connection.execute(ADOPTED).first()
        self._connection.execute(model.update().values(adopted=False))
        if command.model_id is not None:
            self._connection.execute(model.update().where(chosen).values(adopted=True))
        self._models = True
        return command, AdoptModel(None if before is None else before.id)

    def _auto_accept(self, command: AutoAccept) -> tuple[Command, Command]:
        command, touched = accepting.accept(self._connection, command, self._who, self._now, self._progress)
        self._touch(touched)
        assert command.promise_id is not None
        return command, WithdrawPromise(command.promise_id, "", "undone")

    def _withdraw_promise(self, command: WithdrawPromise) -> tuple[Command, Command]:
        inverse, touched = accepting.withdraw(self._connection, command, self._progress)
        self._touch(touched)
        return command, inverse

    def _decide_many(self, command: DecideMany) -> tuple[Command, Command]:
        forward, inverse, touched = deciding_many.decide(
            self._connection, command, self._who, self._now, self._progress
        )
        self._touch(touched)
        return forward, inverse

    def _put_many_back(self, command: PutManyBack) -> tuple[Command, Command]:
        self._touch(deciding_many.put_back(self._connection, command, self._progress))
        return command, DecideMany(command.action, command.hands, command.batch)

    def _touch(self, touched: list[Place]) -> None:
        """Many hands at once."""
        for part in touched:
            for mine, theirs in zip((self._hands, self._frames, self._sequences), part, strict=True):
                mine.update(theirs.tolist())

    def _bulk(self, command: Bulk) -> tuple[Command, Command]:
        done: list[Command] = []
        inverses: list[Command] = []
        for number, part in enumerate(command.commands):
            if number and number % _PER_STOP == 0:
                stop_point(self._progress, number, len(command.commands), "commands")
            forward, inverse = self.carry_out(part)
            done.append(forward)
            inverses.append(inverse)
        return replace(command, commands=tuple(done)), Bulk(tuple(reversed(inverses)), command.title)


def label_in(row: Any) -> SetLabel | None:
    """The label that a row of a hand joined with its label holds, as the command that sets it."""
    if not row.has_label:
        return None
    return SetLabel(
        row.id,
        pose_of(row.pose, row.visibility),
        State(row.state),
        row.origin,
        row.label_proposal_id,
        row.label_by,
        row.label_at,
    )
