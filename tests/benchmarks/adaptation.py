"""How much better a model becomes on footage it was adapted to, measured on people it has not seen.

Photographs of ``../shared/data/signs`` (about 140 students, ten photographs each) become a project of two
sequences, split by student: one to learn from, one held out. The model proposes, is finetuned without any
label, proposes again; the same with some photographs fixed from the reference, as a person would. Prints one
JSON object a line.

    python tests/benchmarks/adaptation.py --fixed 0 50
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from handstudio.jobs.importing import prepare
from handstudio.media.opening import open_sequences
from handstudio.methods import registry
from handstudio.methods.finetuning import finetune
from handstudio.methods.proposing import propose
from handstudio.methods.weights import read_lineage, shipped_weights, weights_file
from handstudio.progress import Silent
from handstudio.project.commands import SetHoldOut, SetLabel
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, ModelRecord, Pose, State

SIGNS = Path(__file__).parents[2].parent / "shared" / "data" / "signs"
LEARN, APART = "learn", "apart"
PHOTOS_OF_STUDENT = 10
SIDE_PX = 100.0


class Said(Silent):
    """Writes how far it is to standard error."""

    def __init__(self) -> None:
        self._last = 0.0

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        """Twice a minute at most."""
        if time.monotonic() - self._last > 30.0:
            self._last = time.monotonic()
            print(f"{done:.0f} of {total} {unit} {message}", file=sys.stderr, flush=True)


def tell(name: str, value: float, unit: str, **context: Any) -> None:
    """One line of the benchmark."""
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, "context": context}), flush=True)


def student(name: str) -> int:
    """Ten consecutive photographs are one student."""
    return (int(name.split("_")[0]) - 1) // PHOTOS_OF_STUDENT


@contextmanager
def project_of(folder: Path, learn_share: float, seed: int) -> Iterator[Project]:
    """A project with both halves of the students, the second held out."""
    names = sorted(path.name for path in (SIGNS / "images").iterdir())
    students = sorted({student(name) for name in names})
    order = np.random.default_rng(seed).permutation(len(students))
    learn = {students[place] for place in order[: round(learn_share * len(students))]}
    for half in (LEARN, APART):
        (folder / half).mkdir()
    for name in names:
        half = LEARN if student(name) in learn else APART
        (folder / half / name).symlink_to(SIGNS / "images" / name)
    with Project.create(folder / "project", "job") as project:
        for half in (LEARN, APART):
            (source,) = open_sequences(folder / half).sequences
            number = project.add_sequence(prepare(source))
            if half == APART:
                project.history.apply(SetHoldOut(number, True), "benchmark")
        yield project


def references() -> dict[str, np.ndarray[Any, Any]]:
    """(21, 2) px by file name."""
    images = json.loads((SIGNS / "reference.json").read_text())["images"]
    return {name: np.array(values["uv"], np.float32) for name, values in images.items()}


def measured(project: Project, half: str, layer: Any = "proposal") -> tuple[float, float, int]:
    """EPE in px, PCK@0.05 and the number of photographs with a reference in a half."""
    known = references()
    (record,) = [found for found in project.sequences() if found.name == half]
    names = [frame.name for frame in project.frames(record.id)]
    hands = {hand.id: names[hand.frame_index] for hand in project.hands(HandQuery((record.id,)))}
    table = project.poses(layer, [number for number, name in hands.items() if name in known])
    truth = np.stack([known[hands[int(number)]] for number in table.hand_ids])
    errors = np.linalg.norm(table.uv - truth, axis=-1)
    return float(errors.mean()), float((errors <= 0.05 * SIDE_PX).mean()), len(errors)


def fix(project: Project, count: int, seed: int) -> None:
    """Fix photographs of the half to learn from, as a person who drags joints in the image would."""
    known = references()
    (record,) = [found for found in project.sequences() if found.name == LEARN]
    names = [frame.name for frame in project.frames(record.id)]
    hands = [hand for hand in project.hands(HandQuery((record.id,))) if names[hand.frame_index] in known]
    for place in np.random.default_rng(seed).permutation(len(hands))[:count]:
        hand = hands[place]
        proposal = project.proposal_of(hand.id)
        assert proposal is not None
        pose = Pose(known[names[hand.frame_index]], proposal.corrected.depth)
        project.history.apply(SetLabel(hand.id, pose, State.FIXED, "dragged", proposal.id), "benchmark")


def first_model(project: Project, weights: Path | None) -> ModelRecord:
    """The model to begin with, registered."""
    path = weights_file(weights) if weights else shipped_weights(registry.load("semihand"))
    lineage = read_lineage(path)
    return project.add_model(
        path.stem, path.stem, lineage.method, lineage.profile, source="shipped", path=path, adopted=True
    )


def run(fixed: int, arguments: argparse.Namespace) -> None:
    """The loop once, with ``fixed`` photographs fixed."""
    said = Said()
    with (
        tempfile.TemporaryDirectory() as place,
        project_of(Path(place), arguments.learn_share, arguments.seed) as project,
    ):
        model = first_model(project, arguments.weights)
        propose(project, model, progress=said)
        before = measured(project, APART)
        context = {"photographs": before[2], "fixed": fixed, "seed": arguments.seed}
        tell("rendered only, EPE", before[0], "px", **context)
        tell("rendered only, PCK@0.05", before[1], "share", **context)
        fix(project, fixed, arguments.seed)
        done = finetune(
            project,
            model,
            run_id=project.start_run("finetune", [], {}),
            epochs=arguments.epochs,
            settings=dict(pair.split("=", 1) for pair in arguments.set),
            seed=arguments.seed,
            progress=said,
        )
        assert done.model is not None
        for labels in project.pseudo_labels(project.runs("finetune")[0].id):
            print(f"epoch {labels.epoch}: {labels.trusted.mean():.2f} trusted", file=sys.stderr)
        tell(
            "finetune",
            done.seconds,
            "s",
            **context,
            hands=done.hands,
            labelled=done.labelled,
            epochs=done.epochs,
            losses=done.losses,
        )
        propose(project, project.model(done.model), include_decided=True, progress=said)
        after = measured(project, APART)
        learnt = measured(project, LEARN)
        tell("adapted, EPE", after[0], "px", **context)
        tell("adapted, PCK@0.05", after[1], "share", **context)
        tell("adapted, lower EPE", 1.0 - after[0] / before[0], "share", **context)
        tell("adapted, corrections' EPE", measured(project, APART, "correction")[0], "px", **context)
        tell("adapted, EPE on the footage itself", learnt[0], "px", **context)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fixed", type=int, nargs="+", default=[0, 50], help="photographs to fix first")
    parser.add_argument("--epochs", type=int, help="instead of the profile's")
    parser.add_argument("--weights", type=Path, help="a model's folder or file instead of the shipped one")
    parser.add_argument("--learn-share", type=float, default=0.5, help="share of students to learn from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="SETTING=VALUE", help="settings to change")
    arguments = parser.parse_args()
    if not SIGNS.exists():
        raise SystemExit(f"The photographs are not here: {SIGNS}")
    for fixed in arguments.fixed:
        run(fixed, arguments)


if __name__ == "__main__":
    main()
