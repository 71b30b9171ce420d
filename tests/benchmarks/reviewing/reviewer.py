"""Who walks: keys, a mouse on joints of the frame, and a picture of each stage."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget

from handstudio.project.project import Project
from handstudio.project.records import HandRecord, Label, Pose, State
from handstudio.ui.desk import Desk
from handstudio.ui.screenshots import Photographer, is_waiting
from tests.benchmarks.reviewing.album import Album
from tests.ui.keyboard import Keyboard
from tests.ui.person import wait_until

Key, Mod = Qt.Key, Qt.KeyboardModifier
CTRL, SHIFT, ALT, NONE = Mod.ControlModifier, Mod.ShiftModifier, Mod.AltModifier, Mod.NoModifier
SIZE = (1600, 960)
LATE_S = 0.4
"""So long what is painted late is waited for."""


class Reviewer(Keyboard):
    """One person at one project's window.

    Args:
        desk: opens the window.
        path: the project.
        album: gets the pictures.
    """

    def __init__(self, desk: Desk, path: Path, album: Album) -> None:
        super().__init__(desk, path, size=SIZE)
        self.album = album

    # What is there

    def settle(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Wait until nothing is still to be shown, and ``ready``."""
        photographer = Photographer(self.window, self.album.out)
        photographer.settle(lambda: ready() and not is_waiting(self.window), LATE_S)

    def stage(self, name: str, pressed: str, seen: str) -> None:
        """A picture of what is there now."""
        self.settle()
        self.album.take(self.window, name, pressed, seen, self.person.pointer)

    @property
    def session(self):
        return self.window.session

    @property
    def canvas(self):
        return self.window.canvas

    def dock(self, name: str) -> QWidget:
        """A dock's widget."""
        return self.window.docks.widgets[name]

    @property
    def said(self) -> str:
        """What the status line says."""
        return self.window.status.message.full_text

    def waits_for(self, text: str) -> None:
        """Wait until the status line says so."""
        wait_until(lambda: text in self.said, f"the status line says {text!r}, not {self.said!r}")

    def record(self) -> HandRecord:
        """The current hand, as it is on the disk."""
        with Project.open(self.path, read_only=True) as project:
            return project.hand(self.session.hand_id)

    def label(self) -> Label | None:
        """Its label, as it is on the disk."""
        with Project.open(self.path, read_only=True) as project:
            return project.label_of(self.session.hand_id)

    def pose(self) -> Pose:
        """What is drawn of the current hand."""
        return self.session.hand_view(self.session.hand_id).pose

    def state_of(self, hand_id: int) -> State:
        """A hand's state, as it is on the disk."""
        return self.kept().states[hand_id]

    # Going

    def go_to_frame(self, number: int) -> None:
        """Type a frame's number, counted from 1."""
        self.press(Key.Key_G, CTRL)
        self.type(str(number))
        self.press(Key.Key_Return)
        wait_until(lambda: self.session.frame_index == number - 1, f"frame {number} is gone to")
        self.frame_is_there()

    def frame_is_there(self) -> None:
        """Wait until the frame is on the canvas, with its hand."""
        wait_until(
            lambda: self.canvas.frame is not None and self.canvas.hands.current_id == self.session.hand_id,
            "the frame is on the canvas",
        )

    def next_frame(self) -> None:
        """One frame on; with a joint selected the arrow would move that."""
        wanted = self.session.frame_index + 1
        if self.session.joints:
            self.press(Key.Key_Escape)
        self.press(Key.Key_Right)
        wait_until(lambda: self.session.frame_index == wanted, "the next frame is there")
        self.frame_is_there()

    def pane_to(self, widget: QWidget) -> None:
        """F6 until the dock of a widget has the keys, then Tab until the widget has them."""
        dock = next(one for one in self.window.docks.by_name.values() if one.isAncestorOf(widget))
        for _ in range(20):
            if dock.isAncestorOf(self.window.focusWidget()):
                break
            self.press(Key.Key_F6)
        self.tab_to(widget)

    def stay_after_decisions(self) -> None:
        """Switch off that one goes on by itself."""
        if self.window.services.actions["go_on"].isChecked():
            self.act("Go on after a decision")
        assert not self.window.services.actions["go_on"].isChecked()

    def undo(self, times: int = 1) -> None:
        """Ctrl+Z."""
        self.press(Key.Key_Z, CTRL, times)

    # The mouse on the frame

    @property
    def viewport(self) -> QWidget:
        return self._viewport

    def place(self, joint: int) -> QPoint:
        """Where a joint is on the canvas, px of its view."""
        return self._place(joint)

    def on_canvas(self, u: float, v: float) -> QPoint:
        """Where a point of the frame is on the canvas."""
        return self.canvas.view.viewportTransform().map(QPointF(u, v)).toPoint()

    def hold_joint(self, joint: int, keys: Mod = NONE) -> QPoint:
        """Press a joint and keep it; where it is."""
        at = self.place(joint)
        assert self.canvas.grasp.joint_at(self.canvas.view, QPointF(at)) == joint, "another joint is nearer"
        self.person.hold(self.viewport, at, keys)
        return at

    def drag_joint(self, joint: int, by: QPoint, keys: Mod = NONE) -> None:
        """Drag a joint by so many px of the screen."""
        at = self.hold_joint(joint, keys)
        self.person.pull_to(at + by, keys)
        self.person.let_go(keys)

    def click_joint(self, joint: int, keys: Mod = NONE, right: bool = False) -> None:
        """Click a joint."""
        button = Qt.MouseButton.RightButton if right else Qt.MouseButton.LeftButton
        self.person.click(self.viewport, self.place(joint), keys, button)

    def graspable(self, joints: tuple[int, ...]) -> int:
        """The first of these joints that a press would take."""
        return next(joint for joint in joints if self._can_grasp(joint))

    def on_ring(self) -> QPoint:
        """A point of the ring about the wrist where nothing else is."""
        wrist = self.place(0)
        for degrees in range(0, 360, 10):
            turn = math.radians(degrees)
            at = wrist + QPoint(round(30 * math.cos(turn)), round(30 * math.sin(turn)))
            if self._part(at) == "ring":
                return at
        raise AssertionError("the ring cannot be taken anywhere")

    def corner(self) -> QPoint:
        """A corner of the hand's frame that can be taken."""
        overlay = self.canvas.hands.overlay
        corners = overlay.frame.corners(self.canvas.view.viewportTransform(), self.canvas.hands.current)
        return next(at.toPoint() for at in corners if self._part(at.toPoint()) not in (None, "ring"))

    def _part(self, at: QPoint) -> str | None:
        view, grasp = self.canvas.view, self.canvas.grasp
        over = self.canvas.inset
        if over.isVisible() and over.geometry().contains(at):
            return None
        if grasp.joint_at(view, QPointF(at)) is not None or not self.viewport.rect().contains(at):
            return None
        return grasp.part_at(view, QPointF(at))

    def around(self, joints: tuple[int, ...], air: int = 16) -> tuple[QPoint, QPoint]:
        """Two corners of a rectangle about joints, px of the view."""
        places = np.array([(at.x(), at.y()) for at in map(self.place, joints)])
        low, high = places.min(axis=0) - air, places.max(axis=0) + air
        return QPoint(*low.tolist()), QPoint(*high.tolist())
