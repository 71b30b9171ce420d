"""The painted surface of the 3D view: orbiting, picking, pictures that are there in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QHideEvent,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.ui.focus_frame import came_by_key, paint_focus
from handstudio.ui.theme import Theme, tabular
from handstudio.ui.view3d import overlay
from handstudio.ui.view3d.grip import STARTS, Grip
from handstudio.ui.view3d.orbit import OPENING, Orbit, camera_view
from handstudio.ui.view3d.quality import Quality
from handstudio.ui.view3d.stage_keys import StageKeys

if TYPE_CHECKING:
    from handstudio.ui.view3d.scene import Scene

GRAB_PX = 13.0
_REST_MS = 140
_TURN = 0.008
_WHEEL = 1.0015
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)


class Stage(QWidget):
    """Paints a scene; mouse and keys orbit, choose joints, move a joint in the view plane. Knows no session.

    Attributes:
        chosen: gives the joints that are selected, of which keys take one.
    """

    STEPS_JOINTS = True
    joint_pressed = Signal(int, bool)
    """A joint was pressed; whether it adds to the selection."""
    joint_clicked = Signal(int)
    """A joint was pressed to select it, and let go where it was."""
    emptied = Signal()
    """Nothing was clicked: select nothing."""
    pin_wanted = Signal(int)
    """A joint was clicked with the right button."""
    drag_began = Signal(int)
    dragged = Signal(int, object, bool)
    """A joint, its new (3,) place, and whether it moves alone (Shift) or as its finger moves."""
    drag_ended = Signal(int)
    drag_cancelled = Signal()
    needs_joint = Signal()
    """Keys were to take hold of a joint, but not just one is selected."""
    scene_wanted = Signal()
    """The view was painted, without a scene so far."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene: Scene | None = None
        self._joints: npt.NDArray[np.float32] | None = None
        self._eye: npt.NDArray[np.float32] | None = None
        self.orbit = Orbit()
        self.note = ""
        self.hovered: int | None = None
        self._picture: QImage | None = None
        self._stale = True
        self._quality = Quality()
        self._moving = False
        self._press: QPointF | None = None
        self._held = Qt.MouseButton.NoButton
        self._last = QPointF()
        self._adds = False
        self.grip = Grip(self)
        self._focus_seen = False
        self.chosen: Callable[[], AbstractSet[int]] = frozenset
        self._keys = StageKeys(self, self.grip)
        self.drawn_ms = 0.0
        self.covered = QRect()
        self._axes_kept: tuple[tuple, QPixmap] | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._came_to_rest)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 160)

    # What is shown

    def set_scene(self, scene: Scene | None) -> None:
        """Begin to paint a scene, or stop."""
        self._scene = scene
        self.refresh()

    @property
    def scene(self) -> Scene | None:
        """The scene that is painted."""
        return self._scene

    def set_joints(self, joints: npt.NDArray[np.float32] | None, eye: npt.NDArray[np.float32] | None) -> None:
        """The (21, 3) joints that can be picked, and the camera's place where it is known."""
        self._joints, self._eye = joints, eye

    def refresh(self, moving: bool = False) -> None:
        """The scene changed: paint it anew with the next frame; ``moving`` asks for a picture in time."""
        self._stale = True
        self._moving = moving
        if moving and self.isVisible():
            self._rest.start()
        self.update(QRegion(self.rect()) - QRegion(self.covered))

    def frame(self) -> None:
        """Show the whole hand from the same direction."""
        if self._joints is not None:
            self.orbit = self._from_flat().framed(self._joints)
            self.refresh()

    def look_through_camera(self) -> None:
        """Show the hand as the photographing camera sees it."""
        if self._joints is not None:
            self.orbit = camera_view(self._joints, self._eye)
            self.refresh()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the scene if it changed, and what is written over it."""
        if self._scene is not None and self._stale:
            self._draw(self._scene)
        painter = QPainter(self)
        if self._picture is not None and self._scene is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._picture)
        else:
            top, bottom = background(self._theme)
            fill = QLinearGradient(0, 0, 0, self.height())
            fill.setColorAt(0, top)
            fill.setColorAt(1, bottom)
            painter.fillRect(self.rect(), fill)
            self.scene_wanted.emit()
        if self._joints is None or self._scene is None:
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular(self.font()))
        axes = self._axes(painter.font())
        painter.drawPixmap(QPointF(0, self.height() - axes.height() / axes.devicePixelRatio()), axes)
        ink, paper = self._theme.colour("secondary"), self._theme.colour("window")
        overlay.paint_corner_text(painter, self.note, ink, paper, self.width(), self.height())
        held = self.grip.dragging or self.grip.by_keys
        named = self.grip.joint if held else self.hovered
        if named is not None:
            at, _ = self.orbit.to_screen(self._joints[named], self.extent)
            ink, paper = self._theme.colour("text"), self._theme.colour("window")
            overlay.paint_tag(painter, JOINT_NAMES[named], QPointF(*at), ink, paper, self.width())
        if self.grip.by_keys and named is not None:
            overlay.paint_hold(painter, QPointF(*at), self._theme.colour("accent"), paper)
        if self._focus_seen:
            paint_focus(painter, self.rect(), self.palette())
        painter.end()

    def _axes(self, font: QFont) -> QPixmap:
        """The axes, painted anew only when one looks from elsewhere."""
        key = (self.orbit.yaw, self.orbit.pitch, self._theme.dark, self.devicePixelRatioF(), font.key())
        if self._axes_kept is None or self._axes_kept[0] != key:
            picture = overlay.axes_picture(self.orbit, font, self._theme.dark, self.devicePixelRatioF())
            self._axes_kept = key, picture
        return self._axes_kept[1]

    def _draw(self, scene: Scene) -> None:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        scale = self._quality.scale(width, height, self._moving)
        size = max(round(width * scale), 8), max(round(height * scale), 8)
        start = time.perf_counter()
        self._picture = scene.draw(self.orbit, *size, ratio * scale, thin=self._moving)
        self.drawn_ms = (time.perf_counter() - start) * 1e3
        self._quality.drawn(size[0] * size[1], self.drawn_ms, self._moving)
        self._stale = False

    def _came_to_rest(self) -> None:
        if not self.grip.dragging:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A larger picture is needed."""
        self._stale = True
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is timed while hidden."""
        self._rest.stop()
        self._set_hovered(None)
        super().hideEvent(event)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a joint to choose it, or take hold of the space; other buttons wait until it is let go."""
        if self.grip.by_keys:
            self.put_down()
        if event.button() not in _BUTTONS or (self._press is not None and event.button() != self._held):
            return
        self._held = event.button()
        self._press = self._last = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        joint = self.joint_at(event.position()) if left else None
        if joint is not None:
            self.grip.take(joint, event.position())
            self._adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.joint_pressed.emit(joint, self._adds)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the joint that is held, else turn or shift the space, else name the joint under the cursor."""
        if self.grip.by_keys:
            return
        here = event.position()
        if self._press is not None and not event.buttons() & self._held:
            self._release(here)  # let go where nobody heard of it
        if self._press is None:
            self._set_hovered(self.joint_at(here))
            return
        step, self._last = here - self._last, here
        if self.grip.joint is not None:
            self.grip.alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.grip.pull_to(here)
            return
        shifts = event.buttons() & (Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton)
        if shifts or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.shift(step)
        else:
            self.turn(step.x() * _TURN, -step.y() * _TURN)

    def turn(self, yaw: float, pitch: float) -> None:
        """Look from elsewhere: by angles, rad."""
        self.orbit = self._from_flat().turned(yaw, pitch)
        self.refresh(moving=True)

    def shift(self, by: QPointF) -> None:
        """Move the picture by px."""
        self.orbit = self.orbit.moved(by.x(), by.y(), self.extent)
        self.refresh(moving=True)

    def zoom(self, factor: float) -> None:
        """Show everything so many times as large."""
        self.orbit = self.orbit.zoomed(factor)
        self.refresh(moving=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == self._held:
            self._release(event.position())

    def _release(self, here: QPointF) -> None:
        press, self._press = self._press, None
        joint, moved = self.grip.joint, self.grip.dragging
        self.grip.let_go()
        if press is None:
            return
        if moved:
            self.drag_ended.emit(joint)
        elif joint is not None and not self._adds:
            self.joint_clicked.emit(joint)
        elif joint is None and self._held == Qt.MouseButton.LeftButton:
            self._clicked_nothing((here - press).manhattanLength())
        elif self._held == Qt.MouseButton.RightButton and (here - press).manhattanLength() < STARTS:
            under = self.joint_at(here)
            if under is not None:
                self.pin_wanted.emit(under)
        self._set_hovered(self.joint_at(here))
        self.refresh()

    def _clicked_nothing(self, moved: float) -> None:
        if moved < STARTS:
            self.emptied.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Frame the hand."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.frame()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go back; while a joint is held it moves along the view instead."""
        turn = event.angleDelta().y()
        if self.grip.joint is not None and self._joints is not None:
            self.grip.deepen(-turn / 120)
        else:
            self.zoom(_WHEEL**turn)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn, shift and zoom, and move a joint that is held."""
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take its keys before the window's own actions get them."""
        own = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if own and self._keys.claims(event):
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are, if a key brought them."""
        self._focus_seen = came_by_key(event)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What keys hold stays where they have moved it."""
        self._focus_seen = False
        self.put_down()
        super().focusOutEvent(event)
        self.update()

    @property
    def shows_hand(self) -> bool:
        """Whether there is something to be turned."""
        return self._joints is not None and self._scene is not None

    @property
    def busy(self) -> bool:
        """Whether the mouse holds something, be it the space."""
        return self._press is not None

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height, px."""
        return max(float(self.width()), 1.0), max(float(self.height()), 1.0)

    def seen(self, joint: int) -> tuple[npt.NDArray[np.float64], float]:
        """Where a joint is seen, (2,) px, and how far away along the view."""
        assert self._joints is not None
        at, depth = self.orbit.to_screen(self._joints[joint], self.extent)
        return at, float(depth)

    def leaveEvent(self, event: QEvent) -> None:
        """Name no joint any more."""
        self._set_hovered(None)
        super().leaveEvent(event)

    def cancel_drag(self) -> None:
        """Give a held joint back to where it was."""
        held, moved = self.grip.joint, self.grip.dragging
        self.let_go()
        if moved:
            self.drag_cancelled.emit()
        elif held is not None:
            self.update()

    def put_down(self) -> None:
        """Let go of what keys hold: where it was moved it stays."""
        if self.grip.by_keys:
            joint, moved = self.grip.joint, self.grip.dragging
            self.let_go()
            if moved:
                self.drag_ended.emit(joint)
            self.refresh()

    def let_go(self) -> None:
        """Hold no joint any more; what was moved stays as it is."""
        if self.grip.joint is not None:
            self.grip.let_go()
            self._press = None

    def joint_at(self, point: QPointF) -> int | None:
        """The joint nearest to a point of the view, the one in front where two are as near."""
        if self._joints is None or self._scene is None or not self._scene.shown.skeleton:
            return None
        at, depth = self.orbit.to_screen(self._joints, self.extent)
        away = np.hypot(at[:, 0] - point.x(), at[:, 1] - point.y())
        if away.min() > GRAB_PX:
            return None
        near = np.flatnonzero(away <= away.min() + 3.0)
        return int(near[depth[near].argmin()])

    def _set_hovered(self, joint: int | None) -> None:
        if joint != self.hovered:
            self.hovered = joint
            held = Qt.CursorShape.PointingHandCursor if joint is not None else Qt.CursorShape.ArrowCursor
            self.setCursor(held)
            self.update()

    def _from_flat(self) -> Orbit:
        """The orbit with the usual opening about the hand, from wherever a camera's view left it."""
        if self.orbit.opening == OPENING:
            return self.orbit
        if self._joints is not None and self.orbit.shift != (0.0, 0.0):
            fresh = Orbit(yaw=self.orbit.yaw, pitch=self.orbit.pitch)
            return fresh.framed(self._joints)
        return self.orbit.opened(OPENING)


def background(theme: Theme) -> tuple[QColor, QColor]:
    """The gradient's ends: neutral, a little lighter above."""
    return (QColor("#34373c"), QColor("#212327")) if theme.dark else (QColor("#d9dce0"), QColor("#b3b8bf"))
