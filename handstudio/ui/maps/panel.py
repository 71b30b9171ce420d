"""The maps dock: the current hand as the model saw it, beside all maps that the model shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QAction, QImage, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from handstudio.ui.elided import ElidedLabel
from handstudio.ui.listening import Listener
from handstudio.ui.maps.colouring import coloured
from handstudio.ui.maps.tiles import Tile, Tiles
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import dock_of, in_front

if TYPE_CHECKING:
    import numpy as np

    from handstudio.jobs.hand_maps import HandMaps
    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

SAID_AFTER_MS = 300
"""An answer that takes longer than this is said to be waited for."""


class MapsPanel(QWidget):
    """Crop and maps side by side. Nothing is asked of the model while nobody sees the dock."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert services.maps is not None
        self._session, self._services, self._maps = session, services, services.maps
        self._stale = True
        self.tiles = Tiles(services.theme)
        self.caption = ElidedLabel()
        self.caption.setProperty("secondary", True)
        self.caption.setContentsMargins(8, 4, 8, 0)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addWidget(self.tiles, 1)
        self.pages = Pages(content, services.theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.again = QAction("Ask again", self)
        self.again.setToolTip("Ask the model about this hand again")
        self.again.triggered.connect(self.refresh)
        self._late = QTimer(self, singleShot=True, interval=SAID_AFTER_MS)
        self._late.timeout.connect(self._say_waiting)
        self._seen = QTimer(self, singleShot=True, interval=0)
        self._seen.timeout.connect(self._catch_up)
        self._connect()

    def _connect(self) -> None:
        self._listener = Listener(self._session, self._services)
        self._listener.on("hand_changed", lambda _hand: self.refresh())
        self._listener.on("changed", self._changed)
        self._maps.ready.connect(self._ready)
        self._maps.chosen_changed.connect(self._mark_chosen)
        self._services.actions["layer_map"].toggled.connect(self._mark_chosen)
        self._services.theme.changed.connect(self.update)

    def shutdown(self) -> None:
        """Stop listening and timing."""
        self._listener.close()
        self._late.stop()
        self._seen.stop()

    @property
    def waiting(self) -> bool:
        """Whether the maps of the current hand are still to come."""
        return self._late.isActive() or self.pages.state == "loading"

    def refresh(self) -> None:
        """Show the maps of the session's hand."""
        if not in_front(self):
            self._stale = True
            return
        self._stale = False
        self._late.stop()
        hand_id = self._session.hand_id
        if hand_id is None:
            self.pages.show_empty("No hand is selected.", self._services.actions["draw_box"])
        elif not self._maps.can_ask:
            self.pages.show_empty("A window for reading only asks no model what it sees.")
        elif (answer := self._maps.of(hand_id)) is None:
            self._wait()
        elif not answer.maps:
            self.pages.show_empty(self._nothing_to_show(answer.method), icon="mdi6.view-grid-outline")
        else:
            self._show(answer)

    def changeEvent(self, event: QEvent) -> None:
        """In a dock, what is seen changes with its tabs as well."""
        super().changeEvent(event)
        dock = dock_of(self) if event.type() == QEvent.Type.ParentChange else None
        if dock is not None:
            dock.visibilityChanged.connect(lambda _visible: self._seen.start())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self._seen.start()

    def _catch_up(self) -> None:
        if self._stale:
            self.refresh()

    def _show(self, answer: HandMaps) -> None:
        first, *others = self.tiles.make(1 + len(answer.maps))
        first.show_picture("RGB", image_of(answer.crop))
        for tile, one in zip(others, answer.maps, strict=True):
            if tile.receivers("2clicked(bool)") == 0:
                tile.clicked.connect(lambda _on, tile=tile: self._pressed(tile))
            tile.show_picture(one.name, coloured(one), one)
        self.caption.set_full_text(f"What {answer.method} sees of this hand")
        self._mark_chosen()
        self.pages.show_content()

    def _wait(self) -> None:
        """Another hand's maps must not stand for this one's."""
        for tile in self.tiles.tiles:
            tile.forget()
        if self.pages.state == "content" and self.tiles.tiles:
            self._late.start()
        else:
            self._say_waiting()

    def _say_waiting(self) -> None:
        self.pages.show_loading("Asking the model what it sees of this hand")

    def _nothing_to_show(self, method: str) -> str:
        actions = self._services.actions
        mask, heat = (actions[f"layer_{name}"].shortcut().toString() for name in ("mask", "heatmap"))
        return (
            f"{method} shows no maps of a hand. "
            f"The mask ({mask}) and a joint's heatmap ({heat}) are layers of the frame."
        )

    def _ready(self, hand_id: int, problem: str) -> None:
        if hand_id != self._session.hand_id or not in_front(self):
            return
        if problem and not self._maps.has(hand_id):
            self._late.stop()
            self.pages.show_failed(problem, self.again)
        else:
            self.refresh()

    def _changed(self, change: Change) -> None:
        if change.models or change.everything or self._session.hand_id in change.hands:
            self.refresh()

    def _pressed(self, tile: Tile) -> None:
        if tile.one is not None:
            layer = self._services.actions["layer_map"]
            again = layer.isChecked() and tile.one.name == self._maps.chosen
            self._maps.choose(tile.one.name)
            layer.setChecked(not again)
            self._mark_chosen()

    def _mark_chosen(self, *_told: object) -> None:
        """The map that lies over the frame has a border."""
        on, chosen = self._services.actions["layer_map"].isChecked(), self._maps.chosen
        for tile in self.tiles.tiles:
            if tile.one is not None:
                tile.setChecked(on and tile.one.name == chosen)


def image_of(rgb: np.ndarray) -> QImage:
    """A picture (H, W, 3) uint8 that keeps its own pixels."""
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
