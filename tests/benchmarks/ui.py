"""Speed of the window: ``python tests/benchmarks/ui.py`` (under ``xvfb-run`` without a display).

Prints one JSON object per line. Projects are made in a temporary folder. What is measured:

- ``start``: command to a window that has been painted and answered an event, in a process of its own, warm
  and with its modules compiled, as after the first start;
- ``frame_step``: key press to painted canvas with every 2D layer on, by steps and by queue jumps among cached
  frames, at 640x480 and 1920x1080;
- ``drag``: mouse move to painted canvas, with live kinematics;
- ``drag_lens``: processor's time that the magnifier adds to a move of a drag, every other move being without;
- ``decision``: Space pressed to stored on disk, and to the next hand painted;
- ``event_loop_gap``: gaps between turns of the event loop while the window's own finetune (``lite``, the
  bundled example) uses every core and one goes from hand to hand;
- ``labelme_start``, ``labelme_frame_step``, when asked: the same of labelme (``labelme_speed.py``).

``window`` in the context is the last paint that an act asks for, of docks and 3D view, beside the canvas's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]


def load_maker():
    spec = importlib.util.spec_from_file_location("made_project", ROOT / "tests" / "ui" / "made_project.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tell(name: str, value: float, unit: str, **context: object) -> None:
    print(
        json.dumps({"name": name, "value": round(float(value), 3), "unit": unit, "context": context}),
        flush=True,
    )


def spread(seconds: list[float]) -> dict[str, float]:
    values = 1000 * np.asarray(seconds)
    return {
        "median_ms": round(float(np.median(values)), 2),
        "p95_ms": round(float(np.percentile(values, 95)), 2),
        "max_ms": round(float(values.max()), 2),
        "count": len(values),
    }


START = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from handstudio.ui.start import application
app = application(["handstudio"])
from handstudio.ui.desk import Desk
desk = Desk(QSettings(sys.argv[2], QSettings.Format.IniFormat))
window = desk.open(Path(sys.argv[1]))
def answered():
    print(time.time(), time.process_time(), flush=True)
    heavy = {"torch", "open3d", "lightning_fabric", "alembic", "matplotlib", "h5py", "qtpy"}
    print(",".join(sorted(heavy & set(sys.modules))), flush=True)
    window.close()
    app.exit()
window.painted.connect(lambda: QTimer.singleShot(0, answered))
app.exec()
"""


def start(project: Path, folder: Path, repeats: int) -> None:
    walls, cpu, heavy = [], [], set()
    compiled = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    compiled.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(repeats + 1):
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-c", START, str(project), str(folder / "start.ini")],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=compiled,
        )
        first, second = done.stdout.splitlines()[:2] if done.stdout.count("\n") > 1 else (done.stdout, "")
        ended, used = map(float, first.split())
        walls.append(ended - begun)
        cpu.append(used)
        heavy |= set(filter(None, second.split(",")))
    tell(
        "start",
        statistics.median(walls[1:]),
        "s",
        best_s=round(min(walls[1:]), 3),
        cpu_s=round(statistics.median(cpu[1:]), 3),
        first_s=round(walls[0], 3),
        heavy_imports=sorted(heavy),
    )


QUIET_S = 0.1
"""After so long without a paint all that an act asks for has been painted."""


def repaints_of(window):
    """Notes, before Qt paints what is outdated in a window, that it does."""
    from PySide6.QtCore import QEvent, QObject

    class Repaints(QObject):
        seen = False

        def eventFilter(self, watched, event) -> bool:  # noqa: N802
            self.seen = self.seen or event.type() == QEvent.Type.UpdateRequest
            return False

    noted = Repaints(window)
    window.installEventFilter(noted)
    return noted


