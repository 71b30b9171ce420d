"""The states of a dock beside its content: empty, loading and failed, each with the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from handstudio.ui.focus_keys import focus_first
from handstudio.ui.theme import Theme

_ICONS = {
    "empty": "mdi6.hand-back-right-outline",
    "loading": "mdi6.timer-sand",
    "failed": "mdi6.alert-outline",
}


class Notice(QWidget):
    """An icon, a sentence, and a button for what to do next."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name, self._failed = _ICONS["empty"], False
        self._do: Callable[[], object] | None = None
        self.icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.button = QPushButton()
        self.button.clicked.connect(self._pressed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self.icon)
        layout.addWidget(self.text)
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        theme.changed.connect(self._paint)
        self._paint()

    def say(
        self,
        text: str,
        *,
        icon: str = _ICONS["empty"],
        failed: bool = False,
        button: str = "",
        do: Callable[[], object] | None = None,
        tip: str = "",
    ) -> None:
        """Show a text and, where there is something to do, its button."""
        self._icon_name, self._failed, self._do = icon, failed, do
        self.text.setText(text)
        self.button.setText(button)
        self.button.setToolTip(tip)
        self.button.setVisible(bool(button))
        self._paint()

    def _paint(self) -> None:
        colour = self._theme.colour("error" if self._failed else "secondary")
        self.icon.setPixmap(
            self._theme.icon(self._icon_name, colour).pixmap(QSize(24, 24), self.devicePixelRatioF())
        )
        palette = self.text.palette()
        palette.setColor(
            self.text.foregroundRole(), self._theme.colour("text" if self._failed else "secondary")
        )
        self.text.setPalette(palette)

    def _pressed(self) -> None:
        if self._do is not None:
            self._do()


class Pages(QWidget):
    """A dock's content, or the notice in its place."""

    def __init__(self, content: QWidget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.notice = Notice(theme)
        self._layout = QStackedLayout(self)
        self._layout.addWidget(content)
        self._layout.addWidget(self.notice)
        self.state = "content"

    def show_content(self) -> None:
        """Show the content itself; it takes the keyboard over from what stood in its place, also behind a
        dialog."""
        self.state = "content"
        had_focus = self.window().focusWidget() in (self, self.notice.button)
        self._layout.setCurrentWidget(self.content)
        if had_focus:
            self.take_focus()

    def take_focus(self) -> None:
        """Give the keyboard to the content, once it is there, and till then to what stands in its place."""
        content = self.state == "content"
        if not focus_first(self.content if content else self.notice):
            (self.content if content else self).setFocus()

    def show_empty(self, text: str, action: QAction | None = None, icon: str = _ICONS["empty"]) -> None:
        """Say that there is nothing yet, and offer the action that changes it."""
        self._notice("empty", text, action, icon)

    def show_loading(self, text: str, action: QAction | None = None) -> None:
        """Say what is being waited for."""
        self._notice("loading", text, action, _ICONS["loading"])

    def show_failed(self, text: str, action: QAction | None = None) -> None:
        """Say what happened, where, and offer what to do."""
        self._notice("failed", text, action, _ICONS["failed"])

    def _notice(self, state: str, text: str, action: QAction | None, icon: str) -> None:
        self.state = state
        self.notice.say(
            text,
            icon=icon,
            failed=state == "failed",
            button=action.text().rstrip("…") if action is not None else "",
            do=action.trigger if action is not None else None,
            tip=action.toolTip() if action is not None else "",
        )
        self._layout.setCurrentWidget(self.notice)
