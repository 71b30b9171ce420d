"""What an import writes: sequences, their frames, and the hands that a data set or a method finds in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import changes
from handstudio.project.bulk import AT_ONCE, insertion
from handstudio.project.packing import pose_bytes
from handstudio.project.prepared import Prepared
from handstudio.project.query import among, as_ids
from handstudio.project.records import Change, FrameImport, HandImport, Ids, SequenceImport, State
from handstudio.project.schema import frame, hand, sequence
from handstudio.project.store import Store

_FRAME_COLUMNS: Final = ("id", "sequence_id", "frame_index", "name", "width", "height", "problem")
_HAND_COLUMNS: Final = (
    *("id", "frame_id", "sequence_id", "frame_index", "track", "side"),
    *("box_x", "box_y", "box_width", "box_height", "box_source"),
    *("state", "has_label", "has_truth", "note", "removed"),
)
_FRAMES_AT: Final = Prepared(
    sa.select(frame.c.frame_index, frame.c.id).where(
        frame.c.sequence_id == sa.bindparam("sequence_id"), among(frame.c.frame_index)
    )
)


class Footage:
    """The importing half of what machines write."""

    _store: Store
    writer_token: str

    def add_sequence(self, what: SequenceImport) -> int:
        """Store a sequence with its frames, hands and truth; returns its id.

        Long sequences are stored in several transactions, and ``frame_count`` grows with them. What is
        stored stays when a later part fails: people may have decided on its hands meanwhile, and
        :meth:`add_footage` goes on behind it.
        """
        waiting = _by_frame(what.hands, len(what.frames), what.name)
        parts = list(_in_parts(len(what.frames), waiting))
        with self._store.writing() as connection:
            sequence_id = _put_sequence(connection, what)
            changes.note(
                connection,
                self.writer_token,
                Change(sequences=frozenset({sequence_id}), title=f"Import {what.name}"),
            )
            if parts:
                self._put_part(connection, sequence_id, what.frames, waiting, parts[0])
        for part in parts[1:]:
            with self._store.writing() as connection:
                self._put_part(connection, sequence_id, what.frames, waiting, part)
        return sequence_id

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
        waiting = _by_frame(hands, len(frames), f"Sequence {sequence_id}")
        ids: list[tuple[Ids, Ids]] = []
        for part in _in_parts(len(frames), waiting):
            with self._store.writing() as connection:
                ids.append(self._put_part(connection, sequence_id, frames, waiting, part))
        return _joined([part[0] for part in ids]), _joined([part[1] for part in ids])

    def _put_part(
        self,
        connection: sa.Connection,
        sequence_id: int,
        frames: Sequence[FrameImport],
        hands: Mapping[int, Sequence[HandImport]],
        part: tuple[int, int],
    ) -> tuple[Ids, Ids]:
        """Append a stretch of frames with their hands, inside a transaction; returns the ids of both."""
        start, end = part
        index = connection.execute(
            sa.select(sequence.c.frame_count).where(sequence.c.id == sequence_id)
        ).scalar()
        if index is None:
            raise HandStudioError(f"The project has no sequence {sequence_id}")
        frame_ids = _put_frames(connection, sequence_id, index, frames[start:end])
        here = [
            (replace(new, frame_index=index + place - start), int(frame_ids[place - start]))
            for place in range(start, end)
            for new in hands.get(place, ())
        ]
        hand_ids = _put_hands(connection, sequence_id, here)
        changed = Change(
            frozenset(hand_ids.tolist()),
            frozenset(frame_id for _, frame_id in here),
            frozenset({sequence_id}),
        )
        changes.note(connection, self.writer_token, changed)
        return frame_ids, hand_ids

    def add_hands(self, sequence_id: int, hands: Sequence[HandImport]) -> Ids:
        """Store hands that a data set or a method found in a sequence's frames; returns their ids."""
        ids: list[Ids] = []
        for start in range(0, len(hands), AT_ONCE):
            part = hands[start : start + AT_ONCE]
            with self._store.writing() as connection:
                frame_ids = _frame_ids(connection, sequence_id, [new.frame_index for new in part])
                here = [(new, frame_ids[new.frame_index]) for new in part]
                new_ids = _put_hands(connection, sequence_id, here)
                changes.note(
                    connection,
                    self.writer_token,
                    Change(
                        frozenset(new_ids.tolist()),
                        frozenset(frame_ids.values()),
                        frozenset({sequence_id}),
                    ),
                )
            ids.append(new_ids)
        return _joined(ids)

    def set_frame_problem(self, frame_id: int, problem: str | None) -> None:
        """Mark a frame as one that cannot be read, with the reason, or as readable again."""
        with self._store.writing() as connection:
            connection.execute(frame.update().where(frame.c.id == frame_id).values(problem=problem))
            changes.note(connection, self.writer_token, Change(frames=frozenset({frame_id})))

    def relink(self, sequence_id: int, path: str) -> None:
        """Let a sequence's footage lie elsewhere; its frames, hands and decisions stay as they are."""
        with self._store.writing() as connection:
            connection.execute(sequence.update().where(sequence.c.id == sequence_id).values(path=path))
            changes.note(connection, self.writer_token, Change(sequences=frozenset({sequence_id})))


