"""Train a method on rendered hands, from nothing or from other weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError

from .assignments import settings_from

if TYPE_CHECKING:
    from .command import Result, Work


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio pretrain`` was asked for; see its help."""

    method: str = "semihand"
    profile: str | None = None
    epochs: int | None = None
    minutes: float | None = None
    start: Path | None = None
    resume: bool = False
    seed: int = 0
    assignments: Sequence[str] | None = None


def run(work: Work, out: Path, wishes: Wishes) -> Result:
    """Does ``handstudio pretrain``; keys ``out model steps seconds losses finished``.

    Weights, lineage, checkpoint and the log of losses lie in ``out``.

    Raises:
        HandStudioError: when ``out`` holds a training and this is none that resumes it, or the other way, or
            the model to start from is of another kind.
    """
    changes = settings_from(wishes.assignments)
    work.shown.report(0, None, "steps", "Starting")
    from handstudio.methods import registry
    from handstudio.methods.contract import TrainingPlan
    from handstudio.methods.device import Engine
    from handstudio.methods.training import CHECKPOINT, train
    from handstudio.methods.weights import Lineage, load_model, save_model

    _check(out, (out / CHECKPOINT).exists(), wishes.resume)
    engine = Engine()
    method = registry.load(wishes.method)
    profile = wishes.profile or method.default_profile(engine)
    settings = method.settings(profile, changes)
    plan = TrainingPlan(
        engine,
        out / "rendered",
        wishes.seed,
        wishes.epochs,
        None if wishes.minutes is None else 60.0 * wishes.minutes,
    )
    network, parents = method.build_network(settings), list[str]()
    if wishes.start is not None:
        first = load_model(wishes.start)
        if (first.lineage.method, first.lineage.profile) != (method.name, profile):
            raise HandStudioError(
                f"This model is one of {first.lineage.method} {first.lineage.profile}, not of {method.name} "
                f"{profile}",
                wishes.start,
                "Choose its --method and --profile, or start from another model",
            )
        network, parents = first.network, [wishes.start.stem, *first.lineage.parents]
    training = method.pretraining(network, settings, plan)
    try:
        done = train(training, out, work.shown)
        lineage = Lineage(
            method.name,
            profile,
            settings.model_dump(),
            parents=parents,
            data={"rendered_hands": True, "seed": wishes.seed},
            figures={"steps": done.steps, "seconds": done.seconds, "finished": done.finished, **done.losses},
        )
        path = save_model(out, training.model(), lineage)
    finally:
        training.close()
    return {
        "out": str(out),
        "model": str(path),
        "method": method.name,
        "profile": profile,
        "steps": done.steps,
        "seconds": round(done.seconds, 1),
        "losses": done.losses,
        "finished": done.finished,
    }


def _check(out: Path, begun: bool, resume: bool) -> None:
    if resume and not begun:
        raise HandStudioError("There is no training to go on with", out, "Start one without --resume")
    if begun and not resume:
        raise HandStudioError(
            "There is a training here already", out, "Go on with --resume, or choose another --out"
        )
