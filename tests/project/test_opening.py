"""Opening says what is wrong and what to do; what can be saved is saved."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project import opening as opening_module
from handstudio.project.commands import SetNote, SetState
from handstudio.project.lock import LOCK_NAME, Holder, WindowLock
from handstudio.project.process import ProcessIdentity
from handstudio.project.records import State
from handstudio.project.schema import metadata
from handstudio.project.store import Store

from .made import batch, new_project


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="There is no project"):
        Project.open(tmp_path)


def test_a_project_is_not_made_over_another(project: Project) -> None:
    with pytest.raises(HandStudioError, match="already"):
        Project.create(project.path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    new_project(tmp_path / "p").close()
    (tmp_path / "p" / "project.db").write_bytes(content)
    with pytest.raises(HandStudioError, match="damaged"):
        Project.open(tmp_path / "p")


def test_a_database_that_is_no_project_is_a_clear_error(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "project.db") as database:
        database.execute("CREATE TABLE other (x)")
    database.close()
    with pytest.raises(HandStudioError, match="no project"):
        Project.open(tmp_path)


def test_a_second_window_reads_and_says_who_holds_the_project(project: Project) -> None:
    with Project.open(project.path, "window") as second:
        assert second.read_only
        assert any("holds it" in message for message in second.messages)
        assert second.count_hands() == 6
        with pytest.raises(HandStudioError, match="reading only"):
            second.history.apply(SetState(1, State.REJECTED), "me")
        with pytest.raises(HandStudioError, match="reading only"):
            second.store_dense("mask", [1], np.zeros((1, 2, 2)))
    assert project.held_by_me


def test_a_job_writes_while_a_window_holds_the_project(project: Project) -> None:
    with Project.open(project.path, "job") as job:
        job.store_proposals(None, None, batch([1], [9.0]))
    assert project.hand(1).confidence == pytest.approx(9.0)


def test_a_closed_window_gives_the_project_back(tmp_path: Path) -> None:
    new_project(tmp_path / "p").close()
    assert not (tmp_path / "p" / LOCK_NAME).exists()
    with Project.open(tmp_path / "p", "window") as project:
        assert not project.read_only


def test_an_unreadable_lock_is_taken_over(tmp_path: Path) -> None:
    new_project(tmp_path / "p").close()
    (tmp_path / "p" / LOCK_NAME).write_text("{")
    with Project.open(tmp_path / "p", "window") as project:
        assert project.held_by_me


def test_a_lock_that_may_not_be_read_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_project(tmp_path / "p").close()
    (tmp_path / "p" / LOCK_NAME).write_text("{}")
    read = Path.read_text

    def refuse(path: Path, *options: Any, **more: Any) -> str:
        if path.name == LOCK_NAME:
            raise PermissionError(13, "Permission denied")
        return read(path, *options, **more)

    monkeypatch.setattr(Path, "read_text", refuse)
    with Project.open(tmp_path / "p", "window") as project:
        assert project.read_only
        assert any("somebody holds it" in message for message in project.messages)


def test_a_lock_of_another_machine_says_how_to_be_rid_of_it(tmp_path: Path) -> None:
    new_project(tmp_path / "p").close()
    lock = tmp_path / "p" / LOCK_NAME
    holder = Holder(ProcessIdentity(7, "a-container-that-is-gone", "1"), "me", 0.0, "token")
    lock.write_text(json.dumps(asdict(holder)))
    with Project.open(tmp_path / "p", "window") as project:
        assert project.read_only
        assert any(f"delete {lock}" in message for message in project.messages)
    lock.unlink()
    with Project.open(tmp_path / "p", "window") as project:
        assert not project.read_only


def test_a_window_that_failed_to_open_may_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_project(tmp_path / "p").close()

    def refuse(project: Project) -> list[int]:
        raise HandStudioError("The disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Project, "mark_interrupted_runs", refuse)
        with pytest.raises(HandStudioError, match="disk is full"):
            Project.open(tmp_path / "p", "window")
    with Project.open(tmp_path / "p", "window") as project:
        assert not project.read_only


def test_a_lock_that_cannot_be_written_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_project(tmp_path / "p").close()

    def refuse(lock: WindowLock) -> Holder:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WindowLock, "take", refuse)
    with pytest.raises(HandStudioError, match="No space left"):
        Project.open(tmp_path / "p", "window")


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_of_two_processes_that_make_a_project_at_once_none_replaces_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    make, made = metadata.create_all, []

    def made_meanwhile(*arguments: Any) -> None:
        make(*arguments)
        if not made:
            made.append(True)
            new_project(tmp_path / "p", writer="cli").close()

    def refuse(*paths: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(metadata, "create_all", made_meanwhile)
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    with Project.open_or_create(tmp_path / "p") as project:
        assert project.count_hands() == 6
    assert [path.name for path in (tmp_path / "p").glob("project.db*")] == ["project.db"]


def test_a_project_that_cannot_be_written_opens_for_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_project(tmp_path / "p").close()
    monkeypatch.setattr(opening_module, "_can_write", lambda path: False)
    with Project.open(tmp_path / "p", "window") as project:
        assert project.read_only
        assert any("cannot be written" in message for message in project.messages)
        assert project.count_hands() == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_opens_for_reading(tmp_path: Path) -> None:
    new_project(tmp_path / "p").close()
    (tmp_path / "p").chmod(0o500)
    (tmp_path / "p" / "project.db").chmod(0o400)
    try:
        with Project.open(tmp_path / "p", "window") as project:
            assert project.read_only
            assert project.count_hands() == 6
    finally:
        (tmp_path / "p").chmod(0o700)


@pytest.mark.parametrize("refusal", ["unable to open database file", "attempt to write a readonly database"])
def test_a_read_only_copy_shows_what_was_decided_last(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    project.history.apply(SetNote(1, "last"), "me")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("project.db", "project.db-wal"):
        shutil.copy(project.path / name, copy)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    connect = Store._connect

    def refused_at_first(store: Store) -> sqlite3.Connection:
        """As SQLite does where it cannot make the WAL's index."""
        if not store._unlocked:
            raise sqlite3.OperationalError(refusal)
        return connect(store)

    monkeypatch.setattr(Store, "_connect", refused_at_first)
    with Project.open(copy, read_only=True) as read:
        assert read.hand(1).note == "last"
        assert read.count_hands() == 6
        assert read.poll() is None
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_full_disk_loses_nothing_that_was_acknowledged(project: Project) -> None:
    project.history.apply(SetNote(1, "kept"), "me")
    with project._store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HandStudioError, match="disk is full"):
        project.history.apply(SetNote(1, "x" * 1_000_000), "me")
    assert project.hand(1).note == "kept"
    with project._store.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    project.history.apply(SetNote(2, "goes on"), "me")
    assert project.hand(2).note == "goes on"


