"""The one way in for what people decide: commands, undo and redo, and the audit trail.

A command, its inverse, the change itself and the audit line are one transaction. Undo has no end and, like
redo, survives a restart, since both are rows.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import Literal

import sqlalchemy as sa

from handstudio.progress import Progress
from handstudio.project import changes
from handstudio.project.applying import Applying
from handstudio.project.bulk_commands import DecideMany, PutManyBack
from handstudio.project.commands import Command, from_json
from handstudio.project.packing import ID_BYTES, ids_from_text, pack_id_set, pack_ids, unpack_ids
from handstudio.project.prepared import Prepared
from handstudio.project.records import Change, HistoryEntry
from handstudio.project.schema import audit, history
from handstudio.project.store import Store

Again = Literal["undo", "redo"]

_DONE, _UNDONE, _DROPPED = "done", "undone", "dropped"

_LAST_DONE = sa.select(history).where(history.c.state == _DONE).order_by(history.c.id.desc()).limit(1)
_FIRST_UNDONE = sa.select(history).where(history.c.state == _UNDONE).order_by(history.c.id).limit(1)
_OF_STATE = history.c.state == sa.bindparam("state")
_NEXT: dict[str, tuple[Prepared, str]] = {
    action: (
        Prepared(
            sa.select(history.c.title, sa.func.length(history.c.hands).label("bytes")).where(
                history.c.id == sa.select(end(history.c.id)).where(_OF_STATE).scalar_subquery()
            )
        ),
        state,
    )
    for action, end, state in (("undo", sa.func.max, _DONE), ("redo", sa.func.min, _UNDONE))
}
"""What would be undone or redone next. The length of a BLOB is known without reading it."""
_DROP_UNDONE = Prepared(
    history.update().where(history.c.state == sa.bindparam("undone")).values(state=sa.bindparam("dropped"))
)
_ADD = Prepared(history.insert().returning(history.c.id), "state", "title", "forward", "inverse", "hands")
_AUDIT = Prepared(audit.insert(), "at", "who", "action", "command_id", "seconds")
_MARK = Prepared(
    history.update()
    .where(history.c.id == sa.bindparam("the_id"))
    .values(state=sa.bindparam("new_state"), inverse=sa.bindparam("new_inverse"))
)


@dataclass(frozen=True)
class Step:
    """A step of undo.

    Attributes:
        title: what it did.
        hands: how many it concerns.
    """

    title: str
    hands: int


class History:
    """Applies, undoes and redoes commands.

    Args:
        store: the project's store.
        writer: the name under which this process logs its changes.
    """

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._writer = writer

    def apply(
        self, command: Command, who: str, seconds: float | None = None, progress: Progress | None = None
    ) -> Change:
        """Carry a command out; when this returns, it is on disk. Clears what could be redone.

        Args:
            command: what is to be.
            who: the person (or rule) that decides.
            seconds: how long the decision took, for the statistics.
            progress: hears how far a command about many hands is, and may stop it.

        Raises:
            HandStudioError: when the command does not fit, or cannot be stored; then nothing is changed.
            CancelledError: when it was stopped; then nothing is changed.
        """
        now = time.time()
        with self._store.writing() as connection:
            applying = Applying(connection, who, now, progress)
            forward, inverse = applying.carry_out(command)
            change = applying.change(command.title)
            command_id = self._add(connection, command.title, forward, inverse, change)
            self._note(connection, "apply", command_id, who, now, seconds, change)
        return change

    def apply_part(self, part: DecideMany, who: str, onto: int | None = None) -> tuple[int | None, Change]:
        """Carry out a part of a decision about many hands, with those before it one step of undo.

        Args:
            part: of the hands of one transaction.
            who: who decides.
            onto: the step that the part belongs to, as an earlier part returned it. Where somebody decided
                something else meanwhile, the part begins a step of its own.

        Returns:
            the step (``None`` as long as there was nothing to do), and what was changed.
        """
        with self._store.writing() as connection:
            last = connection.execute(_LAST_DONE).first()
            if onto is None or last is None or last.id != onto:
                applying = Applying(connection, who, time.time())
                forward, inverse = applying.carry_out(replace(part, batch=None))
                change = applying.change(forward.title)
                if not change.hands:
                    return onto, change
                step = self._add(connection, forward.title, forward, inverse, change)
                self._note(connection, "apply", step, who, time.time(), None, change)
                return step, change
            before = _command(last.forward)
            assert isinstance(before, DecideMany)
            given = replace(
                part, batch=before.batch, decided_by=before.decided_by, decided_at=before.decided_at
            )
            applying = Applying(connection, who, time.time())
            done, _inverse = applying.carry_out(given)
            assert isinstance(done, DecideMany)
            assert done.batch is not None
            whole = before.with_more(done)
            change = applying.change(whole.title)
            connection.execute(
                history.update()
                .where(history.c.id == onto)
                .values(
                    title=whole.title,
                    forward=_text(whole),
                    inverse=_text(PutManyBack(whole.action, whole.hands, done.batch)),
                    hands=pack_ids(ids_from_text(whole.hands)),
                )
            )
            changes.note(connection, self._writer, change)
            return onto, change

    def undo(self, who: str = "", progress: Progress | None = None) -> Change | None:
        """Undo the last command; ``None`` when there is none.

        Args:
            who: who undoes it.
            progress: hears how far a step about many hands is, and may stop it.

        Raises:
            HandStudioError: when it cannot be stored; then nothing is changed.
            CancelledError: when it was stopped; then nothing is changed.
        """
        return self._again("undo", who, progress)

    def redo(self, who: str = "", progress: Progress | None = None) -> Change | None:
        """Do again what was undone last, in the same way; ``None`` when there is nothing."""
        return self._again("redo", who, progress)

    def _again(self, action: Again, who: str, progress: Progress | None) -> Change | None:
        now = time.time()
        with self._store.writing() as connection:
            row = connection.execute(_LAST_DONE if action == "undo" else _FIRST_UNDONE).first()
            if row is None:
                return None
            applying = Applying(connection, who, now, progress)
            if action == "undo":
                applying.carry_out(_command(row.inverse))
                _MARK.run(connection, the_id=row.id, new_state=_UNDONE, new_inverse=row.inverse)
            else:
                _forward, inverse = applying.carry_out(_command(row.forward))
                _MARK.run(connection, the_id=row.id, new_state=_DONE, new_inverse=_text(inverse))
            change = applying.change(row.title)
            self._note(connection, action, row.id, who, now, None, change)
        return change

    @staticmethod
    def _add(
        connection: sa.Connection, title: str, forward: Command, inverse: Command, change: Change
    ) -> int:
        """A new step of undo, after which nothing can be redone; its id."""
        _DROP_UNDONE.run(connection, undone=_UNDONE, dropped=_DROPPED)
        step = _ADD.scalar(
            connection,
            state=_DONE,
            title=title,
            forward=_text(forward),
            inverse=_text(inverse),
            hands=pack_id_set(change.hands),
        )
        return int(step)

    def _note(
        self,
        connection: sa.Connection,
        action: str,
        command_id: int,
        who: str,
        now: float,
        seconds: float | None,
        change: Change,
    ) -> None:
        _AUDIT.run(connection, at=now, who=who, action=action, command_id=command_id, seconds=seconds)
        changes.note(connection, self._writer, change)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return self.undo_title is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return self.redo_title is not None

    @property
    def undo_title(self) -> str | None:
        """What would be undone, for the menu."""
        return self._title("undo")

    @property
    def redo_title(self) -> str | None:
        """What would be redone."""
        return self._title("redo")

    def next(self, action: Again) -> Step | None:
        """What would be undone, or redone; ``None`` when there is nothing."""
        statement, state = _NEXT[action]
        with self._store.reading() as connection:
            row = statement.first(connection, state=state)
        return None if row is None else Step(row.title, row.bytes // ID_BYTES)

    def _title(self, action: Again) -> str | None:
        step = self.next(action)
        return None if step is None else step.title

    def entries(self, limit: int = 100, offset: int = 0) -> list[HistoryEntry]:
        """The audit trail, latest first: also what was undone stays in it."""
        statement = (
            sa.select(audit, history.c.title, history.c.hands)
            .join(history, history.c.id == audit.c.command_id)
            .order_by(audit.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._store.reading() as connection:
            rows = connection.execute(statement).all()
        return [
            HistoryEntry(
                row.id,
                row.at,
                row.who,
                row.action,
                row.title,
                row.command_id,
                tuple(unpack_ids(row.hands).tolist()),
                row.seconds,
            )
            for row in rows
        ]


def _text(command: Command) -> str:
    return json.dumps(command.to_json(), separators=(",", ":"))


def _command(text: str) -> Command:
    return from_json(json.loads(text))
