"""What decisions about many hands took the place of, kept so that they can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "kept",
        sa.Column("batch", sa.Integer, primary_key=True),
        sa.Column("hand_id", sa.Integer, sa.ForeignKey("hand.id"), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.Float),
        sa.Column("pose", sa.LargeBinary),
        sa.Column("visibility", sa.LargeBinary),
        sa.Column("origin", sa.Text),
        sa.Column("proposal_id", sa.Integer),
        sa.Column("label_by", sa.Text),
        sa.Column("label_at", sa.Float),
    )
