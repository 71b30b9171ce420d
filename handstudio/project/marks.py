"""Frames that people marked: which, and the next one. All of it is read from one small index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from handstudio.project.query import among, as_ids
from handstudio.project.schema import frame
from handstudio.project.store import Store

_MARKED: Final = sa.text("frame.mark IS NOT NULL")
_PLACE: Final = (frame.c.sequence_id, frame.c.frame_index)


class Marks:
    """The reading of marks; setting one is a command (:class:`handstudio.project.mark_commands.SetMark`)."""

    _store: Store

    def marks(self, sequence_id: int) -> dict[int, str]:
        """The marks of a sequence by the index of their frame, in order."""
        wanted = sa.select(frame.c.frame_index, frame.c.mark).where(
            _MARKED, frame.c.sequence_id == sequence_id
        )
        with self._store.reading() as connection:
            rows = connection.execute(wanted.order_by(frame.c.frame_index)).all()
        return {row[0]: row[1] for row in rows}

    def marks_of_frames(self, frame_ids: Iterable[int]) -> dict[int, str]:
        """The marks of some frames by their ids; frames without one are left out."""
        wanted = sa.select(frame.c.id, frame.c.mark).where(among(frame.c.id), frame.c.mark.is_not(None))
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted, as_ids(frame_ids)).all()}

    def mark_words(self) -> list[str]:
        """The words that frames are marked by, each once."""
        used = sa.select(frame.c.mark).where(_MARKED).distinct()
        with self._store.reading() as connection:
            return sorted(connection.execute(used).scalars())

    def next_mark(self, sequence_id: int, index: int, later: bool = True) -> tuple[int, int, str] | None:
        """The nearest marked frame behind a place (or before it), from the other end of the project again.

        Returns:
            its sequence, its index there, and its mark; ``None`` when no frame is marked.
        """
        here = sa.tuple_(sa.literal(sequence_id), sa.literal(index))
        order = [column if later else column.desc() for column in _PLACE]
        marked = sa.select(*_PLACE, frame.c.mark).where(_MARKED).order_by(*order).limit(1)
        beyond = sa.tuple_(*_PLACE) > here if later else sa.tuple_(*_PLACE) < here
        with self._store.reading() as connection:
            row = connection.execute(marked.where(beyond)).first() or connection.execute(marked).first()
        return None if row is None else (row[0], row[1], row[2])
