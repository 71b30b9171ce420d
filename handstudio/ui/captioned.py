"""A figure with its caption beside it: a screen reader says both."""

from __future__ import annotations

from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QWidget

NOTHING = "—"
"""What stands where nothing is known."""


class CaptionedLabel(QLabel):
    """A label whose text means nothing without the caption that stands elsewhere.

    A name for screen readers takes the place of a label's text, so it has to hold the text as well.

    Args:
        caption: what the text is; longer than what is seen, where that helps.
    """

    def __init__(self, caption: str, text: str = NOTHING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = caption
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text, and let it be spoken behind the caption."""
        super().setText(text)
        self.setAccessibleName(spoken(self.caption, text))


def spoken(caption: str, text: str) -> str:
    """What is said of a captioned value, which may be rich text."""
    plain = QTextDocumentFragment.fromHtml(text).toPlainText() if "<" in text else text
    return f"{caption}: {'none' if plain == NOTHING else plain}" if plain else caption
