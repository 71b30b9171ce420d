"""A label that is cut where there is no room, so that a window can be narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """A label that ends in an ellipsis where there is no room, and gives way to its neighbours.

    Args:
        wants_room: whether it asks for the width of its text; otherwise it takes what is left over.
    """

    def __init__(self, wants_room: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = ""
        policy = QSizePolicy.Policy.Preferred if wants_room else QSizePolicy.Policy.Ignored
        self.setSizePolicy(policy, QSizePolicy.Policy.Preferred)

    def set_full_text(self, text: str) -> None:
        """The whole text; where it is cut, the tooltip says it."""
        if text != self.text():
            self.setText(text)
            self._say_what_is_cut()

    @property
    def full_text(self) -> str:
        """The whole text, also what is cut."""
        return self.text()

    @property
    def is_cut(self) -> bool:
        """Whether there is no room for all of it."""
        return self._elided() != self.text()

    def minimumSizeHint(self) -> QSize:
        """A few letters and the ellipsis."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("abc…")), hint.height())

    def resizeEvent(self, event) -> None:  # noqa: ANN001
        super().resizeEvent(event)
        self._say_what_is_cut()

    def setToolTip(self, text: str) -> None:
        """What it is about; where the text is cut, all of it comes first."""
        self._tip = text
        self._say_what_is_cut()

    def _say_what_is_cut(self) -> None:
        parts = (self.text() if self.is_cut else "", self._tip)
        super().setToolTip("\n".join(part for part in parts if part))

    def paintEvent(self, event) -> None:  # noqa: ANN001
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), self._elided())
        painter.end()

    def _elided(self) -> str:
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
