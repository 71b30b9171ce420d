"""Which tool the mouse works with on the canvas: select, draw a box, or place joints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from handstudio.ui.canvas.box_tool import BoxTool
from handstudio.ui.canvas.select_tool import SelectTool

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QAction

    from handstudio.ui.canvas.grasp import Grasp
    from handstudio.ui.canvas.placing import PlaceTool
    from handstudio.ui.canvas.view import CanvasView


class ToolInHand:
    """Gives the views their tool.

    Args:
        grasp: of the current hand.
        views: the canvas's own first, then those beside it, in which no box is drawn.
        draw_box: checked while boxes are drawn.
        drawn: gets a box that was drawn, px of the frame.
    """

    def __init__(
        self,
        grasp: Grasp,
        views: tuple[CanvasView, ...],
        draw_box: QAction,
        drawn: Callable[[QRectF], None],
    ) -> None:
        self._hands, self._views = grasp.hands, views
        self.select = SelectTool(grasp)
        self.box = BoxTool(grasp, drawn, lambda: draw_box.setChecked(False))
        self._place: PlaceTool | None = None
        for view in views:
            view.tool = self.select
        draw_box.toggled.connect(self._use_box)

    def use_placing(self, tool: PlaceTool | None) -> None:
        """Let clicks place joints, or no longer; meanwhile what there is of the hand is faint."""
        self.select.cancel()
        self._place = tool
        self._hands.set_faint(tool is not None)
        for view in self._views:
            view.tool = self.select if tool is None else tool
            view.viewport().unsetCursor()

    def _use_box(self, drawing: bool) -> None:
        view = self._views[0]
        view.tool = self.box if drawing else self.select
        self.select.cancel()
        if drawing:
            view.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            view.viewport().unsetCursor()

    def let_go(self) -> None:
        """Another hand is current: what the mouse holds is over, what it has moved the session has stored."""
        for tool in (self.select, self.box, self._place):
            if tool is not None:
                tool.let_go()
        self._abandon()

    def cancel(self) -> bool:
        """Cancel what the tool does, or put it away; whether there was anything to cancel."""
        busy = self._views[0].tool.cancel()
        self._abandon()
        return busy

    def _abandon(self) -> None:
        for view in self._views:
            view.abandon_press()
