"""What a second reviewer verified or sent back, settings of the project, and indexes that know the former."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FILTERED = ["state", "sequence_id", "side", "removed", "verified"]
_FIGURES = ("mismatch", "jump", "apart", "useful")


def upgrade() -> None:
    """Make the tables, empty; add the columns; make the indexes anew."""
    op.create_table(
        "verification",
        sa.Column("hand_id", sa.Integer, sa.ForeignKey("hand.id"), primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "sent_back",
        sa.Column("hand_id", sa.Integer, sa.ForeignKey("hand.id"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.Float),
        sa.Column("pose", sa.LargeBinary),
        sa.Column("visibility", sa.LargeBinary),
        sa.Column("origin", sa.Text),
        sa.Column("proposal_id", sa.Integer),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.add_column("kept", sa.Column("verified_by", sa.Text))
    op.add_column("kept", sa.Column("verified_at", sa.Float))
    op.add_column("hand", sa.Column("verified", sa.Boolean, nullable=False, server_default="0"))
    for name in ("in_sequence", "by_confidence", "by_doubt", "by_correction", "by_decision"):
        op.drop_index(f"hand_{name}", "hand")
    for figure in _FIGURES:
        op.drop_index(f"hand_by_{figure}", "hand")
    op.create_index(
        "hand_in_sequence",
        "hand",
        [
            *("sequence_id", "frame_index", "track", "id", "state", "side", "removed", "verified"),
            *("confidence", "doubt"),
        ],
    )
    op.create_index("hand_by_confidence", "hand", ["confidence", "id", *_FILTERED, "doubt"])
    op.create_index(
        "hand_by_doubt", "hand", ["doubt", "id", *_FILTERED, "confidence", "box_width", "box_height"]
    )
    op.create_index("hand_by_correction", "hand", ["correction_px", "id", *_FILTERED, "confidence", "doubt"])
    op.create_index(
        "hand_by_decision",
        "hand",
        ["decided_at", "id", *_FILTERED, "confidence", "doubt", "decided_by"],
        sqlite_where=sa.text("decided_at IS NOT NULL"),
    )
    for figure in _FIGURES:
        op.create_index(
            f"hand_by_{figure}",
            "hand",
            [figure, "id", *_FILTERED, "confidence", "doubt"],
            sqlite_where=sa.text(f"{figure} IS NOT NULL"),
        )
