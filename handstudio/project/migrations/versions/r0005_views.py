"""From how many cameras the pose of a proposal was found; those from before are of one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("proposal", sa.Column("views", sa.Integer, nullable=False, server_default="1"))
