"""Marks on frames."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty, and an index of the frames that have a mark."""
    op.add_column("frame", sa.Column("mark", sa.Text))
    op.create_index(
        "frame_with_mark",
        "frame",
        ["sequence_id", "frame_index", "id", "mark"],
        sqlite_where=sa.text("mark IS NOT NULL"),
    )
