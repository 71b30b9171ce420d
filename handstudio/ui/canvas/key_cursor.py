"""Pointing without a mouse: a crosshair on the canvas that keys move, and with which they do what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent

from handstudio.ui.canvas.cross_item import CrossItem
from handstudio.ui.canvas.view import ARROWS

if TYPE_CHECKING:
    from handstudio.ui.canvas.panel import Canvas

SWITCH: Final = "key_cursor"
"""The action that has it on the canvas also while no tool wants a point."""
_PLAIN, _SHIFT, _CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
STEPS: Final = {_PLAIN: 1.0, _SHIFT: 10.0, _CONTROL: 100.0}
"""Px of the screen by which an arrow moves what it moves, as it goes 1, 10 or 100 frames."""
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_HANDLES: Final = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_DEEPER: Final = {Qt.Key.Key_BracketLeft: 1.0, Qt.Key.Key_BracketRight: -1.0}
_EDGE: Final = 24.0
"""The view moves before the crosshair comes so near to its border, px."""
_TREMBLE: Final = 2
"""So far may a mouse move without being meant, px."""


def modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    """What is held with a key, wherever on the keyboard that is."""
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


class KeyCursor(QObject):
    """Works the tool in hand as the mouse does: Enter presses, arrows move, Enter lets go.

    It is there while a tool wants points, a box's corners or joints, from the first arrow on, and whenever
    its action is checked. Shift or Ctrl with Enter are what they are with the mouse's button. Page keys go to
    what can be taken hold of besides joints, to which Tab goes. A mouse that is moved takes over.

    Args:
        canvas: on whose view it is.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas, self._view = canvas, canvas.view
        self._at: QPointF | None = None
        self._keys = _PLAIN
        self._moved = self._acting = False
        self._mouse = QCursor.pos()
        self.item = CrossItem(canvas.theme)
        canvas.scene.addItem(self.item)
        self._action = canvas.services.actions[SWITCH]
        self._action.toggled.connect(self._switch)
        canvas.services.actions["draw_box"].toggled.connect(self._tool_changed)
        bridge = canvas.services.bridge
        bridge.placing_changed.connect(self._tool_changed)
        bridge.selection_changed.connect(self._joint_selected)
        self._view.pointed.connect(self._pointed)
        for watched in (self._view, self._view.viewport()):
            watched.installEventFilter(self)

    @property
    def active(self) -> bool:
        """Whether arrows and Enter are its keys."""
        wanted = self._action.isChecked() or self._view.tool is not self._canvas.in_hand.select
        return wanted and self._canvas.frame is not None

    @property
    def shown(self) -> bool:
        """Whether it is on the canvas."""
        return self.item.isVisible()

    @property
    def holds(self) -> bool:
        """Whether the keys hold something."""
        return self._view.steady

    @property
    def screen(self) -> QPointF:
        """Where keys point in the view: the crosshair, else the selected joint, else the middle."""
        at = self._at if self.shown else self._of_selection()
        return self._middle() if at is None else self._view.viewportTransform().map(at)

    def put_away(self) -> bool:
        """Have it on the canvas no more unless a tool wants points; whether it was asked for."""
        asked = self._action.isChecked()
        self._action.setChecked(False)
        return asked

    # --- when it is there ------------------------------------------------------------------------------

    def _switch(self, on: bool) -> None:
        if not on:
            self._give_up()
            self._tool_changed()
        elif self._canvas.frame is not None:
            self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._show()

    def _tool_changed(self, *_what: object) -> None:
        if not self.active:
            self._hide()
        elif self._view.tool is not self._canvas.in_hand.select and not self._view.hasFocus():
            self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show(self) -> None:
        """Begin at the selected joint, else where was pointed at last, else in the middle."""
        screen, transform = None, self._view.viewportTransform()
        for at in (self._of_selection(), self._at):
            if at is not None and screen is None:
                seen = transform.map(at)
                screen = seen if self._view.viewport().rect().contains(seen.toPoint()) else None
        self.item.show()
        self._go_to(self._view.to_frame(self._middle() if screen is None else screen))

    def _hide(self) -> None:
        """What was seen for its sake goes with it."""
        if self.shown:
            self.item.hide()
            self._canvas.grasp.mouse_left()

    def _of_selection(self) -> QPointF | None:
        """The place of the selected joint, px of the frame, while there is just one and no tool in hand."""
        canvas, joints = self._canvas, self._canvas.session.joints
        alone = len(joints) == 1 and self._view.tool is canvas.in_hand.select
        if not alone or canvas.hands.overlay is None or canvas.hands.current.uv is None:
            return None
        return QPointF(*canvas.grasp.joint_place(next(iter(joints))))

    def _middle(self) -> QPointF:
        return QPointF(self._view.viewport().rect().center())

    # --- keys ------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its keys before the window's actions get them; the mouse takes over where it is moved."""
        kind = event.type()
        if watched is self._view and kind == QEvent.Type.ShortcutOverride and self._claims(event):
            event.accept()
            return True
        if watched is self._view and kind == QEvent.Type.KeyPress and self._claims(event):
            self._press_key(event)
            return True
        if watched is self._view.viewport():
            if kind == QEvent.Type.MouseButtonPress:
                self._surrender()
            elif kind == QEvent.Type.MouseMove and self.shown:
                return self._mouse_moved(event)
        return super().eventFilter(watched, event)

    def _claims(self, event: QKeyEvent) -> bool:
        if not self.active:
            return False
        key, keys = event.key(), modifiers(event)
        if key in ARROWS:
            return keys in STEPS
        if key in _ENTER:
            return keys in STEPS
        if keys != _PLAIN:
            return False
        return (key in _DEEPER and self.holds) or (key in _HANDLES and self._handles_wanted())

    def _handles_wanted(self) -> bool:
        return not self.holds and self._view.tool is self._canvas.in_hand.select

    def _press_key(self, event: QKeyEvent) -> None:
        key, keys = event.key(), modifiers(event)
        self._mouse = QCursor.pos()
        if not self.shown and key not in _DEEPER:
            self._show()
            if key in _ENTER:
                return  # where it would act was not to be seen
        if key in ARROWS:
            self._step(QPointF(*ARROWS[key]) * (STEPS[keys] / self._view.slowness))
        elif key in _DEEPER:
            self._moved = True
            self._view.tool.wheel(_DEEPER[key], _PLAIN)
        elif key in _HANDLES:
            self._next_handle(_HANDLES[key])
        elif event.isAutoRepeat():
            return
        elif self.holds:
            self._let_go()
        else:
            self._take_hold(keys)

    def _step(self, by: QPointF) -> None:
        screen = self._view.viewportTransform().map(self._at) + by
        half = self._canvas.frame_rect.size() / 2
        area = self._canvas.frame_rect.adjusted(-half.width(), -half.height(), half.width(), half.height())
        at = self._view.to_frame(screen)
        self._moved = True
        self._go_to(
            QPointF(min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))
        )

    def _go_to(self, at: QPointF) -> None:
        """Point there, with what is held; the view follows."""
        view = self._view
        self._at = at
        view.bring_into_view(at, _EDGE)
        self.item.setPos(at)
        screen = view.viewportTransform().map(at)
        self._acting = True
        if self.holds:
            view.pull(screen, self._keys)
        else:
            view.tool.hover(view, at, screen)
        view.pointed.emit(screen)
        self._acting = False
        self.item.set_held(self.holds)

    def _take_hold(self, keys: Qt.KeyboardModifier) -> None:
        view, self._keys, self._moved = self._view, keys, False
        tool = view.tool
        self._acting = True
        view.press(view.viewportTransform().map(self._at), keys, steady=True)
        self._acting = False
        if tool.clicks or not tool.holds:
            self._let_go()
        else:
            self._go_to(view.to_frame(view.point))  # a joint under the lens is held at its very place

    def _let_go(self) -> None:
        view = self._view
        self._acting = True
        view.let_go(view.viewportTransform().map(self._at), self._keys)
        self._acting = False
        if self.active:
            self._go_to(self._at)
        else:
            self._tool_changed()

    def _next_handle(self, step: int) -> None:
        handles = self._canvas.grasp.handles(self._view)
        if not handles:
            return
        here = self.screen
        away = [(place - here).manhattanLength() for _, place in handles]
        nearest = away.index(min(away))
        on_one = away[nearest] < 1.0
        name, place = handles[((nearest if on_one else -1 if step > 0 else 0) + step) % len(handles)]
        self._go_to(self._view.to_frame(place))
        self._canvas.session.message.emit(f"{name}: Enter takes hold of it, arrows move it")

    # --- others ----------------------------------------------------------------------------------------

    def _pointed(self, screen: QPointF) -> None:
        if not self._acting:
            self._at = self._view.to_frame(screen)

    def _joint_selected(self) -> None:
        """Tab goes from joint to joint: so does the crosshair."""
        at = self._of_selection()
        if at is not None and self.shown and not (self.holds or self._acting):
            self._go_to(at)

    def _mouse_moved(self, event: QMouseEvent) -> bool:
        """What the keys hold no mouse moves; else it is the mouse that points."""
        if self.holds:
            return True
        if (event.globalPosition().toPoint() - self._mouse).manhattanLength() > _TREMBLE:
            self._hide()
        return False

    def _surrender(self) -> None:
        """A button of the mouse is pressed: what keys hold stays where they have moved it."""
        if self.holds and self._moved:
            self._let_go()
        else:
            self._give_up()
        self._hide()

    def _give_up(self) -> None:
        if self.holds:
            self._view.tool.let_go()
            self._view.abandon_press()