def _by_frame(hands: Sequence[HandImport], frames: int, where: str) -> dict[int, list[HandImport]]:
    """Hands by the index of their frame, which must be one of so many ``frames``."""
    found: dict[int, list[HandImport]] = {}
    for new in hands:
        if not 0 <= new.frame_index < frames:
            raise HandStudioError(f"{where} has no frame {new.frame_index}")
        found.setdefault(new.frame_index, []).append(new)
    return found


def _in_parts(count: int, hands: Mapping[int, Sequence[HandImport]]) -> Iterator[tuple[int, int]]:
    """Stretches of frames, each small enough for one transaction with the hands in it."""
    start = held = 0
    for place in range(count):
        held += len(hands.get(place, ()))
        if held >= AT_ONCE or place + 1 - start >= AT_ONCE * 4:
            yield start, place + 1
            start, held = place + 1, 0
    if start < count:
        yield start, count


def _put_sequence(connection: sa.Connection, what: SequenceImport) -> int:
    """Add a sequence without its frames, inside a transaction; returns its id."""
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
    return int(row[0])


def _put_frames(
    connection: sa.Connection, sequence_id: int, index: int, frames: Sequence[FrameImport]
) -> Ids:
    """Append frames from ``index`` on, inside a transaction; returns their ids."""
    first = _next_id(connection, frame)
    rows = [
        (first + place, sequence_id, index + place, new.name, new.width, new.height, new.problem)
        for place, new in enumerate(frames)
    ]
    connection.exec_driver_sql(insertion("frame", _FRAME_COLUMNS), rows)
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
    connection.exec_driver_sql(insertion("hand", _HAND_COLUMNS), rows)
    if truths:
        connection.exec_driver_sql(insertion("truth", ("hand_id", "pose", "visibility", "xyz_mm")), truths)
    return np.arange(first, first + len(hands), dtype=np.int64)


def _points(xyz_mm: Any) -> bytes | None:
    if xyz_mm is None:
        return None
    return np.asarray(xyz_mm, dtype="<f4").reshape(JOINT_COUNT, 3).tobytes()


def _next_id(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0) + 1


def _frame_ids(connection: sa.Connection, sequence_id: int, indices: list[int]) -> dict[int, int]:
    rows = _FRAMES_AT.all(connection, sequence_id=sequence_id, **as_ids(sorted(set(indices))))
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    missing = set(indices) - found.keys()
    if missing:
        raise HandStudioError(f"Sequence {sequence_id} has no frame {min(missing)}")
    return found


def _joined(parts: list[Ids]) -> Ids:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
