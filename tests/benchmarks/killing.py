"""Kills reviewers and finetunes at random moments and looks whether anything that was acknowledged is lost.

    python tests/benchmarks/killing.py --times 50 [--footage FOLDER] [--seed 0]

A reviewer is a process that decides through a review session, as the window does, and says so after each
decision; a finetune is ``handstudio finetune``. Each is killed with SIGKILL. Then the project must open,
every decision that was told must be there, and the finetune must go on from where its checkpoint stood.
Prints one JSON object per line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from handstudio.jobs.command import Work
from handstudio.jobs.importing import run as import_footage
from handstudio.jobs.process import child_environment
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.records import State

REVIEWER = """
import sys
import numpy as np
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import Pose, State
from handstudio.review.session import ReviewSession

number = int(sys.argv[2])
with Project.open(sys.argv[1], writer="window") as project:
    session = ReviewSession(project, "reviewer")
    ids = project.hand_ids().tolist()
    while True:
        number += 1
        hand_id = ids[number % len(ids)]
        pose = Pose(np.full((21, 2), number, dtype=np.float32), np.zeros(21, dtype=np.float32))
        if session.apply(SetLabel(hand_id, pose, State.FIXED, "dragged")) is not None:
            print(hand_id, number, flush=True)
"""


def say(name: str, value: float, unit: str, **context: Any) -> None:
    """One figure as a line of JSON."""
    print(json.dumps({"name": name, "value": value, "unit": unit, "context": context}), flush=True)


def killed_after(process: subprocess.Popen[str], seconds: float) -> list[str]:
    """Kills a process and its children some time after its first line; returns the whole lines it wrote."""
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    timer = threading.Timer(seconds, lambda: os.killpg(process.pid, signal.SIGKILL))
    timer.start()
    lines += process.stdout.readlines()
    timer.join()
    process.wait()
    process.stdout.close()
    return [line for line in lines if line.endswith("\n")]


def child(words: list[str], **environment: str) -> subprocess.Popen[str]:
    """A child of its own group whose lines can be read; its standard input stays open."""
    return subprocess.Popen(
        [sys.executable, *words],
        env=child_environment(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )


def kill_reviewers(path: Path, times: int, chance: random.Random) -> None:
    """Kills a reviewer again and again; every decision it told must be there."""
    told: dict[int, int] = {}
    number = lost = 0
    opening = []
    for _ in range(times):
        process = child(["-c", REVIEWER, str(path), str(number)])
        for line in killed_after(process, chance.uniform(0.0, 0.5)):
            hand_id, number = map(int, line.split())
            told[hand_id] = number
        began = time.perf_counter()
        with Project.open(path) as project:
            opening.append(time.perf_counter() - began)
            lost += sum(not is_there(project, hand_id, value) for hand_id, value in told.items())
    say("killed_reviewers", times, "kills", decisions=number, lost=lost, open_max_s=round(max(opening), 3))


def is_there(project: Project, hand_id: int, number: int) -> bool:
    """Whether a hand has the label that was told, or the one that was on its way when the kill came."""
    label = project.label_of(hand_id)
    return (
        label is not None
        and int(label.pose.uv[0, 0]) >= number
        and project.hand(hand_id).state is State.FIXED
    )


def kill_finetunes(
    path: Path, times: int, chance: random.Random, settings: list[str], longest_s: float
) -> None:
    """Kills a finetune again and again, goes on with it, and lets it end at last."""
    words = ["-m", "handstudio", "finetune", str(path), *settings]
    run_id: int | None = None
    opened = interrupted = models = 0
    for _ in range(times):
        resume = [] if run_id is None else ["--resume", str(run_id)]
        process = child([*words, *resume], HANDSTUDIO_EVENTS="1")
        events = [json.loads(line) for line in killed_after(process, chance.uniform(0.0, longest_s))]
        run_id = next((event["run"] for event in events if event["event"] == "started"), run_id)
        with Project.open(path) as project:
            opened += 1
            states = {run.id: run.state for run in project.runs("finetune")}
            if run_id is not None and states[run_id] == "finished":
                run_id, models = None, models + 1
            elif run_id is not None:
                interrupted += states[run_id] == "interrupted"
    resume = [] if run_id is None else ["--resume", str(run_id)]
    last = subprocess.run(
        [sys.executable, *words, *resume, "--json"], env=child_environment({}), capture_output=True, text=True
    )
    result = json.loads(last.stdout.splitlines()[-1]) if last.stdout else {}
    say(
        "killed_finetunes",
        times,
        "kills",
        opened=opened,
        interrupted=interrupted,
        finished_before=models,
        resumed_to_the_end=last.returncode == 0 and result.get("model") is not None,
        result=result,
    )


def rendered_footage(folder: Path) -> Path:
    """A few rendered hands."""
    done = [
        sys.executable,
        "-m",
        "handstudio",
        "synth",
        "--count",
        "48",
        "--size",
        "64",
        "--out",
        str(folder),
    ]
    subprocess.run(done, env=child_environment({}), check=True, stdout=sys.stderr)
    return folder


def main() -> None:
    """Runs both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["reviewers", "finetunes"])
    parser.add_argument("--model", type=Path, help="a model's folder, instead of the shipped weights")
    parser.add_argument("--longest", type=float, default=8.0, help="seconds a finetune lives at most")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    wishes = parser.parse_args()
    chance = random.Random(wishes.seed)
    with tempfile.TemporaryDirectory() as scratch:
        footage = wishes.footage or rendered_footage(Path(scratch) / "hands")
        path = Path(scratch) / "project"
        import_footage(Work(Quiet(StopRequest()), None), [footage], path)
        if wishes.model is not None:
            with Project.open(path) as project:
                project.add_model(
                    "given", "Given", "semihand", "lite", source="pretrain", path=wishes.model, adopted=True
                )
        settings = ["--epochs", "2", *(word for value in wishes.settings for word in ("--set", value))]
        parts: dict[str, Callable[[], None]] = {
            "reviewers": lambda: kill_reviewers(path, wishes.times, chance),
            "finetunes": lambda: kill_finetunes(path, wishes.times, chance, settings, wishes.longest),
        }
        for name, part in parts.items():
            if wishes.only in (None, name):
                part()


if __name__ == "__main__":
    main()
