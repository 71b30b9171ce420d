"""The painted surface of the 3D view: orbiting, picking, pictures that are there in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
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
from handstudio.ui.theme import Theme, tabular
from handstudio.ui.view3d import overlay
from handstudio.ui.view3d.orbit import OPENING, Orbit, camera_view
from handstudio.ui.view3d.quality import Quality

if TYPE_CHECKING:
    from handstudio.ui.view3d.scene import Scene

GRAB_PX = 13.0
_REST_MS = 140
_TURN = 0.008
_WHEEL = 1.0015
_DEEPER = {Qt.Key.Key_BracketLeft: -1.0, Qt.Key.Key_BracketRight: 1.0}
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)


class Stage(QWidget):
    """Paints a scene; the mouse orbits, chooses joints, moves a joint in the view plane. Knows no session."""

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
        self._joint: int | None = None
        self._grab = np.zeros(2)
        self._depth = 0.0
        self._dragging = self._alone = self._adds = False
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
        named = self._joint if self._dragging else self.hovered
        if named is not None:
            at, _ = self.orbit.to_screen(self._joints[named], self._size)
            ink, paper = self._theme.colour("text"), self._theme.colour("window")
            overlay.paint_tag(painter, JOINT_NAMES[named], QPointF(*at), ink, paper, self.width())
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
        if self._press is None or not self._dragging:
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
        if event.button() not in _BUTTONS or (self._press is not None and event.button() != self._held):
            return
        self._held = event.button()
        self._press = self._last = event.position()
        self._joint = self.joint_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if self._joint is not None and self._joints is not None:
            at, depth = self.orbit.to_screen(self._joints[self._joint], self._size)
            self._grab = at - (event.position().x(), event.position().y())
            self._depth = float(depth)
            self._adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.joint_pressed.emit(self._joint, self._adds)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the joint that is held, else turn or shift the space, else name the joint under the cursor."""
        here = event.position()
        if self._press is not None and not event.buttons() & self._held:
            self._release(here)  # let go where nobody heard of it
        if self._press is None:
            self._set_hovered(self.joint_at(here))
            return
        step, self._last = here - self._last, here
        if self._joint is not None:
            self._alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._drag_to(here)
            return
        shifts = event.buttons() & (Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton)
        if shifts or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.orbit = self.orbit.moved(step.x(), step.y(), self._size)
        else:
            self.orbit = self._from_flat().turned(step.x() * _TURN, -step.y() * _TURN)
        self.refresh(moving=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == self._held:
            self._release(event.position())

    def _release(self, here: QPointF) -> None:
        press, self._press = self._press, None
        joint, self._joint = self._joint, None
        if press is None:
            return
        if self._dragging and joint is not None:
            self._dragging = False
            self.drag_ended.emit(joint)
        elif joint is not None and not self._adds:
            self.joint_clicked.emit(joint)
        elif joint is None and self._held == Qt.MouseButton.LeftButton:
            self._clicked_nothing((here - press).manhattanLength())
        elif self._held == Qt.MouseButton.RightButton and (here - press).manhattanLength() < 3:
            under = self.joint_at(here)
            if under is not None:
                self.pin_wanted.emit(under)
        self._set_hovered(self.joint_at(here))
        self.refresh()

    def _clicked_nothing(self, moved: float) -> None:
        if moved < 3:
            self.emptied.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Frame the hand."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.frame()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go back; while a joint is held it moves along the view instead."""
        turn = event.angleDelta().y()
        if self._joint is not None and self._joints is not None:
            self._deepen(-turn / 120)
        else:
            self.orbit = self.orbit.zoomed(_WHEEL**turn)
            self.refresh(moving=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives a held joint back, brackets move it along the view."""
        if event.key() in _DEEPER and self._joint is not None:
            self._deepen(_DEEPER[event.key()])
            return
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self.cancel_drag()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take Escape and brackets before the window's own actions while a joint is held."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            escapes = event.key() == Qt.Key.Key_Escape and self._dragging
            if escapes or (event.key() in _DEEPER and self._joint is not None):
                event.accept()
                return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Name no joint any more."""
        self._set_hovered(None)
        super().leaveEvent(event)

    def cancel_drag(self) -> None:
        """Give a held joint back to where it was."""
        if self._dragging:
            self.let_go()
            self.drag_cancelled.emit()

    def let_go(self) -> None:
        """Hold no joint any more; what was moved stays as it is."""
        if self._joint is not None:
            self._dragging, self._joint, self._press = False, None, None

    def joint_at(self, point: QPointF) -> int | None:
        """The joint nearest to a point of the view, the one in front where two are as near."""
        if self._joints is None or self._scene is None or not self._scene.shown.skeleton:
            return None
        at, depth = self.orbit.to_screen(self._joints, self._size)
        away = np.hypot(at[:, 0] - point.x(), at[:, 1] - point.y())
        if away.min() > GRAB_PX:
            return None
        near = np.flatnonzero(away <= away.min() + 3.0)
        return int(near[depth[near].argmin()])

    def _drag_to(self, here: QPointF, moved: bool = False) -> None:
        if self._joint is None or self._press is None:
            return
        if not self._dragging:
            if not moved and (here - self._press).manhattanLength() < 3:
                return
            self._dragging = True
            self.drag_began.emit(self._joint)
            if self._joint is None:
                return  # it may not be moved
        point = (here.x() + self._grab[0], here.y() + self._grab[1])
        self.dragged.emit(self._joint, self.orbit.from_screen(point, self._depth, self._size), self._alone)

    def _deepen(self, steps: float) -> None:
        """Move the joint that is held along the view, away from the viewer."""
        self._depth += steps * self.orbit.reach * 0.03
        self._drag_to(self._last, moved=True)

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

    @property
    def _size(self) -> tuple[float, float]:
        return max(float(self.width()), 1.0), max(float(self.height()), 1.0)


def background(theme: Theme) -> tuple[QColor, QColor]:
    """The gradient's ends: neutral, a little lighter above."""
    return (QColor("#34373c"), QColor("#212327")) if theme.dark else (QColor("#d9dce0"), QColor("#b3b8bf"))
