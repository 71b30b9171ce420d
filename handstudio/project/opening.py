"""Finding out whether a folder holds a project that this version can open, and how."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project.schema import SCHEMA, SCHEMA_REVISIONS, alembic_version
from handstudio.project.store import Store

DATABASE_NAME: Final = "project.db"


def open_store(folder: Path, read_only: bool, messages: list[str], patience_s: float = 0.0) -> Store:
    """The store of a project's folder, in this version's schema.

    Args:
        folder: the project's folder.
        read_only: open for reading only.
        messages: gets a sentence for everything that the user should know.
        patience_s: how long a write waits for others at most, beyond the usual.

    Raises:
        HandStudioError: no project, a damaged one, or one of a newer version.
    """
    path = folder / DATABASE_NAME
    _check_file(path)
    if not read_only and not _can_write(path):
        read_only = True
        messages.append(f"The project is open for reading only, since its folder cannot be written: {folder}")
    store = Store(path, read_only=read_only, patience_s=patience_s)
    try:
        schema = _schema_of(store, path)
        if schema == SCHEMA:
            return store
        if schema not in SCHEMA_REVISIONS:
            raise HandStudioError(
                f"The project was made by a newer version of HandStudio (its schema is {schema}, "
                f"this version knows {SCHEMA})",
                folder,
                "Open it with that version, or update this one",
            )
        if read_only:
            raise HandStudioError(
                "The project is of an older version and must be brought up to date, but cannot be written",
                folder,
                "Copy it to a place that can be written and open it there",
            )
    except BaseException:
        store.close()
        raise
    store.close()
    from handstudio.project.migrations import migrate

    backup = migrate(path, schema)
    messages.append(f"The project was brought up to date; {backup.name} keeps it as it was")
    return Store(path, patience_s=patience_s)


def _check_file(path: Path) -> None:
    """Look at the file without opening it, which would drop this process's locks on it (POSIX)."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise HandStudioError(
            "There is no project", path.parent, "Make one with: handstudio import PATH --project FOLDER"
        ) from None
    except OSError as error:
        raise HandStudioError(f"The project cannot be read ({error.strerror})", path) from error
    if size == 0:
        raise HandStudioError("The project's database is damaged", path, "Restore it from a backup")


def _can_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _schema_of(store: Store, path: Path) -> str:
    try:
        with store.reading() as connection:
            found = connection.execute(sa.select(alembic_version.c.version_num)).scalar()
    except HandStudioError as error:
        # which of the two SQLite says where it cannot make its WAL index depends on its version
        if store.read_only and ("cannot be opened" in error.what or "cannot be written" in error.what):
            store.use_unwritable_folder()
            with store.reading() as connection:
                found = connection.execute(sa.select(alembic_version.c.version_num)).scalar()
        elif "no such table" in str(error):
            raise HandStudioError(
                "This database is no project", path, "Restore the project from a backup"
            ) from error
        else:
            raise
    if found is None:
        raise HandStudioError("The project's database is damaged", path, "Restore it from a backup")
    return str(found)
