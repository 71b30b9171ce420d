"""Indexes of hands that answer the queue's questions without reading the table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD = (
    "hand_in_frame",
    "hand_in_sequence",
    "hand_by_state",
    "hand_by_confidence",
    "hand_by_correction",
    "hand_by_decision",
    "hand_with_note",
)
_FILTERED = ["state", "sequence_id", "side", "removed"]


def upgrade() -> None:
    """Put the new indexes in the place of the old ones."""
    for name in _OLD:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    op.create_index("hand_in_frame", "hand", ["frame_id"])
    op.create_index(
        "hand_in_sequence",
        "hand",
        ["sequence_id", "frame_index", "track", "state", "side", "removed", "confidence"],
    )
    op.create_index("hand_by_confidence", "hand", ["confidence", *_FILTERED])
    op.create_index("hand_by_correction", "hand", ["correction_px", *_FILTERED, "confidence"])
    for name, columns, where in (
        ("hand_by_decision", ["decided_at", *_FILTERED, "confidence"], "decided_at IS NOT NULL"),
        ("hand_with_note", ["id"], "note <> ''"),
    ):
        op.create_index(name, "hand", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
