"""How many hands are in each state, and verified, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from handstudio.project.records import State
from handstudio.ui.captioned import CaptionedLabel
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme


_FEW = 2


class StateCounts(QWidget):
    """A state's icon and its number, for each state that occurs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: dict[State, tuple[QLabel, QLabel]] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(4)
        for state in State:
            title = theme.state(state).title
            icon, number = QLabel(), CaptionedLabel(title, "")
            number.setFont(tabular(number.font()))
            for label in (icon, number):
                label.setToolTip(title)
            self._labels[state] = icon, number
            self._row.addWidget(icon)
            self._row.addWidget(number)
            self._row.addSpacing(4)
        self._verified = QLabel(), CaptionedLabel("Verified", "")
        for label in self._verified:
            label.setToolTip("Verified by a second person")
            self._row.addWidget(label)
        self._verified[1].setFont(tabular(self._verified[1].font()))
        self._row.addStretch(1)
        self.show_counts({})
        self.restyle()

    def show_counts(self, counts: Mapping[State, int], verified: int = 0) -> None:
        """Show these numbers; states without a hand are left out."""
        self._verified[1].setText(f"{verified:,}".replace(",", "\u202f"))
        for label in self._verified:
            label.setVisible(verified > 0)
        present = [state for state in self._labels if counts.get(state, 0) > 0]
        for state, (icon, number) in self._labels.items():
            count = counts.get(state, 0)
            number.setText(f"{count:,}".replace(",", "\u202f"))
            if len(present) <= _FEW:  # there is room to say what the icon means
                number.setText(f"{number.text()} {self._theme.state(state).title.lower()}")
            icon.setVisible(count > 0)
            number.setVisible(count > 0)

    def restyle(self) -> None:
        """Take the colours in force."""
        seen = self._theme.icon("mdi6.check-decagram", self._theme.colour("secondary"))
        self._verified[0].setPixmap(seen.pixmap(QSize(14, 14), self.devicePixelRatioF()))
        for state, (icon, _) in self._labels.items():
            icon.setPixmap(self._theme.state_icon(state).pixmap(QSize(14, 14), self.devicePixelRatioF()))
