"""The walk through the main job with pictures: ``python tests/benchmarks/walk.py --out FOLDER``.

The walk of ``tests/ui/test_the_walk.py`` (under ``xvfb-run`` without a display): real mouse and key events in
the real window, real child processes. Writes a picture of the window at each stage into a folder, and prints
one JSON object per line: how long proposing took and how the window answered while the finetune ran. Ends
with 1 when a label was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))


def tell(name: str, value: float, unit: str, **context: object) -> None:
    """One figure as a line of JSON."""
    print(json.dumps({"name": name, "value": round(value, 1), "unit": unit, "context": context}), flush=True)


def spread(seconds: list[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and maximum, ms."""
    values = 1000.0 * np.asarray(seconds)
    levels = {"median_ms": 50, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}
    found = {name: round(float(np.percentile(values, level)), 1) for name, level in levels.items()}
    return {**found, "count": len(values)}


def main() -> None:
    """Walks once."""
    from PySide6.QtCore import QSettings

    from handstudio.ui.start import application
    from handstudio.ui.window import MainWindow
    from tests.ui.person import wait_until
    from tests.ui.walk import TINY, Walk, after, footage, project_with_model, shipped_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--photographs", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=2, help="of the finetune")
    parser.add_argument("--full", action="store_true", help="with the shipped settings but for the epochs")
    parser.add_argument("--scheme", choices=["dark", "light"], default="dark")
    wishes = parser.parse_args()
    wishes.out.mkdir(parents=True, exist_ok=True)
    application(["handstudio"])
    from handstudio.ui.desk import Desk

    taken: list[Path] = []

    def picture(window: MainWindow, stage: str) -> None:
        wait_until(after(0.5), "what is painted late is there")
        taken.append(wishes.out / f"{len(taken) + 1:02d}-{stage}.png")
        window.grab().save(str(taken[-1]))

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        settings.setValue("theme/scheme", wishes.scheme)
        photographs = footage(folder / "photographs", wishes.photographs)
        finetuning = {**({} if wishes.full else TINY), "epochs": wishes.epochs}
        model = shipped_model(folder / "model", finetuning)
        walk = Walk(Desk(settings), project_with_model(folder / "project", model), picture, (1600, 960))
        walk.open()
        walk.import_by_dropping(photographs)
        began = time.perf_counter()
        walk.propose()
        tell("propose", time.perf_counter() - began, "s", hands=len(walk.kept().states), what="with pictures")
        walk.accept()
        walk.drag_joints()
        decided = walk.kept()
        walk.undo_all()
        walk.redo_all()
        walk.close()
        walk.open("reopened")
        stepping = walk.finetune_while_stepping()
        walk.close()
        kept = walk.kept()
        lost = sum(kept.labels.get(hand) != pose for hand, pose in decided.labels.items())
        tell("walk", len(decided.labels), "labels", lost=lost, pictures=len(taken), kept=len(kept.labels))
    load = {"load": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    steps, gaps = spread(stepping.steps_s), spread(stepping.gaps_s)
    tell("frame_step_while_finetuning", steps["p95_ms"], "ms", **steps, **load)
    tell("event_loop_gap_while_finetuning", gaps["p99_ms"], "ms", **gaps, **load)
    if lost or not decided.labels:
        sys.exit("labels were lost" if lost else "nothing was decided")


if __name__ == "__main__":
    main()
