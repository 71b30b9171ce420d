"""An older project is brought up to date, a newer one is refused, and either is never harmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from handstudio.errors import HandStudioError
from handstudio.project import Project, migrations
from handstudio.project.records import HandQuery
from handstudio.project.schema import SCHEMA, SCHEMA_REVISIONS, counter, metadata


@pytest.fixture
def folder_of_first_schema(tmp_path: Path) -> Path:
    """A project as the first version made it, with one sequence and one decided hand."""
    folder = tmp_path / "old"
    (folder / "models").mkdir(parents=True)
    engine = sa.create_engine(f"sqlite:///{folder / 'project.db'}", poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        config = migrations.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA_REVISIONS[0])
        connection.execute(counter.insert(), {"name": "proposal", "value": 0})
        for statement in (
            "INSERT INTO sequence VALUES (1, 'old', 'folder', '/x', null, null, null, null, null, 1, 0)",
            "INSERT INTO frame VALUES (1, 1, 0, 'a.jpg', 640, 480, null)",
            "INSERT INTO hand VALUES (1, 1, 1, 0, 0, 'left', 0, 0, 9, 9, 'whole', 'rejected', null, null,"
            " null, null, null, 0, 0, 'me', 1.0, 'a note', 0)",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return folder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}", poolclass=sa.pool.NullPool)
    yield engine
    engine.dispose()


def test_the_migrations_lead_to_the_tables_of_the_schema(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        config = migrations.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        migrated = _statements(connection)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.schema.DropTable(table))
        metadata.create_all(connection)
        assert _statements(connection) == migrated


def _statements(connection: sa.Connection) -> set[tuple[str, str]]:
    """Names and conditions of all indexes, which Alembic does not compare in full."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''")
    return {(name, " ".join(text.split())) for name, text in rows}


def test_every_schema_has_its_migration_in_order() -> None:
    script = ScriptDirectory.from_config(migrations.configuration())
    assert script.get_heads() == [SCHEMA]
    assert tuple(reversed([found.revision for found in script.walk_revisions()])) == SCHEMA_REVISIONS


def test_an_older_project_opens_with_all_it_had_and_a_copy_is_kept(folder_of_first_schema: Path) -> None:
    with Project.open(folder_of_first_schema) as project:
        assert project.hand(1).note == "a note"
        assert project.sequence(1).name == "old"
        assert any("brought up to date" in message for message in project.messages)
    copies = list(folder_of_first_schema.glob("project-schema-0001-*.db"))
    assert len(copies) == 1
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert copy.execute("SELECT note FROM hand").fetchone() == ("a note",)
    copy.close()
    with Project.open(folder_of_first_schema) as project:
        assert project.messages == []


def test_hands_that_were_proposed_before_doubts_were_kept_get_the_root_of_their_c(
    folder_of_first_schema: Path,
) -> None:
    database = sqlite3.connect(folder_of_first_schema / "project.db")
    with database:
        database.execute("UPDATE hand SET c_stability = 3.0, c_plausibility = 1.0, confidence = 4.0")
        database.execute("UPDATE hand SET box_width = 128.0, box_height = 60.0")
    database.close()
    with Project.open(folder_of_first_schema) as project:
        assert project.hand(1).doubt == pytest.approx(2.0 * 128.0 / 64.0)
        assert project.hand_ids(HandQuery(min_doubt=3.9, max_doubt=4.1)).tolist() == [1]


def test_a_migration_that_fails_leaves_the_project_as_it_was(
    folder_of_first_schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    before = _dump(folder_of_first_schema)
    monkeypatch.setattr(migrations.command, "upgrade", fail)
    with pytest.raises(HandStudioError, match="could not be brought up to date"):
        Project.open(folder_of_first_schema)
    assert _dump(folder_of_first_schema) == before


def _dump(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "project.db")
    lines = list(database.iterdump())
    database.close()
    return lines


def test_an_older_project_that_may_not_be_written_says_what_to_do(folder_of_first_schema: Path) -> None:
    with pytest.raises(HandStudioError, match="older version"):
        Project.open(folder_of_first_schema, read_only=True)


def test_a_project_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    with sqlite3.connect(tmp_path / "p" / "project.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(HandStudioError, match="newer version"):
        Project.open(tmp_path / "p")
