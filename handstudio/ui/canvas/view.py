"""The graphics view of the canvas: what mouse and keys do in it, through the tool in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from handstudio.ui.canvas.framing import Framing

ZOOM_STEP = 1.25
NO_BUTTON = Qt.MouseButton.NoButton


class Tool(Protocol):
    """What the left button does, and a press of the right one (``aside``).

    Positions: ``at`` in frame pixels, ``screen`` in the view's pixels.
    """

    clicks: bool
    """Whether a press is over at once: nothing is held that the keys could move."""

    @property
    def holds(self) -> bool: ...
    def press(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None: ...
    def move(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None: ...
    def release(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None: ...
    def aside(self, view: CanvasView, at: QPointF, screen: QPointF, keys: Qt.KeyboardModifier) -> None: ...
    def hover(self, view: CanvasView, at: QPointF, screen: QPointF) -> None: ...
    def wheel(self, steps: float, keys: Qt.KeyboardModifier) -> bool: ...
    def cancel(self) -> bool: ...
    def let_go(self) -> None: ...


class CanvasView(Framing):
    """One frame on a neutral ground. The wheel zooms at the cursor; the middle button or Space drags.

    While one button is held the others do nothing.
    """

    STEPS_JOINTS = True
    painted = Signal()
    """A paint is through."""
    space_tapped = Signal()
    """Space was pressed and let go without panning."""
    pointed = Signal(QPointF)
    """The mouse is at another point of the view."""
    arrow_pressed = Signal(int, int, bool)
    """An arrow key while joints are selected: direction and whether Shift was held."""
    arrows_released = Signal()
    """No arrow key that was pressed so is held any more."""

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.tool: Tool | None = None
        self.takes_arrows = False
        """Whether arrow keys move joints here and not frames in the window."""
        self.own_keys: Mapping[Qt.Key, Callable[[], object]] = {}
        """Keys that mean something else here, while a tool is in hand, than in the window."""
        self.slowness = 1.0
        """By how many times what is dragged moves less than the mouse."""
        self.exact = False
        """Whether a joint is held at its very place: a lens shows that, and no cursor is seen."""
        self.steady = False
        """Whether what is held is held by the keys, which do not tremble as a hand does."""
        self._mouse = self._point = QPointF()
        self._space = False
        self._arrows: set[int] = set()
        self._panned = False
        self._pan_from: QPoint | None = None
        self._pressed = False
        self._held = NO_BUTTON
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self.setAccessibleName("Frame")
        self.setAccessibleDescription(
            "Tab goes from joint to joint, arrows drag those selected, with Alt one alone, or else go from "
            "frame to frame; F2 shows a crosshair that arrows move and Enter acts with; F6 leaves"
        )
        self.setRenderHint(QPainter.RenderHint.TextAntialiasing)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """All is painted anew: tags, legends and frames keep to the view and would go along."""
        super().scrollContentsBy(dx, dy)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / 120.0
        if not steps:
            return
        keys = event.modifiers()
        if self.tool is not None and self.tool.wheel(steps, keys):
            event.accept()
            return
        self.zoom_by(ZOOM_STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._held not in (NO_BUTTON, event.button()):
            return
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._held = event.button()
            self._pan_from = event.position().toPoint()
            self._panned = self._space
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left and self.tool is not None:
            self._held = event.button()
            self.press(self._follow(event), event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton and self.tool is not None:
            screen = event.position()
            self.tool.aside(self, self.to_frame(screen), screen, event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held != NO_BUTTON and not event.buttons() & self._held:
            self._release(event)  # let go where no view heard of it
        screen = self._follow(event)
        if self._pan_from is not None:
            mouse = event.position().toPoint()
            moved, self._pan_from = mouse - self._pan_from, mouse
            self.pan(moved.x(), moved.y())
        elif self._pressed:
            self.pull(screen, event.modifiers())
        elif self.tool is not None:
            self.tool.hover(self, self.to_frame(screen), screen)
        self.pointed.emit(screen)
        event.accept()

    def press(self, screen: QPointF, keys: Qt.KeyboardModifier, steady: bool = False) -> None:
        """Begin with the tool in hand at a point of the view."""
        self._pressed, self.steady, self._point = True, steady, screen
        self.tool.press(self, self.to_frame(screen), screen, keys)

    def pull(self, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Go on with it at another point."""
        self._point = screen
        self.tool.move(self, self.to_frame(screen), screen, keys)

    def let_go(self, screen: QPointF, keys: Qt.KeyboardModifier) -> None:
        """End it there; nothing if it has been given up meanwhile."""
        pressed = self._pressed
        self._pressed = self.steady = False
        if pressed and self.tool is not None:
            self.tool.release(self, self.to_frame(screen), screen, keys)

    @property
    def drags(self) -> bool:
        """Whether the tool in hand holds something."""
        return self._pressed

    @property
    def point(self) -> QPointF:
        """What mouse or keys mean: a point of the view."""
        return self._point

    def hold_at(self, screen: QPointF) -> None:
        """Let what the mouse means be another point of the view, from which it goes on as the mouse moves."""
        self._point = screen
        self.pointed.emit(screen)

    def _follow(self, event: QMouseEvent) -> QPointF:
        """Where the mouse means: what it holds may follow more slowly than it moves."""
        moved, self._mouse = event.position() - self._mouse, event.position()
        drags = self._pressed and event.type() != event.Type.MouseButtonPress
        self._point = self._point + moved / self.slowness if drags else self._mouse
        return self._point

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._held:
            self._release(event)
        event.accept()

    def _release(self, event: QMouseEvent) -> None:
        screen = self._follow(event)
        self._held = NO_BUTTON
        if self._pan_from is not None:
            self._pan_from = None
            self.viewport().unsetCursor()
        elif self._pressed:
            self.let_go(screen, event.modifiers())
            if self.exact:
                self._bring_mouse(event, screen)

    def _bring_mouse(self, event: QMouseEvent, screen: QPointF) -> None:
        """The mouse goes to what it has let go of, where that followed more slowly, so that nothing jumps."""
        there = self.viewport().mapToGlobal(screen).toPoint()
        if (QCursor.pos() - event.globalPosition().toPoint()).manhattanLength() <= 1:
            QCursor.setPos(there)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def abandon_press(self) -> None:
        """Forget a press whose work was cancelled."""
        if self._pressed:
            self._held = NO_BUTTON
            self._pressed = self.steady = False

    def event(self, event) -> bool:  # noqa: ANN001
        """Space pans here and arrows move selected joints: both are kept from the window's shortcuts."""
        if event.type() == event.Type.ShortcutOverride and self._claims(event):
            event.accept()
            return True
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if plain:
            return False
        if event.key() == Qt.Key.Key_Space:
            return event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() in self.own_keys:
            return True
        return self.takes_arrows and event.key() in ARROWS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space, self._panned = True, False
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.key() in self.own_keys:
            self.own_keys[Qt.Key(event.key())]()
        elif self.takes_arrows and event.key() in ARROWS:
            dx, dy = ARROWS[event.key()]
            self._arrows.add(event.key())
            self.arrow_pressed.emit(dx, dy, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self._space:
            self._space = False
            self.viewport().unsetCursor()
            if not self._panned and self._pan_from is None:
                self.space_tapped.emit()
        elif event.key() in self._arrows:
            if not event.isAutoRepeat():
                self._let_arrows_go({event.key()})
        else:
            event.ignore()

    def _let_arrows_go(self, keys: set[int]) -> None:
        held, self._arrows = bool(self._arrows), self._arrows - keys
        if held and not self._arrows:
            self.arrows_released.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        self._let_arrows_go(set(self._arrows))
        super().focusOutEvent(event)


ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
