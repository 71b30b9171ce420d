"""Marks on frames: one word each, set and cleared by a key, and the way from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handstudio.project.mark_commands import SetMark
from handstudio.project.records import Change
from handstudio.review.filter_words import KINDS

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


class Marks:
    """What a reviewer says of a session's current frame in a word, such as ``blurred``.

    Attributes:
        word: by which :meth:`toggle` marks: the one that was used last.
    """

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self.word = KINDS[0]

    @property
    def current(self) -> str | None:
        """The mark of the current frame."""
        frame_id = self._session.frame_id
        return None if frame_id is None else self._session.project.frame(frame_id).mark

    def words(self) -> list[str]:
        """What a frame can be marked by: the kinds that are offered, then others that are in use."""
        return list(dict.fromkeys((*KINDS, *self._session.project.mark_words())))

    def toggle(self) -> Change | None:
        """Mark the current frame by the word that was used last; take the mark away where there is one."""
        return self.set(self.word if self.current is None else None)

    def set(self, word: str | None, frame_id: int | None = None) -> Change | None:
        """Mark a frame (the current one by default) by a word, in the place of any other; ``None`` takes the
        mark away."""
        session = self._session
        frame_id = session.frame_id if frame_id is None else frame_id
        if frame_id is None:
            session.message.emit("Open a frame before marking it")
            return None
        word = None if word is None else " ".join(word.split()).replace('"', "").replace(",", "")
        if not word:
            word = None
        frame = session.project.frame(frame_id)
        if word == frame.mark:
            return None
        change = session.apply(SetMark(frame_id, word))
        if change is not None and word is not None:
            self.word = word
        if change is not None:
            where = "" if frame_id == session.frame_id else f", frame {frame.index + 1}"
            session.message.emit(f"The mark is gone{where}" if word is None else f"Marked: {word}{where}")
        return change

    def step(self, step: int) -> bool:
        """Go to the next marked frame (the one before, when negative), around at the ends of the project."""
        session = self._session
        if session.sequence_id is None or session.frame_index is None:
            return False
        found = session.project.next_mark(session.sequence_id, session.frame_index, later=step > 0)
        if found is None:
            session.message.emit("No frame is marked yet")
            return False
        sequence_id, index, mark = found
        session.go_to_frame(sequence_id, index)
        session.message.emit(f"Marked: {mark}")
        return True
