"""Poses of many hands at once, for evaluation, export and training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project.packing import joints_of, unpack_poses
from handstudio.project.query import among, as_ids
from handstudio.project.records import Floats, Ids, Layer, PoseTable
from handstudio.project.schema import hand, label, proposal, truth
from handstudio.project.store import Store

_PROPOSED = hand.c.proposal_id == proposal.c.id
_LAYERS: Final[dict[str, tuple[sa.Table, Any, Any]]] = {
    "proposal": (proposal, proposal.c.pose, _PROPOSED),
    "perturbed": (proposal, proposal.c.perturbed, _PROPOSED),
    "correction": (proposal, proposal.c.corrected, _PROPOSED),
    "label": (label, label.c.pose, hand.c.id == label.c.hand_id),
    "truth": (truth, truth.c.pose, hand.c.id == truth.c.hand_id),
}
_AT_ONCE: Final = 5000


class Poses:
    """The batched reading of poses."""

    _store: Store

    def poses(self, layer: Layer, hand_ids: Iterable[int] | None = None) -> PoseTable:
        """All poses of a layer, or those of given hands in their order; hands without one are left out.

        Raises:
            ValueError: for a layer that does not exist.
        """
        if layer not in _LAYERS:
            raise ValueError(f"there is no layer {layer!r}; there are {', '.join(_LAYERS)}")
        table, pose, joined = _LAYERS[layer]
        statement = (
            sa.select(hand.c.id, pose, table.c.visibility).select_from(hand).join(table, joined)
        ).where(hand.c.removed == sa.literal_column("0"), pose.is_not(None))
        wanted = None if hand_ids is None else np.fromiter(hand_ids, dtype=np.int64)
        ids: list[int] = []
        blobs: list[bytes] = []
        seen: list[bytes] = []
        with self._store.reading() as connection:
            for part in self._parts(statement, wanted):
                rows = connection.execute(*part).all()
                ids += [row[0] for row in rows]
                blobs += [row[1] for row in rows]
                seen += [row[2] for row in rows]
        uv, depth = unpack_poses(blobs)
        table_of = PoseTable(
            np.array(ids, dtype=np.int64),
            uv,
            depth,
            np.frombuffer(b"".join(seen), dtype=np.uint8).reshape(-1, JOINT_COUNT).copy(),
        )
        return table_of if wanted is None else _in_order(table_of, wanted)

    def joint_doubts(self, hand_ids: Iterable[int]) -> Floats:
        """(N, 21) px: how far each joint of the latest proposals may be off; NaN where it was not told."""
        wanted = np.fromiter(hand_ids, dtype=np.int64)
        found: dict[int, bytes] = {}
        statement = sa.select(hand.c.id, proposal.c.joint_doubt).join(proposal, _PROPOSED)
        with self._store.reading() as connection:
            for part in self._parts(statement.where(proposal.c.joint_doubt.is_not(None)), wanted):
                found.update({row[0]: row[1] for row in connection.execute(*part).all()})
        doubts = np.full((len(wanted), JOINT_COUNT), np.nan, dtype=np.float32)
        for row, number in enumerate(wanted.tolist()):
            if number in found:
                doubts[row] = joints_of(found[number])
        return doubts

    @staticmethod
    def _parts(
        statement: sa.Select[Any], wanted: Ids | None
    ) -> Iterable[tuple[sa.Select[Any], dict[str, str]]]:
        if wanted is None:
            yield statement.order_by(hand.c.id), {}
            return
        ids = np.unique(wanted)
        for start in range(0, len(ids), _AT_ONCE):
            yield statement.where(among(hand.c.id)), as_ids(ids[start : start + _AT_ONCE])


def _in_order(table: PoseTable, wanted: Ids) -> PoseTable:
    if len(table) == 0:
        return table
    sorting = np.argsort(table.hand_ids)
    places = np.searchsorted(table.hand_ids[sorting], wanted).clip(max=len(table) - 1)
    rows = sorting[places]
    rows = rows[table.hand_ids[rows] == wanted]
    return PoseTable(table.hand_ids[rows], table.uv[rows], table.depth[rows], table.visibility[rows])
