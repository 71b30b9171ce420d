"""What can be read of a project: sequences, frames, hands, proposals, labels, truth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project import query as queries
from handstudio.project.ordered import Ordered
from handstudio.project.prepared import Prepared
from handstudio.project.query import among, as_ids
from handstudio.project.records import (
    Confidences,
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
from handstudio.project.rows import (
    Part,
    frame_of,
    hand_of,
    label_from,
    proposal_from,
    sent_back_from,
    sequence_of,
    truth_from,
    verification_from,
)
from handstudio.project.schema import (
    frame,
    hand,
    label,
    proposal,
    sent_back,
    sequence,
    truth,
    verification,
)
from handstudio.project.store import Store

_ALL = HandQuery()
_Record = TypeVar("_Record")

_ONE_SEQUENCE = Prepared(sa.select(sequence).where(sequence.c.id == sa.bindparam("id")))
_ONE_FRAME = Prepared(sa.select(frame).where(frame.c.id == sa.bindparam("id")))
_FRAME_AT = Prepared(
    sa.select(frame).where(
        frame.c.sequence_id == sa.bindparam("sequence_id"), frame.c.frame_index == sa.bindparam("frame_index")
    )
)
_ONE_HAND = Prepared(sa.select(hand).where(hand.c.id == sa.bindparam("id")))
_HANDS_OF_FRAME = Prepared(
    sa.select(hand)
    .where(hand.c.frame_id == sa.bindparam("id"), hand.c.removed == sa.literal_column("0"))
    .order_by(hand.c.track, hand.c.id)
)
_PROPOSAL_OF = Prepared(
    sa.select(proposal).join(hand, hand.c.proposal_id == proposal.c.id).where(hand.c.id == sa.bindparam("id"))
)
_HANDS = Prepared(sa.select(hand).where(among(hand.c.id)))
_CONFIDENCES = Prepared(
    sa.select(
        *(hand.c.frame_index, hand.c.id, hand.c.state, hand.c.c_stability, hand.c.c_plausibility),
        *(hand.c.box_width, hand.c.box_height, hand.c.doubt),
    )
    .where(hand.c.sequence_id == sa.bindparam("id"), hand.c.removed == sa.literal_column("0"))
    .order_by(hand.c.frame_index, hand.c.track)
)
_ONE_PROPOSAL = Prepared(sa.select(proposal).where(proposal.c.id == sa.bindparam("id")))
_LABEL_OF = Prepared(sa.select(label).where(label.c.hand_id == sa.bindparam("id")))
_TRUTH_OF = Prepared(sa.select(truth).where(truth.c.hand_id == sa.bindparam("id")))
_P, _L, _T, _V, _S = "p_", "l_", "t_", "v_", "s_"


def _prefixed(table: sa.Table, prefix: str) -> list[Any]:
    return [column.label(prefix + column.name) for column in table.c]


_BUNDLE = Prepared(
    sa.select(
        *(hand, *_prefixed(proposal, _P), *_prefixed(label, _L), *_prefixed(truth, _T)),
        *(*_prefixed(verification, _V), *_prefixed(sent_back, _S)),
    )
    .select_from(
        hand.outerjoin(proposal, proposal.c.id == hand.c.proposal_id)
        .outerjoin(label, label.c.hand_id == hand.c.id)
        .outerjoin(truth, truth.c.hand_id == hand.c.id)
        .outerjoin(
            verification,
            sa.and_(verification.c.hand_id == hand.c.id, hand.c.verified == sa.literal_column("1")),
        )
        .outerjoin(
            sent_back,
            sa.and_(
                sent_back.c.hand_id == hand.c.id,
                hand.c.state == sa.literal_column(f"'{State.SENT_BACK}'"),
            ),
        )
    )
    .where(hand.c.id == sa.bindparam("id"))
)


def _of_track(of: HandRecord) -> sa.Select[Any]:
    """Hands of the track and side of one, in its sequence."""
    return sa.select(hand).where(
        hand.c.sequence_id == of.sequence_id,
        hand.c.track == of.track,
        hand.c.side == of.side,
        hand.c.removed == sa.literal_column("0"),
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
            row = _FRAME_AT.first(connection, sequence_id=sequence_id, frame_index=index)
        if row is None:
            raise HandStudioError(f"Sequence {sequence_id} has no frame {index}", self._store.path.parent)
        return frame_of(row)

    def hand(self, hand_id: int) -> HandRecord:
        """One hand (also one that was removed)."""
        return hand_of(self._one(_ONE_HAND, "hand", hand_id))

    def hands_of_frame(self, frame_id: int) -> list[HandRecord]:
        """The hands of a frame, by track."""
        with self._store.reading() as connection:
            return [hand_of(row) for row in _HANDS_OF_FRAME.all(connection, id=frame_id)]

    def track(self, of: HandRecord, first: int, last: int) -> list[HandRecord]:
        """The hands of another one's track and side in the frames ``first`` to ``last`` of its sequence."""
        wanted = _of_track(of).where(hand.c.frame_index.between(first, last)).order_by(hand.c.frame_index)
        with self._store.reading() as connection:
            return [hand_of(row) for row in connection.execute(wanted).all()]

    def nearest_of_track(self, of: HandRecord, states: Collection[State], later: bool) -> HandRecord | None:
        """The nearest hand of some states, of the track and side of one, in an earlier or later frame."""
        index = hand.c.frame_index
        beside = index > of.frame_index if later else index < of.frame_index
        wanted = _of_track(of).where(beside, hand.c.state.in_([str(state) for state in states]))
        with self._store.reading() as connection:
            row = connection.execute(wanted.order_by(index if later else index.desc()).limit(1)).first()
        return None if row is None else hand_of(row)

    def hands(
        self, query: HandQuery | Iterable[int] = _ALL, offset: int = 0, limit: int | None = None
    ) -> list[HandRecord]:
        """A page of the hands that a query finds, in its order; or the hands of given ids, in theirs."""
        if isinstance(query, HandQuery):
            ids = self.hand_ids(query, None if limit is None else offset + limit)[offset:]
        else:
            ids = np.fromiter(query, dtype=np.int64)[offset : None if limit is None else offset + limit]
        found: dict[int, HandRecord] = {}
        with self._store.reading() as connection:
            for row in _HANDS.all(connection, **as_ids(ids)):
                found[row.id] = hand_of(row)
        return [found[hand_id] for hand_id in ids.tolist() if hand_id in found]

    def count_hands(self, query: HandQuery = _ALL) -> int:
        """How many hands a query finds."""
        if query.only is not None:
            return len(self.hand_ids(query))
        with self._store.reading() as connection:
            return queries.count(connection, query)

    def hand_ids(self, query: HandQuery = _ALL, limit: int | None = None) -> Ids:
        """(N,) int64 ids of the hands that a query finds, in its order: a queue, or its first ``limit``."""
        if query.only is not None:
            return self._there(query.only)[:limit]
        with self._store.reading() as connection:
            return queries.ids_in_order(connection, query, limit)

    def people(self) -> list[str]:
        """Who decided about hands, by name; read from an index."""
        decided = sa.select(hand.c.decided_by).where(sa.text("decided_at IS NOT NULL")).distinct()
        with self._store.reading() as connection:
            return sorted(name for name in connection.execute(decided).scalars() if name)

    def sequences_of(self, hand_ids: Ids) -> list[int]:
        """Ids of the sequences in which some hands are, ascending."""
        wanted = sa.select(hand.c.sequence_id).where(among(hand.c.id)).distinct()
        with self._store.reading() as connection:
            return sorted(connection.execute(wanted, as_ids(hand_ids)).scalars())

    def ids_in_states(self, hand_ids: Ids, states: Collection[State]) -> Ids:
        """(M,) those of some hands that are in one of these states."""
        wanted = sa.select(hand.c.id).where(
            among(hand.c.id), hand.c.removed == sa.literal_column("0"), hand.c.state.in_(map(str, states))
        )
        with self._store.reading() as connection:
            return queries.joined(connection, wanted, as_ids(hand_ids))

    def in_order(self, query: HandQuery) -> Ordered:
        """The hands that a query finds, to be read a page at a time."""
        return Ordered(self._store, query)

    def ids_proposed_by(self, model_id: str, *, alone: bool = False) -> Ids:
        """(N,) int64 ids of the hands whose latest proposal is a model's; with ``alone`` those of them of
        which the pose was found from one view."""
        latest = sa.select(hand.c.id).join(proposal, hand.c.proposal_id == proposal.c.id)
        with self._store.reading() as connection:
            latest = latest.where(proposal.c.model_id == model_id)
            found = connection.execute(latest.where(proposal.c.views == 1) if alone else latest).scalars()
            return np.fromiter(found, dtype=np.int64)

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
            None if row.p_id is None else proposal_from(Part(row, _P)),
            None if row.l_hand_id is None else label_from(Part(row, _L)),
            None if row.t_hand_id is None else truth_from(Part(row, _T)),
            None if row.v_hand_id is None else verification_from(Part(row, _V)),
            None if row.s_hand_id is None else sent_back_from(Part(row, _S)),
        )

    def confidences(self, sequence_id: int) -> Confidences:
        """Confidence and state of every hand of a sequence, in the order of its frames."""
        with self._store.reading() as connection:
            rows = _CONFIDENCES.all(connection, id=sequence_id)
        columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * 8
        return Confidences(
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.int64),
            np.array(columns[2], dtype=object),
            np.array(columns[3], dtype=np.float32),
            np.array(columns[4], dtype=np.float32),
            np.maximum(np.array(columns[5], dtype=np.float32), np.array(columns[6], dtype=np.float32)),
            np.array(columns[7], dtype=np.float32),
        )

    def state_counts(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands are in each state (all states are there)."""
        statement = sa.select(hand.c.state, sa.func.count()).where(hand.c.removed == sa.literal_column("0"))
        if sequence_id is not None:
            statement = statement.where(hand.c.sequence_id == sequence_id)
        with self._store.reading() as connection:
            found = {
                state: int(number) for state, number in connection.execute(statement.group_by(hand.c.state))
            }
        return {state: found.get(str(state), 0) for state in State}

    def state_counts_by_sequence(self) -> dict[int, dict[State, int]]:
        """How many hands of each sequence are in each state, by one statement."""
        statement = (
            sa.select(hand.c.sequence_id, hand.c.state, sa.func.count())
            .where(hand.c.removed == sa.literal_column("0"))
            .group_by(hand.c.sequence_id, hand.c.state)
        )
        with self._store.reading() as connection:
            rows = connection.execute(statement).all()
            ids = connection.execute(sa.select(sequence.c.id)).scalars().all()
        counts = {sequence_id: dict.fromkeys(State, 0) for sequence_id in ids}
        for sequence_id, state, number in rows:
            counts[sequence_id][State(state)] = int(number)
        return counts

    def _there(self, hand_ids: tuple[int, ...]) -> Ids:
        """Those of some hands that were not removed, in their order."""
        there = sa.select(hand.c.id).where(among(hand.c.id), hand.c.removed == sa.literal_column("0"))
        with self._store.reading() as connection:
            found = set(connection.execute(there, as_ids(hand_ids)).scalars())
        return np.array([number for number in hand_ids if number in found], dtype=np.int64)

    def _one(self, statement: Prepared, what: str, key: Any) -> Any:
        with self._store.reading() as connection:
            row = statement.first(connection, id=key)
        if row is None:
            raise HandStudioError(f"The project has no {what} {key}", self._store.path.parent)
        return row

    def _optional(self, statement: Prepared, key: int, make: Callable[[Any], _Record]) -> _Record | None:
        with self._store.reading() as connection:
            row = statement.first(connection, id=key)
        return None if row is None else make(row)
