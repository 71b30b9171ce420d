"""Where each dock stands at first: apart where the window has room for it, else behind tabs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)


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


def places(window: QMainWindow) -> tuple[DockSpec, ...]:
    """Where docks stand at first in a window of this size: what is shown at once leaves room for a frame."""
    metrics = window.fontMetrics()
    if window.width() < SIDE_BY_SIDE_EM * metrics.averageCharWidth():
        first = ("queue", *(spec.name for spec in DOCKS if spec.name != "queue"))
        together = {name: (RIGHT, None if name == "queue" else "queue") for name in first}
    elif window.height() < UPON_EACH_OTHER_LINES * metrics.height():
        heads = {LEFT: "queue", RIGHT: "inspector", BOTTOM: "timeline"}
        ordered = sorted(DOCKS, key=lambda spec: spec.name not in heads.values())
        together = {
            spec.name: (spec.area, None if spec.name == heads[spec.area] else heads[spec.area])
            for spec in ordered
        }
    else:
        return DOCKS
    known = {spec.name: spec for spec in DOCKS}
    return tuple(replace(known[name], area=area, beside=beside) for name, (area, beside) in together.items())
