"""A line over the canvas that says one thing and goes when it is closed; never modal."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from handstudio.ui.theme import Theme


class Banner(QFrame):
    """An icon, a few sentences, and a cross."""

    dismissed = Signal(str)
    """The name under which the banner was shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.theme = theme
        self.name = ""
        self._icon_name = "mdi6.information-outline"
        self.icon = QLabel()
        self.text = QLabel(wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setContentsMargins(0, 2, 0, 2)  # its first line beside the middle of the icon
        self.cross = QToolButton()
        self.cross.setIconSize(QSize(16, 16))
        self.cross.setToolTip("Close")
        self.cross.setAccessibleName("Close this message")
        self.cross.clicked.connect(self._dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._paint)
        self.hide()

    def say(self, name: str, text: str, icon: str = "mdi6.information-outline") -> None:
        """Show ``text`` (rich text) until it is closed or something else is said."""
        self.name, self._icon_name = name, icon
        self.text.setText(text)
        self._paint()
        self.show()

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit(self.name)

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        accent = self.theme.icon(self._icon_name, self.theme.colour("accent"))
        self.icon.setPixmap(accent.pixmap(QSize(20, 20), ratio))
        self.cross.setIcon(self.theme.icon("mdi6.close", self.theme.colour("secondary")))
