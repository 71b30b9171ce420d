"""When the lens is over the canvas: while its key is held, or until it is switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication

from handstudio.ui.canvas.lens import LEAST_POWER, MOST_POWER, Lens

if TYPE_CHECKING:
    import numpy as np

    from handstudio.ui.canvas.panel import Canvas
    from handstudio.ui.canvas.view import CanvasView

HELD, SWITCH = "hold_magnifier", "magnifier"
"""The action whose key is held, and the one that is switched."""
_POWER = "canvas/magnifier"
_POWER_KEYS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Magnifier(QObject):
    """Shows the lens where the mouse is, or the crosshair that keys move; while its key is held and the mouse
    is elsewhere, where keys point. Meanwhile wheel, plus and minus change how much it enlarges, and what is
    dragged moves as many times slower than the mouse. A joint that is pressed under the lens comes under its
    crosshair.

    Args:
        canvas: over whose views it is.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._views = views = (canvas.view, canvas.inset)
        self._actions, self._settings = actions, settings = canvas.services.actions, canvas.services.settings
        pictures = canvas.frame_item, canvas.depth.item
        self.lens = lens = Lens(canvas.view, canvas.theme, pictures, self._joints, canvas.pair.draw)
        self._held = False
        self._hides_cursor = False
        self._pointed: tuple[CanvasView, QPointF] | None = None
        lens.set_power(settings.value(_POWER, lens.power, int))
        for view in views:
            view.pointed.connect(lambda at, view=view: self._point(view, at))
            view.viewport().installEventFilter(self)
        for view in views:
            view.installEventFilter(self)
        actions[SWITCH].toggled.connect(lambda _on: self._refresh())
        actions.on(HELD, actions[SWITCH].toggle)

    def _joints(self) -> np.ndarray | None:
        """(21, 2) px of the joints that can be grabbed, or have been placed so far."""
        if self._canvas.placing.active:
            return self._canvas.placing.item.joints
        overlay = self._canvas.hands.overlay
        if overlay is None or not overlay.markers.isVisible():
            return None
        return overlay.markers.places(overlay.hand)

    @property
    def held(self) -> bool:
        """Whether its key is held."""
        return self._held

    def mouse_left(self) -> None:
        """The mouse is no longer over the canvas."""
        self._pointed = None
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its key before the window's actions get it, the wheel before the view does."""
        kind = event.type()
        if kind == QEvent.Type.Wheel and self._held:
            return self._turn_wheel(event)
        if kind in (QEvent.Type.Hide, QEvent.Type.Move) and watched is self._views[1]:
            self._inset_went()
        if watched is not self._views[0]:
            return super().eventFilter(watched, event)
        if kind == QEvent.Type.ShortcutOverride and self._is_its_key(event):
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress and self._is_its_key(event):
            self._hold(True)
            return True
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and self._held:
            step = _POWER_KEYS.get(event.key())
            if step is not None:
                event.accept()
                if kind == QEvent.Type.KeyPress:
                    self._change_power(step)
                return True
        if kind == QEvent.Type.KeyRelease and self._held and not event.isAutoRepeat():
            if event.key() in {keys[0].key() for keys in self._actions[HELD].shortcuts()}:
                self._hold(False)
                return True
        elif kind == QEvent.Type.FocusOut:
            self._hold(False)
        elif kind == QEvent.Type.Hide:
            self.mouse_left()
        return super().eventFilter(watched, event)

    def _is_its_key(self, event: QKeyEvent) -> bool:
        """Whether it is; Shift and its like say how one drags, and mean nothing else to it meanwhile."""
        keys = self._actions[HELD].shortcuts()
        if QKeySequence(event.keyCombination()) in keys:
            return True
        busy = self._held or any(view.drags for view in self._views)
        return busy and event.key() in {one[0].key() for one in keys}

    def _hold(self, held: bool) -> None:
        if held == self._held:
            return
        self._held = held
        self._slow_down()
        if held and self._pointed is None:
            self._find_mouse()
        self._refresh()

    def _find_mouse(self) -> None:
        """Where the mouse rests before it has moved over the canvas; not on what floats over it."""
        under = QApplication.widgetAt(QCursor.pos())
        for view in self._views:
            if under is view.viewport():
                self._pointed = view, QPointF(under.mapFromGlobal(QCursor.pos()))

    def _inset_went(self) -> None:
        """The inset may have gone from under the mouse."""
        if self._pointed is not None and self._pointed[0] is self._views[1] and not self._views[1].drags:
            self._pointed = None
            self._find_mouse()
            self._refresh()

    def _turn_wheel(self, event: QWheelEvent) -> bool:
        steps = event.angleDelta().y() or event.angleDelta().x()
        if steps:
            self._change_power(1 if steps > 0 else -1)
        return True

    def _change_power(self, step: int) -> None:
        self.lens.set_power(min(max(self.lens.power + step, LEAST_POWER), MOST_POWER))
        self._settings.setValue(_POWER, self.lens.power)
        self._slow_down()

    def _slow_down(self) -> None:
        for view in self._views:
            view.slowness = float(self.lens.power) if self._held else 1.0

    def _point(self, view: CanvasView, at: QPointF) -> None:
        self._pointed = view, at
        self._refresh()

    def _refresh(self) -> None:
        wanted = self._held or self._actions[SWITCH].isChecked()
        pointed, keys = self._pointed, self._canvas.keys
        if pointed is None and (keys.shown or self._held):
            pointed = self._canvas.view, keys.screen
        if wanted and pointed is not None and pointed[0].isVisible():
            self.lens.show_at(*pointed)
        else:
            self.lens.hide()
        for view in self._views:
            view.exact = not self.lens.isHidden()
        if self.lens.isHidden() == self._hides_cursor:
            self._hides_cursor = not self._hides_cursor
            if self._hides_cursor:
                QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
            else:
                QGuiApplication.restoreOverrideCursor()
