"""What a window looked like when it was closed, and lets it look so again, where there is as much room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray

from handstudio.ui.dock_places import room_of

if TYPE_CHECKING:
    from handstudio.ui.window import MainWindow

VERSION: Final = 1
"""Of the arrangement of docks; another one is not restored."""
_SLIDERS: Final = ("brightness", "contrast", "gamma")


def restore(window: MainWindow) -> None:
    """Give the window the place, docks, layers and exposure that were kept, as far as there are any."""
    settings, actions = window.services.settings, window.services.actions
    geometry, state = settings.value("window/geometry"), settings.value("window/state")
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)
    room = room_of(window)
    if isinstance(state, QByteArray) and settings.value("window/room", room) == room:
        window.docks.restore(state, VERSION)
    elif room != window.docks.room:
        window.docks.arrange()
    layers = settings.value("canvas/layers")
    if isinstance(layers, str):
        for action in actions.group("Layers"):
            action.setChecked(action.objectName() in layers.split())
    actions["inset"].setChecked(settings.value("canvas/inset", True, bool))
    actions["go_on"].setChecked(settings.value("review/go_on", True, bool))
    window.canvas.exposure.set_positions(*(settings.value(f"canvas/{name}", 0, int) for name in _SLIDERS))


def keep(window: MainWindow) -> None:
    """Write them down, and which project was open."""
    settings, actions = window.services.settings, window.services.actions
    settings.setValue("window/geometry", window.saveGeometry())
    settings.setValue("window/state", window.saveState(VERSION))
    settings.setValue("window/room", room_of(window))
    shown = [action.objectName() for action in actions.group("Layers") if action.isChecked()]
    settings.setValue("canvas/layers", " ".join(shown))
    settings.setValue("canvas/inset", actions["inset"].isChecked())
    settings.setValue("review/go_on", actions["go_on"].isChecked())
    for name, position in zip(_SLIDERS, window.canvas.exposure.positions(), strict=True):
        settings.setValue(f"canvas/{name}", position)
    settings.setValue("project/last", str(window.session.project.path))
    settings.sync()