def test_a_closed_project_says_so(project: Project) -> None:
    project.close()
    project.close()
    with pytest.raises(HandStudioError, match="closed"):
        project.sequences()


def test_models_of_the_project_move_with_it(tmp_path: Path) -> None:
    with new_project(tmp_path / "p") as project:
        name = project.new_model_id("semihand")
        assert (name, project.new_model_id("semihand")) == ("semihand-1", "semihand-2")
        project.add_model(name, "Mine", "semihand", "lite", source="finetune", lineage={"epochs": 2})
        project.add_model(
            "s", "Shipped", "semihand", "lite", source="shipped", path="/elsewhere", adopted=True
        )
        project.add_model("t", "T", "semihand", "lite", source="finetune", adopted=True)
        with pytest.raises(HandStudioError, match="already"):
            project.add_model(name, "Again", "semihand", "lite", source="finetune")
    (tmp_path / "p").rename(tmp_path / "q")
    with Project.open(tmp_path / "q") as project:
        assert Path(project.model(name).path) == tmp_path / "q" / "models" / name
        assert project.model("s").path == "/elsewhere"
        assert project.model(name).lineage == {"epochs": 2}
        adopted = project.adopted_model("semihand")
        assert adopted is not None
        assert adopted.id == "s"
        with pytest.raises(HandStudioError, match="no model 'x'"):
            project.model("x")
        with pytest.raises(HandStudioError, match="cannot be the name"):
            project.model_folder("../out")