class Bench:
    """The real window on a project, driven by real events."""

    def __init__(self, project: Path, folder: Path, jobs: bool = False) -> None:
        from PySide6.QtCore import QSettings
        from PySide6.QtWidgets import QApplication

        from handstudio.ui.colours import LAYERS
        from handstudio.ui.desk import Desk
        from handstudio.ui.start import application

        self.app: QApplication = application(["handstudio"])
        settings = QSettings(str(folder / f"{time.time_ns()}.ini"), QSettings.Format.IniFormat)
        self.cpu: list[float] = []
        """Seconds of processor time of each timed act: what the wall clock would show on a quiet machine."""
        self.desk = Desk(settings, jobs=jobs)
        self.window = self.desk.open(project)
        self.window.resize(1600, 960)
        self.window.activateWindow()
        filled: list[bool] = []
        self.window.docks.filled.connect(lambda: filled.append(True))
        self.wait(
            lambda: bool(filled) and self.window.canvas.frame is not None and self.window.isActiveWindow()
        )
        self.repaints = repaints_of(self.window)
        for name in LAYERS:
            self.window.services.actions[f"layer_{name}"].setChecked(True)
        self.idle(0.5)

    def wait(self, ready, limit_s: float = 30.0) -> None:
        limit = time.monotonic() + limit_s
        while not ready():
            if time.monotonic() > limit:
                raise TimeoutError
            self.app.processEvents()

    def idle(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.app.processEvents()

    def close(self) -> None:
        self.window.close()
        self.idle(0.1)

    def context(self) -> dict[str, object]:
        view = self.window.canvas.view
        return {
            "canvas_px": [view.viewport().width(), view.viewport().height()],
            "frame_px": [
                int(self.window.canvas.frame_rect.width()),
                int(self.window.canvas.frame_rect.height()),
            ],
            "inset": self.window.canvas.inset.isVisible(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "cpu_median_ms": round(1000 * statistics.median(self.cpu), 2),
        }

    def until_painted(self, act, limit_s: float = 10.0) -> tuple[float, float]:
        """Seconds from ``act`` to the end of the canvas's next paint, and of the last paint of the window:
        docks and 3D view are painted after the canvas, and are done when nothing was for ``QUIET_S``."""
        view = self.window.canvas.view
        painted: list[float] = []
        noted = view.painted.connect(lambda: painted.append(time.perf_counter()))
        used = time.thread_time()
        begun = time.perf_counter()
        self.repaints.seen = False
        act()
        on_canvas = whole = 0.0
        while not painted or time.perf_counter() - whole < QUIET_S:
            self.app.processEvents()
            now = time.perf_counter()
            if painted and not on_canvas:
                on_canvas = whole = painted[-1]
                self.cpu.append(time.thread_time() - used)
            if self.repaints.seen:
                self.repaints.seen, whole = False, now
            if now - begun > limit_s:
                raise TimeoutError(
                    "the window is still painting" if painted else "the canvas was not painted"
                )
        view.painted.disconnect(noted)
        return on_canvas - begun, whole - begun

    def key(self, key, keys=None) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        QTest.keyClick(self.window.canvas.view, key, keys or Qt.KeyboardModifier.NoModifier)


def tell_painted(name: str, taken: list[tuple[float, float]], **context: object) -> None:
    """The canvas's paint as the figure, that of the whole window beside it."""
    canvas, window = spread([first for first, _ in taken]), spread([last for _, last in taken])
    tell(name, canvas["p95_ms"], "ms", **canvas, window=window, **context)


def frame_step(bench: Bench, count: int) -> None:
    from PySide6.QtCore import Qt

    last = bench.window.session.sequence(bench.window.session.sequence_id).frame_count - 1
    bench.key(Qt.Key.Key_Home)
    for _ in range(last):
        index = bench.window.session.frame_index
        bench.key(Qt.Key.Key_Right)
        bench.wait(
            lambda index=index: (
                bench.window.canvas.frame is not None and bench.window.session.frame_index > index
            )
        )
    bench.key(Qt.Key.Key_Home)
    bench.idle(0.3)
    taken = []
    bench.cpu.clear()
    forward = True
    for _ in range(count):
        index = bench.window.session.frame_index
        forward = (forward and index < last) or index == 0
        key = Qt.Key.Key_Right if forward else Qt.Key.Key_Left
        taken.append(bench.until_painted(lambda key=key: bench.key(key)))
        bench.idle(0.03)
    tell_painted("frame_step", taken, how="steps", **bench.context())
    bench.window.session.set_query(bench.window.session.query.__class__(order="random", seed=3))
    bench.window.session.go_to_hand(int(bench.window.session.queue.ids[0]))
    bench.idle(0.3)
    jumps = []
    bench.cpu.clear()
    for _ in range(min(count, last)):
        jumps.append(bench.until_painted(lambda: bench.key(Qt.Key.Key_N)))
        bench.idle(0.03)
    tell_painted("frame_step", jumps, how="queue jumps", **bench.context())


class Dragging:
    """A fingertip in the mouse's grip, moved along a curve; let go at the end."""

    def __init__(self, bench: Bench) -> None:
        from PySide6.QtCore import QPointF, Qt
        from PySide6.QtTest import QTest

        canvas = bench.window.canvas
        self.bench, self.viewport = bench, canvas.view.viewport()
        self.start = canvas.view.viewportTransform().map(QPointF(*canvas.grasp.joint_place(8)))
        self._plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.viewport, *self._plain, self.start.toPoint())

    def move(self, step: int) -> tuple[float, float]:
        """One move, until it is painted."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent

        start, (left, plain) = self.start, self._plain
        at = QPointF(start.x() + 25 * np.sin(step / 7), start.y() + 20 * (1 - np.cos(step / 9)) + 4)
        place = QPointF(self.viewport.mapToGlobal(at.toPoint()))
        move = QMouseEvent(QEvent.Type.MouseMove, at, place, Qt.MouseButton.NoButton, left, plain)
        taken = self.bench.until_painted(lambda: self.bench.app.sendEvent(self.viewport, move))
        self.bench.idle(0.03)
        return taken

    def let_go(self) -> None:
        from PySide6.QtTest import QTest

        QTest.mouseRelease(self.viewport, *self._plain, self.start.toPoint())


def drag(bench: Bench, count: int) -> None:
    bench.cpu.clear()
    dragging = Dragging(bench)
    taken = [dragging.move(step) for step in range(count)]
    dragging.let_go()
    tell_painted("drag", taken, **bench.context())


def lens(bench: Bench, count: int) -> None:
    switch = bench.window.services.actions["magnifier"]
    spent: dict[bool, list[float]] = {False: [], True: []}
    bench.cpu.clear()
    dragging = Dragging(bench)
    for step in range(2 * count):
        switch.setChecked(step % 2 == 1)
        bench.idle(0.03)
        dragging.move(step)
        spent[step % 2 == 1].append(bench.cpu[-1])
    switch.setChecked(False)
    dragging.let_go()
    without, within = (1000 * statistics.median(spent[on]) for on in (False, True))
    tell("drag_lens", within - without, "ms", cpu_without_ms=round(without, 2), **bench.context())


def decision(bench: Bench, count: int) -> None:
    from PySide6.QtCore import Qt

    session = bench.window.session
    pressed, stored, whole = [], [], []
    inner = session.accept

    def timed():
        change = inner()
        stored.append(time.perf_counter() - pressed[-1])
        return change

    def press():
        pressed.append(time.perf_counter())
        bench.key(Qt.Key.Key_Space)

    session.accept = timed
    bench.cpu.clear()
    for _ in range(count):
        whole.append(bench.until_painted(press))
    session.accept = inner
    if len(stored) != count:
        raise RuntimeError(f"{len(stored)} of {count} presses were decisions")
    p99 = np.percentile(1000 * np.asarray(stored), 99)
    tell("decision", p99, "ms", **spread(stored), what="key pressed to durable on the disk, p99")
    tell_painted("decision_to_next_hand", whole)


def event_loop_gap(folder: Path, seconds: float) -> None:
    from event_loop import project_with_example, turns_while_finetuning

    bench = Bench(project_with_example(folder), folder, jobs=True)
    gaps, context = turns_while_finetuning(bench, seconds)
    bench.close()
    tell(
        "event_loop_gap",
        np.percentile(gaps, 99),
        "ms",
        what="p99",
        max_ms=round(float(gaps.max()), 1),
        median_ms=round(float(np.median(gaps)), 1),
        turns=len(gaps),
        cores=os.cpu_count(),
        load=round(os.getloadavg()[0], 1),
        **context,
    )


def labelme(python: str, images: Path, count: int) -> None:
    """What labelme takes for the same images, without any annotation."""
    spec = importlib.util.spec_from_file_location(
        "labelme_speed", Path(__file__).with_name("labelme_speed.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.measure(python, images, count)
    tell("labelme_start", found["start"], "s", version=found["version"])
    taken = spread(found["steps"])
    tell("labelme_frame_step", taken["p95_ms"], "ms", **taken, version=found["version"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=["start", "small", "decisions", "large", "gap"])
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--gap-seconds", type=float, default=30.0, help="in which turns are noted")
    parser.add_argument("--labelme", help="python of an environment with labelme, to measure it as well")
    chosen = parser.parse_args()
    maker = load_maker()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        small = maker.make_project(folder / "small", count=60, size=(640, 480))
        if "start" in chosen.only:
            start(small, folder, 5)
        if chosen.labelme:
            labelme(chosen.labelme, small.parent / "footage" / "wave", chosen.count)
        if "small" in chosen.only:
            bench = Bench(small, folder)
            frame_step(bench, chosen.count)
            drag(bench, chosen.count)
            lens(bench, chosen.count)
            bench.close()
        if "gap" in chosen.only:
            event_loop_gap(folder, chosen.gap_seconds)
        if "decisions" in chosen.only:
            # some more hands than decisions: the last one leaves no next hand to paint
            many = maker.make_project(folder / "many", count=chosen.decisions + 10, size=(640, 480))
            bench = Bench(many, folder)
            decision(bench, chosen.decisions)
            bench.close()
        if "large" in chosen.only:
            large = maker.make_project(folder / "large", count=24, size=(1920, 1080))
            bench = Bench(large, folder)
            frame_step(bench, chosen.count)
            drag(bench, chosen.count)
            lens(bench, chosen.count)
            bench.close()
            if chosen.labelme:
                labelme(chosen.labelme, large.parent / "footage" / "wave", chosen.count)


if __name__ == "__main__":
    main()
