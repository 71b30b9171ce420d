"""The 3D view as a dock: the session's hand in space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from handstudio.hand.circles import sphere_model
from handstudio.ui.actions import ActionSpec
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Notice
from handstudio.ui.view3d import meshes
from handstudio.ui.view3d.cleaning import CloudCleaner
from handstudio.ui.view3d.cloud import cloud_about, measured_root_mm, spacing_mm
from handstudio.ui.view3d.content import HandInSpace, at_distance, hand_in_space
from handstudio.ui.view3d.drags import Drags
from handstudio.ui.view3d.orbit import Orbit
from handstudio.ui.view3d.stage import Stage, background
from handstudio.ui.view3d.studio import Studio

if TYPE_CHECKING:
    from handstudio.jobs.worker import CleanCloud
    from handstudio.project.records import Change
    from handstudio.review.hand_view import HandView
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

JOINT_RADIUS = 0.085
"""Radius of a joint's ball in reference bones."""
_FIRST_YAW, _FIRST_PITCH = 0.42, -0.22
_SPECS = (
    (
        "view3d_camera",
        "Camera's view",
        "Ctrl+Shift+Y",
        "mdi6.camera-outline",
        "See the hand in 3D as the camera saw it",
    ),
    (
        "view3d_frame",
        "Frame the hand in 3D",
        "Ctrl+Shift+L",
        "mdi6.fit-to-screen-outline",
        "Also by double click",
    ),
)
_NEEDS_JOINT = "Select one joint with Tab: Enter takes hold of it then, and arrows move it"
_SHOWN = (
    ("skeleton", "Skeleton in 3D", "mdi6.vector-polyline", "Joints and bones"),
    ("spheres", "Spheres in 3D", "mdi6.circle-opacity", "The hand model's spheres"),
    ("cloud", "Point cloud in 3D", "mdi6.dots-hexagon", "The frame's depth in the frame's colours"),
    ("grid", "Floor in 3D", "mdi6.grid", "A floor with lines 1 cm apart"),
)


