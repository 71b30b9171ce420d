"""Where one hand was and will be: its poses over a stretch of frames, by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from handstudio.project.packing import unpack_poses
from handstudio.project.prepared import Prepared
from handstudio.project.records import Floats, HandRecord, Ids, State
from handstudio.project.schema import hand, label, proposal
from handstudio.project.store import Store

_POSES = Prepared(
    sa.select(
        hand.c.frame_index,
        hand.c.id,
        label.c.pose.label("decided"),
        proposal.c.pose.label("proposed"),
    )
    .select_from(
        hand.outerjoin(label, label.c.hand_id == hand.c.id).outerjoin(
            proposal, proposal.c.id == hand.c.proposal_id
        )
    )
    .where(
        hand.c.sequence_id == sa.bindparam("sequence_id"),
        hand.c.frame_index.between(sa.bindparam("first"), sa.bindparam("last")),
        hand.c.track == sa.bindparam("track"),
        hand.c.side == sa.bindparam("side"),
        hand.c.removed == sa.literal_column("0"),
        hand.c.state != sa.bindparam("not_state"),
    )
    .order_by(hand.c.frame_index, hand.c.id)
)


@dataclass(frozen=True, eq=False)
class Trail:
    """The poses of one hand over frames, by frame, one a frame at most; frames without a pose are left out.

    Attributes:
        frames: (N,) int64, ascending.
        hand_ids: (N,) int64.
        decided: (N,) whether it is a label, not a proposal.
        uv: (N, 21, 2) px.
    """

    frames: Ids
    hand_ids: Ids
    decided: npt.NDArray[np.bool_]
    uv: Floats

    def __len__(self) -> int:
        return len(self.frames)

    def between(self, first: int, last: int) -> Trail:
        """The part of it from a frame to another, both included."""
        rows = slice(
            int(np.searchsorted(self.frames, first)), int(np.searchsorted(self.frames, last, "right"))
        )
        return Trail(self.frames[rows], self.hand_ids[rows], self.decided[rows], self.uv[rows])


class Trails:
    """The reading of trails."""

    _store: Store

    def trail(self, of: HandRecord, first: int, last: int, *, proposals: bool = False) -> Trail:
        """Labels, else proposals, of a hand's track and side in the frames ``first`` to ``last``.

        Hands that were rejected or removed are left out. With ``proposals`` nothing of what was decided is
        told: labels are not looked at, nor who was rejected.
        """
        with self._store.reading() as connection:
            rows = _POSES.all(
                connection,
                sequence_id=of.sequence_id,
                first=int(first),
                last=int(last),
                track=of.track,
                side=of.side,
                not_state="" if proposals else str(State.REJECTED),
            )
        found: dict[int, tuple[Any, bytes, bool]] = {}
        for row in rows:
            decided = not proposals and row.decided is not None
            pose = row.decided if decided else row.proposed
            if pose is not None:
                found.setdefault(row.frame_index, (row, pose, decided))
        kept = list(found.values())
        uv, _ = unpack_poses([pose for _, pose, _ in kept])
        return Trail(
            np.array([row.frame_index for row, _, _ in kept], dtype=np.int64),
            np.array([row.id for row, _, _ in kept], dtype=np.int64),
            np.array([decided for _, _, decided in kept], dtype=np.bool_),
            uv,
        )
