"""labelme's start and frame step on a folder of images, for ``tests/benchmarks/ui.py --labelme``.

It runs in an environment of its own, which has labelme and not this project::

    python -m venv labelme-env && labelme-env/bin/pip install labelme
    xvfb-run python tests/benchmarks/ui.py --labelme labelme-env/bin/python

Prints one JSON object: ``ready`` (seconds since 1970 when the first image had been painted), ``steps``
(seconds from key press to painted canvas, forward and back again) and ``version``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path


def measure(python: str, images: Path, count: int, starts: int = 5) -> dict[str, object]:
    """Run this file with ``python`` on a folder of images.

    Returns:
        ``start`` (median seconds from the command to the first image painted, the first start left out),
        ``steps`` and ``version``.
    """
    found, taken = {}, []
    with tempfile.TemporaryDirectory() as home:
        for number in range(starts + 1):
            words = [python, __file__, str(images), str(count if number == starts else 0), home]
            begun = time.time()
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"labelme cannot be measured with {python}:\n{done.stderr}")
            found = json.loads(done.stdout.splitlines()[-1])
            taken.append(found["ready"] - begun)
    return {**found, "start": statistics.median(taken[1:])}


def drive(images: str, count: int, home: str) -> None:
    """The labelme side: its own main function, with a window that presses keys once it is painted."""
    import os

    os.environ["HOME"] = home
    import labelme
    import labelme.__main__ as program
    from labelme.widgets import Canvas
    from PyQt5 import QtCore, QtTest

    painted: list[float] = []
    paint = Canvas.paintEvent

    def timed(canvas: Canvas, event: object) -> None:
        paint(canvas, event)
        if not canvas.pixmap.isNull():
            painted.append(time.perf_counter())

    Canvas.paintEvent = timed

    class Window(program.MainWindow):  # type: ignore[misc]
        def show(self) -> None:
            self.resize(1600, 960)
            super().show()
            QtCore.QTimer.singleShot(0, self.run)

        def painted(self) -> float:
            """When the canvas, with an image, has been painted."""
            limit = time.monotonic() + 30
            while not painted:
                if time.monotonic() > limit:
                    raise TimeoutError("the canvas was not painted")
                program.QtWidgets.QApplication.processEvents()
            return painted[-1]

        def run(self) -> None:
            try:
                self.press()
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)  # labelme would show a dialog and wait
                os._exit(1)
            os._exit(0)

        def press(self) -> None:
            self.painted()
            ready, steps = time.time(), []
            self.activateWindow()
            program.QtWidgets.QApplication.setActiveWindow(self)
            row, forward = self._docks.file_list, True
            for _ in range(count):
                at = row.currentRow()
                forward = (forward and at < row.count() - 1) or at == 0
                self.idle(0.1)
                painted.clear()
                begun = time.perf_counter()
                QtTest.QTest.keyClick(self, "d" if forward else "a")
                steps.append(self.painted() - begun)
                if row.currentRow() == at:
                    raise RuntimeError("the key did not change the image")
            print(json.dumps({"ready": ready, "steps": steps, "version": labelme.__version__}), flush=True)

        def idle(self, seconds: float) -> None:
            limit = time.monotonic() + seconds
            while time.monotonic() < limit:
                program.QtWidgets.QApplication.processEvents()

    program.MainWindow = Window
    sys.argv = ["labelme", images, "--config", "{auto_save: false}", "--logger-level", "error"]
    program.main()


if __name__ == "__main__":
    drive(sys.argv[1], int(sys.argv[2]), sys.argv[3])
