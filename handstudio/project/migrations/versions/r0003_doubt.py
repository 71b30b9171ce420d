"""How far each joint of a proposal may be off, and the hand's mean of it, by which queues are sorted.

Proposals from before have none: their hands get the square root of C in px of their box instead.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_GRID = 64.0
_FILTERED = ["state", "sequence_id", "side", "removed"]
_AT_ONCE = 50_000


def upgrade() -> None:
    """Add the columns, fill that of the hands, and let the indexes hold it."""
    op.add_column("proposal", sa.Column("joint_doubt", sa.LargeBinary))
    op.add_column("hand", sa.Column("doubt", sa.Float))
    for name in ("hand_in_sequence", "hand_by_confidence", "hand_by_correction", "hand_by_decision"):
        op.drop_index(name, "hand")
    _fill(op.get_bind())
    op.create_index(
        "hand_in_sequence",
        "hand",
        ["sequence_id", "frame_index", "track", "state", "side", "removed", "confidence", "doubt"],
    )
    op.create_index("hand_by_confidence", "hand", ["confidence", *_FILTERED, "doubt"])
    op.create_index("hand_by_doubt", "hand", ["doubt", *_FILTERED, "confidence"])
    op.create_index("hand_by_correction", "hand", ["correction_px", *_FILTERED, "confidence", "doubt"])
    op.create_index(
        "hand_by_decision",
        "hand",
        ["decided_at", *_FILTERED, "confidence", "doubt"],
        sqlite_where=sa.text("decided_at IS NOT NULL"),
    )


def _fill(connection: sa.Connection) -> None:
    """Square roots are taken here: not every SQLite knows them."""
    read = (
        "SELECT id, confidence, max(box_width, box_height) FROM hand "
        "WHERE id > ? AND confidence IS NOT NULL ORDER BY id LIMIT ?"
    )
    last = -1
    while rows := connection.exec_driver_sql(read, (last, _AT_ONCE)).all():
        values = [(max(c, 0.0) ** 0.5 * side / _GRID, number) for number, c, side in rows]
        connection.exec_driver_sql("UPDATE hand SET doubt = ? WHERE id = ?", values)
        last = rows[-1][0]
