"""What a method writes: proposals and boxes. Never the label or state of a decided hand."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import changes
from handstudio.project.bulk import AT_ONCE, insertion
from handstudio.project.packing import pack_poses, split, unpack_poses
from handstudio.project.prepared import Prepared
from handstudio.project.query import among, as_ids
from handstudio.project.records import UNDECIDED, BoxSource, Change, Ids, ProposalBatch, State
from handstudio.project.schema import counter, hand, label, proposal
from handstudio.project.store import Store

_PROPOSAL_COLUMNS: Final = (
    *("id", "hand_id", "run_id", "model_id", "pose", "visibility", "perturbed", "corrected"),
    *("c_stability", "c_plausibility", "created_at", "joint_doubt", "views"),
)
_STANDING: Final = Prepared(
    sa.select(
        hand.c.id,
        hand.c.frame_id,
        hand.c.sequence_id,
        hand.c.state,
        hand.c.box_source,
        hand.c.proposal_id,
        label.c.proposal_id.label("labelled_from"),
    )
    .select_from(hand.outerjoin(label, label.c.hand_id == hand.c.id))
    .where(among(hand.c.id), hand.c.removed == sa.literal_column("0"))
)
_OTHERS: Final = Prepared(
    sa.select(proposal.c.id, proposal.c.pose).where(
        among(proposal.c.id), proposal.c.model_id != sa.bindparam("model")
    )
)
_UNDECIDED_SQL: Final = ", ".join(f"'{state}'" for state in UNDECIDED)


class Proposals:
    """The proposing half of what machines write."""

    _store: Store
    writer_token: str

    def set_boxes(self, hand_ids: npt.ArrayLike, boxes: npt.ArrayLike, source: BoxSource = "followed") -> Ids:
        """Move the boxes of undecided hands; returns the ids of those that were moved.

        Args:
            hand_ids: (N,).
            boxes: (N, 4) x, y, width, height, px.
            source: where the boxes come from. A box that a person drew is never moved.
        """
        ids = np.asarray(hand_ids, dtype=np.int64).reshape(-1)
        places = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        moved: list[int] = []
        for start in range(0, len(ids), AT_ONCE):
            with self._store.writing() as connection:
                found = self._standing(connection, ids[start : start + AT_ONCE])
                rows = [
                    (*place, source, hand_id)
                    for hand_id, place in zip(
                        ids[start : start + AT_ONCE].tolist(),
                        places[start : start + AT_ONCE].tolist(),
                        strict=True,
                    )
                    if hand_id in found
                    and not State(found[hand_id].state).decided
                    and found[hand_id].box_source != "drawn"
                ]
                if not rows:
                    continue
                connection.exec_driver_sql(
                    "UPDATE hand SET box_x = ?, box_y = ?, box_width = ?, box_height = ?, box_source = ? "
                    f"WHERE id = ? AND state IN ({_UNDECIDED_SQL}) AND box_source <> 'drawn'",
                    rows,
                )
                these = [row[-1] for row in rows]
                changes.note(connection, self.writer_token, _touching(found, these, ""))
            moved.extend(these)
        return np.array(moved, dtype=np.int64)

    def store_proposals(
        self,
        run_id: int | None,
        model_id: str | None,
        batch: ProposalBatch,
        include_decided: bool = False,
    ) -> Ids:
        """Store a batch of proposals; returns the ids of the hands that got one.

        Hands that are decided are passed over, or with ``include_decided`` get the newer proposal beside
        their label, which stays as it is, as does their state. A proposal takes the place of an older one
        unless the label was decided from that. Proposals that are not finite are passed over.
        """
        table = _Table(batch)
        stored: list[int] = []
        for start in range(0, len(table.ids), AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, len(table.ids)))
            with self._store.writing() as connection:
                stored += self._store_part(connection, run_id, model_id, table, rows, include_decided)
        return np.array(stored, dtype=np.int64)

    def _store_part(
        self,
        connection: sa.Connection,
        run_id: int | None,
        model_id: str | None,
        table: _Table,
        rows: Ids,
        include_decided: bool,
    ) -> list[int]:
        found = self._standing(connection, table.ids[rows])
        kept = [
            row
            for row, hand_id in zip(rows.tolist(), table.ids[rows].tolist(), strict=True)
            if table.finite[row]
            and hand_id in found
            and (include_decided or not State(found[hand_id].state).decided)
        ]
        if not kept:
            return []
        ids: list[int] = table.ids[kept].tolist()
        first = _take_ids(connection, "proposal", len(kept))
        numbered = list(enumerate(kept, first))
        proposals = table.proposals(numbered, run_id, model_id, time.time())
        connection.exec_driver_sql(insertion("proposal", _PROPOSAL_COLUMNS), proposals)
        connection.exec_driver_sql(
            "UPDATE hand SET proposal_id = ?, c_stability = ?, c_plausibility = ?, confidence = ?, "
            "correction_px = ?, doubt = coalesce(?, ? * max(box_width, box_height) / 64.0), "
            "mismatch = NULL, jump = NULL, useful = NULL, apart = coalesce(?, apart), "
            "state = CASE state WHEN 'none' THEN 'proposed' ELSE state END WHERE id = ?",
            table.figures(numbered, self._apart(connection, table, kept, found, model_id)),
        )
        replaced = [
            (hand_id, first + place, found[hand_id].labelled_from or 0)
            for place, hand_id in enumerate(ids)
            if found[hand_id].proposal_id is not None
        ]
        if replaced:
            connection.exec_driver_sql(
                "DELETE FROM proposal WHERE hand_id = ? AND id NOT IN (?, ?)", replaced
            )
        changes.note(connection, self.writer_token, _touching(found, ids, "Propose"))
        return ids

    @staticmethod
    def _apart(
        connection: sa.Connection, table: _Table, kept: list[int], found: dict[int, Any], model_id: str | None
    ) -> dict[int, float]:
        """By row: how far the latest proposals of other models, of those there are, are from the new ones."""
        before = {
            found[hand_id].proposal_id: row
            for row, hand_id in zip(kept, table.ids[kept].tolist(), strict=True)
            if found[hand_id].proposal_id is not None
        }
        if not before or model_id is None:
            return {}
        others = _OTHERS.all(connection, model=model_id, **as_ids(before))
        if not others:
            return {}
        uv, _depth = unpack_poses([other.pose for other in others])
        rows = [before[other.id] for other in others]
        apart = np.linalg.norm(table.uv[rows] - uv, axis=-1).mean(axis=-1)
        return dict(zip(rows, apart.tolist(), strict=True))

    def _standing(self, connection: sa.Connection, ids: Ids) -> dict[int, Any]:
        """The hands of these ids that are not removed, with what a machine must know before it writes."""
        rows = _STANDING.all(connection, **as_ids(ids))
        return {row.id: row for row in rows}


class _Table:
    """A batch of proposals as the columns of the database."""

    def __init__(self, batch: ProposalBatch) -> None:
        self.ids: Ids = np.asarray(batch.hand_ids, dtype=np.int64).reshape(-1)
        count = len(self.ids)
        uv = np.asarray(batch.uv, dtype=np.float32).reshape(count, JOINT_COUNT, 2)
        corrected_uv = np.asarray(batch.corrected_uv, dtype=np.float32).reshape(count, JOINT_COUNT, 2)
        depth = np.asarray(batch.depth, dtype=np.float32).reshape(count, JOINT_COUNT)
        corrected_depth = np.asarray(batch.corrected_depth, dtype=np.float32).reshape(count, JOINT_COUNT)
        stability = np.asarray(batch.c_stability, dtype=np.float64).reshape(count)
        plausibility = np.asarray(batch.c_plausibility, dtype=np.float64).reshape(count)
        shift = np.linalg.norm(corrected_uv.astype(np.float64) - uv, axis=-1).mean(axis=-1)
        told = batch.joint_doubt is not None
        doubt = np.zeros((count, JOINT_COUNT), dtype=np.float32)
        if told:
            doubt[:] = np.asarray(batch.joint_doubt, dtype=np.float32)
        columns = (uv, depth, corrected_uv, corrected_depth, stability, plausibility, doubt)
        self.finite = np.ones(count, dtype=bool)
        for column in columns:
            self.finite &= np.isfinite(column).reshape(count, -1).all(axis=1)
        self.uv = uv
        self.pose = pack_poses(uv, depth)
        self.corrected = pack_poses(corrected_uv, corrected_depth)
        self.perturbed = (
            None
            if batch.perturbed_uv is None or batch.perturbed_depth is None
            else pack_poses(batch.perturbed_uv, batch.perturbed_depth)
        )
        visibility = np.zeros((count, JOINT_COUNT), dtype=np.uint8)
        if batch.visibility is not None:
            visibility[:] = np.asarray(batch.visibility, dtype=np.uint8)
        self.visibility = split(visibility.tobytes(), JOINT_COUNT)
        views = np.ones(count, dtype=np.int64)
        if batch.views is not None:
            views[:] = np.asarray(batch.views, dtype=np.int64)
        self.views: list[int] = views.tolist()
        self.stability: list[float] = stability.tolist()
        self.plausibility: list[float] = plausibility.tolist()
        self.shift: list[float] = shift.tolist()
        self.joint_doubt = split(doubt.astype("<f4").tobytes(), 4 * JOINT_COUNT) if told else None
        self.doubt: list[float] | None = doubt.astype(np.float64).mean(axis=-1).tolist() if told else None
        self.root_c: list[float] = np.sqrt(np.maximum(stability + plausibility, 0.0)).tolist()

    def proposals(
        self, numbered: list[tuple[int, int]], run_id: int | None, model_id: str | None, now: float
    ) -> list[tuple[Any, ...]]:
        """Rows of ``proposal``; ``numbered`` are pairs of a new id and a row of this table."""
        return [
            (
                *(number, int(self.ids[row]), run_id, model_id, self.pose[row], self.visibility[row]),
                None if self.perturbed is None else self.perturbed[row],
                *(self.corrected[row], self.stability[row], self.plausibility[row], now),
                None if self.joint_doubt is None else self.joint_doubt[row],
                self.views[row],
            )
            for number, row in numbered
        ]

    def figures(self, numbered: list[tuple[int, int]], apart: dict[int, float]) -> list[tuple[Any, ...]]:
        """What ``hand`` repeats of its latest proposal, then the hand's id."""
        return [
            (
                *(number, self.stability[row], self.plausibility[row]),
                *(self.stability[row] + self.plausibility[row], self.shift[row]),
                *(None if self.doubt is None else self.doubt[row], self.root_c[row]),
                *(apart.get(row), int(self.ids[row])),
            )
            for number, row in numbered
        ]


def _touching(found: dict[int, Any], ids: list[int], title: str) -> Change:
    return Change(
        frozenset(ids),
        frozenset(found[hand_id].frame_id for hand_id in ids),
        frozenset(found[hand_id].sequence_id for hand_id in ids),
        title=title,
    )


def _take_ids(connection: sa.Connection, name: str, number: int) -> int:
    """Reserve ids that were never used, not even by rows that are gone; returns the first."""
    last = connection.execute(sa.select(counter.c.value).where(counter.c.name == name)).scalar_one()
    connection.execute(counter.update().where(counter.c.name == name).values(value=last + number))
    return int(last) + 1
