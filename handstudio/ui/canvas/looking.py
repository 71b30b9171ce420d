"""How the frame is looked at: zoom and angle, the enlarged hand, brightness; for the eye only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from handstudio.ui.canvas.panel import Canvas


PAN_SHARE: Final = 0.125
"""Of the view's shorter side, by which keys pan."""
PANS: Final = {"pan_left": (-1, 0), "pan_right": (1, 0), "pan_up": (0, -1), "pan_down": (0, 1)}


class Looking(QObject):
    """Connects the actions of looking with the view, its inset and what floats over it.

    Args:
        canvas: whose frame is looked at.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        view, actions = canvas.view, canvas.services.actions
        canvas.exposure.changed.connect(canvas.frame_item.set_exposure)
        canvas.shown.seen_changed.connect(self._seen_changed)
        view.turned.connect(self._turned)
        canvas.turn.wanted.connect(view.turn_to)
        actions["inset"].toggled.connect(self._show_inset)
        actions.on("exposure", lambda: self.show_exposure(not canvas.exposure.isVisible()))
        actions.on("zoom_in", lambda: self._zoom(1.25))
        actions.on("zoom_out", lambda: self._zoom(0.8))
        for name, (right, down) in PANS.items():
            actions.on(name, lambda right=right, down=down: self._pan(right, down))
        actions.on("zoom_fit", view.fit)
        actions.on("zoom_hand", self.zoom_to_hand)
        actions.on("turn_view_left", lambda: view.turn_by_step(-1))
        actions.on("turn_view_right", lambda: view.turn_by_step(1))
        actions.on("turn_view_to", canvas.turn.ask)
        actions.on("turn_view_back", lambda: view.turn_to(0.0))

    def _zoom(self, factor: float) -> None:
        """About the middle, or about what keys point at."""
        keys = self._canvas.keys
        self._canvas.view.zoom_by(factor, keys.screen if keys.shown else None)

    def _pan(self, right: int, down: int) -> None:
        """Show more of a side: the picture goes the other way."""
        view = self._canvas.view
        step = PAN_SHARE * min(view.viewport().width(), view.viewport().height())
        view.pan(-right * step, -down * step)

    def zoom_to_hand(self) -> None:
        """Zoom to the current hand's pose, or to its box while there is none."""
        hand = self._canvas.hands.current
        if hand is not None:
            self._canvas.view.show_area(hand.focus())

    def show_exposure(self, visible: bool) -> None:
        """Show or hide the sliders of brightness, contrast and gamma."""
        self._canvas.exposure.setVisible(visible)
        self._canvas.floating.place()

    def _seen_changed(self) -> None:
        """Why a frame cannot be shown has no histogram."""
        if self._canvas.seen == "failure":
            self._canvas.exposure.show_frame(None)

    def _turned(self, angle: float) -> None:
        canvas = self._canvas
        canvas.inset.turn_to(angle)
        canvas.turn.show_angle(angle)
        canvas.layer_bar.fit()
        canvas.floating.follow_hand()

    def _show_inset(self, wanted: bool) -> None:
        canvas = self._canvas
        canvas.floating.follow_hand()
        if wanted and canvas.hands.current is not None and canvas.inset.isHidden():
            canvas.session.message.emit(
                "The frame shows the hand larger than the inset would: zoom out to see it"
            )
