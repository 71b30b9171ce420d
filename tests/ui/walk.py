"""The main job from end to end, by mouse and keyboard in the real window, with real child processes.

Open, import, propose, accept, drag, undo all, redo all, close, reopen, finetune while stepping on.
After each stage the project is read through a connection of its own: what counts is what is on the disk.
The test walks on a few photographs; ``tests/benchmarks/walk.py`` walks the same way and takes pictures.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer

from handstudio.project.project import Project
from handstudio.project.records import HandQuery, State
from handstudio.ui.desk import Desk
from handstudio.ui.window import MainWindow

from .person import Person, wait_until

ROOT = Path(__file__).parents[2]
PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "signs" / "images"
EXAMPLE = ROOT / "resources" / "example" / "sequences"
WEIGHTS = ROOT / "resources" / "weights" / "semihand-lite.safetensors"

TINY = {
    "epochs": 1,
    "batch": 8,
    "rendered_share": 0.0,
    "least_steps": 6,
    "first_views": 1,
    "views": 1,
    "labelled_weight": 1,
}
"""A finetune of some seconds, as the model's own settings: the window's control asks for nothing else."""

ACCEPTED, DRAGGED = 10, 3
JOINTS = (8, 4, 20, 12, 16, 7, 3, 19)
"""Joints to drag, the first three that can be seen and grasped: tips of index, thumb and pinky at best."""
FAR_PX = 24
"""Screen pixels of a drag."""

Key, Mod = Qt.Key, Qt.KeyboardModifier


def footage(folder: Path, count: int) -> Path:
    """Photographs of hands where they are beside the repository, else frames of the bundled example."""
    folder.mkdir(parents=True)
    found = sorted(PHOTOGRAPHS.glob("*.jpg"), key=lambda path: int(path.name.split("_")[0]))
    found = found or sorted(EXAMPLE.glob("*/cam0/rgb/*"))
    for place in np.linspace(0, len(found) - 1, min(count, len(found))).astype(int):
        path = found[place]
        name = path.name if found[0].parent == PHOTOGRAPHS else f"{path.parents[2].name}_{path.name}"
        shutil.copy(path, folder / name)
    return folder


def shipped_model(folder: Path, finetuning: dict[str, object]) -> Path:
    """The shipped weights, with other settings for a finetune."""
    folder.mkdir(parents=True)
    shutil.copy(WEIGHTS, folder / "model.safetensors")
    lineage = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
    lineage["settings"]["finetuning"].update(finetuning)
    (folder / "model.json").write_text(json.dumps(lineage), "utf-8")
    return folder


def project_with_model(path: Path, model: Path) -> Path:
    """An empty project that has adopted a model."""
    with Project.create(path) as project:
        project.add_model(
            "shipped", "Shipped", "semihand", "lite", source="shipped", path=model, adopted=True
        )
    return path


@dataclass(frozen=True)
class Kept:
    """What a project holds of people's decisions.

    Attributes:
        states: of every hand, by its id.
        labels: every label's pose, to the last bit.
        audit: what was applied, undone and redone with which command, oldest first.
    """

    states: dict[int, State]
    labels: dict[int, bytes]
    audit: list[tuple[str, int]]

    @classmethod
    def on_disk(cls, path: Path) -> Kept:
        """Read through a connection of its own."""
        with Project.open(path, read_only=True) as project:
            hands = project.hands(HandQuery())
            labels = project.poses("label")
            poses = zip(labels.uv, labels.depth, labels.visibility, strict=True)
            return cls(
                {hand.id: hand.state for hand in hands},
                {
                    int(hand_id): b"".join(part.tobytes() for part in pose)
                    for hand_id, pose in zip(labels.hand_ids, poses, strict=True)
                },
                [(entry.action, entry.command_id) for entry in reversed(project.history.entries(10_000))],
            )

    def count(self, state: State) -> int:
        """How many hands are in a state."""
        return list(self.states.values()).count(state)

    def actions(self) -> list[str]:
        """The audit trail without its numbers."""
        return [action for action, _ in self.audit]


@dataclass
class Stepping:
    """How the window answered while a finetune ran.

    Attributes:
        steps_s: from each press of a key to the painted frame.
        gaps_s: between turns of the event loop.
    """

    steps_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)


class Walk:
    """One walk through one project.

    Args:
        desk: opens the windows, with jobs and docks.
        path: the project, empty but for its model.
        picture: called with a window and a stage's name once the stage is done.
        size: of the window, px.
    """

    def __init__(
        self,
        desk: Desk,
        path: Path,
        picture: Callable[[MainWindow, str], None] = lambda *_: None,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.desk = desk
        self.path = path
        self._picture = picture
        self._size = size
        self._forward = True

    def kept(self) -> Kept:
        """What is on the disk now."""
        return Kept.on_disk(self.path)

    def open(self, stage: str = "open") -> None:
        """Open the project's window and wait until it can be worked with."""
        self.window = self.desk.open_first(self.path)
        self.person = Person(self.window)
        if self._size is not None:
            self.window.resize(*self._size)
            self.window.docks.size_docks()
        filled: list[bool] = []
        self.window.docks.filled.connect(lambda: filled.append(True))
        self.window.activateWindow()
        wait_until(lambda: bool(filled) and self.window.isActiveWindow(), "the window is filled and active")
        self._picture(self.window, stage)

    def import_by_dropping(self, folder: Path) -> None:
        """Drop a folder on the window."""
        self.person.drop([str(folder)])
        wait_until(self._shows_a_frame, "the imported footage is shown")
        self._wait_for_jobs()
        self._picture(self.window, "imported")

    def propose(self) -> None:
        """Press P; the proposals come by themselves."""
        self.person.key(Key.Key_P)
        wait_until(self._shows_a_pose, "the first proposals are on the canvas")
        self._picture(self.window, "streaming")
        self._wait_for_jobs()
        self._picture(self.window, "proposed")

    def accept(self, count: int = ACCEPTED) -> list[int]:
        """Accept hands with Space; returns them."""
        accepted = []
        for _ in range(count):
            hand = self.window.session.hand_id
            accepted.append(hand)
            self.person.key(Key.Key_Space)
            wait_until(lambda hand=hand: self._shows_another_hand(hand), "the next hand is shown")
        self._picture(self.window, "accepted")
        return accepted

    def drag_joints(self, count: int = DRAGGED) -> list[int]:
        """Drag joints of the current hand a little; returns them."""
        self.person.key(Key.Key_0)
        dragged: list[int] = []
        for joint in JOINTS:
            if len(dragged) < count and self._can_grasp(joint):
                start = self._place(joint)
                self.person.drag(self._viewport, start, start + QPoint(-FAR_PX, FAR_PX // 2))
                dragged.append(joint)
        assert len(dragged) == count, "too few joints can be grasped"
        self._picture(self.window, "dragged")
        self.person.key(Key.Key_Escape)
        return dragged

    def undo_all(self) -> int:
        """Ctrl+Z as long as there is something to undo; how often."""
        return self._until_disabled("undo", lambda: self.person.key(Key.Key_Z, Mod.ControlModifier))

    def redo_all(self) -> int:
        """Ctrl+Shift+Z as long as there is something to redo; how often."""
        both = Mod.ControlModifier | Mod.ShiftModifier
        return self._until_disabled("redo", lambda: self.person.key(Key.Key_Z, both))

    def close(self) -> None:
        """Close the window as a person would."""
        self.person.key(Key.Key_Q, Mod.ControlModifier)
        wait_until(lambda: not self.desk.windows, "the window is closed")

    def finetune_while_stepping(self) -> Stepping:
        """Click Finetune and step through the frames, to and fro, until it is done."""
        stepping, board = Stepping(), self.window.services.board
        self.person.click_tab("Training")
        self.person.click(self._finetune_button())
        wait_until(lambda: bool(board.running), "the finetune runs")
        watch = _Turns(stepping.gaps_s)
        pictured = False
        while board.running:
            stepping.steps_s.append(self._step())
            if not pictured and self._trains():
                pictured = True
                watch.pause()
                self._picture(self.window, "finetuning")
                watch.go_on()
        watch.stop()
        self._wait_for_jobs()
        self._picture(self.window, "finetuned")
        self.person.click_tab("Models")
        self._picture(self.window, "models")
        return stepping

    # Inside

    @property
    def _viewport(self):
        return self.window.canvas.view.viewport()

    def _shows_a_frame(self) -> bool:
        return self.window.canvas.frame is not None

    def _shows_a_pose(self) -> bool:
        hand = self.window.canvas.hands.current
        return hand is not None and hand.uv is not None

    def _shows_another_hand(self, before: int) -> bool:
        canvas, session = self.window.canvas, self.window.session
        return (
            session.hand_id != before
            and canvas.frame is not None
            and canvas.hands.current_id == session.hand_id
        )

    def _wait_for_jobs(self) -> None:
        board = self.window.services.board
        wait_until(lambda: not board.running, "the job ends")
        wait_until(lambda: not self.window.status.job.isVisible(), "the status line says so")
        self.window.session.poll()

    def _place(self, joint: int) -> QPoint:
        canvas = self.window.canvas
        return canvas.view.viewportTransform().map(QPointF(*canvas.grasp.joint_place(joint))).toPoint()

    def _can_grasp(self, joint: int) -> bool:
        """Whether a press at the joint would take it, and not its neighbour or what floats over the view."""
        canvas, at = self.window.canvas, self._place(joint)
        reach = self._viewport.rect().adjusted(FAR_PX, FAR_PX, -FAR_PX, -FAR_PX)
        over = canvas.inset.geometry().adjusted(-FAR_PX, -FAR_PX, FAR_PX, FAR_PX)
        if not reach.contains(at) or (canvas.inset.isVisible() and over.contains(at)):
            return False
        return canvas.grasp.joint_at(canvas.view, QPointF(at)) == joint

    def _until_disabled(self, name: str, press: Callable[[], None]) -> int:
        times = 0
        while self.window.services.actions[name].isEnabled():
            press()
            times += 1
            assert times <= 1000, f"{name} never ends"
        self._picture(self.window, name)
        return times

    def _finetune_button(self):
        action = self.window.services.actions["finetune"]
        return next(widget for widget in action.associatedObjects() if widget.objectName() == "machine")

    def _trains(self) -> bool:
        entries = self.window.docks.widgets["training"].model.entries
        return any(entry.curves for entry in entries if entry.running)

    def _step(self) -> float:
        """One frame on, or back at the ends; seconds until it is painted."""
        session, canvas = self.window.session, self.window.canvas
        last = session.sequence(session.sequence_id).frame_count - 1
        ahead = self._forward or session.frame_index == 0
        self._forward = ahead and session.frame_index < last
        wanted = session.frame_index + (1 if self._forward else -1)
        painted: list[bool] = []
        noted = canvas.view.painted.connect(lambda: painted.append(canvas.frame is not None))
        began = time.perf_counter()
        self.person.key(Key.Key_Right if self._forward else Key.Key_Left)
        wait_until(lambda: session.frame_index == wanted and any(painted), "the next frame is painted")
        seconds = time.perf_counter() - began
        canvas.view.painted.disconnect(noted)
        wait_until(after(0.05), "a person presses again")
        return seconds


def after(seconds: float) -> Callable[[], bool]:
    """Becomes true some time from now."""
    limit = time.monotonic() + seconds
    return lambda: time.monotonic() >= limit


class _Turns(QObject):
    """Notes the gaps between turns of the event loop."""

    def __init__(self, gaps: list[float]) -> None:
        super().__init__()
        self._gaps = gaps
        self._last: float | None = None
        self._timer = QTimer(self, interval=5)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self._gaps.append(now - self._last)
        self._last = now

    def pause(self) -> None:
        self._timer.stop()
        self._last = None

    def go_on(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
