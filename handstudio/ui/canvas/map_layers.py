"""The layers that are maps over the current hand: shown when they can be had, and why not where not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from handstudio.media.source import Frame
    from handstudio.review.session import ReviewSession
    from handstudio.ui.canvas.hands import FrameHands
    from handstudio.ui.canvas.legend import MapLegend
    from handstudio.ui.services import Services

MAPS = frozenset({"heatmap", "map"})
"""The layers that are maps."""


class MapLayers(QObject):
    """Prepares the wanted maps of the current hand, and the legend of the model's.

    Args:
        hands: of the canvas.
        legend: of the model's map.
        frame: gives the frame that is shown.
        session: whose hand.
        services: actions and, where it can be asked, the model.
    """

    def __init__(
        self,
        hands: FrameHands,
        legend: MapLegend,
        frame: Callable[[], Frame | None],
        session: ReviewSession,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._hands, self._legend, self._frame = hands, legend, frame
        self._session, self._services = session, services
        self.moved: Callable[[], object] = lambda: None
        """Called when the legend has come or changed its size."""
        actions = services.actions
        hands.heatmaps.ready.connect(lambda hand_id, problem: self._ready("Heatmap", hand_id, problem))
        hands.maps.ready.connect(self._map_ready)
        hands.maps.chosen_changed.connect(self.show)
        actions.on("next_map", self._next_map)

    def wanted(self) -> frozenset[str]:
        """The maps whose layers are to be seen."""
        actions = self._services.actions
        if actions["hide_overlays"].isChecked():
            return frozenset()
        return frozenset(name for name in MAPS if actions[f"layer_{name}"].isChecked())

    def show(self) -> None:
        """Prepare what is wanted of the current hand."""
        wanted = self.wanted()
        self._hands.show_maps(self._frame(), wanted)
        shown = self._hands.map_shown if "map" in wanted else None
        if shown is not self._legend.one:
            self._legend.show_map(shown)
            self.moved()

    def show_anew(self) -> None:
        """What can be had is other than before."""
        self._hands.forget_maps()
        self.show()

    def say_missing(self, name: str) -> None:
        """Why a layer that was switched on shows nothing."""
        hand = self._hands.current
        if hand is None or name not in self.wanted() or name in hand.maps:
            return
        say, read_only = self._session.message.emit, self._services.worker is None
        if name == "heatmap" and not self._session.joints:
            say("Heatmap: select a joint to see where the model looks for it")
        elif read_only and name == "heatmap":
            say("Heatmap: a window for reading only asks no model")
        elif not self._hands.maps.can_ask and name == "map":
            say("Map: a window for reading only asks no model")
        elif name == "map" and self._hands.maps.offered == ():
            say(f"Map: {self._hands.maps.method} shows no maps of a hand")

    def _next_map(self) -> None:
        """Switch the layer on first, where it is off."""
        action = self._services.actions["layer_map"]
        if action.isChecked():
            self._hands.maps.choose_next()
        else:
            action.setChecked(True)

    def _map_ready(self, hand_id: int, problem: str) -> None:
        if "map" in self.wanted():
            self._ready("Map", hand_id, problem)

    def _ready(self, title: str, hand_id: int, problem: str) -> None:
        if problem:
            self._session.message.emit(f"{title}: {problem}")
        elif hand_id == self._hands.current_id:
            self.show_anew()
