"""What else a queue can be sorted by; indexes in which hands of one figure stand by their ids.

The figures are computed as proposals are stored; those of older projects in the background.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FILTERED = ["state", "sequence_id", "side", "removed"]
_FIGURES = ("mismatch", "jump", "apart", "useful")


def upgrade() -> None:
    """Add the columns; make the indexes anew."""
    for figure in _FIGURES:
        op.add_column("hand", sa.Column(figure, sa.Float))
    for name in ("in_sequence", "by_confidence", "by_doubt", "by_correction", "by_decision"):
        op.drop_index(f"hand_{name}", "hand")
    op.create_index(
        "hand_in_sequence",
        "hand",
        ["sequence_id", "frame_index", "track", "id", "state", "side", "removed", "confidence", "doubt"],
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
