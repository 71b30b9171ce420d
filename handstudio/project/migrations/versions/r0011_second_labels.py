"""What second annotators say of hands without seeing the label that stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "second_label",
        sa.Column("hand_id", sa.Integer, sa.ForeignKey("hand.id"), primary_key=True),
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("pose", sa.LargeBinary),
        sa.Column("visibility", sa.LargeBinary),
        sa.Column("origin", sa.Text),
        sa.Column("proposal_id", sa.Integer),
    )
    op.create_index("second_label_of", "second_label", ["who", "hand_id"])
