"""Kills windows and finetunes at random moments and looks whether anything that was acknowledged is lost.

    python tests/benchmarks/killing.py --times 50 [--footage FOLDER] [--seed 0] [--only windows]

(under ``xvfb-run`` without a display). A window is the real one, in which keys are pressed and which tells of
each decision after its commit (``killed_window.py``); a finetune is ``handstudio finetune``. Each is killed
with SIGKILL. Then the project must open, everything that was told must be there, no process may be left, the
model that the finetune started from must be as it was, and the finetune must go on from where its checkpoint
stood. Prints one JSON object per line, and ends with 1 when anything was lost or left behind, or nothing was
acknowledged.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from handstudio.jobs.command import Work
from handstudio.jobs.importing import run as import_footage
from handstudio.jobs.process import child_environment
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.records import HandQuery, ModelRecord

WINDOW = Path(__file__).with_name("killed_window.py")
GONE_WITHIN_S = 120.0
"""How long the children of a killed process may take to notice and end."""
SMALL = ("batch=8", "rendered_hands=64", "least_steps=150", "first_views=1", "views=1")
"""A finetune of many short steps."""
_FINETUNE = ("-m", "handstudio", "finetune")


def say(name: str, value: float, unit: str, **context: Any) -> None:
    """One figure as a line of JSON."""
    print(json.dumps({"name": name, "value": value, "unit": unit, "context": context}), flush=True)


def child(words: list[str], **environment: str) -> subprocess.Popen[str]:
    """A child whose lines can be read; its standard input stays open, as a window's job's does."""
    return subprocess.Popen(
        [sys.executable, *words],
        env=child_environment(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )


@dataclass(frozen=True)
class Killed:
    """How a process ended.

    Attributes:
        said: the whole lines that it wrote.
        left: children that it left behind.
        ended_before: whether it had ended by itself before the kill.
    """

    said: list[dict[str, Any]]
    left: int
    ended_before: bool


def killed_after(process: subprocess.Popen[str], seconds: float) -> Killed:
    """Kills a process some time after its first line."""
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    children: list[psutil.Process] = []
    ended_before: list[bool] = []

    def kill() -> None:
        ended_before.append(process.poll() is not None)
        if ended_before[0]:
            return
        children.extend(psutil.Process(process.pid).children(recursive=True))
        os.kill(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, kill)
    timer.start()
    lines += process.stdout.readlines()
    timer.join()
    process.wait()
    process.stdout.close()
    left = psutil.wait_procs(children, timeout=GONE_WITHIN_S)[1]
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    return Killed(said, len(left), ended_before[0])


@dataclass
class Windows:
    """What killed windows said, and what was found afterwards."""

    path: Path
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    audit: int = 0
    acknowledged: int = 0
    ahead: int = 0
    lost: int = 0
    read_only: int = 0
    left: int = 0
    ended_before: int = 0
    opening_s: list[float] = field(default_factory=list)

    def kill_one(self, seed: int, seconds: float) -> None:
        """Let a window work a while, kill it, and compare."""
        words = [str(WINDOW), str(self.path), str(self.path.with_name("window.ini")), str(seed)]
        killed = killed_after(child(words), seconds)
        self.left += killed.left
        self.ended_before += killed.ended_before
        for line in killed.said:
            self.audit = max(self.audit, line["audit"])
            self.acknowledged += bool(line["hands"])
            self.told.update((hand["hand"], hand) for hand in line["hands"])
        self.compare()

    def compare(self) -> None:
        """Open the project as the next window would; at most one act may have been stored and not told."""
        began = time.perf_counter()
        with Project.open(self.path, writer="window") as project:
            self.opening_s.append(time.perf_counter() - began)
            self.read_only += project.read_only
            entries = project.history.entries(8)
            on_its_way = [entry for entry in entries if entry.id > self.audit]
            self.ahead += len(on_its_way)
            if len(on_its_way) > 1 or not any(entry.id == self.audit for entry in [*entries, _NOTHING]):
                self.lost += 1
            untold = {hand for entry in on_its_way for hand in entry.hands}
            self.lost += sum(
                not _stands(project, hand) for hand in self.told.values() if hand["hand"] not in untold
            )
            for hand in untold:
                self.told.pop(hand, None)
            self.audit = max((entry.id for entry in entries), default=0)

    def report(self) -> bool:
        """Says how it went; whether all went well."""
        say(
            "killed_windows",
            len(self.opening_s),
            "kills",
            acknowledged=self.acknowledged,
            lost=self.lost,
            stored_but_not_told=self.ahead,
            opened_read_only=self.read_only,
            processes_left=self.left,
            ended_before_the_kill=self.ended_before,
            open_max_s=round(max(self.opening_s, default=0.0), 3),
        )
        return self.acknowledged > 0 and not (self.lost or self.left or self.ended_before)


@dataclass(frozen=True)
class _Nothing:
    id: int = 0


_NOTHING = _Nothing()


def _stands(project: Project, told: dict[str, Any]) -> bool:
    label = project.label_of(told["hand"])
    uv = None if label is None else label.pose.uv.round(3).tolist()
    return project.hand(told["hand"]).state == told["state"] and uv == told["uv"]


@dataclass
class Finetunes:
    """Finetunes that were killed, and how they went on."""

    path: Path
    options: list[str]
    run_id: int | None = None
    kills: int = 0
    interrupted: int = 0
    finished: int = 0
    ended_before: int = 0
    left: int = 0
    with_checkpoint: int = 0
    went_on: int = 0
    damaged: int = 0
    furthest: int = 0

    def kill_one(self, seconds: float) -> None:
        """Start it or go on with it, kill it, and look at the project."""
        step, before = self.checkpoint(), fingerprint(self.path)
        killed = killed_after(child(self._words(), HANDSTUDIO_EVENTS="1"), seconds)
        events = killed.said
        self.kills += 1
        self.left += killed.left
        self.run_id = next((event["run"] for event in events if event["event"] == "started"), self.run_id)
        self._note_start(step, events)
        self.damaged += fingerprint(self.path) != before
        with Project.open(self.path) as project:
            states = {run.id: run.state for run in project.runs("finetune")}
        if self.run_id is not None and states[self.run_id] == "finished":
            self.run_id, self.finished = None, self.finished + 1
        elif killed.ended_before:
            self.ended_before += 1
        elif self.run_id is not None:
            self.interrupted += states[self.run_id] == "interrupted"

    def _words(self) -> list[str]:
        """To start it, or to go on with it as it began."""
        if self.run_id is None:
            return [*_FINETUNE, str(self.path), *self.options]
        return [*_FINETUNE, str(self.path), "--resume", str(self.run_id)]

    def _note_start(self, step: int, events: list[dict[str, Any]]) -> None:
        """Whether the first step that was told comes after those of the checkpoint."""
        steps = [event["done"] for event in events if event["event"] == "progress" and event["total"]]
        if step and steps:
            self.with_checkpoint += 1
            self.went_on += min(steps) > step
        self.furthest = max([self.furthest, *map(int, steps)])

    def checkpoint(self) -> int:
        """The step at which the run's checkpoint stands; 0 without one."""
        from handstudio.methods.training import CHECKPOINT, read_checkpoint

        path = self.path / "runs" / str(self.run_id) / CHECKPOINT
        return int(read_checkpoint(path)["step"]) if path.exists() else 0

    def to_the_end(self) -> dict[str, Any]:
        """Go on once more and let it end; what it said at last."""
        step = self.checkpoint()
        process = child(self._words(), HANDSTUDIO_EVENTS="1")
        assert process.stdout is not None
        events = [json.loads(line) for line in process.stdout]
        process.wait()
        process.stdout.close()
        self._note_start(step, events)
        return next((event["result"] for event in events if event["event"] == "result"), {})

    def report(self) -> bool:
        """Ends it and says how it went; whether all went well."""
        result = self.to_the_end()
        say(
            "killed_finetunes",
            self.kills,
            "kills",
            interrupted=self.interrupted,
            finished_before_the_kill=self.finished,
            failed_before_the_kill=self.ended_before,
            resumed_with_a_checkpoint=self.with_checkpoint,
            went_on_from_it=self.went_on,
            furthest_step=self.furthest,
            parent_or_labels_changed=self.damaged,
            processes_left=self.left,
            resumed_to_the_end=result.get("model") is not None,
            result=result,
        )
        lost = self.damaged or self.left or self.ended_before or self.went_on < self.with_checkpoint
        return self.furthest > 0 and result.get("model") is not None and not lost


