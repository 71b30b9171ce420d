"""Gaps between turns of the window's event loop while its own finetune runs; used by ``ui.py``."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "resources" / "example" / "sequences"
BEGINS_WITHIN_S = 1200.0
"""Reading footage, rendering hands and the first step of a finetune may take so long on a busy machine."""


def project_with_example(folder: Path) -> Path:
    """The bundled example as a project, with proposals of the shipped model, by the program's commands."""
    project = folder / "example"
    for words in (("import", EXAMPLE, "--project", project), ("propose", project)):
        subprocess.run(
            [sys.executable, "-m", "handstudio", *map(str, words)], check=True, cwd=ROOT, capture_output=True
        )
    return project


@dataclass
class Finetune:
    """The job as the window hears of it.

    Attributes:
        job: as the board started it. steps: that were done, each time that it was told.
    """

    job: Any = None
    steps: list[int] = field(default_factory=list)
    error: str = ""

    def listen(self, board: Any) -> None:
        """Hear of the next job."""
        board.started.connect(self._begun)
        board.told.connect(self._told)
        board.ended.connect(self._ended)

    def _begun(self, job: Any) -> None:
        self.job = job

    def _told(self, _job: Any, event: Any) -> None:
        if event.kind == "progress" and event.unit == "steps" and event.done:
            self.steps.append(int(event.done))

    def _ended(self, job: Any) -> None:
        self.error = job.error or job.state

    def seconds_of_processor(self) -> float:
        """Of the job and its children, till now."""
        processes = [psutil.Process(self.job.pid)]
        processes += processes[0].children(recursive=True)
        return sum(sum(process.cpu_times()[:2]) for process in processes)


def wait_idly(ready: Callable[[], bool]) -> None:
    """Let the event loop run, and leave the processor to the job meanwhile."""
    from PySide6.QtCore import QEventLoop, QTimer

    limit = time.monotonic() + BEGINS_WITHIN_S
    while not ready():
        if time.monotonic() > limit:
            raise TimeoutError(f"waited {BEGINS_WITHIN_S:.0f} s for the finetune in vain")
        loop = QEventLoop()
        QTimer.singleShot(50, loop.quit)
        loop.exec()


def turns_while_finetuning(bench: Any, seconds: float) -> tuple[np.ndarray, dict[str, Any]]:
    """Start a finetune by its key, use the window once it trains, and cancel it then.

    Args:
        bench: the real window with jobs, on a project that can be finetuned.
        seconds: how long the turns are noted.

    Returns:
        gaps between turns, ms; and what is to be known of the finetune.
    """
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    board, finetune = bench.window.services.board, Finetune()
    finetune.listen(board)
    bench.key(Qt.Key.Key_T)
    wait_idly(lambda: bool(finetune.steps) or bool(finetune.error))
    if finetune.error:
        raise RuntimeError(f"the finetune ended before its first step: {finetune.error}")
    first, used, begun = finetune.steps[-1], finetune.seconds_of_processor(), time.perf_counter()
    turns: list[float] = []
    turn, step = QTimer(interval=5), QTimer(interval=250)
    turn.setTimerType(Qt.TimerType.PreciseTimer)
    turn.timeout.connect(lambda: turns.append(time.perf_counter()))
    step.timeout.connect(lambda: bench.key(Qt.Key.Key_N))
    loop = QEventLoop()  # of its own: to quit the application ends its jobs
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    turn.start()
    step.start()
    loop.exec()
    turn.stop()
    step.stop()
    if finetune.error:
        raise RuntimeError(f"the finetune ended while turns were noted: {finetune.error}")
    cores = (finetune.seconds_of_processor() - used) / (time.perf_counter() - begun)
    finetune.job.cancel()
    wait_idly(lambda: not board.running)
    context = {
        "finetune": "lite, the bundled example",
        "steps": finetune.steps[-1] - first,
        "finetune_cores": round(cores, 2),
        "stepping_every_ms": 250,
        "seconds": seconds,
    }
    return np.diff(turns) * 1000, context
