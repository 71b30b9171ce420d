"""Which of the model's maps lies over the hand: a menu beside the layers' switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions
    from handstudio.ui.maps.source import ModelMaps
    from handstudio.ui.theme import Theme


class MapMenuButton(QToolButton):
    """Lists the maps by the names that their method gives them; choosing one switches the layer on.

    What a model shows is known once it was asked about a hand: opening the menu asks.
    """

    def __init__(
        self,
        session: ReviewSession,
        maps: ModelMaps,
        actions: Actions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._maps, self._actions, self._theme = session, maps, actions, theme
        self.setAccessibleName("Which map lies over the hand")
        self.setToolTip("Which map of the model lies over the hand")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(16, 16))
        self.setProperty("plain", True)
        self.list = QMenu(self)
        self.setMenu(self.list)
        self.list.aboutToShow.connect(self._fill)
        maps.ready.connect(self._refill)
        theme.changed.connect(self._paint)
        self._paint()

    def _paint(self) -> None:
        self.setIcon(self._theme.icon("mdi6.chevron-down", self._theme.colour("secondary")))

    def _refill(self, *_told: object) -> None:
        if self.list.isVisible():
            self._fill()

    def _fill(self) -> None:
        self.list.clear()
        hand_id = self._session.hand_id
        if hand_id is not None and self._maps.can_ask:
            self._maps.of(hand_id)
        offered = self._maps.offered
        if offered:
            group = QActionGroup(self.list)
            for name in offered:
                action = QAction(name[:1].upper() + name[1:], group, checkable=True)
                action.setChecked(name == self._maps.chosen and self._actions["layer_map"].isChecked())
                action.triggered.connect(lambda _on, name=name: self._choose(name))
                self.list.addAction(action)
        else:
            self.list.addAction(self._why_not()).setEnabled(False)
        self.list.addSeparator()
        for name in ("next_map", "show_maps"):
            self.list.addAction(self._actions[name])

    def _why_not(self) -> str:
        if self._maps.offered is not None:
            return f"{self._maps.method} shows no maps of a hand"
        if not self._maps.can_ask:
            return "A window for reading only asks no model"
        if self._session.hand_id is None:
            return "Select a hand: the model is asked about it"
        return "Asking the model which maps it shows…"

    def _choose(self, name: str) -> None:
        self._maps.choose(name)
        self._actions["layer_map"].setChecked(True)
