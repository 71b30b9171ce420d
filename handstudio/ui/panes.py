"""The parts of the window that keys go round: canvas, what floats over it, docks, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from handstudio.ui.focus_keys import focus_first
from handstudio.ui.reveal import dock_of, in_front

if TYPE_CHECKING:
    from handstudio.ui.window import MainWindow


class Panes:
    """Gives the keys to the next part that can be seen, or the one before; lets the docks float by keys.

    Args:
        window: whose canvas, docks and bars are there already.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        actions = window.services.actions
        actions.on("to_canvas", window.canvas.view.setFocus)
        actions.on("next_pane", lambda: self._go(1))
        actions.on("previous_pane", lambda: self._go(-1))
        actions.on("float_pane", self._float)

    def _seen(self) -> list[QWidget]:
        """From the canvas on; what is above it comes last, one step back."""
        window, canvas = self._window, self._window.canvas
        panes: list[QWidget] = [canvas.view, canvas.pages.notice, canvas.placing.strip]
        panes += [canvas.exposure, canvas.depth.scale]
        for name, dock in window.docks.by_name.items():
            if in_front(dock.widget()):
                panes.append(dock.widget())
                if name == "view3d" and name in window.docks.widgets:  # in the view itself Tab goes to joints
                    panes.append(window.docks.widgets[name].bar)
        panes += [window.banner, window.status, window.tools, canvas.layer_bar]
        return [pane for pane in panes if pane.isVisible()]

    def _go(self, step: int) -> None:
        panes, holder = self._seen(), QApplication.focusWidget() or self._window.focusWidget()
        held = [holder is not None and (pane is holder or pane.isAncestorOf(holder)) for pane in panes]
        here = max((place for place, has in enumerate(held) if has), default=0)
        for offset in range(1, len(panes) + 1):
            pane = panes[(here + step * offset) % len(panes)]
            if focus_first(pane):
                if not pane.window().isActiveWindow():
                    pane.window().activateWindow()
                return

    def _float(self) -> None:
        """The dock that has the keys leaves the window, or comes back."""
        holder = QApplication.focusWidget()
        dock = dock_of(holder) if holder is not None else None
        if dock is None:
            self._window.status.say("No pane has the keys: press F6 until one has")
            return
        dock.setFloating(not dock.isFloating())
        dock.window().activateWindow()
