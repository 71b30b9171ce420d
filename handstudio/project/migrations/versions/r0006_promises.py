"""Random samples, what was promised and accepted on their account, and which proposals are a model's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty, and the index."""
    op.create_index("proposal_of_model", "proposal", ["model_id", "hand_id"])
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("drawn_at", sa.Float, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("model_id", sa.Text, sa.ForeignKey("model.id")),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("worse_than", sa.Float, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("last_proposal", sa.Integer, nullable=False),
        sa.Column("hands", sa.LargeBinary, nullable=False),
        sa.Column("pool", sa.LargeBinary, nullable=False),
        sa.Column("thresholds", sa.LargeBinary, nullable=False),
        sa.Column("totals", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sample_id", sa.Integer, sa.ForeignKey("sample.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("hands", sa.LargeBinary, nullable=False),
        sa.Column("checks", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
