"""Bringing the database of an older project up to date.

Nothing here is imported unless a project is older than this version. A new schema is a new file in
``versions`` (made from ``script.py.mako``), its name added to ``SCHEMA_REVISIONS``, and the tables changed
in :mod:`handstudio.project.schema`.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from handstudio.errors import HandStudioError
from handstudio.project.schema import SCHEMA, alembic_version

HERE = Path(__file__).parent


def configuration() -> Config:
    """Alembic's configuration for the migrations shipped here."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: Path, found: str, wanted: str = SCHEMA) -> Path:
    """Bring a database up to date in one transaction, after copying it; returns the copy.

    Args:
        database: the file.
        found: its schema.
        wanted: the schema to reach.

    Raises:
        HandStudioError: when the copy or the migration fails; then the database is as it was.
    """
    copy = _copy(database, found)
    engine = sa.create_engine("sqlite://", creator=lambda: _connect(database), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            now = connection.execute(sa.select(alembic_version.c.version_num)).scalar()
            if now == found:
                config = configuration()
                config.attributes["connection"] = connection
                command.upgrade(config, wanted)
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise HandStudioError("The project's rows do not fit together", database)
            connection.commit()
    except (sa.exc.DBAPIError, sqlite3.Error, HandStudioError) as error:
        raise HandStudioError(
            f"The project could not be brought up to date ({error})",
            database,
            f"It is as it was; a copy is {copy.name}",
        ) from error
    finally:
        engine.dispose()
    return copy


def _connect(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=30.0, isolation_level=None)


def _copy(database: Path, found: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    copy = database.with_name(f"{database.stem}-schema-{found}-{stamp}.db")
    unfinished = copy.with_name(copy.name + ".part")
    try:
        source = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
        target = sqlite3.connect(unfinished)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        unfinished.replace(copy)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise HandStudioError(
            f"The older project could not be copied before bringing it up to date ({error})",
            database,
            "Free some space and open it again",
        ) from error
    return copy
