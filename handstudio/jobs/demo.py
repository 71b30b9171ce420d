"""The whole loop on the bundled example, played by a simulated person.

Import, propose, evaluate, review, finetune, compare on the hold-out, adopt only if better, propose again,
evaluate, export; with a report and photographs of the real window.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import resources
from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import SetHoldOut
from handstudio.project.records import UNDECIDED, HandQuery, Ids, SequenceRecord
from handstudio.review.session import ReviewSession
from handstudio.scoring.evaluation import Evaluation

from . import exporting, finetuning, importing, proposing
from .comparing import compare_models
from .evaluating import draw_curves, evaluate_layer
from .person import SimulatedPerson
from .references import Reference, reference_for
from .report import Report, Step
from .screen import some_screen
from .stopping import cancel_point
from .tour import Tour
from .workplace import free_folder

if TYPE_CHECKING:
    from .command import Result, Work

EXAMPLE = Path(resources.__file__).parent / "example"


@dataclass(frozen=True)
class Size:
    """How much of the loop is played.

    Attributes:
        worst, drawn: hands that are reviewed, from the front of the queue and by lot; at most a quarter and a
            third of it, so that some are left for the new model.
        held: hands of the hold-out that are reviewed, by lot, so that the models can be judged on them.
        settings: of the finetune.
        epochs: of the finetune; ``None`` for the profile's.
    """

    worst: int = 8
    drawn: int = 12
    held: int = 20
    epochs: int | None = None
    settings: tuple[str, ...] = ()


FULL = Size()
QUICK = Size(worst=3, drawn=5, held=6, epochs=1)


def run(work: Work, out: Path | None = None, quick: bool = False, screenshots: bool = True) -> Result:
    """Does ``handstudio demo --headless``; keys ``out report screenshots before after adopted seconds``.

    Raises:
        HandStudioError: when the example is not there, or ``out`` holds something already.
        CancelledError: when it was stopped.
    """
    out = _folder(out)
    work.say(f"Everything goes to {out}")
    report = Report(
        "HandStudio: the loop on the bundled example",
        f"Played by handstudio demo --headless on {platform.platform()}, {os.cpu_count()} cores.",
    )
    with ExitStack() as stack:
        screen: Mapping[str, str] | None = None
        if screenshots:
            try:
                screen = stack.enter_context(some_screen())
            except HandStudioError as error:
                work.say(f"No screenshots: {error}")
        tour = Tour(work, out, report, screen)
        result = _play(tour, QUICK if quick else FULL)
    seconds = time.monotonic() - tour.began
    report.intro += f" It took {seconds:.0f} s."
    written = report.write(out)
    return {
        "out": str(out),
        "report": [str(path) for path in written],
        "screenshots": tour.pictures,
        "seconds": round(seconds, 1),
        **result,
    }


def _play(tour: Tour, size: Size) -> Result:
    tour.step("Import", lambda: _import(tour))
    with Project.open(tour.project_path, writer="job") as project:
        held = _hold_out(project)
        held_ids = project.hand_ids(HandQuery(sequences=tuple(each.id for each in held)))
        truth = _truth(project)
        first: dict[str, Evaluation] = {}
        proposed = tour.step("Propose", lambda: _propose(tour, project, held_ids, first))
        parent = str(proposed.figures["model"])
        tour.step("Review", lambda: _review(tour, project, size, held_ids))
        outcome: dict[str, Any] = {}
        tour.step("Finetune", lambda: _finetune(tour, size, outcome))
        child = outcome["model"]
        adopted = False

        def comparison() -> Step:
            nonlocal adopted
            step, adopted = compare_models(tour, project, held, held_ids, parent, str(child), first)
            return step

        tour.step("Compare on the hold-out", comparison)
        left = project.hand_ids(HandQuery(sequences=_training(project), states=UNDECIDED))
        before = evaluate_layer(project, "proposal", truth, left)
        after: dict[str, Evaluation] = {"left, before": before}
        tour.step("Propose again", lambda: _propose(tour, project, held_ids, after, left))
        tour.step("Export", lambda: _export(tour))
        labels = evaluate_layer(project, "label", truth)
    return {
        "before": {"all": _figures(first["all"]), "left": _figures(before)},
        "after": {"all": _figures(after["all"]), "left": _figures(after["left"])},
        "labels": _figures(labels),
        "model": child,
        "parent": parent,
        "adopted": adopted,
    }


def _import(tour: Tour) -> Step:
    if not EXAMPLE.is_dir() or not any(EXAMPLE.iterdir()):
        raise HandStudioError("The bundled example is missing", EXAMPLE, "Install HandStudio again")
    result = importing.run(tour.work, [EXAMPLE], tour.project_path)
    cancel_point(tour.work.stop)
    return Step(
        "Import",
        "A rendered recording with its truth as a read-only layer.",
        figures={
            "frames": str(result["frames"]),
            "hands": str(result["hands"]),
            "sequences": ", ".join(result["sequences"]),
            "damaged": str(len(result["problems"])),
        },
    )


def _hold_out(project: Project) -> list[SequenceRecord]:
    """Keeps the last sequence of each subject out of training; where each has but one, the last subject."""
    sequences = project.sequences()
    held = _last_of_each(sequences)
    if held:
        for each in held:
            project.history.apply(SetHoldOut(each.id, True), "demo")
        return held
    last = sequences[-1]
    held = [
        each
        for each in sequences
        if each.id == last.id or (each.recording is not None and each.recording == last.recording)
    ]
    if len(held) == len(sequences):
        held = [last] if len(sequences) > 1 else []
    for each in held:
        project.history.apply(SetHoldOut(each.id, True), "demo")
    return held


def _propose(
    tour: Tour, project: Project, held_ids: Ids, found: dict[str, Evaluation], left: Ids | None = None
) -> Step:
    """Proposes for what is undecided; ``left`` are the hands that a review left so."""
    result = proposing.run(tour.work, tour.project_path)
    cancel_point(tour.work.stop)
    truth = _truth(project)
    if left is not None:
        found["left"] = evaluate_layer(project, "proposal", truth, left)
    found["all"] = evaluate_layer(project, "proposal", truth)
    found["correction"] = evaluate_layer(project, "correction", truth)
    if len(held_ids):
        found["hold-out"] = evaluate_layer(project, "proposal", truth, held_ids)
    rows = [["layer", "hands", "EPE px", "PCK@0.05", "EPE mm"]]
    rows += [[name, *_row(evaluation)] for name, evaluation in found.items()]
    draw_curves(tour.out / "curves", "proposal", found["all"])
    return Step(
        "Propose",
        "Every hand that nobody has decided yet gets a pose, a correction and a confidence.",
        figures={
            "model": str(result["model"]),
            "hands": str(result["hands"]),
            "hands per second": _text(result["per_second"], "{:.1f}"),
        },
        table=rows,
        pictures=tour.photographs("proposed"),
    )


def _review(tour: Tour, project: Project, size: Size, held_ids: Ids) -> Step:
    """Decides the worst of the queue, some by lot so that not the odd alone is learned from, and some of the
    hold-out, on which the models are judged."""
    session = ReviewSession(project, "demo")
    session.set_query(HandQuery(sequences=_training(project), states=UNDECIDED, order="worst"))
    session.open()
    queue = session.project.hand_ids(session.query).tolist()
    worst_count = min(size.worst, len(queue) // 4)
    worst, rest = queue[:worst_count], queue[worst_count:]
    learnt = [*worst, *_by_lot(rest, min(size.drawn, len(queue) // 3))]
    held = _by_lot(held_ids.tolist(), size.held)
    person = SimulatedPerson(session, _truth(project))
    began = time.monotonic()
    person.review([*learnt, *held])
    seconds = time.monotonic() - began
    decided = sum(person.decisions.values())
    for _ in range(3):
        session.undo()
    for _ in range(3):
        session.redo()
    error = evaluate_layer(project, "label", person.reference)
    return Step(
        "Review",
        "A simulated person accepts a proposal or takes a correction of which no joint is seen to be off, "
        "drags every joint that is off in the others, and undoes and redoes three decisions.",
        figures={
            "decided to learn from": f"{len(learnt)} of {len(queue)}",
            "decided to judge by": f"{len(held)} of {len(held_ids)} in the hold-out",
            **{name: str(count) for name, count in person.decisions.items()},
            "joints dragged": str(person.drags),
            "milliseconds per decision on disk": f"{1000 * seconds / max(decided, 1):.1f}",
            "labels' EPE": f"{error.epe_px:.2f} px",
        },
        pictures=tour.photographs("reviewed"),
    )


def _by_lot(hand_ids: list[int], count: int) -> list[int]:
    """So many of these hands, the same ones each time."""
    return [hand_ids[row] for row in np.random.default_rng(0).permutation(len(hand_ids))[:count].tolist()]


def _finetune(tour: Tour, size: Size, outcome: dict[str, Any]) -> Step:
    wishes = finetuning.Wishes(epochs=size.epochs, name="example", assignments=size.settings)
    result = finetuning.run(tour.work, tour.project_path, wishes)
    cancel_point(tour.work.stop)
    outcome.update(result)
    return Step(
        "Finetune",
        "Curated labels, trusted pseudo-labels and rendered hands; hold-outs take no part.",
        figures={
            "model": str(result["model"]),
            "parent": str(result["parent"]),
            "epochs": str(result["epochs"]),
            **{name: f"{value:.4g}" for name, value in result["losses"].items()},
        },
    )


def _export(tour: Tour) -> Step:
    figures = {}
    for form, name in (("coco", "labels.json"), ("hdf5", "labels.h5")):
        result = exporting.run(tour.work, tour.project_path, form=form, out=tour.out / name)
        figures[name] = f"{result['hands']} hands"
    return Step("Export", "Every label with where it came from.", figures=figures)


def _truth(project: Project) -> Reference:
    """What the simulated person sees: the truth of the rendered hands, labelled as people do."""
    return reference_for(project, "truth")


def _last_of_each(sequences: list[SequenceRecord]) -> list[SequenceRecord]:
    """All views of the last recording of every subject; nothing where a subject has one recording alone."""
    recordings: dict[str | None, list[str | None]] = {}
    for each in sequences:
        known = recordings.setdefault(each.subject, [])
        if each.recording not in known:
            known.append(each.recording)
    if None in recordings or any(len(known) < 2 for known in recordings.values()):
        return []
    return [each for each in sequences if each.recording == recordings[each.subject][-1]]


def _training(project: Project) -> tuple[int, ...]:
    """The sequences that are learned from."""
    return tuple(each.id for each in project.sequences() if not each.hold_out)


def _folder(out: Path | None) -> Path:
    if out is None:
        return Path(tempfile.mkdtemp(prefix=f"handstudio-demo-{time.strftime('%Y%m%d-%H%M%S')}-"))
    free_folder(out).mkdir(parents=True, exist_ok=True)
    return out.absolute()


def _row(evaluation: Evaluation) -> list[str]:
    return [
        str(evaluation.hands),
        f"{evaluation.epe_px:.2f}",
        f"{evaluation.pck_005:.3f}",
        _text(evaluation.epe_mm, "{:.1f}"),
    ]


def _figures(evaluation: Evaluation) -> dict[str, float | int]:
    return {
        "hands": evaluation.hands,
        "epe_px": evaluation.epe_px,
        "pck_005": evaluation.pck_005,
        "epe_mm": evaluation.epe_mm,
    }


def _text(value: float | None, form: str) -> str:
    return form.format(value) if value is not None and np.isfinite(value) else "?"
