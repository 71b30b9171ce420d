"""Marks on frames by keys: by the word that was used last, or by one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QInputDialog, QWidget

    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions

KEY: Final = "review/mark"


class Remarks:
    """Asks by what a frame is to be marked, and remembers it for the key that marks at once.

    Args:
        session: whose current frame it is.
        actions, settings: of the window.
        window: over which it is asked.
        decides: makes of a slot what is done while no frames go by.
    """

    def __init__(
        self,
        session: ReviewSession,
        actions: Actions,
        settings: QSettings,
        window: QWidget,
        decides: Callable[[Callable[[], object]], Callable[[], None]],
    ) -> None:
        self._session, self._settings, self._window = session, settings, window
        session.marks.word = str(settings.value(KEY, session.marks.word))
        actions.on("mark_as", decides(self.ask))

    def ask(self) -> QInputDialog | None:
        """Have the mark of the current frame chosen, wherever one goes meanwhile."""
        marks, frame_id = self._session.marks, self._session.frame_id
        if frame_id is None:
            return None
        from handstudio.ui.asking_words import ask_word

        now = marks.current or marks.word

        def mark(word: str) -> None:
            marks.set(word or None, frame_id)
            self._settings.setValue(KEY, marks.word)

        title = f"Mark frame {self._session.frame_index + 1}"
        label = "A kind, or a word of your own; left empty, the frame loses its mark:"
        return ask_word(self._window, title, label, marks.words(), now, mark)
