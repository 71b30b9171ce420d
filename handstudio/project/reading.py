"""What can be read of a project: sequences, frames, hands, proposals, labels, truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.project import query as queries
from handstudio.project.packing import points_of, pose_of
from handstudio.project.records import (
    Confidences,
    Floats,
    FrameRecord,
    HandBundle,
    HandQuery,
    HandRecord,
    Ids,
    Label,
    Proposal,
    SequenceRecord,
    State,
    Truth,
)
from handstudio.project.schema import frame, hand, label, proposal, sequence, truth
from handstudio.project.store import Store

_ALL = HandQuery()
_Record = TypeVar("_Record")

_ONE_SEQUENCE = sa.select(sequence).where(sequence.c.id == sa.bindparam("id"))
_ONE_FRAME = sa.select(frame).where(frame.c.id == sa.bindparam("id"))
_FRAME_AT = sa.select(frame).where(
    frame.c.sequence_id == sa.bindparam("sequence_id"), frame.c.frame_index == sa.bindparam("frame_index")
)
_ONE_HAND = sa.select(hand).where(hand.c.id == sa.bindparam("id"))
_HANDS_OF_FRAME = (
    sa.select(hand)
    .where(hand.c.frame_id == sa.bindparam("id"), sa.text("hand.removed = 0"))
    .order_by(hand.c.track, hand.c.id)
)
_PROPOSAL_OF = (
    sa.select(proposal).join(hand, hand.c.proposal_id == proposal.c.id).where(hand.c.id == sa.bindparam("id"))
)
_ONE_PROPOSAL = sa.select(proposal).where(proposal.c.id == sa.bindparam("id"))
_LABEL_OF = sa.select(label).where(label.c.hand_id == sa.bindparam("id"))
_TRUTH_OF = sa.select(truth).where(truth.c.hand_id == sa.bindparam("id"))
_P, _L, _T = "p_", "l_", "t_"


def _prefixed(table: sa.Table, prefix: str) -> list[Any]:
    return [column.label(prefix + column.name) for column in table.c]


_BUNDLE = (
    sa.select(hand, *_prefixed(proposal, _P), *_prefixed(label, _L), *_prefixed(truth, _T))
    .select_from(
        hand.outerjoin(proposal, proposal.c.id == hand.c.proposal_id)
        .outerjoin(label, label.c.hand_id == hand.c.id)
        .outerjoin(truth, truth.c.hand_id == hand.c.id)
    )
    .where(hand.c.id == sa.bindparam("id"))
)


class Reading:
    """The reading half of a project; any thread, any number of processes."""

    _store: Store

    def sequences(self) -> list[SequenceRecord]:
        """All sequences, in the order in which they came."""
        with self._store.reading() as connection:
            rows = connection.execute(sa.select(sequence).order_by(sequence.c.id)).all()
        return [sequence_of(row) for row in rows]

    def sequence(self, sequence_id: int) -> SequenceRecord:
        """One sequence.

        Raises:
            HandStudioError: when there is none of this id (so for every reader of one thing here).
        """
        return sequence_of(self._one(_ONE_SEQUENCE, "sequence", sequence_id))

    def frames(self, sequence_id: int, offset: int = 0, limit: int | None = None) -> list[FrameRecord]:
        """Frames of a sequence in order, from the index ``offset`` on."""
        statement = (
            sa.select(frame)
            .where(frame.c.sequence_id == sequence_id, frame.c.frame_index >= offset)
            .order_by(frame.c.frame_index)
        )
        if limit is not None:
            statement = statement.limit(limit)
        with self._store.reading() as connection:
            return [frame_of(row) for row in connection.execute(statement).all()]

    def frame(self, frame_id: int) -> FrameRecord:
        """One frame."""
        return frame_of(self._one(_ONE_FRAME, "frame", frame_id))

    def frame_at(self, sequence_id: int, index: int) -> FrameRecord:
        """The frame of a sequence at an index."""
        with self._store.reading() as connection:
            row = connection.execute(_FRAME_AT, {"sequence_id": sequence_id, "frame_index": index}).first()
        if row is None:
            raise HandStudioError(f"Sequence {sequence_id} has no frame {index}", self._store.path.parent)
        return frame_of(row)

    def hand(self, hand_id: int) -> HandRecord:
        """One hand (also one that was removed)."""
        return hand_of(self._one(_ONE_HAND, "hand", hand_id))

    def hands_of_frame(self, frame_id: int) -> list[HandRecord]:
        """The hands of a frame, by track."""
        with self._store.reading() as connection:
            return [hand_of(row) for row in connection.execute(_HANDS_OF_FRAME, {"id": frame_id}).all()]

    def hands(
        self, query: HandQuery | Iterable[int] = _ALL, offset: int = 0, limit: int | None = None
    ) -> list[HandRecord]:
        """A page of the hands that a query finds, in its order; or the hands of given ids, in theirs."""
        if isinstance(query, HandQuery):
            ids = self.hand_ids(query)[offset : None if limit is None else offset + limit]
        else:
            ids = np.fromiter(query, dtype=np.int64)[offset : None if limit is None else offset + limit]
        found: dict[int, HandRecord] = {}
        with self._store.reading() as connection:
            for part in _chunks(ids):
                for row in connection.execute(sa.select(hand).where(hand.c.id.in_(part))):
                    found[row.id] = hand_of(row)
        return [found[hand_id] for hand_id in ids.tolist() if hand_id in found]

    def count_hands(self, query: HandQuery = _ALL) -> int:
        """How many hands a query finds."""
        with self._store.reading() as connection:
            return queries.count(connection, query)

    def hand_ids(self, query: HandQuery = _ALL) -> Ids:
        """(N,) int64 ids of the hands that a query finds, in its order: a queue."""
        with self._store.reading() as connection:
            return queries.ids_in_order(connection, query)

    def proposal_of(self, hand_id: int) -> Proposal | None:
        """A hand's latest proposal."""
        return self._optional(_PROPOSAL_OF, hand_id, proposal_from)

    def proposal(self, proposal_id: int) -> Proposal | None:
        """One proposal; ``None`` when a newer one took its place."""
        return self._optional(_ONE_PROPOSAL, proposal_id, proposal_from)

    def label_of(self, hand_id: int) -> Label | None:
        """A hand's label."""
        return self._optional(_LABEL_OF, hand_id, label_from)

    def truth_of(self, hand_id: int) -> Truth | None:
        """What the data set says about a hand."""
        return self._optional(_TRUTH_OF, hand_id, truth_from)

    def bundle(self, hand_id: int) -> HandBundle:
        """A hand with its latest proposal, its label and its truth, by one statement."""
        row = self._one(_BUNDLE, "hand", hand_id)
        return HandBundle(
            hand_of(row),
            None if row.p_id is None else proposal_from(_Part(row, _P)),
            None if row.l_hand_id is None else label_from(_Part(row, _L)),
            None if row.t_hand_id is None else truth_from(_Part(row, _T)),
        )

    def confidences(self, sequence_id: int) -> Confidences:
        """Confidence and state of every hand of a sequence, in the order of its frames."""
        statement = (
            sa.select(hand.c.frame_index, hand.c.id, hand.c.state, hand.c.c_stability, hand.c.c_plausibility)
            .where(hand.c.sequence_id == sequence_id, sa.text("hand.removed = 0"))
            .order_by(hand.c.frame_index, hand.c.track, hand.c.id)
        )
        with self._store.reading() as connection:
            rows = connection.execute(statement).all()
        columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * 5
        return Confidences(
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.int64),
            np.array(columns[2], dtype=object),
            np.array(columns[3], dtype=np.float32),
            np.array(columns[4], dtype=np.float32),
        )

    def box_sides(self, hand_ids: Iterable[int]) -> Floats:
        """(N,) px: the longer side of each hand's box; NaN for hands that do not exist."""
        ids = np.fromiter(hand_ids, dtype=np.int64)
        found: dict[int, float] = {}
        with self._store.reading() as connection:
            for part in _chunks(ids):
                rows = connection.execute(
                    sa.select(hand.c.id, hand.c.box_width, hand.c.box_height).where(hand.c.id.in_(part))
                )
                found.update((row[0], max(row[1], row[2])) for row in rows)
        return np.array([found.get(hand_id, np.nan) for hand_id in ids.tolist()], dtype=np.float32)

    def state_counts(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands are in each state (all states are there)."""
        statement = sa.select(hand.c.state, sa.func.count()).where(sa.text("hand.removed = 0"))
        if sequence_id is not None:
            statement = statement.where(hand.c.sequence_id == sequence_id)
        with self._store.reading() as connection:
            found = {
                state: int(number) for state, number in connection.execute(statement.group_by(hand.c.state))
            }
        return {state: found.get(str(state), 0) for state in State}

    def _one(self, statement: sa.Select[Any], what: str, key: Any) -> Any:
        with self._store.reading() as connection:
            row = connection.execute(statement, {"id": key}).first()
        if row is None:
            raise HandStudioError(f"The project has no {what} {key}", self._store.path.parent)
        return row

    def _optional(
        self, statement: sa.Select[Any], key: int, make: Callable[[Any], _Record]
    ) -> _Record | None:
        with self._store.reading() as connection:
            row = connection.execute(statement, {"id": key}).first()
        return None if row is None else make(row)


class _Part:
    """The columns of one table in a row of a join."""

    __slots__ = ("_prefix", "_row")

    def __init__(self, row: Any, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)


def _chunks(ids: Ids, size: int = 5000) -> Iterable[list[int]]:
    return (ids[start : start + size].tolist() for start in range(0, len(ids), size))


def sequence_of(row: Any) -> SequenceRecord:
    """The record of a row of ``sequence``."""
    values = row._asdict()
    values["camera"] = None if values["camera"] is None else json.loads(values["camera"])
    return SequenceRecord(**values)


def frame_of(row: Any) -> FrameRecord:
    """The record of a row of ``frame``."""
    return FrameRecord(row.id, row.sequence_id, row.frame_index, row.name, row.width, row.height, row.problem)


def hand_of(row: Any) -> HandRecord:
    """The record of a row of ``hand``."""
    return HandRecord(
        row.id,
        row.frame_id,
        row.sequence_id,
        row.frame_index,
        row.track,
        row.side,
        Box(row.box_x, row.box_y, row.box_width, row.box_height),
        row.box_source,
        State(row.state),
        row.c_stability,
        row.c_plausibility,
        row.proposal_id,
        row.has_label,
        row.has_truth,
        row.note,
        row.correction_px,
        row.decided_by,
        row.decided_at,
    )


def proposal_from(row: Any) -> Proposal:
    """The record of a row of ``proposal``."""
    return Proposal(
        row.id,
        row.hand_id,
        row.run_id,
        row.model_id,
        pose_of(row.pose, row.visibility),
        None if row.perturbed is None else pose_of(row.perturbed, row.visibility),
        pose_of(row.corrected, row.visibility),
        row.c_stability,
        row.c_plausibility,
        row.created_at,
    )


def label_from(row: Any) -> Label:
    """The record of a row of ``label``."""
    return Label(
        row.hand_id,
        pose_of(row.pose, row.visibility),
        row.origin,
        row.proposal_id,
        row.decided_by,
        row.decided_at,
    )


def truth_from(row: Any) -> Truth:
    """The record of a row of ``truth``."""
    return Truth(row.hand_id, pose_of(row.pose, row.visibility), points_of(row.xyz_mm))
