"""What models proposed for the hands that they were judged on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import sqlalchemy as sa

from handstudio.project.listed import listed
from handstudio.project.packing import pack_poses, unpack_poses
from handstudio.project.records import Floats, Ids
from handstudio.project.schema import judged
from handstudio.project.store import Store


class JudgedPoses:
    """Keeps one pose of every model and hand, that of the last time."""

    _store: Store

    def store_judged(self, model_id: str, hand_ids: Ids, uv: Floats, depth: Floats) -> None:
        """Keep the poses that a model was judged by, in the place of those before.

        Args:
            model_id: of the model.
            hand_ids: (N,).
            uv: (N, 21, 2) px. depth: (N, 21), in reference bones.
        """
        rows = [
            {"model_id": model_id, "hand_id": hand_id, "pose": pose}
            for hand_id, pose in zip(hand_ids.tolist(), pack_poses(uv, depth), strict=True)
        ]
        with self._store.writing() as connection:
            connection.execute(judged.delete().where(judged.c.model_id == model_id))
            if rows:
                connection.execute(judged.insert(), rows)

    def judged_uv(self, model_id: str, hand_ids: Iterable[int]) -> dict[int, Floats]:
        """(21, 2) px by hand, of those of the hands that the model was judged on."""
        wanted = sa.select(judged.c.hand_id, judged.c.pose).where(
            judged.c.model_id == model_id, judged.c.hand_id.in_(listed(list(hand_ids)))
        )
        with self._store.reading() as connection:
            rows = connection.execute(wanted).all()
        uv, _depth = unpack_poses([row.pose for row in rows])
        return {int(row.hand_id): np.asarray(one) for row, one in zip(rows, uv, strict=True)}
