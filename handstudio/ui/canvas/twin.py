"""Two views of the frame side by side, for the poses of two models: both show the same part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from handstudio.ui.canvas.pair_item import SIDE, extent_of
from handstudio.ui.canvas.view import CanvasView

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtWidgets import QGraphicsScene

    from handstudio.review.comparing import Comparing, TwoPoses
    from handstudio.ui.canvas.framing import Framed

_AIR: Final = 0.15
"""Around the poses, in sides of what they take up."""


class Twin(QObject):
    """Puts a second view of the scene beside the canvas's own while two poses are to be seen so.

    Meanwhile both are zoomed to the hand; afterwards the view is framed as it was before.

    Args:
        view: the canvas's own, left.
        scene: what both show.
        comparing: what is compared.

    Attributes:
        row: holds the views.
        view: the second one, right; nothing can be grabbed in it.
    """

    def __init__(self, view: CanvasView, scene: QGraphicsScene, comparing: Comparing) -> None:
        super().__init__(view)
        self._first, self._comparing = view, comparing
        self._before: Framed | None = None
        self._shown: TwoPoses | None = None
        self._following = False
        self.view = CanvasView(scene)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setAccessibleName("The same frame with the pose of the second model")
        self.view.viewport().setProperty(SIDE, 1)
        self.view.hide()
        self.row = QWidget()
        layout = QHBoxLayout(self.row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(view, 1)
        layout.addWidget(self.view, 1)
        self.row.setFocusProxy(view)
        for leader, follower in ((view, self.view), (self.view, view)):
            self._let_follow(leader, follower)

    @property
    def on(self) -> bool:
        """Whether two views are to be seen."""
        return self._before is not None

    def show(self, frame: QRectF | None) -> None:
        """Show what is compared now in a frame (px), or one view again where that is not side by side."""
        if not self._comparing.side_by_side:
            self._end()
            return
        if self._before is None:
            self._before = self._first.framed
            self._first.viewport().setProperty(SIDE, 0)
            self._first.viewport().update()
            self.view.show()
            self.row.layout().activate()
        shown = self._comparing.shown
        if frame is None or shown is None:
            return
        self.view.set_frame_rect(frame)
        if shown is not self._shown:
            self._shown = shown
            area = extent_of(shown)
            air = _AIR * max(area.width(), area.height())
            self._first.show_area(area.adjusted(-air, -air, air, air))
        self._follow(self._first, self.view)

    def _end(self) -> None:
        before, self._before, self._shown = self._before, None, None
        if before is None:
            return
        self.view.hide()
        self._first.viewport().setProperty(SIDE, None)
        self._first.viewport().update()
        self.row.layout().activate()
        self._first.frame_as(before)

    def _let_follow(self, leader: CanvasView, follower: CanvasView) -> None:
        for signal in (
            *(leader.zoomed, leader.turned),
            *(leader.horizontalScrollBar().valueChanged, leader.verticalScrollBar().valueChanged),
        ):
            signal.connect(lambda _value: self._follow(leader, follower))

    def _follow(self, leader: CanvasView, follower: CanvasView) -> None:
        if self.on and not self._following:
            self._following = True
            try:
                follower.follow(leader)
            finally:
                self._following = False
