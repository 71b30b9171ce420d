"""The runs of jobs: what was started, how far it is, how it ended."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project import changes
from handstudio.project.process import ProcessIdentity, is_alive, this_process
from handstudio.project.records import Change, RunRecord, RunState
from handstudio.project.schema import run
from handstudio.project.store import Store


class Runs:
    """Reading and writing of runs."""

    _store: Store
    writer_token: str
    path: Path

    def runs(self, kind: str | None = None) -> list[RunRecord]:
        """All runs, latest first."""
        statement = sa.select(run).order_by(run.c.id.desc())
        if kind is not None:
            statement = statement.where(run.c.kind == kind)
        with self._store.reading() as connection:
            return [_run_of(row) for row in connection.execute(statement)]

    def run(self, run_id: int) -> RunRecord:
        """One run.

        Raises:
            HandStudioError: when there is none of this id.
        """
        with self._store.reading() as connection:
            row = connection.execute(sa.select(run).where(run.c.id == run_id)).first()
        if row is None:
            raise HandStudioError(f"The project has no run {run_id}", self.path)
        return _run_of(row)

    def run_folder(self, run_id: int) -> Path:
        """Where a run keeps its log, checkpoints and pseudo-labels; made when it is not there."""
        folder = self.path / "runs" / str(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def start_run(
        self,
        kind: str,
        argv: Sequence[str],
        params: Mapping[str, Any],
        state: RunState = "running",
        log_path: str | None = None,
    ) -> int:
        """Note that this process starts a run; returns its id."""
        process = this_process()
        with self._store.writing() as connection:
            row = connection.execute(
                run.insert(),
                {
                    "kind": kind,
                    "state": state,
                    "argv": json.dumps(list(argv)),
                    "params": json.dumps(dict(params), default=str),
                    "progress": "{}",
                    "log_path": log_path,
                    "started_at": time.time(),
                    "pid": process.pid,
                    "host": process.host,
                    "process": process.started,
                },
            ).inserted_primary_key
            assert row is not None
            self._note_run(connection)
        return int(row[0])

    def update_run(
        self,
        run_id: int,
        progress: Mapping[str, Any] | None = None,
        state: RunState | None = None,
        log_path: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Note how far a run is; a run that is resumed (state ``running``) now belongs to this process."""
        values: dict[str, Any] = {}
        if progress is not None:
            values["progress"] = json.dumps(dict(progress), default=str)
        if params is not None:
            values["params"] = json.dumps(dict(params), default=str)
        if log_path is not None:
            values["log_path"] = log_path
        if state is not None:
            values["state"] = state
            if state == "running":
                process = this_process()
                values.update(pid=process.pid, host=process.host, process=process.started, ended_at=None)
        if values:
            self._set_run(run_id, values)

    def finish_run(self, run_id: int, state: RunState, result: Mapping[str, Any] | None = None) -> None:
        """Note how a run ended."""
        self._set_run(
            run_id,
            {
                "state": state,
                "result": None if result is None else json.dumps(dict(result), default=str),
                "ended_at": time.time(),
            },
        )

    def mark_interrupted_runs(self) -> list[int]:
        """Mark the runs whose process died without a word; returns their ids."""
        unfinished = sa.select(run).where(run.c.state.in_(["queued", "running"]))
        with self._store.reading() as connection:
            rows = connection.execute(unfinished).all()
        dead = [
            row
            for row in rows
            if row.pid is not None
            and not is_alive(ProcessIdentity(row.pid, row.host or "", row.process or ""))
        ]
        marked: list[int] = []
        if dead:
            with self._store.writing() as connection:
                marked = [row.id for row in dead if _interrupt(connection, row)]
                if marked:
                    self._note_run(connection)
        return marked

    def _set_run(self, run_id: int, values: dict[str, Any]) -> None:
        with self._store.writing() as connection:
            connection.execute(run.update().where(run.c.id == run_id).values(**values))
            self._note_run(connection)

    def _note_run(self, connection: sa.Connection) -> None:
        changes.note(connection, self.writer_token, Change(runs=True))


def _interrupt(connection: sa.Connection, row: Any) -> bool:
    """Mark a run as interrupted unless another process took it up since ``row`` was read."""
    same = (run.c[column].is_not_distinct_from(getattr(row, column)) for column in ("pid", "host", "process"))
    changed = connection.execute(
        run.update()
        .where(run.c.id == row.id, run.c.state.in_(["queued", "running"]), *same)
        .values(state="interrupted", ended_at=time.time())
    )
    return changed.rowcount > 0


def _run_of(row: Any) -> RunRecord:
    return RunRecord(
        row.id,
        row.kind,
        row.state,
        json.loads(row.argv),
        json.loads(row.params),
        json.loads(row.progress),
        None if row.result is None else json.loads(row.result),
        row.log_path,
        row.started_at,
        row.ended_at,
        row.pid,
    )
