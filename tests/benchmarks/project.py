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
from typing import Any, get_args

import numpy as np

BATCH = 4096
FRAMES_PER_SEQUENCE = 20_000
OF_PEOPLE = {
    "marked": "mark:blurred",
    "not marked": "-mark:any state:proposed",
    "with a note": "note:thumb",
    "decided, not verified": "state:decided verified:no",
    "to be verified by Ben": "state:accepted,fixed,auto_accepted,rejected verified:no -by:ben",
    "verified": "verified:yes",
    "verified by nobody of the name": "verified:cora",
    "sent back, none is": "state:sent_back",
}
"""Filters of what people said."""


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
        compare(project)
        say("store proposals", hands / (time.perf_counter() - imported), "hands/s", batch=BATCH)


def compare(project: Any) -> None:
    """Give every hand the figures that comparing would find."""
    rng = np.random.default_rng(1)
    for figure, mean in (("mismatch", 0.1), ("jump", 4.0), ("apart", 3.0)):
        proposals, ids = project.not_compared(figure)
        if len(ids):
            values = rng.exponential(mean, len(ids)).astype(np.float32)
            project.store_compared(figure, ids, values, int(proposals[-1]))


def people(project: Any) -> None:
    """Let people have been at work: one frame in a hundred marked, one hand in a thousand with a note, a
    tenth decided by Ann, of which Ben verified two thirds."""
    from handstudio.project.commands import Bulk, SetNote
    from handstudio.project.mark_commands import SetMark
    from handstudio.project.records import HandQuery
    from handstudio.review.bulk import decide_all
    from handstudio.review.filter_text import parse

    if project.people():
        return
    number = project.count_hands()
    marks = tuple(SetMark(frame, "blurred" if frame % 3 else "unclear") for frame in range(1, number, 100))
    project.history.apply(Bulk(marks, "Mark frames"), "ann")
    notes = tuple(SetNote(hand, "thumb hidden") for hand in range(7, number, 1000))
    project.history.apply(Bulk(notes, "Write notes"), "ann")
    started = time.perf_counter()
    sequences = sorted(project.sequences(), key=lambda record: record.id)
    ann = tuple(record.id for record in sequences[: max(len(sequences) // 10, 1)])
    done = decide_all(project, "accept", HandQuery(sequences=ann), "ann")
    say("accept a tenth", time.perf_counter() - started, "s", hands=done)
    started = time.perf_counter()
    query = HandQuery(sequences=ann, where=parse("-frame:1..6666"))
    done = decide_all(project, "verify", query, "ben")
    say("verify all of a filter", time.perf_counter() - started, "s", hands=done)


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
    from handstudio.project.records import Change, HandQuery, Order, State
    from handstudio.review.bulk import decide_all
    from handstudio.review.filter_text import parse
    from handstudio.review.hold_out import groups_of
    from handstudio.review.session import ReviewSession

    loaded = time.perf_counter()
    say("import of the project's code", (loaded - started) * 1e3, "ms")
    project = Project.open(folder, "window")
    compare(project)
    loaded = time.perf_counter()
    session = ReviewSession(project, "benchmark")
    session.set_query(HandQuery(states=(State.NONE, State.PROPOSED), order="worst"))
    session.open()
    opened = time.perf_counter()
    hands = session.queue.count()
    say("open, queue sorted, first hand", opened - loaded, "s", hands=hands)
    for order in get_args(Order):
        query = HandQuery(order=order)
        clock(f"sort: {order}", lambda query=query: session.set_query(query), hands=hands)
        clock(f"next page: {order}", session.queue.read_on, hands=hands)
    filters = {
        "undecided": "state:undecided",
        "one sequence": 'seq:"sequence 002"',
        "left": "side:left",
        "error above": "error:>6",
        "error in a range": "error:2.5..3.5",
        "C in a range": "C:1..3",
        "jump above": "jump:>12",
        "state, error, side": "state:proposed error:>6 side:left",
        "rare": "error:>9 jump:>30 mismatch:>0.5",
        "sequences left out": '-seq:"sequence 00*" state:proposed',
        "word": '"sequence 004"',
        "word in few frames": "019999",
        "fixed, none is": "state:fixed",
        "fixed by lot, none is": "state:fixed",
    }
    time_filters(session, filters)
    session.set_query(HandQuery(order="worst"))
    session.go_to_frame(2, 100)
    clock("frame step, worst first", lambda: session.step(1), 50)
    session.go_to_hand(int(project.hand_ids(HandQuery(order="best"), 500_000)[-1]))
    clock("next in queue from its middle", session.next_in_queue, 1)
    clock("next with the same problem", session.next_of_same_problem)
    one = HandQuery(where=parse('seq:"sequence 003"'))
    clock("skip all of a filter", lambda: decide_all(project, "skip", one, "benchmark"), 1, found=20_000)
    clock("undo of that", session.undo, 1)
    clock("count by state", project.state_counts, hands=hands)
    clock("progress of all, nothing changed", session.progress, hands=hands)
    clock("timeline of a sequence", lambda: project.confidences(2))
    session.set_query(HandQuery(states=(State.NONE, State.PROPOSED), order="worst"))
    decide(session)
    people(project)
    session.noticed(Change(everything=True))
    time_filters(session, OF_PEOPLE)
    clock("count verified", project.verified_counts, hands=hands)
    clock("next marked frame", lambda: session.marks.step(1), 20)
    clock("groups for a hold-out", lambda: groups_of(project), 3)
    clock("who decided the same", project.annotator_pairs, 1)
    say("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", hands=hands)
    project.close()


def time_filters(session: Any, filters: dict[str, str]) -> None:
    """Make the queue from each filter, by lot where its name says so, and count it."""
    from handstudio.project.records import HandQuery
    from handstudio.review.filter_text import parse

    hands = session.project.count_hands()
    for name, text in filters.items():
        order = "random" if "lot" in name else "worst"
        query = HandQuery(order=order, where=parse(text))
        session.set_query(query)
        found = session.queue.count()
        clock(f"filter: {name}", lambda query=query: session.set_query(query), 3, found=found, hands=hands)
        clock(f"count: {name}", session.queue.count, 1, found=found)


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
