"""What models proposed when they were judged is kept; who verified is looked up by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty, and the index."""
    op.create_table(
        "judged",
        sa.Column("model_id", sa.Text, sa.ForeignKey("model.id"), primary_key=True),
        sa.Column("hand_id", sa.Integer, sa.ForeignKey("hand.id"), primary_key=True),
        sa.Column("pose", sa.LargeBinary, nullable=False),
    )
    op.create_index("verification_by", "verification", ["who", "hand_id"])
