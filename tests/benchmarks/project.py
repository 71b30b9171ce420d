"""A project of a million proposed hands: open, sort, filter, decide, show; memory of the whole process.

Run: ``python -m tests.benchmarks.project [--hands N] [--folder DIR]``. Prints one JSON object per line. The
project is made anew unless the folder holds one already; figures are those of a fresh process that opens it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 4096
FRAMES_PER_SEQUENCE = 20_000


def say(name: str, value: float, unit: str, **context: Any) -> None:
    """One figure as a line of JSON."""
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "context": context}), flush=True)


def build(folder: Path, hands: int) -> None:
    """Make a project of so many frames with one proposed hand each."""
    from handstudio.hand.box import Box
    from handstudio.project import Project
    from handstudio.project.records import FrameImport, HandImport, ProposalBatch, SequenceImport

    rng = np.random.default_rng(0)
    started = time.perf_counter()
    with Project.create(folder, "job") as project:
        box = Box(100.0, 60.0, 200.0, 200.0)
        for first in range(0, hands, FRAMES_PER_SEQUENCE):
            count = min(FRAMES_PER_SEQUENCE, hands - first)
            project.add_sequence(
                SequenceImport(
                    f"sequence {first // FRAMES_PER_SEQUENCE:03d}",
                    "folder",
                    "/nowhere",
                    [FrameImport(f"{index:06d}.jpg", 640, 480) for index in range(count)],
                    [HandImport(index, "right" if index % 3 else "left", box) for index in range(count)],
                )
            )
        imported = time.perf_counter()
        say("import", hands / (imported - started), "frames/s", hands=hands)
        run = project.start_run("propose", ["propose"], {})
        ids = project.hand_ids()
        for start in range(0, hands, BATCH):
            part = ids[start : start + BATCH]
            uv = rng.uniform(100, 300, (len(part), 21, 2)).astype(np.float32)
            depth = rng.normal(size=(len(part), 21)).astype(np.float32)
            stability, plausibility = rng.exponential(1.0, (2, len(part)))
            corrected = uv + rng.normal(size=uv.shape).astype(np.float32)
            project.store_proposals(
                run,
                None,
                ProposalBatch(
                    *(part, uv, depth, corrected, depth, stability, plausibility, uv + 1.0, depth),
                    joint_doubt=rng.exponential(3.0, (len(part), 21)),
                ),
            )
        project.finish_run(run, "finished", {})
        say("store proposals", hands / (time.perf_counter() - imported), "hands/s", batch=BATCH)


def clock(name: str, work: Callable[[], Any], times: int = 5, **context: Any) -> None:
    """Median of several calls; beside it the processor's time, which other programs do not lengthen."""
    taken, used = [], []
    for _ in range(times):
        started, began = time.perf_counter(), time.process_time()
        work()
        taken.append(time.perf_counter() - started)
        used.append(time.process_time() - began)
    cpu = round(float(np.median(used)) * 1e3, 3)
    say(name, float(np.median(taken)) * 1e3, "ms", cpu_ms=cpu, **context)


def measure(folder: Path) -> None:
    """Open the project in this process and print every figure."""
    started = time.perf_counter()
    from handstudio.project import Project
    from handstudio.project.records import HandQuery, State
    from handstudio.review.session import ReviewSession

    loaded = time.perf_counter()
    say("import of the project's code", (loaded - started) * 1e3, "ms")
    project = Project.open(folder, "window")
    session = ReviewSession(project, "benchmark")
    session.set_query(HandQuery(states=(State.NONE, State.PROPOSED), order="worst"))
    session.open()
    opened = time.perf_counter()
    hands = len(session.queue)
    say("open, queue sorted, first hand", opened - loaded, "s", hands=hands)
    for order in ("worst", "best", "correction", "sequence", "random", "recent"):
        query = HandQuery(order=order)  # type: ignore[arg-type]
        clock(f"sort: {order}", lambda query=query: session.set_query(query), hands=hands)
    filters = {
        "undecided": HandQuery(states=(State.NONE, State.PROPOSED), order="worst"),
        "one sequence": HandQuery(sequences=(2,), order="worst"),
        "left": HandQuery(side="left", order="worst"),
        "doubt in a range": HandQuery(min_doubt=2.5, max_doubt=3.5, order="worst"),
        "undecided by C": HandQuery(states=(State.NONE, State.PROPOSED), order="worst", measure="C"),
        "C in a range, by C": HandQuery(min_confidence=1.0, max_confidence=3.0, order="worst", measure="C"),
        "C in a range": HandQuery(min_confidence=1.0, max_confidence=3.0, order="worst"),
        "text": HandQuery(text="sequence 004", order="worst"),
        "fixed": HandQuery(states=(State.FIXED,), order="worst"),
    }
    for name, query in filters.items():
        found = project.count_hands(query)
        clock(f"filter: {name}", lambda query=query: session.set_query(query), found=found, hands=hands)
    clock("count by state", project.state_counts, hands=hands)
    clock("progress of all, nothing changed", session.progress, hands=hands)
    clock("timeline of a sequence", lambda: project.confidences(2))
    session.set_query(HandQuery(states=(State.NONE, State.PROPOSED), order="worst"))
    decide(session)
    say("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", hands=hands)
    project.close()


def decide(session: Any, number: int = 400) -> None:
    """Accept hands as fast as a program can, and look at others."""
    decisions, steps, views, used = [], [], [], []
    for _ in range(number):
        started = time.perf_counter()
        session.next_in_queue()
        moved = time.perf_counter()
        session.hand_view(session.hand_id)
        shown, began = time.perf_counter(), time.process_time()
        session.accept()
        used.append(time.process_time() - began)
        decided = time.perf_counter()
        steps.append(moved - started)
        views.append(shown - moved)
        decisions.append(decided - shown)
    for name, taken in (
        ("decision", decisions),
        ("decision, processor alone", used),
        ("next in queue", steps),
        ("hand view", views),
    ):
        for share in (50, 99):
            say(f"{name} p{share}", float(np.percentile(taken, share)) * 1e3, "ms", decisions=number)
    started = time.perf_counter()
    for _ in range(20):
        session.undo()
    say("undo", (time.perf_counter() - started) / 20 * 1e3, "ms")
    session.poll()
    clock("poll when nothing happened", session.poll, 50)


def main() -> None:
    """Build if need be, then measure in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hands", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", action="store_true", help="measure only, in this process")
    wishes = parser.parse_args()
    if wishes.measure:
        measure(wishes.folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = wishes.folder or Path(temporary) / "million"
        if not (folder / "project.db").exists():
            build(folder, wishes.hands)
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.project", "--measure", "--folder", str(folder)],
            check=True,
        )


if __name__ == "__main__":
    main()
