"""A sentence with an icon before it, as often as there is something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme

ICONS: Final = {
    "good": "mdi6.shield-check-outline",
    "refused": "mdi6.shield-off-outline",
    "warning": "mdi6.alert-outline",
    "plain": "mdi6.information-outline",
}
_COLOURS: Final = {"good": "good", "refused": "secondary", "warning": "warning", "plain": "secondary"}


class Saying(QWidget):
    """One sentence of a kind: ``good``, ``refused``, ``warning`` or ``plain``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.kind = theme, "plain"
        self.icon, self.text = QLabel(), QLabel()
        self.icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)

    def say(self, kind: str, text: str) -> None:
        """Show a sentence; nothing where it is empty."""
        self.kind = kind
        self.text.setText(text)
        self.setVisible(bool(text))
        self.restyle()

    def restyle(self) -> None:
        """Take the colours in force."""
        side = max(16, self.fontMetrics().height())
        icon = self._theme.icon(ICONS[self.kind], self._theme.colour(_COLOURS[self.kind]))
        self.icon.setPixmap(icon.pixmap(QSize(side, side), self.devicePixelRatioF()))


class Sayings(QWidget):
    """Several warnings below each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: list[Saying] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def say(self, texts: list[str]) -> None:
        """Show these warnings and no others."""
        while len(self.lines) < len(texts):
            self.lines.append(Saying(self._theme))
            self._column.addWidget(self.lines[-1])
        for number, line in enumerate(self.lines):
            line.say("warning", texts[number] if number < len(texts) else "")
        self.setVisible(bool(texts))

    def restyle(self) -> None:
        """Take the colours in force."""
        for line in self.lines:
            line.restyle()
