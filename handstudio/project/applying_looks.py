"""Carrying out what people say about frames and about decisions of others, inside a transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project import second_look
from handstudio.project.annotate_commands import Annotate, annotate
from handstudio.project.commands import Bulk, Command, SetLabel
from handstudio.project.mark_commands import SetMark
from handstudio.project.records import State
from handstudio.project.schema import frame
from handstudio.project.second_commands import PutSentBack, PutVerification, SendBack, SetSetting, Verify


class ApplyingLooks:
    """The part of :class:`handstudio.project.applying.Applying` that is about marks and second looks."""

    _connection: sa.Connection
    _who: str
    _now: float
    _frames: set[int]
    _sequences: set[int]

    def _hand(self, hand_id: int, *, removed: bool = False) -> Any:
        raise NotImplementedError

    def _decide(self, row: Any, state: State, given: SetLabel | None, by: Any, at: Any) -> Command:
        raise NotImplementedError

    def _set_mark(self, command: SetMark) -> tuple[Command, Command]:
        where = frame.c.id == command.frame_id
        row = self._connection.execute(sa.select(frame).where(where)).first()
        if row is None:
            raise HandStudioError(f"The project has no frame {command.frame_id}")
        self._connection.execute(frame.update().where(where).values(mark=command.mark))
        self._frames.add(row.id)
        self._sequences.add(row.sequence_id)
        return command, SetMark(row.id, row.mark)

    def _verify(self, command: Verify) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        command = second_look.verifiable(self._connection, row, command, self._who, self._now)
        second_look.put_verification(self._connection, row.id, command.verified_by, command.verified_at)
        return command, PutVerification(row.id)

    def _put_verification(self, command: PutVerification) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        second_look.put_verification(self._connection, row.id, command.verified_by, command.verified_at)
        return command, PutVerification(row.id, row.verified_by, row.verified_at)

    def _send_back(self, command: SendBack) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        command, reason = second_look.send_back(self._connection, row, command, self._who, self._now)
        decision = self._decide(row, State.SENT_BACK, None, row.decided_by, None)
        return command, Bulk((decision, reason), "Take it back")

    def _put_sent_back(self, command: PutSentBack) -> tuple[Command, Command]:
        self._hand(command.hand_id)
        return command, second_look.put_sent_back(self._connection, command)

    def _annotate(self, command: Annotate) -> tuple[Command, Command]:
        self._hand(command.hand_id)
        return annotate(self._connection, command, self._who, self._now)

    def _set_setting(self, command: SetSetting) -> tuple[Command, Command]:
        return command, second_look.put_setting(self._connection, command)
