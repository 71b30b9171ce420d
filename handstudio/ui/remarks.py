"""Marks on frames by keys: by the word that was used last, or by one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QInputDialog, QWidget

    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions

KEY: Final = "review/mark"


class Remarks:
    """Asks by what a frame is to be marked, and remembers it for the key that marks at once."""

    def __init__(
        self, session: ReviewSession, actions: Actions, settings: QSettings, window: QWidget
    ) -> None:
        self._session, self._settings, self._window = session, settings, window
        session.marks.word = str(settings.value(KEY, session.marks.word))
        actions.on("mark_as", self.ask)

    def ask(self) -> QInputDialog | None:
        """Have the mark of the current frame chosen."""
        marks = self._session.marks
        if self._session.frame_id is None:
            return None
        from handstudio.ui.asking_words import ask_word

        now = marks.current or marks.word
        label = "Mark this frame as (a kind, or a word of your own; nothing takes the mark away):"
        return ask_word(self._window, "Mark the frame", label, marks.words(), now, self._mark)

    def _mark(self, word: str) -> None:
        self._session.marks.set(word or None)
        self._settings.setValue(KEY, self._session.marks.word)