def fingerprint(path: Path) -> str:
    """Of the adopted model's weights and of every label: what a finetune must not touch."""
    digest = hashlib.sha256()
    with Project.open(path) as project:
        adopted: ModelRecord | None = project.adopted_model()
        if adopted is not None:
            place = Path(adopted.path)
            digest.update((place / "model.safetensors" if place.is_dir() else place).read_bytes())
            digest.update(adopted.id.encode())
        labels = project.poses("label")
        for part in (labels.hand_ids, labels.uv, labels.depth):
            digest.update(part.tobytes())
        digest.update(repr([hand.state for hand in project.hands(HandQuery())]).encode())
    return digest.hexdigest()


def handstudio(*words: str | Path) -> None:
    """A command, to its end."""
    whole = [sys.executable, "-m", "handstudio", *map(str, words)]
    subprocess.run(whole, env=child_environment({}), check=True, stdout=sys.stderr)


def main() -> None:
    """Kills windows, then finetunes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["windows", "finetunes"])
    parser.add_argument("--longest", type=float, nargs=2, default=(2.0, 15.0), metavar=("WINDOW", "FINETUNE"))
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--model", type=Path, help="a model's folder, instead of the shipped weights")
    wishes = parser.parse_args()
    chance = random.Random(wishes.seed)
    with tempfile.TemporaryDirectory() as scratch:
        footage, path = wishes.footage, Path(scratch) / "project"
        if footage is None:
            footage = Path(scratch) / "hands"
            handstudio("synth", "--count", "48", "--size", "64", "--out", footage)
        import_footage(Work(Quiet(StopRequest()), None), [footage], path)
        if wishes.model is not None:
            with Project.open(path) as project:
                project.add_model(
                    "given", "Given", "semihand", "lite", source="pretrain", path=wishes.model, adopted=True
                )
        handstudio("propose", path)
        began = time.perf_counter()
        went_well: list[bool] = []
        if wishes.only != "finetunes":
            windows = Windows(path)
            for number in range(wishes.times):
                windows.kill_one(wishes.seed + number, chance.uniform(0.0, wishes.longest[0]))
            went_well.append(windows.report())
        if wishes.only != "windows":
            settings = [word for value in SMALL for word in ("--set", f"finetuning.{value}")]
            finetunes = Finetunes(path, ["--epochs", str(wishes.epochs), *settings])
            for _ in range(wishes.times):
                finetunes.kill_one(chance.uniform(0.0, wishes.longest[1]))
            went_well.append(finetunes.report())
        say("killing", round(time.perf_counter() - began, 1), "s", times=wishes.times)
    if not all(went_well):
        sys.exit("something was lost, left behind, or never began")


if __name__ == "__main__":
    main()
