"""Where each dock stands at first: apart where the window has room for it, else behind tabs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)


Room = Literal["apart", "sides", "one"]
"""Docks side by side and upon each other; those of each side behind tabs; all behind the tabs of one."""


@dataclass(frozen=True)
class DockSpec:
    """One dock as data. ``source`` is ``module:Class``; ``beside`` names the dock whose tabs it shares."""

    name: str
    title: str
    source: str
    area: Qt.DockWidgetArea
    beside: str | None = None


DOCKS: Final[tuple[DockSpec, ...]] = (
    DockSpec("sequences", "Sequences", "handstudio.ui.sequences:Sequences", LEFT),
    DockSpec("queue", "Queue", "handstudio.ui.queue:Queue", LEFT),
    DockSpec("view3d", "3D", "handstudio.ui.view3d:View3D", RIGHT),
    DockSpec("inspector", "Inspector", "handstudio.ui.inspector:Inspector", RIGHT),
    DockSpec("maps", "Maps", "handstudio.ui.maps.panel:MapsPanel", RIGHT, beside="inspector"),
    DockSpec("acceptance", "Acceptance", "handstudio.ui.acceptance:Acceptance", RIGHT, beside="inspector"),
    DockSpec("timeline", "Timeline", "handstudio.ui.timeline:Timeline", BOTTOM),
    DockSpec("training", "Training", "handstudio.ui.training:Training", BOTTOM, beside="timeline"),
    DockSpec("models", "Models", "handstudio.ui.models:Models", BOTTOM, beside="timeline"),
)

SIDE_BY_SIDE_EM: Final = 145
"""A window less wide, in mean letters, has all docks behind the tabs of one."""
UPON_EACH_OTHER_LINES: Final = 38
"""A window less high, in lines of text, has those of each side behind tabs."""


def room_of(window: QMainWindow) -> Room:
    """How far apart docks stand in a window of this size, so that what is shown leaves room for a frame."""
    whole = window.isMaximized() or window.isFullScreen()
    size = window.screen().availableGeometry().size() if whole else window.size()
    metrics = window.fontMetrics()
    if size.width() < SIDE_BY_SIDE_EM * metrics.averageCharWidth():
        return "one"
    return "sides" if size.height() < UPON_EACH_OTHER_LINES * metrics.height() else "apart"


def places(room: Room) -> tuple[DockSpec, ...]:
    """Where docks stand at first; the head of those that share tabs before the others."""
    if room == "apart":
        return DOCKS
    heads = dict.fromkeys((LEFT, RIGHT, BOTTOM), "queue")
    if room == "sides":
        heads = {LEFT: "queue", RIGHT: "inspector", BOTTOM: "timeline"}
    ordered = sorted(DOCKS, key=lambda spec: spec.name not in heads.values())
    return tuple(
        replace(
            spec,
            area=RIGHT if room == "one" else spec.area,
            beside=None if spec.name in heads.values() else heads[spec.area],
        )
        for spec in ordered
    )
