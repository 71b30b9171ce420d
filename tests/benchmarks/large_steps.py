"""Undo and redo of a decision about very many hands in the real window, and how the window goes on meanwhile.

Run: ``python -m tests.benchmarks.large_steps [--hands N] [--folder DIR]`` (under ``xvfb-run`` without a
display). Prints one JSON object per line. The project is made anew unless the folder holds one already; all
its hands are accepted as one step unless there is something to undo.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.project import build, say

PATIENCE_S = 3600.0


class Bench:
    """The window on a project, and how long its event loop takes from turn to turn."""

    def __init__(self, folder: Path, settings: Path) -> None:
        from PySide6.QtCore import QSettings, Qt, QTimer

        from handstudio.ui.desk import Desk
        from handstudio.ui.start import application

        self.app = application(["handstudio"])
        self.desk = Desk(QSettings(str(settings), QSettings.Format.IniFormat), jobs=False)
        self.window = self.desk.open(folder)
        filled: list[bool] = []
        self.window.docks.filled.connect(lambda: filled.append(True))
        self.window.activateWindow()
        self.wait(lambda: bool(filled) and self.window.isActiveWindow())
        self.idle(3.0)
        self.turns: list[float] = []
        timer = QTimer(self.window, interval=5)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: self.turns.append(time.perf_counter()))
        timer.start()

    def wait(self, ready: Callable[[], bool]) -> None:
        """Let the event loop run until something is so."""
        limit = time.monotonic() + PATIENCE_S
        while not ready():
            if time.monotonic() > limit:
                raise TimeoutError
            self.app.processEvents()
            time.sleep(0.001)

    def idle(self, seconds: float) -> None:
        """Let the event loop run for a while."""
        limit = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > limit)

    def step(self, name: str, press: Callable[[], None], cancel_at: float | None = None) -> None:
        """Take a large step, or cancel it at a share of the way: what it took, and the window's turns."""
        told: list[float] = []
        asked: list[float] = []
        steps = self.window.steps

        def hear(done: float, total: float | None, _unit: str) -> None:
            told.append(done / (total or 1.0))
            if cancel_at is not None and told[-1] >= cancel_at and not asked:
                asked.append(time.perf_counter())
                steps.cancel()

        steps._progress.told.connect(hear)
        self.turns.clear()
        began, used = time.perf_counter(), time.process_time()
        press()
        returned = time.perf_counter()
        if not steps.running:
            raise RuntimeError("there was no large step")
        self.wait(lambda: not steps.running)
        ended, cpu = time.perf_counter(), time.process_time() - used
        self.idle(2.0)
        steps._progress.told.disconnect(hear)
        gaps = 1000.0 * np.diff(self.turns)
        context: dict[str, Any] = {
            "cpu_s": round(cpu, 1),
            "key_ms": round(1000.0 * (returned - began), 1),
            "gap_p99_ms": round(float(np.percentile(gaps, 99)), 1),
            "gap_max_ms": round(float(gaps.max()), 1),
            "reports": len(told),
        }
        if asked:
            context["ended_after_cancel_ms"] = round(1000.0 * (ended - asked[0]))
        say(name, ended - began, "s", **context)


def measure(folder: Path, settings: Path) -> None:
    """Undo and redo what was done last, cancelled and to the end."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from handstudio.project import Project
    from handstudio.project.records import HandQuery
    from handstudio.review.bulk import decide_all

    with Project.open(folder, "window") as project:
        if not project.history.can_undo:
            started = time.perf_counter()
            done = decide_all(project, "accept", HandQuery(), "benchmark")
            say("accept all", time.perf_counter() - started, "s", hands=done)
        step = project.history.next("undo")
        say("the step", 0 if step is None else step.hands, "hands")
    bench = Bench(folder, settings)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

    def press(keys: Qt.KeyboardModifier) -> None:
        QTest.keyClick(bench.window.windowHandle(), Qt.Key.Key_Z, keys)

    bench.step("undo, cancelled half-way", lambda: press(control), 0.5)
    bench.step("undo", lambda: press(control))
    bench.step("redo", lambda: press(control | shift))
    say("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB")
    bench.window.close_and_wait()


def main() -> None:
    """Build if need be, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hands", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = wishes.folder or Path(temporary) / "many"
        if not (folder / "project.db").exists():
            build(folder, wishes.hands)
        measure(folder, Path(temporary) / "settings.ini")


if __name__ == "__main__":
    main()
