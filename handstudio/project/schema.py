"""The tables of a project's database.

Poses are little-endian float32 BLOBs of 63 numbers: the 21 uv (px), then the 21 depths (reference bones);
the doubt of a proposal's joints is one of 21 numbers (px), a hand's doubt is their mean.
``hand`` repeats the figures of its latest proposal that the queue sorts and filters by, so that these need
one index and no join; after its figure each index has the id, so that a page can begin anywhere in it.
Hands are never deleted, only ``removed``: their ids stay theirs.
``sample`` holds hands that were drawn at random to be reviewed, with what they were drawn from; ``promise``
what a machine accepted on their account. ``kept`` is what decisions about many hands took the place of.
``verification`` says who verified a decision; ``sent_back`` why one was given back, with the label that there
was: it counts while the hand is in that state. ``second_label`` holds what others annotated blind, beside it.
``judged`` holds what models proposed for hands of the hold-out when they were judged.
The migrations in ``migrations/versions`` lead to exactly these tables; a test compares the two.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

SCHEMA_REVISIONS: Final = (
    *("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"),
    *("0009", "0010", "0011", "0012"),
)
"""Every schema there was, oldest first; the last is that of this version."""
SCHEMA: Final = SCHEMA_REVISIONS[-1]

metadata = sa.MetaData()

alembic_version = sa.Table(
    "alembic_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True)
)

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

sequence = sa.Table(
    "sequence",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("view", sa.Text),
    sa.Column("recording", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("fps", sa.Float),
    sa.Column("camera", sa.Text),
    sa.Column("frame_count", sa.Integer, nullable=False),
    sa.Column("hold_out", sa.Boolean, nullable=False),
)

frame = sa.Table(
    "frame",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sequence_id", sa.ForeignKey("sequence.id"), nullable=False),
    sa.Column("frame_index", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("problem", sa.Text),
    sa.Column("mark", sa.Text),
    sa.UniqueConstraint("sequence_id", "frame_index", name="frame_in_sequence"),
)

sa.Index(
    *("frame_with_mark", frame.c.sequence_id, frame.c.frame_index, frame.c.id, frame.c.mark),
    sqlite_where=sa.text("mark IS NOT NULL"),
)

model = sa.Table(
    "model",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("lineage", sa.Text, nullable=False),
    sa.Column("adopted", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)
ADOPTED = sa.select(model).where(model.c.adopted.is_(True)).order_by(model.c.created_at.desc())
"""The model that makes the proposals first; older projects may hold one for each method."""

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("argv", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("log_path", sa.Text),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("pid", sa.Integer),
    sa.Column("host", sa.Text),
    sa.Column("process", sa.Text),
)

hand = sa.Table(
    "hand",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("frame_id", sa.ForeignKey("frame.id"), nullable=False),
    sa.Column("sequence_id", sa.ForeignKey("sequence.id"), nullable=False),
    sa.Column("frame_index", sa.Integer, nullable=False),
    sa.Column("track", sa.Integer, nullable=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("box_x", sa.Float, nullable=False),
    sa.Column("box_y", sa.Float, nullable=False),
    sa.Column("box_width", sa.Float, nullable=False),
    sa.Column("box_height", sa.Float, nullable=False),
    sa.Column("box_source", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("proposal_id", sa.Integer),
    sa.Column("c_stability", sa.Float),
    sa.Column("c_plausibility", sa.Float),
    sa.Column("confidence", sa.Float),
    sa.Column("correction_px", sa.Float),
    sa.Column("has_label", sa.Boolean, nullable=False),
    sa.Column("has_truth", sa.Boolean, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.Float),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("doubt", sa.Float),
    sa.Column("mismatch", sa.Float),
    sa.Column("jump", sa.Float),
    sa.Column("apart", sa.Float),
    sa.Column("useful", sa.Float),
    sa.Column("verified", sa.Boolean, nullable=False, server_default="0"),
)


def _hand_index(name: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    sa.Index(name, *(hand.c[column] for column in columns), sqlite_where=condition)


_FILTERED: Final = ("state", "sequence_id", "side", "removed", "verified")
_hand_index("hand_in_frame", "frame_id")
_hand_index(
    *("hand_in_sequence", "sequence_id", "frame_index", "track", "id", "state", "side", "removed"),
    *("verified", "confidence", "doubt"),
)
_hand_index("hand_by_confidence", "confidence", "id", *_FILTERED, "doubt")
_hand_index("hand_by_doubt", "doubt", "id", *_FILTERED, "confidence", "box_width", "box_height")
_hand_index("hand_by_correction", "correction_px", "id", *_FILTERED, "confidence", "doubt")
_hand_index(
    *("hand_by_decision", "decided_at", "id", *_FILTERED, "confidence", "doubt", "decided_by"),
    where="decided_at IS NOT NULL",
)
for _figure in ("mismatch", "jump", "apart", "useful"):
    _hand_index(
        *(f"hand_by_{_figure}", _figure, "id", *_FILTERED, "confidence", "doubt"),
        where=f"{_figure} IS NOT NULL",
    )
_hand_index("hand_with_note", "id", where="note <> ''")

proposal = sa.Table(
    "proposal",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hand_id", sa.ForeignKey("hand.id"), nullable=False, index=True),
    sa.Column("run_id", sa.ForeignKey("run.id")),
    sa.Column("model_id", sa.ForeignKey("model.id")),
    sa.Column("pose", sa.LargeBinary, nullable=False),
    sa.Column("visibility", sa.LargeBinary, nullable=False),
    sa.Column("perturbed", sa.LargeBinary),
    sa.Column("corrected", sa.LargeBinary, nullable=False),
    sa.Column("c_stability", sa.Float, nullable=False),
    sa.Column("c_plausibility", sa.Float, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("joint_doubt", sa.LargeBinary),
    sa.Column("views", sa.Integer, nullable=False, server_default="1"),
)

sa.Index("proposal_of_model", proposal.c.model_id, proposal.c.hand_id)

label = sa.Table(
    "label",
    metadata,
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("pose", sa.LargeBinary, nullable=False),
    sa.Column("visibility", sa.LargeBinary, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("proposal_id", sa.Integer),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.Float, nullable=False),
)

truth = sa.Table(
    "truth",
    metadata,
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("pose", sa.LargeBinary, nullable=False),
    sa.Column("visibility", sa.LargeBinary, nullable=False),
    sa.Column("xyz_mm", sa.LargeBinary),
)

fitted = sa.Table(
    "fitted",
    metadata,
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

sample = sa.Table(
    "sample",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("drawn_at", sa.Float, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("model_id", sa.ForeignKey("model.id")),
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

promise = sa.Table(
    "promise",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sample_id", sa.ForeignKey("sample.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("terms", sa.Text, nullable=False),
    sa.Column("hands", sa.LargeBinary, nullable=False),
    sa.Column("checks", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

kept = sa.Table(
    "kept",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True),
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.Float),
    sa.Column("pose", sa.LargeBinary),
    sa.Column("visibility", sa.LargeBinary),
    sa.Column("origin", sa.Text),
    sa.Column("proposal_id", sa.Integer),
    sa.Column("label_by", sa.Text),
    sa.Column("label_at", sa.Float),
    sa.Column("verified_by", sa.Text),
    sa.Column("verified_at", sa.Float),
)

verification = sa.Table(
    "verification",
    metadata,
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

sa.Index("verification_by", verification.c.who, verification.c.hand_id)

sent_back = sa.Table(
    "sent_back",
    metadata,
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
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

second_label = sa.Table(
    "second_label",
    metadata,
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("who", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("pose", sa.LargeBinary),
    sa.Column("visibility", sa.LargeBinary),
    sa.Column("origin", sa.Text),
    sa.Column("proposal_id", sa.Integer),
)
sa.Index("second_label_of", second_label.c.who, second_label.c.hand_id)

judged = sa.Table(
    "judged",
    metadata,
    sa.Column("model_id", sa.ForeignKey("model.id"), primary_key=True),
    sa.Column("hand_id", sa.ForeignKey("hand.id"), primary_key=True),
    sa.Column("pose", sa.LargeBinary, nullable=False),
)

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("forward", sa.Text, nullable=False),
    sa.Column("inverse", sa.Text, nullable=False),
    sa.Column("hands", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("history_by_state", history.c.state, history.c.id)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("command_id", sa.ForeignKey("history.id"), nullable=False),
    sa.Column("seconds", sa.Float),
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("writer", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("hands", sa.LargeBinary, nullable=False),
    sa.Column("frames", sa.LargeBinary, nullable=False),
    sa.Column("sequences", sa.LargeBinary, nullable=False),
    sa.Column("models", sa.Boolean, nullable=False),
    sa.Column("runs", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