class View3D(QWidget):
    """Shows the session's hand in 3D; a joint can be dragged in the view plane."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._theme = services.theme
        self._hand: HandInSpace | None = None
        self._view: HandView | None = None
        self._shown_hand: int | None = None
        self._cloud_of: tuple[int, int] | None = None
        self._root_mm: float | None = None
        self._stale = True
        self.cleaner = CloudCleaner(services.worker, self)
        self.cleaner.cleaned.connect(self._show_cleaned)
        self.studio = Studio()
        self.studio.ready.connect(self._scene_ready)
        self.studio.failed.connect(self._scene_failed)
        self.destroyed.connect(self.studio.close)
        self.stage = Stage(self._theme)
        self.stage.orbit = Orbit(yaw=_FIRST_YAW, pitch=_FIRST_PITCH)
        self.stage.setAccessibleName("Hand in 3D")
        self.stage.setAccessibleDescription(
            "Drag or arrows turn, wheel, plus and minus zoom, Shift and arrows shift; drag a joint to move "
            "its finger, with Shift it alone, and one of several selected to move all, or select one with "
            "Tab and take hold of it with Enter: arrows move it; wheel or brackets move what is held in "
            "depth, a right click pins"
        )
        self.notice = Notice(self._theme, self.stage)
        self.bar = self._build_bar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stage)
        self.preparing = True
        self._connect()
        self._say_loading()

    # Wiring

    def _build_bar(self) -> QWidget:
        bar = QWidget(self.stage)
        bar.setAutoFillBackground(True)  # so that the picture moves without painting the buttons
        row = QHBoxLayout(bar)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        actions = self._services.actions
        own: list[QAction] = []
        for name, title, key, icon, tip in _SPECS:
            slot = self.stage.look_through_camera if name == "view3d_camera" else self.stage.frame
            own.append(actions.add(ActionSpec(name, title, "3D view", (key,), icon, tip), slot))
        self._toggles: dict[str, QAction] = {}
        for name, title, icon, tip in _SHOWN:
            spec = ActionSpec(f"view3d_{name}", title, "3D view", (), icon, tip, checkable=True)
            action = actions.add(spec, lambda on, name=name: self._show_part(name, on))
            action.setChecked(self._services.settings.value(f"view3d/{name}", True, type=bool))
            self._toggles[name] = action
            own.append(action)
        for action in own:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(16, 16))
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        return bar

    def _connect(self) -> None:
        stage = self.stage
        stage.scene_wanted.connect(lambda: QTimer.singleShot(0, self.studio, self.studio.start))
        self.drags = Drags(self._session, stage, lambda: self._hand)
        stage.chosen = lambda: self._session.joints
        stage.needs_joint.connect(lambda: self._session.message.emit(_NEEDS_JOINT))
        self._theme.changed.connect(self._restyle)
        self._listener = Listener(self._session, self._services)
        self._listener.on("hand_changed", lambda _hand: self.refresh())
        self._listener.on("selection_changed", self._marks)
        self._listener.on("changed", self._changed)
        self._listener.on("edited", self._edited)
        if self._services.loader is not None:
            self._services.loader.ready.connect(self._frame_ready)

    def shutdown(self) -> None:
        """Free the OpenGL context and stop listening. The view shows nothing any more."""
        self._listener.close()
        self.cleaner.close()
        self.stage.set_scene(None)
        self.studio.close()

    # The scene comes

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden view gives a held joint back."""
        self.stage.cancel_drag()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons in the corner and the notice in the middle."""
        super().resizeEvent(event)
        self.bar.adjustSize()
        self.bar.move(self.width() - self.bar.width(), 0)
        self.stage.covered = self.bar.geometry() if self.bar.isVisible() else QRect()
        self.notice.setGeometry(self.rect())

    def _scene_ready(self) -> None:
        if self.studio.scene is None:
            return
        self.preparing = False
        self.stage.set_scene(self.studio.scene)
        self._restyle()
        for name, action in self._toggles.items():
            setattr(self.studio.scene.shown, name, action.isChecked())
        self._shown_hand = self._view = None
        self.refresh()

    def _scene_failed(self, reason: str) -> None:
        self.preparing = False
        self.bar.hide()
        self.notice.show()
        self.notice.say(
            f"The 3D view needs OpenGL: {reason}. Everything else works without it; "
            "start HandStudio on a display with OpenGL 2.1 to see hands in 3D.",
            icon="mdi6.alert-outline",
        )

    # The session's hand

    def refresh(self) -> None:
        """Show the session's hand as it is now.

        Of the next hand there is first a picture in time, as while something moves: who holds a key down
        never waits for this view.
        """
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        scene = self.studio.scene
        if scene is None:
            return
        hand_id = self._session.hand_id
        view = self._session.hand_view(hand_id) if hand_id is not None else None
        if view is not None and view is self._view:
            return
        self._view = view
        self._hand = self._placed(view) if view is not None else None
        self.bar.setVisible(self._hand is not None)
        self.stage.covered = self.bar.geometry() if self._hand is not None else QRect()
        if self._hand is None or view is None:
            self._shown_hand = self._cloud_of = None
            self.cleaner.drop()
            scene.clear()
            self.stage.set_joints(None, None)
            self._say_empty(view is not None)
            self.stage.refresh()
            return
        self.notice.hide()
        fresh = self._hand.hand_id != self._shown_hand
        if fresh:
            self.stage.let_go()
        stepping = fresh and self._shown_hand is not None
        colours = np.ones((21, 4), np.float32)
        colours[:, :3] = [self._theme.joint_colour(joint).getRgbF()[:3] for joint in range(21)]
        scene.set_joints(colours, self._hand.hollow())
        self.stage.set_joints(self._hand.joints, self._hand.eye)
        if fresh:
            self._shown_hand, self._cloud_of = self._hand.hand_id, None
            self.stage.orbit = self.stage.orbit.framed(self._hand.joints)
            self.cleaner.drop()
            scene.set_cloud(None)
        self._place_floor()
        self._place_cloud()
        self._place_joints(moving=stepping)
        self.stage.note = self._note()

    def _placed(self, view: HandView) -> HandInSpace | None:
        """The hand as far away as the frame's depth says, else as its pose says."""
        hand = hand_in_space(view, self._session.camera(view.record.sequence_id))
        loader, self._root_mm = self._services.loader, None
        if hand is None or loader is None:
            return hand
        frame = loader.frame(view.record.sequence_id, view.record.frame_index)
        self._root_mm = measured_root_mm(hand, frame) if frame is not None else None
        return hand if self._root_mm is None else at_distance(hand, self._root_mm)

    def _edited(self) -> None:
        """The pose being edited moved: update buffers, nothing else."""
        if not self.isVisible() or self._hand is None or self._session.hand_id != self._hand.hand_id:
            self._stale = not self.isVisible()
            return
        view = self._session.hand_view(self._hand.hand_id)
        moved = hand_in_space(view, self._hand.camera)
        if moved is None:
            return
        if self._root_mm is not None:  # it stays where it was measured: what is dragged is the finger
            moved = at_distance(moved, self._root_mm)
        self._hand, self._view = moved, view
        self.stage.set_joints(moved.joints, moved.eye)
        self._place_joints(moving=True)

    def _changed(self, change: Change) -> None:
        if change.everything or self._session.sequence_id in change.sequences:
            self.refresh()

    def _place_joints(self, moving: bool) -> None:
        hand, scene = self._hand, self.studio.scene
        if hand is None or scene is None:
            return
        scene.set_pose(hand.joints, JOINT_RADIUS * hand.bone)
        scene.place_cloud(-hand.root)
        scene.set_spheres(*sphere_model(hand.joints))
        self._marks(moving)

    def _marks(self, moving: bool = False) -> None:
        scene = self.studio.scene
        if scene is None or self._hand is None:
            return
        session = self._session
        pinned = session.pins.of(self._hand.hand_id)
        scene.set_marks(session.joints, self._theme.colour("accent"), pinned, session.limited)
        self.stage.refresh(moving)

    def _place_floor(self) -> None:
        hand, scene = self._hand, self.studio.scene
        if hand is None or scene is None:
            return
        step = 10.0 if hand.metric else hand.bone / 4
        low, high = hand.joints.min(0), hand.joints.max(0)
        middle = np.round((low + high) / 2 / step) * step
        tint = (*self._theme.colour("secondary").getRgbF()[:3], 0.75)
        scene.set_floor(meshes.floor_grid(middle, float(high[1] + 1.5 * step), step, 15, tint))

    def _place_cloud(self) -> None:
        hand, scene, loader = self._hand, self.studio.scene, self._services.loader
        if hand is None or scene is None:
            return
        record = self._session.bundle(hand.hand_id).record
        key = (record.sequence_id, record.frame_index)
        if loader is None or hand.camera is None:
            self._toggles["cloud"].setEnabled(False)
            return
        frame = loader.frame(*key)
        if frame is None or self._cloud_of == key:
            return
        self._cloud_of = key
        found = cloud_about(hand, record, frame)
        self._toggles["cloud"].setEnabled(found is not None)
        if found is None:
            scene.set_cloud(None)
            return
        self._spacing = spacing_mm(found)
        scene.set_cloud(found.points, found.colours / np.float32(255), spacing=self._spacing)
        self.cleaner.ask(found)

    def _show_cleaned(self, cloud: CleanCloud) -> None:
        """The cloud on view, without strays and shaded; it replaces the one that was measured."""
        scene = self.studio.scene
        if scene is None or self._cloud_of is None:
            return
        colours = cloud.colours / np.float32(255)
        scene.set_cloud(cloud.points, colours, cloud.normals, self._spacing)
        self.stage.refresh()

    def _frame_ready(self, sequence_id: int, index: int) -> None:
        if not self.isVisible() or self._hand is None or self._cloud_of is not None:
            return
        if (sequence_id, index) == (self._session.sequence_id, self._session.frame_index):
            self._view = None  # the hand is the same, but now its depth is known
            self.refresh()

    # Words and looks

    def _show_part(self, name: str, on: bool) -> None:
        self._services.settings.setValue(f"view3d/{name}", on)
        if self.studio.scene is not None:
            setattr(self.studio.scene.shown, name, on)
            self.stage.refresh()

    def _note(self) -> str:
        assert self._hand is not None
        if self._root_mm is not None:
            return "mm, placed by the frame's depth\nfloor lines 1 cm apart"
        if self._hand.metric:
            return "mm · floor lines 1 cm apart"
        return "Scale-free, no camera known\nfloor lines ¼ reference bone apart"

    def _say_loading(self) -> None:
        self.notice.say("Preparing the 3D view", icon="mdi6.rotate-orbit")
        self.bar.hide()

    def _say_empty(self, has_hand: bool) -> None:
        actions = self._services.actions
        action = actions["propose" if has_hand else "draw_box"]
        text = "This hand has no pose yet." if has_hand else "No hand is selected."
        self.notice.say(
            text,
            icon="mdi6.hand-back-right-outline",
            button=action.text(),
            do=action.trigger,
            tip=action.toolTip(),
        )
        self.notice.show()

    def _restyle(self) -> None:
        if self.studio.scene is not None:
            self.studio.scene.set_background(*background(self._theme))
            self._place_floor()
            self._marks()
            self.stage.refresh()
