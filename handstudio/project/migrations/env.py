"""Run by Alembic: migrates inside the transaction of the connection that it is handed."""

from __future__ import annotations

from alembic import context

from handstudio.project.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
