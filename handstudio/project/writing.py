"""What machines write: sequences, hands they find, proposals. Never the label or state of a decided hand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import changes
from handstudio.project.packing import pack_poses, pose_bytes, split
from handstudio.project.prepared import Prepared
from handstudio.project.query import among, as_ids
from handstudio.project.records import (
    UNDECIDED,
    BoxSource,
    Change,
    FrameImport,
    HandImport,
    Ids,
    ProposalBatch,
    SequenceImport,
    State,
)
from handstudio.project.schema import counter, frame, hand, label, sequence
from handstudio.project.store import Store

_AT_ONCE: Final = 4096
"""Rows of one transaction, so that a decision of the window never waits long for a job."""

_FRAME_COLUMNS: Final = ("id", "sequence_id", "frame_index", "name", "width", "height", "problem")
_HAND_COLUMNS: Final = (
    *("id", "frame_id", "sequence_id", "frame_index", "track", "side"),
    *("box_x", "box_y", "box_width", "box_height", "box_source"),
    *("state", "has_label", "has_truth", "note", "removed"),
)
_PROPOSAL_COLUMNS: Final = (
    *("id", "hand_id", "run_id", "model_id", "pose", "visibility", "perturbed", "corrected"),
    *("c_stability", "c_plausibility", "created_at"),
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
_FRAMES_AT: Final = Prepared(
    sa.select(frame.c.frame_index, frame.c.id).where(
        frame.c.sequence_id == sa.bindparam("sequence_id"), among(frame.c.frame_index)
    )
)
_UNDECIDED_SQL: Final = ", ".join(f"'{state}'" for state in UNDECIDED)


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


class Writing:
    """The machines' writing half of a project."""

    _store: Store
    writer_token: str

    def add_sequence(self, what: SequenceImport) -> int:
        """Store a sequence with its frames, hands and truth; returns its id.

        Long sequences are stored in several transactions; ``frame_count`` grows with them, and a failure
        takes all of them back.
        """
        with self._store.writing() as connection:
            row = connection.execute(
                sequence.insert(),
                {
                    "name": what.name,
                    "kind": what.kind,
                    "path": str(what.path),
                    "view": what.view,
                    "recording": what.recording,
                    "subject": what.subject,
                    "fps": what.fps,
                    "camera": None if what.camera is None else json.dumps(dict(what.camera)),
                    "frame_count": 0,
                    "hold_out": what.hold_out,
                },
            ).inserted_primary_key
            assert row is not None
            sequence_id = int(row[0])
            self._note(connection, Change(sequences=frozenset({sequence_id}), title=f"Import {what.name}"))
        try:
            self.add_footage(sequence_id, what.frames, what.hands)
        except BaseException:
            self._take_back(sequence_id)
            raise
        return sequence_id

    def _take_back(self, sequence_id: int) -> None:
        with self._store.writing() as connection:
            for table in ("truth", "label", "proposal"):
                connection.exec_driver_sql(
                    f"DELETE FROM {table} WHERE hand_id IN (SELECT id FROM hand WHERE sequence_id = ?)",
                    (sequence_id,),
                )
            for statement in (
                hand.delete().where(hand.c.sequence_id == sequence_id),
                frame.delete().where(frame.c.sequence_id == sequence_id),
                sequence.delete().where(sequence.c.id == sequence_id),
            ):
                connection.execute(statement)
            self._note(connection, Change(sequences=frozenset({sequence_id})))

    def add_frames(self, sequence_id: int, frames: Sequence[FrameImport]) -> Ids:
        """Append frames to a sequence; returns their ids. What is there keeps its index."""
        return self.add_footage(sequence_id, frames, ())[0]

    def add_footage(
        self, sequence_id: int, frames: Sequence[FrameImport], hands: Sequence[HandImport]
    ) -> tuple[Ids, Ids]:
        """Append frames with the hands in them; returns the ids of both.

        A frame and its hands are stored by the same transaction: whatever ends the process, the next import
        takes a stored frame for known and would never add hands to it.

        Args:
            sequence_id: where to.
            frames: they come behind those that are there.
            hands: their ``frame_index`` counts from the first of ``frames``.
        """
        waiting: dict[int, list[HandImport]] = {}
        for new in hands:
            if not 0 <= new.frame_index < len(frames):
                raise HandStudioError(f"Sequence {sequence_id} has no frame {new.frame_index}")
            waiting.setdefault(new.frame_index, []).append(new)
        frame_ids: list[Ids] = []
        hand_ids: list[Ids] = []
        for start, end in _in_parts(len(frames), waiting):
            with self._store.writing() as connection:
                index = connection.execute(
                    sa.select(sequence.c.frame_count).where(sequence.c.id == sequence_id)
                ).scalar()
                if index is None:
                    raise HandStudioError(f"The project has no sequence {sequence_id}")
                ids = _put_frames(connection, sequence_id, index, frames[start:end])
                here = [
                    (replace(new, frame_index=index + place - start), int(ids[place - start]))
                    for place in range(start, end)
                    for new in waiting.get(place, ())
                ]
                hand_ids.append(_put_hands(connection, sequence_id, here))
                self._note(
                    connection,
                    Change(
                        frozenset(hand_ids[-1].tolist()),
                        frozenset(frame_id for _, frame_id in here),
                        frozenset({sequence_id}),
                    ),
                )
            frame_ids.append(ids)
        return _joined(frame_ids), _joined(hand_ids)

    def add_hands(self, sequence_id: int, hands: Sequence[HandImport]) -> Ids:
        """Store hands that a data set or a method found in a sequence's frames; returns their ids."""
        ids: list[Ids] = []
        for start in range(0, len(hands), _AT_ONCE):
            part = hands[start : start + _AT_ONCE]
            with self._store.writing() as connection:
                frame_ids = _frame_ids(connection, sequence_id, [new.frame_index for new in part])
                here = [(new, frame_ids[new.frame_index]) for new in part]
                new_ids = _put_hands(connection, sequence_id, here)
                self._note(
                    connection,
                    Change(
                        frozenset(new_ids.tolist()),
                        frozenset(frame_ids.values()),
                        frozenset({sequence_id}),
                    ),
                )
            ids.append(new_ids)
        return _joined(ids)

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
        for start in range(0, len(ids), _AT_ONCE):
            with self._store.writing() as connection:
                found = self._standing(connection, ids[start : start + _AT_ONCE])
                rows = [
                    (*place, source, hand_id)
                    for hand_id, place in zip(
                        ids[start : start + _AT_ONCE].tolist(),
                        places[start : start + _AT_ONCE].tolist(),
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
                self._note(connection, _touching(found, these, ""))
            moved.extend(these)
        return np.array(moved, dtype=np.int64)

    def set_frame_problem(self, frame_id: int, problem: str | None) -> None:
        """Mark a frame as one that cannot be read, with the reason, or as readable again."""
        with self._store.writing() as connection:
            connection.execute(frame.update().where(frame.c.id == frame_id).values(problem=problem))
            self._note(connection, Change(frames=frozenset({frame_id})))

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
        for start in range(0, len(table.ids), _AT_ONCE):
            rows = np.arange(start, min(start + _AT_ONCE, len(table.ids)))
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
        now = time.time()
        proposals, hands = [], []
        for place, row in enumerate(kept):
            stability, plausibility = table.stability[row], table.plausibility[row]
            proposals.append(
                (
                    *(first + place, ids[place], run_id, model_id, table.pose[row], table.visibility[row]),
                    None if table.perturbed is None else table.perturbed[row],
                    *(table.corrected[row], stability, plausibility, now),
                )
            )
            hands.append(
                (
                    *(first + place, stability, plausibility, stability + plausibility),
                    *(table.shift[row], ids[place]),
                )
            )
        connection.exec_driver_sql(_insert("proposal", _PROPOSAL_COLUMNS), proposals)
        connection.exec_driver_sql(
            "UPDATE hand SET proposal_id = ?, c_stability = ?, c_plausibility = ?, confidence = ?, "
            "correction_px = ?, state = CASE state WHEN 'none' THEN 'proposed' ELSE state END WHERE id = ?",
            hands,
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
        self._note(connection, _touching(found, ids, "Propose"))
        return ids

    def _standing(self, connection: sa.Connection, ids: Ids) -> dict[int, Any]:
        """The hands of these ids that are not removed, with what a machine must know before it writes."""
        rows = _STANDING.all(connection, **as_ids(ids))
        return {row.id: row for row in rows}

    def _note(self, connection: sa.Connection, what: Change) -> None:
        changes.note(connection, self.writer_token, what)


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
        columns = (uv, depth, corrected_uv, corrected_depth, stability, plausibility)
        self.finite = np.ones(count, dtype=bool)
        for column in columns:
            self.finite &= np.isfinite(column).reshape(count, -1).all(axis=1)
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
        self.stability: list[float] = stability.tolist()
        self.plausibility: list[float] = plausibility.tolist()
        self.shift: list[float] = shift.tolist()


def _touching(found: dict[int, Any], ids: list[int], title: str) -> Change:
    return Change(
        frozenset(ids),
        frozenset(found[hand_id].frame_id for hand_id in ids),
        frozenset(found[hand_id].sequence_id for hand_id in ids),
        title=title,
    )


def _in_parts(count: int, hands: Mapping[int, Sequence[HandImport]]) -> Iterator[tuple[int, int]]:
    """Stretches of frames, each small enough for one transaction with the hands in it."""
    start = held = 0
    for place in range(count):
        held += len(hands.get(place, ()))
        if held >= _AT_ONCE or place + 1 - start >= _AT_ONCE * 4:
            yield start, place + 1
            start, held = place + 1, 0
    if start < count:
        yield start, count


def _put_frames(
    connection: sa.Connection, sequence_id: int, index: int, frames: Sequence[FrameImport]
) -> Ids:
    """Append frames from ``index`` on, inside a transaction; returns their ids."""
    first = _next_id(connection, frame)
    rows = [
        (first + place, sequence_id, index + place, new.name, new.width, new.height, new.problem)
        for place, new in enumerate(frames)
    ]
    connection.exec_driver_sql(_insert("frame", _FRAME_COLUMNS), rows)
    connection.execute(
        sequence.update().where(sequence.c.id == sequence_id).values(frame_count=index + len(frames))
    )
    return np.arange(first, first + len(frames), dtype=np.int64)


def _put_hands(connection: sa.Connection, sequence_id: int, hands: Sequence[tuple[HandImport, int]]) -> Ids:
    """Add hands, each with the id of its frame, inside a transaction; returns their ids."""
    if not hands:
        return np.empty(0, dtype=np.int64)
    first = _next_id(connection, hand)
    rows, truths = [], []
    for place, (new, frame_id) in enumerate(hands):
        hand_id, box = first + place, new.box
        rows.append(
            (
                *(hand_id, frame_id, sequence_id, new.frame_index, new.track),
                *(new.side, box.x, box.y, box.width, box.height, new.box_source),
                *(str(State.NONE), False, new.truth is not None, "", False),
            )
        )
        if new.truth is not None:
            truths.append((hand_id, *pose_bytes(new.truth), _points(new.truth_xyz_mm)))
    connection.exec_driver_sql(_insert("hand", _HAND_COLUMNS), rows)
    if truths:
        connection.exec_driver_sql(_insert("truth", ("hand_id", "pose", "visibility", "xyz_mm")), truths)
    return np.arange(first, first + len(hands), dtype=np.int64)


def _joined(parts: list[Ids]) -> Ids:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _points(xyz_mm: Any) -> bytes | None:
    if xyz_mm is None:
        return None
    return np.asarray(xyz_mm, dtype="<f4").reshape(JOINT_COUNT, 3).tobytes()


def _next_id(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0) + 1


def _take_ids(connection: sa.Connection, name: str, number: int) -> int:
    """Reserve ids that were never used, not even by rows that are gone; returns the first."""
    last = connection.execute(sa.select(counter.c.value).where(counter.c.name == name)).scalar_one()
    connection.execute(counter.update().where(counter.c.name == name).values(value=last + number))
    return int(last) + 1


def _frame_ids(connection: sa.Connection, sequence_id: int, indices: list[int]) -> dict[int, int]:
    rows = _FRAMES_AT.all(connection, sequence_id=sequence_id, **as_ids(sorted(set(indices))))
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    missing = set(indices) - found.keys()
    if missing:
        raise HandStudioError(f"Sequence {sequence_id} has no frame {min(missing)}")
    return found
